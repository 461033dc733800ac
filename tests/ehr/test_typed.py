"""A database of the user's is held to the types that the domain declares."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from taskkit.ehr.tables.opened import open_database
from taskkit.errors import SourceError

SCHEMA = """
create table labevents (
    row_id integer primary key,
    valuenum real,
    charttime text not null,
    flag text
);
"""


def held(path: Path) -> Path:
    """The copy of a database in the domain's types."""
    (path.parent / "schema.sql").write_text(SCHEMA)
    open_database(path, path.parent / "copy", path.parent)
    return path.parent / "copy"


def database(path: Path, rows: list[tuple[object, ...]], kind: str = "text") -> Path:
    """A table with one type in every column, as `sqlite3 .import` makes it."""
    with closing(sqlite3.connect(path)) as connection:
        columns = ", ".join(f"{c} {kind}" for c in ("row_id", "valuenum", "charttime", "flag"))
        connection.execute(f"create table labevents ({columns})")
        connection.execute("create index by_time on labevents (charttime)")
        connection.executemany("insert into labevents values (?, ?, ?, ?)", rows)
        connection.commit()
    return path


def rows(path: Path) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("select * from labevents order by row_id").fetchall()


def test_numbers_that_stand_as_texts_become_numbers(tmp_path: Path) -> None:
    time = "2101-02-03 04:05:06"
    path = database(
        tmp_path / "a", [("1", "81", time, "x"), ("2", "5000", time, ""), ("3", "", time, "NA")]
    )
    path = held(path)
    assert rows(path) == [(1, 81.0, time, "x"), (2, 5000.0, time, None), (3, None, time, None)]
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("select max(valuenum) from labevents").fetchone() == (5000.0,)


def test_times_of_other_tools_get_one_form(tmp_path: Path) -> None:
    odd = ["2101-02-03T04:05:06", "2101-02-03 04:05:06.000000", "2101-02-03 04:05:06+00:00"]
    path = database(tmp_path / "a", [(n, 1.5, time, None) for n, time in enumerate(odd, 1)], "")
    assert {row[2] for row in rows(held(path))} == {"2101-02-03 04:05:06"}


@pytest.mark.parametrize(
    ("row", "says"),
    [
        (("1", "high", "2101-02-03 04:05:06", None), r"row 1: valuenum: 'high': need a number"),
        (("1", "1", "03/02/2101", None), r"row 1: charttime: '03/02/2101': need a date"),
        (("1", "1", "2101-02-03 04:05:06+02:00", None), r"charttime: .*\+02:00': need a date"),
        (("1", "1", "2101-02-30 04:05:06", None), r"charttime: '2101-02-30 04:05:06': need a date"),
        (("1", "1", "abcd-ef-gh ij:kl:mn", None), r"charttime: 'abcd-ef-gh ij:kl:mn': need a date"),
        (("1", "1", b"2101", None), r"charttime: .*: need a time as text"),
        (("1", b"1", "2101-02-03 04:05:06", None), r"valuenum: .*: need a number"),
        (("1", float("inf"), "2101-02-03 04:05:06", None), r"valuenum: 'Inf': need a number"),
    ],
)
def test_what_would_lose_something_is_refused(
    tmp_path: Path, row: tuple[object, ...], says: str
) -> None:
    path = database(tmp_path / "a", [row])
    with pytest.raises(SourceError, match=says):
        held(path)


def test_unix_seconds_are_refused(tmp_path: Path) -> None:
    path = database(tmp_path / "a", [(1, 1.0, 1_700_000_000, None)], "")
    with pytest.raises(SourceError, match="charttime: '1700000000': need a time as text"):
        held(path)
