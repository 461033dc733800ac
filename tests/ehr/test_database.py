"""A source database is written once, whole, and the same every time."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from taskkit.ehr.tables.database import DatabaseWriter, check_schema, tables
from taskkit.errors import SourceError

SCHEMA = """
-- two tables
create table ward (row_id integer primary key, name text not null unique);
create table bed (row_id integer primary key, ward text references ward (name), length real);
"""
INDEXES = "create index bed_ward on bed (ward);\ncreate index bed_length on bed (length);\n"


def write(path: Path, beds: int = 3) -> Path:
    with DatabaseWriter(path, SCHEMA, INDEXES) as writer:
        writer.insert("ward", [(0, "north")])
        writer.insert("bed", ((row, "north", 2) for row in range(beds)))
        return writer.finish()


def test_rows_and_indexes_arrive(tmp_path: Path) -> None:
    connection = sqlite3.connect(write(tmp_path / "a.sqlite"))
    assert connection.execute("select * from bed").fetchall() == [
        (0, "north", 2.0),
        (1, "north", 2.0),
        (2, "north", 2.0),
    ]
    names = connection.execute("select name from sqlite_master where sql like 'create index%'")
    assert {name for (name,) in names} == {"bed_ward", "bed_length"}


def test_same_rows_give_same_bytes(tmp_path: Path) -> None:
    once, twice = write(tmp_path / "a.sqlite", 5000), write(tmp_path / "b.sqlite", 5000)
    assert once.read_bytes() == twice.read_bytes()


def test_file_is_compact(tmp_path: Path) -> None:
    connection = sqlite3.connect(write(tmp_path / "a.sqlite", 5000))
    assert connection.execute("pragma freelist_count").fetchone() == (0,)


def test_failed_write_leaves_the_previous_file_whole(tmp_path: Path) -> None:
    path = write(tmp_path / "a.sqlite")
    before = path.read_bytes()
    with (
        pytest.raises(SourceError, match=r"table ward: UNIQUE constraint failed: ward\.name"),
        DatabaseWriter(path, SCHEMA) as writer,
    ):
        writer.insert("ward", [(0, "north"), (1, "north")])
    assert path.read_bytes() == before
    assert [child.name for child in tmp_path.iterdir()] == ["a.sqlite"]


def test_short_row_is_named(tmp_path: Path) -> None:
    with (
        pytest.raises(SourceError, match="table ward: Incorrect number of bindings"),
        DatabaseWriter(tmp_path / "a.sqlite", SCHEMA) as writer,
    ):
        writer.insert("ward", [(0,)])


def test_schema_tells_its_columns_in_order() -> None:
    assert tables(SCHEMA) == {
        "ward": ("row_id", "name"),
        "bed": ("row_id", "ward", "length"),
    }


def test_schema_check_ignores_case_and_extras(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite"
    with sqlite3.connect(path) as connection:
        connection.executescript(SCHEMA.upper() + "CREATE TABLE EXTRA (X);")
    check_schema(path, SCHEMA)


def test_schema_check_names_what_is_missing(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite"
    with sqlite3.connect(path) as connection:
        connection.executescript("create table beds (x); create table ward (row_id, nam);")
    with pytest.raises(SourceError) as caught:
        check_schema(path, SCHEMA)
    assert str(caught.value) == (
        f"{path}: not in the schema of this domain: need column ward.name (there is 'nam'); "
        "table bed (there is 'beds')"
    )


def test_schema_check_refuses_other_files(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite"
    with pytest.raises(SourceError, match="no such file: need a SQLite database"):
        check_schema(path, SCHEMA)
    path.write_text("subject_id,gender\n" * 100)
    with pytest.raises(SourceError, match="file is not a database: need a SQLite database"):
        check_schema(path, SCHEMA)
