"""Another engine answers as SQLite does, or the finding says why not; what it lacks is named."""

from __future__ import annotations

import hashlib
import sqlite3
from pathlib import Path

import pytest
from pydantic import JsonValue

from taskkit.sql.engines.comparison import ask, check
from taskkit.sql.engines.duck import DuckFiles
from taskkit.sql.engines.duck_dialect import DUCKDB
from taskkit.sql.engines.engine import Copier, Engine, EngineError
from taskkit.sql.engines.translation import (
    UntranslatedError,
    translated,
    written,
)
from taskkit.taskset.folder import Taskset
from taskkit.verify.engine_results import Engines, read_findings
from tests.spec.example import task
from tests.taskset.building import build, step

INTEGER = {"kind": "integer"}
TABLE = {"kind": "table"}


def found(duck: Engine, ward: Path, sql: str) -> tuple[str, str]:
    """What is found of a task whose oracle expects what SQLite gives."""
    rows: JsonValue = [list(row) for row in sqlite3.connect(ward).execute(sql)]
    spec = task(
        reference={"steps": [step(sql)]}, answer=TABLE, oracle={"kind": "exact", "expected": rows}
    )
    return check(spec, duck)


def asked(taskset: Taskset, copier: Copier, seen: list[str] | None = None) -> Engines:
    """What an engine makes of a whole set."""
    (asset,) = taskset.manifest.assets
    copies = {asset.sha256: copier.copy(taskset.asset(asset.sha256), asset.sha256)}
    wanted = {
        str(one.relative_to(taskset.path)): hashlib.sha256(one.read_bytes()).hexdigest()
        for one in taskset.paths()
    }
    told = [] if seen is None else seen
    return ask(
        taskset.path, wanted, copier.name, copies, 1, watch=lambda one: told.append(one.file)
    )


def test_a_copy_has_the_same_rows(duck: Engine, ward: Path) -> None:
    sql = "select * from stay order by id"
    there = [tuple(row) for row in duck.rows(sql)[1]]
    assert there == sqlite3.connect(ward).execute(sql).fetchall()


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
        "select max(weight, 65.0), min(days, 3) from stay",
        "select 100.0 * sum(days > 3) / count(*) from stay",
        "select id, rank() over (order by days desc) from stay",
        "select days / 0, id from stay where note is null",
        "select '' || 2104 = strftime('%Y', began) from stay",
        "select round(weight), round(weight, 1), cast(weight as real) from stay",
        "select STAY.ID, s.Ward from Stay as s join stay on s.id = stay.ID where S.note like 'a%'",
        "select count(*) from (select distinct ward from stay)",
        "select count(*) from (select ward from stay where days > (select avg(days) from stay))",
        "select ward, sum(days) as total_days from stay group by ward having total_days > 3",
        "select id, days * 2 as twice from stay where twice > 6 order by twice + id",
        "select count(*) from stay where note = 'a, \"b\"' or note is not null and not days > 3",
    ],
)
def test_what_means_the_same_agrees(duck: Engine, ward: Path, sql: str) -> None:
    assert found(duck, ward, sql) == ("agrees", "")


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
    duck: Engine, ward: Path, sql: str, code: str, said: str
) -> None:
    name, detail = found(duck, ward, sql)
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
def test_what_has_no_counterpart_is_named(
    duck: Engine, ward: Path, sql: str, construct: str
) -> None:
    code, detail = found(duck, ward, sql)
    assert (code, construct in detail) == ("untranslated", True), detail


def test_a_query_cannot_write_or_reach_a_file(duck: Engine, ward: Path, tmp_path: Path) -> None:
    for sql in (
        "create table other (id integer)",
        f"copy stay to '{tmp_path / 'out.csv'}'",
        f"select * from read_csv('{ward}')",
        "set enable_external_access = true",
    ):
        with pytest.raises(EngineError):
            duck.rows(sql)
    assert list(tmp_path.iterdir()) == []


def test_a_query_that_takes_too_long_is_stopped(
    duck: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("taskkit.sql.engines.duck.QUERY_S", 0.1)
    with pytest.raises(EngineError, match="INTERRUPT"):
        duck.rows("select count(*) from range(1000000) a, range(1000000) b where a.range < b.range")


def test_an_answer_of_too_many_rows_is_a_failure(duck: Engine, ward: Path) -> None:
    several = ", ".join(f"stay as s{n}" for n in range(5))
    with pytest.raises(EngineError, match="more than 1000 rows") as error:
        duck.rows(f"select s0.id from {several}")
    assert error.value.code == "engine_failed"


def test_sqlite_s_null_order_is_kept() -> None:
    assert "NULLS FIRST" in written(translated("select a from t order by a", DUCKDB), DUCKDB)
    with pytest.raises(UntranslatedError, match="not for sqlglot"):
        translated("select from where", DUCKDB)


def test_a_later_turn_is_asked_too(duck: Engine) -> None:
    later = {
        "instruction": "And half of that?",
        "answer": INTEGER,
        "oracle": {"kind": "exact", "expected": 1},
        "reference": {"steps": [step("select days / 2 from stay where id = 1")]},
    }
    first = {"steps": [step("select days from stay where id = 1")]}
    spec = task(reference=first, oracle={"kind": "exact", "expected": 3}, turns=[later])
    assert [check(turn, duck)[0] for turn in spec.dialogue] == ["agrees", "integer_division"]


@pytest.fixture
def copier() -> Copier:
    """What copies databases."""
    pytest.importorskip("duckdb")
    return DuckFiles()


def test_a_set_is_asked_once(tmp_path: Path, copier: Copier) -> None:
    taskset = Taskset(build(tmp_path / "toy", 4))
    seen: list[str] = []
    for _ in range(2):
        report = asked(taskset, copier, seen)
        assert report.codes == {"agrees": 4}
    files = [str(one.relative_to(taskset.path)) for one in taskset.paths()]
    assert sorted(seen) == sorted(files)
    assert list(read_findings(taskset.path)) == []
    assert (tmp_path / "toy.results" / f"{copier.name}.sqlite").exists()


def test_a_set_with_a_finding_is_told(tmp_path: Path, copier: Copier) -> None:
    query = "select 7 / 2, row_id from patients"
    taskset = Taskset(build(tmp_path / "toy", 2, query=query))
    report = asked(taskset, copier)
    assert report.codes == {"differs": 2}  # the oracle of these expects something else
    assert list(read_findings(taskset.path)) == [(copier.name, one) for one in report.findings]
