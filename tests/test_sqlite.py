"""A SQLite file is read under any name, and no query of it takes more than its budget."""

from __future__ import annotations

import os
import resource
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from taskkit import sqlite
from taskkit.ehr.tables.opened import open_database
from taskkit.errors import SourceError
from taskkit.sql.engines.engine import original
from taskkit.sqlite import BudgetError, TooManyRowsError, connect, run, scan
from taskkit.view.content import tables

ENDLESS = "create view endless as with recursive n(i) as (select 1 union all select i + 1 from n)"
LARGE = "printf('%.*c', 900000000, 'x')"


def database(path: Path, *statements: str) -> Path:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("create table t (i integer, s text)")
        connection.execute("insert into t values (1, 'one'), (2, 'two')")
        for statement in statements:
            connection.execute(statement)
    return path


@pytest.mark.parametrize("name", ["a#b.sqlite", "a?b=c.sqlite", "a%20b.sqlite", "ä b.sqlite"])
def test_any_path_is_read(tmp_path: Path, name: str) -> None:
    with closing(connect(database(tmp_path / name))) as connection:
        found = run(connection, "select s from t where i = :i", {"i": 2})
    assert (found.columns, found.rows) == (("s",), [("two",)])
    assert [one.name for one in tmp_path.iterdir()] == [name]


def test_an_endless_view_is_stopped(tmp_path: Path) -> None:
    path = database(tmp_path / "x.sqlite", f"{ENDLESS} select i from n")
    with closing(connect(path)) as connection:
        with pytest.raises(BudgetError, match=r"^more than 1,000,000 SQLite instructions$"):
            run(connection, "select max(i) from endless", max_steps=1_000_000)
        with pytest.raises(TooManyRowsError, match=r"^more than 10 rows$"):
            run(connection, "select i from endless", max_rows=10)
        assert run(connection, "select count(*) from t").rows == [(2,)]


def test_reading_all_of_an_endless_view_is_an_error_of_the_source(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "MAX_STEPS", 1_000_000)
    path = database(tmp_path / "x.sqlite", f"{ENDLESS} select i from n")
    need = rf"^{path}: more than [0-9,]+ SQLite instructions: need tables, not views without an end"
    with (
        pytest.raises(SourceError, match=need),
        closing(connect(path)) as connection,
        scan(connection, path),
    ):
        connection.execute("select count(*) from endless").fetchone()
    with pytest.raises(SourceError, match=need), original(path) as opened:
        list(opened.tables())


def test_a_source_with_an_endless_view_in_place_of_a_table_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "MAX_STEPS", 1_000_000)
    (tmp_path / "schema.sql").write_text("create table endless (i integer);")
    path = database(tmp_path / "x.sqlite", f"{ENDLESS} select i from n where i < 0")
    with pytest.raises(SourceError, match="views without an end"):
        open_database(path, tmp_path / "copy.sqlite", tmp_path)
    assert not (tmp_path / "copy.sqlite").exists()


def test_the_viewer_shows_first_rows_of_an_endless_view(tmp_path: Path) -> None:
    path = database(tmp_path / "x.sqlite", f"{ENDLESS} select i from n")
    assert [(one["name"], len(one["rows"])) for one in tables(path)] == [("endless", 5), ("t", 2)]


def test_large_values_are_never_made(tmp_path: Path) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with closing(connect(database(tmp_path / "x.sqlite"))) as connection:
        for wide in (LARGE, "format('%-900000000s', 'x')", "printf('%.0900000000d', 1)"):
            with pytest.raises(BudgetError, match=r"^printf with a width of 10,000 or more"):
                run(connection, f"select {wide}")
        for large in ("zeroblob(900000000)", "replace(hex(zeroblob(999999)), '0', 'abcdefghij')"):
            with pytest.raises(BudgetError, match=r"^a value of more than 16 MiB$"):
                run(connection, f"select {large}")
        each = "hex(zeroblob(4500000))"
        series = "with recursive n(i) as (select 1 union all select i + 1 from n limit 99)"
        with pytest.raises(BudgetError, match=r"^more than 64 MiB of text$"):
            run(connection, f"{series} select {each} from n")
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 300_000  # KiB


def test_formats_of_a_usual_width_are_as_in_sqlite(tmp_path: Path) -> None:
    query = "select printf('%05d|%-4s|%.2f|%,d', 12, s, 2.345, 20000), printf('%d in 20000', i)"
    with closing(connect(database(tmp_path / "x.sqlite"))) as connection:
        rows = run(connection, f"{query} from t").rows
    assert rows == [
        ("00012|one |2.35|20,000", "1 in 20000"), ("00012|two |2.35|20,000", "2 in 20000"),
    ]  # fmt: skip


def test_many_large_values_of_one_row_are_refused(tmp_path: Path) -> None:
    path = database(tmp_path / "x.sqlite")
    program = f"""
from pathlib import Path
from taskkit import sqlite
sqlite.MAX_HEAP = 64 << 20  # of the process, so a process of its own
connection = sqlite.connect(Path({str(path)!r}))
columns = ", ".join(["hex(zeroblob(4500000))"] * 50)
try:
    sqlite.run(connection, "select " + columns)
except sqlite.BudgetError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("more than 64 MiB of memory\n", "")


def test_a_query_opens_and_writes_no_file(tmp_path: Path) -> None:
    path = database(tmp_path / "x.sqlite")
    with closing(connect(path)) as connection:
        with pytest.raises(sqlite3.OperationalError, match="too many attached databases"):
            run(connection, f"attach '{tmp_path}/other.sqlite' as other")
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            run(connection, "delete from t")
    assert [one.name for one in tmp_path.iterdir()] == ["x.sqlite"]


def test_what_is_no_database_is_named(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "text").write_text("a text that is long enough to be taken for no database at all")
    for name, what in (
        ("pipe", "not a regular file"),
        ("none", "no such file"),
        ("text", "file is not a database"),
    ):
        with pytest.raises(SourceError) as raised:
            connect(tmp_path / name)
        assert str(raised.value) == f"{tmp_path / name}: {what}: need a SQLite database"
