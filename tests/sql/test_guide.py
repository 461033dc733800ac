"""The guide tells what the data hold, and makes its index once."""

from __future__ import annotations

import hashlib
import multiprocessing
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from taskkit.errors import SourceError, UsageError
from taskkit.spec.action import RequestInfo
from taskkit.sql.guide.guide import Guide


@pytest.fixture
def guide(database: Path, sha256: str, tmp_path: Path) -> Iterator[Guide]:
    made = Guide(database, tmp_path / "cache", sha256=sha256)
    yield made
    made.close()


def ask(guide: Guide, about: str, **more: Any) -> str:
    return guide.answer(
        RequestInfo.model_validate({"action": "request_info", "about": about} | more)
    )


def test_tables_come_with_rows_and_columns(guide: Guide) -> None:
    assert ask(guide, "tables").splitlines() == [
        "admissions (3 rows): row_id, subject_id, hadm_id, admittime, insurance, age",
        "patients (3 rows): subject_id, gender, dob",
        "prescriptions (5 rows): row_id, subject_id, drug, dose",
    ]


def test_columns_come_with_type_keys_and_examples(guide: Guide) -> None:
    assert ask(guide, "columns", table="ADMISSIONS").splitlines()[:3] == [
        "admissions (3 rows)",
        "row_id INTEGER, primary key; such as 1, 2, 3",
        "subject_id INTEGER, refers to patients.subject_id; such as 1, 2",
    ]


def test_values_come_most_frequent_first(guide: Guide) -> None:
    assert ask(guide, "values", table="patients", column="gender") == (
        "patients.gender\n'f'  (2 rows)\n'm'  (1 row)"
    )


def test_values_that_are_not_indexed_are_counted(guide: Guide) -> None:
    assert ask(guide, "values", table="prescriptions", column="dose", limit=1) == (
        "prescriptions.dose\n81.0  (2 rows)\n... and more values"
    )


def test_lists_are_cut_and_say_so(guide: Guide) -> None:
    assert ask(guide, "tables", limit=1).endswith("... and 2 more tables")
    values = ask(guide, "values", table="prescriptions", column="drug", limit=2)
    assert values.endswith("... and 3 more values")


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("aspirin", "value 'aspirin' of prescriptions.drug  (1 row)"),
        ("ASPRIN", "value 'aspirin' of prescriptions.drug  (1 row)"),
        ("acetominophen", "value 'acetaminophen' of prescriptions.drug  (1 row)"),
        ("glargine", "value 'insulin glargine' of prescriptions.drug  (1 row)"),
        ("aspirin ec forte", "value 'aspirin ec' of prescriptions.drug  (1 row)"),
        ("m", "value 'm' of patients.gender  (1 row)"),
        ("admision", "table admissions"),
        ("subject id", "column admissions.subject_id"),
    ],
)
def test_search_finds_names_and_values_misspelt_or_not(guide: Guide, text: str, first: str) -> None:
    assert ask(guide, "search", text=text).splitlines()[0] == first


def test_search_says_when_nothing_is_like_it(guide: Guide) -> None:
    assert ask(guide, "search", text="qqqqqq") == "Nothing is like 'qqqqqq'."


def test_times_are_not_searched(guide: Guide) -> None:
    assert guide.search("2100-01-01 10:00:00") == []


@pytest.mark.parametrize(
    ("request_", "answer"),
    [
        ({"about": "columns"}, 'To ask about columns, give a "table".'),
        ({"about": "values", "table": "patients"}, 'To ask about values, give a "column".'),
        ({"about": "search"}, 'To search, give a "text".'),
        ({"about": "search", "text": "  "}, 'To search, give a "text".'),
        (
            {"about": "columns", "table": "patient"},
            "There is no table 'patient'. Perhaps you mean patients. "
            "Tables: admissions, patients, prescriptions.",
        ),
        (
            {"about": "values", "table": "patients", "column": "admittime"},
            "Table patients has no column 'admittime'. A column of that name is in admissions. "
            "Columns: subject_id, gender, dob.",
        ),
    ],
)
def test_a_mistaken_request_is_answered_with_what_there_is(
    guide: Guide, request_: dict[str, str], answer: str
) -> None:
    assert ask(guide, **request_) == answer


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
@given(st.text(max_size=200), st.text(max_size=20))
def test_no_text_raises(guide: Guide, text: str, name: str) -> None:
    assert ask(guide, "search", text=text)
    assert ask(guide, "values", table=name, column=text)
    assert ask(guide, "values", table="patients", column=name)


def test_the_index_is_made_once_for_a_content(
    guide: Guide, database: Path, sha256: str, tmp_path: Path
) -> None:
    guide.search("aspirin")
    (index,) = (tmp_path / "cache").iterdir()
    assert index.name.startswith(sha256)
    made = index.stat().st_mtime_ns, index.stat().st_ino
    again = Guide(database, tmp_path / "cache", sha256=sha256)
    assert again.search("aspirin") == guide.search("aspirin")
    assert (index.stat().st_mtime_ns, index.stat().st_ino) == made
    again.close()


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: b"",
        lambda data: b"no database at all" * 100,
        lambda data: data[: len(data) // 2],
        lambda data: data[:4096] + b"\xff" * (len(data) - 4096),
        lambda data: data[:60] + b"\0\0\0\x63" + data[64:],
    ],
    ids=["empty", "foreign", "cut", "overwritten", "version"],
)
def test_a_broken_index_is_made_anew(
    guide: Guide, database: Path, sha256: str, tmp_path: Path, damage: Any
) -> None:
    wanted = guide.search("asprin")
    (index,) = (tmp_path / "cache").iterdir()
    index.write_bytes(damage(index.read_bytes()))
    again = Guide(database, tmp_path / "cache", sha256=sha256)
    assert again.search("asprin") == wanted
    assert [path.name for path in (tmp_path / "cache").iterdir()] == [index.name]
    again.close()


def search_at_once(arguments: tuple[Path, Path, str]) -> list[str]:
    database, cache, sha256 = arguments
    return [hit.text for hit in Guide(database, cache, sha256=sha256).search("asprin")]


def test_processes_that_make_it_at_once_do_not_harm_each_other(
    database: Path, sha256: str, tmp_path: Path
) -> None:
    with multiprocessing.get_context("forkserver").Pool(2) as pool:
        found = pool.map(search_at_once, [(database, tmp_path, sha256)] * 8, chunksize=1)
    assert found == [["aspirin", "aspirin ec"]] * 8
    assert len(list(tmp_path.iterdir())) == 1


def test_a_cache_that_cannot_be_written_is_a_usage_error(
    database: Path, sha256: str, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="need a folder for caches"):
        Guide(database, tmp_path / "file", sha256=sha256).search("aspirin")


def test_what_is_no_database_is_a_source_error(tmp_path: Path) -> None:
    (tmp_path / "x.sqlite").write_text("no database, whatever the name says" * 10)
    with pytest.raises(SourceError, match="need a SQLite database"):
        ask(Guide(tmp_path / "x.sqlite", tmp_path, sha256="0" * 64), "tables")


@pytest.mark.slow
def test_a_search_over_100_000_values_takes_under_10_ms(tmp_path: Path) -> None:
    path = tmp_path / "large.sqlite"
    syllables = [a + b for a in "bcdfghklmnprstvz" for b in ("a", "e", "in", "ol", "ate")]
    words = [f"{a}{b}" for a in syllables for b in syllables]
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE d (title TEXT)")
        rows = ((f"{words[i % 6397]} {words[i * 7 % 6389]} {i}",) for i in range(100_000))
        connection.executemany("INSERT INTO d VALUES (?)", rows)
    connection.close()
    guide = Guide(path, tmp_path, sha256=hashlib.sha256(path.read_bytes()).hexdigest())
    guide.search("first")
    took = []
    for i in range(0, 100_000, 1000):
        text = f"{words[i % 6397]} {words[i * 7 % 6389][::-1]}"
        begun = time.process_time()
        guide.search(text)
        took.append(time.process_time() - begun)
    assert sorted(took)[len(took) // 2] < 0.010
