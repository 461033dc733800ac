"""SQLite files as users have them: read as the same rows, or refused with table, row and value."""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from taskkit.ehr.releases.mimic.options import MimicOptions
from taskkit.ehr.releases.mimic_iii.tables import build_mimic_iii
from taskkit.ehr.tables.opened import open_database
from taskkit.errors import SourceError
from tests.ehr.small_release import DOMAINS, mimic_iii, write

DOMAIN = DOMAINS / "mimic"
OPTIONS = MimicOptions(patients=None, shift_times=False, stay_percentile=None)
STORED = "alter table labevents rename to stored"
COLUMNS = "row_id, subject_id, hadm_id, itemid, charttime, valuenum, valueuom"
TYPED = "row_id int, subject_id int, hadm_id int, itemid int, charttime text, valuenum real"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("whole")
    build_mimic_iii(write(folder / "csv", mimic_iii()), folder / "a.sqlite", OPTIONS, DOMAIN)
    return folder / "a.sqlite"


def altered(whole: Path, folder: Path, *statements: str) -> Path:
    path = folder / "mine.sqlite"
    shutil.copy(whole, path)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement)
    return path


def dump(path: Path) -> dict[str, list[tuple[object, ...]]]:
    with closing(sqlite3.connect(path)) as connection:
        names = connection.execute("select name from sqlite_schema where type = 'table'").fetchall()
        return {
            name: connection.execute(f"select * from {name}").fetchall()
            for (name,) in names
            if name != "stored"
        }


def texts(path: Path, target: Path, end: str = "") -> Path:
    """What `sqlite3 .import` makes of the tables: texts in every column, nothing as nothing."""
    with closing(sqlite3.connect(target)) as made:
        for table, rows in dump(path).items():
            with closing(sqlite3.connect(path)) as connection:
                names = [row[1] for row in connection.execute(f"pragma table_info({table})")]
            key = f", primary key ({names[0]})" if end else ""
            columns = ", ".join(f'"{name.upper()}" TEXT' for name in names)
            made.execute(f'create table "{table.upper()}" ({columns}{key}) {end}')
            values = ["" if cell is None else str(cell) for row in rows for cell in row]
            marks = ", ".join("?" * len(names))
            made.executemany(
                f'insert into "{table.upper()}" values ({marks})',
                [values[n : n + len(names)] for n in range(0, len(values), len(names))],
            )
        made.commit()
    return target


@pytest.mark.parametrize("end", ["", "without rowid"])
def test_texts_in_every_column_give_the_same_rows(whole: Path, tmp_path: Path, end: str) -> None:
    open_database(texts(whole, tmp_path / "texts.sqlite", end), tmp_path / "made", DOMAIN)
    assert dump(tmp_path / "made") == dump(whole)


@pytest.mark.parametrize(
    "statements",
    [
        (STORED, "create view labevents as select * from stored"),
        (STORED, f"create virtual table labevents using fts5({COLUMNS})",
         "insert into labevents select * from stored"),
        (STORED, f"create table labevents ({TYPED}, valueuom text generated always as"
         " (case itemid when 50912 then 'mg/dl' end))",
         f"insert into labevents select {COLUMNS.removesuffix(', valueuom')} from stored"),
        ("update labevents set charttime = replace(charttime, ' ', 'T') || '.000000'",
         "create trigger t after update on labevents begin delete from labevents; end"),
        ("create table besides (note text)", "insert into besides values ('x')"),
        ("update labevents set valuenum = cast(valuenum as text) || '0'",),
    ],
    ids=["view", "virtual", "generated", "trigger", "table besides", "numbers as texts"],
)  # fmt: skip
def test_what_a_database_has_besides_rows_does_not_matter(
    whole: Path, tmp_path: Path, statements: tuple[str, ...]
) -> None:
    path = altered(whole, tmp_path, *statements)
    origin = open_database(path, tmp_path / "made", DOMAIN)
    assert dump(tmp_path / "made") == dump(whole)
    if "besides" in statements[0]:
        assert origin.left_out == ("besides: not in the schema of this domain",)


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        ("update labevents set valuenum = '<0.1' where row_id = 3",
         r"table labevents, row 3: valuenum: '<0\.1': need a number"),
        ("update labevents set itemid = 50912.5 where row_id = 3",
         r"row 3: itemid: '50912\.5': need a whole number"),
        ("update labevents set charttime = 1700000000 where row_id = 3",
         r"row 3: charttime: '1700000000': need a date"),
        ("update labevents set charttime = charttime || '+02:00' where row_id = 3",
         r"row 3: charttime: '.*\+02:00': need a date"),
        ("update admissions set insurance = 'a' || char(0) where row_id = 1",
         r"table admissions, row 1: insurance: byte 0x00: need text"),
        ("update admissions set insurance = x'6162' where row_id = 1",
         r"table admissions, row 1: insurance: .*: need text"),
        ("update admissions set insurance = cast(x'f6' as text) where row_id = 1",
         r"table admissions: .*: need its texts in UTF-8"),
        ("update labevents set subject_id = 9002 where row_id = 0",
         r"table labevents: hadm_id 8001: of subject_id 9002, in admissions of 9001: need"),
    ],
)  # fmt: skip
def test_a_value_that_cannot_be_so_is_named(
    whole: Path, tmp_path: Path, statement: str, says: str
) -> None:
    path = altered(whole, tmp_path, statement)
    with pytest.raises(SourceError, match=rf"mine\.sqlite: .*{says}"):
        open_database(path, tmp_path / "made", DOMAIN)
    assert not (tmp_path / "made").exists()


def test_an_id_that_stands_twice_is_named(whole: Path, tmp_path: Path) -> None:
    path = texts(whole, tmp_path / "texts.sqlite")
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("insert into patients select 99, subject_id, gender, dob, dod"
                           " from patients where subject_id = '9001'")  # fmt: skip
    says = r"table patients: UNIQUE constraint failed: patients\.subject_id.*subject_id '9001'\)"
    with pytest.raises(SourceError, match=says):
        open_database(path, tmp_path / "made", DOMAIN)


def test_a_table_that_stands_twice_is_told(whole: Path, tmp_path: Path) -> None:
    twice = "insert into chartevents select row_id + 1000 * n, {} from chartevents, ({})"
    columns = "subject_id, hadm_id, icustay_id, itemid, charttime, valuenum, valueuom"
    numbers = " union all ".join(f"select {n} as n" for n in range(1, 6))
    path = altered(whole, tmp_path, twice.format(columns, numbers))
    with pytest.raises(SourceError, match="table chartevents: many rows stand twice: need each"):
        open_database(path, tmp_path / "made", DOMAIN)


def test_an_endless_view_of_many_rows_is_stopped_by_their_number(
    whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("taskkit.ehr.tables.typed.FEW_ROWS", 10)
    endless = "with recursive n(i) as (select 1 union all select i + 1 from n)"
    view = f"create view labevents as {endless} select i row_id, i subject_id, i hadm_id,"
    view += " i itemid, '2131-01-01' charttime, i valuenum, 'x' valueuom from n"
    path = altered(whole, tmp_path, STORED, view)
    with pytest.raises(SourceError, match=r"labevents: more than [0-9,]+ rows, which no file of"):
        open_database(path, tmp_path / "made", DOMAIN)


def test_a_database_that_another_program_writes_is_told(
    whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = altered(whole, tmp_path)
    usual = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda *a, **k: usual(*a, **{"timeout": 0.1, **k}))
    with closing(usual(path, isolation_level=None)) as writer:
        writer.execute("begin exclusive")
        says = "database is locked: need it closed by the program that writes it"
        with pytest.raises(SourceError, match=says):
            open_database(path, tmp_path / "made", DOMAIN)


def test_stays_and_rows_that_do_not_fit_are_counted(whole: Path, tmp_path: Path) -> None:
    path = altered(
        whole, tmp_path,
        "update admissions set dischtime = '2000-01-01 00:00:00' where hadm_id = 8001",
        "update labevents set hadm_id = 777 where hadm_id = 8002",
    )  # fmt: skip
    notes = open_database(path, tmp_path / "made", DOMAIN).left_out
    assert "admissions: 1 that end before they begin, such as hadm_id 8001" in notes
    assert "labevents: 2 rows whose hadm_id is not in admissions, such as 777" in notes


def test_a_name_that_is_no_text_is_written_with_its_bytes(whole: Path, tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xffmine.sqlite"))
    shutil.copy(whole, path)
    assert open_database(path, tmp_path / "made", DOMAIN).name == r"\udcffmine.sqlite"
