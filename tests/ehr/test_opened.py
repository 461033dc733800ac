"""A database that the user has is copied whole, checked, and taken for credentialed."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from taskkit.ehr.releases.mimic.options import MimicOptions
from taskkit.ehr.releases.mimic_iii.tables import build_mimic_iii
from taskkit.ehr.tables.opened import open_database
from taskkit.errors import SourceError
from tests.ehr.small_release import DOMAINS, mimic_iii, write

DOMAIN = DOMAINS / "mimic"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "mine.sqlite"
    build_mimic_iii(write(tmp_path / "csv", mimic_iii()), path, MimicOptions(), DOMAIN)
    return path


def test_rows_are_copied_and_taken_for_credentialed(source: Path, tmp_path: Path) -> None:
    before = source.read_bytes()
    origin = open_database(source, tmp_path / "asset", DOMAIN)
    assert (origin.name, origin.access) == ("mine.sqlite", "credentialed")
    query = "select * from labevents"
    copied = sqlite3.connect(tmp_path / "asset").execute(query).fetchall()
    assert copied == sqlite3.connect(source).execute(query).fetchall()
    assert source.read_bytes() == before


def test_the_user_may_declare_the_rows_open(source: Path, tmp_path: Path) -> None:
    origin = open_database(source, tmp_path / "asset", DOMAIN, declared_open=True)
    assert origin.access == "open"


def test_rows_still_in_the_log_are_copied_and_the_copy_needs_no_log(
    source: Path, tmp_path: Path
) -> None:
    connection = sqlite3.connect(source)
    connection.execute("pragma journal_mode=wal")
    connection.execute("insert into d_labitems values (99, 1, 'new')")
    connection.commit()
    open_database(source, tmp_path / "asset", DOMAIN)
    connection.close()
    copy = sqlite3.connect(f"file:{tmp_path / 'asset'}?mode=ro&immutable=1", uri=True)
    assert copy.execute("select label from d_labitems where row_id = 99").fetchall() == [("new",)]
    assert copy.execute("pragma journal_mode").fetchall() == [("delete",)]


def test_another_schema_is_told(tmp_path: Path) -> None:
    path = tmp_path / "other.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute("create table patient (row_id integer)")
    with pytest.raises(SourceError, match=r"other\.sqlite: not in the schema.*there is 'patient'"):
        open_database(path, tmp_path / "asset", DOMAIN)
    assert not (tmp_path / "asset").exists()


def test_a_damaged_database_is_told(source: Path, tmp_path: Path) -> None:
    data = bytearray(source.read_bytes())
    middle = len(data) // 2 // 4096 * 4096
    data[middle : middle + 8192] = b"\xa5" * 8192
    source.write_bytes(data)
    with pytest.raises(SourceError, match=r"mine\.sqlite: "):
        open_database(source, tmp_path / "asset", DOMAIN)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["csv", "mine.sqlite"]
