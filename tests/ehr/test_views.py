"""A view in the place of a table is written down once, and cannot go on without end."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from taskkit import sqlite
from taskkit.ehr.tables.opened import open_database
from taskkit.errors import SourceError

SCHEMA = "create table labs (patient integer, value real);"


def settled(path: Path) -> Path:
    (path.parent / "schema.sql").write_text(SCHEMA)
    open_database(path, path.parent / "copy", path.parent)
    return path.parent / "copy"


def database(path: Path, view: str) -> Path:
    connection = sqlite3.connect(path)
    connection.executescript(
        f"create table stored (patient integer, value real); insert into stored values (7, 1.5);"
        f"create view labs as {view};"
    )
    connection.close()
    return path


def test_a_view_becomes_a_table_with_its_rows(tmp_path: Path) -> None:
    path = database(tmp_path / "a", "select value * 2 as value, patient from stored")
    found = sqlite3.connect(settled(path))
    assert found.execute("select type from sqlite_schema where name = 'labs'").fetchone() == (
        "table",
    )
    assert found.execute("select patient, value from labs").fetchall() == [(7, 3.0)]


@pytest.mark.parametrize(
    ("view", "why"),
    [
        ("with recursive n(i) as (select 1 union all select i + 1 from n)"
         " select i as patient, i as value from n", "SQLite instructions"),
        ("select 1 as patient, randomblob(900000000) as value", "a value of more than 16 MiB"),
        ("select 1 as patient, zeroblob(900000000) as value", "a value of more than 16 MiB"),
        ("select a.patient, a.absent as value from stored a", "no such column"),
    ],
    ids=["endless", "blob", "zeros", "broken"],
)  # fmt: skip
def test_a_view_without_end_or_measure_is_told(
    tmp_path: Path, view: str, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "MAX_STEPS", 1_000_000)
    path = database(tmp_path / "a", view)
    with pytest.raises(SourceError, match=rf"{why}.*: need a? ?(table|sound database)"):
        settled(path)
