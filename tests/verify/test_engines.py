"""DuckDB answers as SQLite does, or the finding says why not; what it cannot be asked is named."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import JsonValue

from taskkit.taskset.folder import Taskset
from taskkit.verify.duck import Duck, EngineError, copy
from taskkit.verify.engine_results import read_findings
from taskkit.verify.engines import ask, check
from taskkit.verify.translation import UntranslatedError, translated, written
from tests.spec.example import task
from tests.taskset.building import build, step

ROWS = """
create table stay (id integer, ward text, days integer, weight real, note text, began text);
insert into stay values
  (1, 'a', 3, 70.5, 'Fever', '2105-01-31 10:00:00'), (2, 'a', 4, null, '', '2105-02-01 00:30:00'),
  (3, 'b', 7, 80, null, '2104-12-31 23:59:00'), (4, 'c', 1, 60.25, 'a, "b"', '2105-03-02 08:00:00');
create index by_ward on stay (ward);
"""
INTEGER = {"kind": "integer"}
TABLE = {"kind": "table"}


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("engines") / "ward.sqlite"
    connection = sqlite3.connect(path)
    connection.executescript(ROWS)
    connection.close()
    return path


@pytest.fixture(scope="module")
def duck(path: Path) -> Iterator[Duck]:
    pytest.importorskip("duckdb")
    made = Duck(copy(path, path.with_suffix(".duckdb")))
    yield made
    made.close()


def found(duck: Duck, path: Path, sql: str) -> tuple[str, str]:
    """What is found of a task whose oracle expects what SQLite gives."""
    rows: JsonValue = [list(row) for row in sqlite3.connect(path).execute(sql)]
    spec = task(
        reference={"steps": [step(sql)]}, answer=TABLE, oracle={"kind": "exact", "expected": rows}
    )
    return check(spec, duck)


def test_a_copy_has_the_same_rows(duck: Duck, path: Path) -> None:
    sql = "select * from stay order by id"
    there = [tuple(row) for row in duck.rows(sql)[1]]
    assert there == sqlite3.connect(path).execute(sql).fetchall()


@pytest.mark.parametrize(
    "sql",
    [
        "select ward, count(*), sum(days), avg(weight) from stay group by ward",
        "select id from stay order by weight",
        "select id from stay order by note desc, id",
        "select strftime('%Y-%m', began), date(began), datetime(began) from stay",
        "select round(julianday(max(began)) - julianday(min(began)), 2) from stay",
        "select cast(weight as integer), cast(strftime('%Y', began) as integer) from stay",
        "select max(days, 3), iif(days > 3, 'long', 'short'), coalesce(note, '-') from stay",
        "select 100.0 * sum(days > 3) / count(*) from stay",
        "select id, rank() over (order by days desc) from stay",
        "select days / 0, id from stay where note is null",
        "select '' || 2104 = strftime('%Y', began) from stay",
    ],
)
def test_what_means_the_same_agrees(duck: Duck, path: Path, sql: str) -> None:
    assert found(duck, path, sql) == ("agrees", "")


@pytest.mark.parametrize(
    ("sql", "code", "said"),
    [
        ("select id, days / 2 from stay where id = 1", "integer_division", "DuckDB [[1, 1.5]]"),
        ("select count(*) from stay where note like 'FEV%'", "like_case", "SQLite [[1]]"),
        ("select count(*) from stay where ward < 8", "text_affinity", "Cannot compare"),
        ("select ward, max(days), id from stay", "bare_column", "GROUP BY"),
        ('select count(*) from stay where ward = "z"', "quoted_text", 'column "z"'),
        ("select count(*), typeof(sum(days)) from stay", "differs", "HUGEINT"),
    ],
)
def test_a_dependence_on_the_engine_is_a_finding_with_its_name(
    duck: Duck, path: Path, sql: str, code: str, said: str
) -> None:
    name, detail = found(duck, path, sql)
    assert (name, said in detail) == (code, True), detail


@pytest.mark.parametrize(
    ("sql", "construct"),
    [
        ("select datetime(began, '-12 months') from stay", "date modifier '-N months'"),
        ("select date(began, 'start of year', '+1 day') from stay",
         "date modifier 'start of year', '+N day'"),
        ("select strftime('%J', began) from stay", "strftime format %J"),
        ("select total(days) from stay", "total"),
    ],
)  # fmt: skip
def test_what_has_no_counterpart_is_named(duck: Duck, path: Path, sql: str, construct: str) -> None:
    code, detail = found(duck, path, sql)
    assert (code, construct in detail) == ("untranslated", True), detail


def test_a_query_cannot_write_or_reach_a_file(duck: Duck, path: Path, tmp_path: Path) -> None:
    for sql in (
        "create table other (id integer)",
        f"copy stay to '{tmp_path / 'out.csv'}'",
        f"select * from read_csv('{path}')",
        "set enable_external_access = true",
    ):
        with pytest.raises(EngineError):
            duck.rows(sql)
    assert list(tmp_path.iterdir()) == []


def test_a_query_that_takes_too_long_is_stopped(
    duck: Duck, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("taskkit.verify.duck.QUERY_S", 0.1)
    with pytest.raises(EngineError, match="INTERRUPT"):
        duck.rows("select count(*) from range(1000000) a, range(1000000) b where a.range < b.range")


def test_sqlite_s_null_order_is_kept() -> None:
    assert "NULLS FIRST" in written(translated("select a from t order by a"))
    with pytest.raises(UntranslatedError, match="not for sqlglot"):
        translated("select from where")


def test_a_later_turn_is_asked_too(duck: Duck) -> None:
    later = {
        "instruction": "And half of that?",
        "answer": INTEGER,
        "oracle": {"kind": "exact", "expected": 1},
        "reference": {"steps": [step("select days / 2 from stay where id = 1")]},
    }
    first = {"steps": [step("select days from stay where id = 1")]}
    spec = task(reference=first, oracle={"kind": "exact", "expected": 3}, turns=[later])
    assert [check(turn, duck)[0] for turn in spec.dialogue] == ["agrees", "integer_division"]


def test_a_set_is_asked_once(tmp_path: Path) -> None:
    pytest.importorskip("duckdb")
    taskset = Taskset(build(tmp_path / "toy", 4))
    (asset,) = taskset.manifest.assets
    copies = {asset.sha256: copy(taskset.asset(asset.sha256), tmp_path / "copy")}
    wanted = {
        str(one.relative_to(taskset.path)): hashlib.sha256(one.read_bytes()).hexdigest()
        for one in taskset.paths()
    }
    seen: list[str] = []
    for _ in range(2):
        report = ask(taskset.path, wanted, copies, 1, watch=lambda one: seen.append(one.file))
        assert report.codes == {"agrees": 4}
    assert sorted(seen) == sorted(wanted)
    assert read_findings(taskset.path) == []


def test_a_set_with_a_finding_is_told(tmp_path: Path) -> None:
    pytest.importorskip("duckdb")
    query = "select 7 / 2, row_id from patients"
    taskset = Taskset(build(tmp_path / "toy", 2, query=query))
    (asset,) = taskset.manifest.assets
    copies = {asset.sha256: copy(taskset.asset(asset.sha256), tmp_path / "copy")}
    wanted = {str(one.relative_to(taskset.path)): "" for one in taskset.paths()}
    report = ask(taskset.path, wanted, copies, 1)
    assert report.codes == {"differs": 2}  # the oracle of these expects something else
    assert read_findings(taskset.path) == report.findings
