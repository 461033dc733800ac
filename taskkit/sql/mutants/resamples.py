"""Copies of a database to try queries on: of part of the patients, in another order, measured."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path

from taskkit.errors import SourceError, blame
from taskkit.lock import alone
from taskkit.sqlite import connect

PARTS = ((3, 0), (2, 0), (2, 1))  # keep the subjects of one residue: a third, two halves
LEAST_TABLES = 3  # that must share a column, for it to be the one that owns their rows

Change = Callable[[sqlite3.Connection], None]


def resamples(path: Path, sha256: str, cache: Path) -> list[Path]:
    """Give databases that hold part of the subjects of one, each with all that is theirs.

    They are made once and kept. A subject is a row of the table whose key most others name,
    such as a patient; a database without one has no resamples.

    Raises:
        SourceError: the database cannot be read, or the cache not written.
    """
    folder = _folder(sha256, cache)
    targets = [folder / f"{modulus}-{rest}.sqlite" for modulus, rest in PARTS]
    with blame(SourceError, f"{path}: resamples could not be made in {folder}"):
        if all(target.exists() for target in targets):
            return targets
        column = subject(path)
        if column is None:
            return []
        for target, part in zip(targets, PARTS, strict=True):
            copied(path, target, partial(_reduce, column=column, part=part))
    return targets


def shuffled(path: Path, sha256: str, cache: Path) -> Path:
    """Give a copy of a database whose tables hold their rows in another order; made once.

    It is not measured, so that a query is planned as over the database itself.

    Raises:
        SourceError: the database cannot be read, or the cache not written.
    """
    target = _folder(sha256, cache) / "shuffled-rows.sqlite"
    with blame(SourceError, f"{path}: {target} could not be made"):
        copied(path, target, partial(_reorder, order=SCRAMBLED), measure=False)
    return target


def reversed_rows(path: Path, sha256: str, cache: Path) -> Path:
    """Give a copy of a database whose tables hold their rows the other way round; made once.

    Of any two rows it has the second first, so that no choice between two escapes it.

    Raises:
        SourceError: the database cannot be read, or the cache not written.
    """
    target = _folder(sha256, cache) / "reversed-rows.sqlite"
    with blame(SourceError, f"{path}: {target} could not be made"):
        copied(path, target, partial(_reorder, order="rowid desc"), measure=False)
    return target


def measured(path: Path, sha256: str, cache: Path) -> Path:
    """Give a copy of a database that SQLite has taken the measures of; made once.

    Its planner then knows which tables are small, and a query that has lost a condition takes a
    fraction of the time.

    Raises:
        SourceError: the database cannot be read, or the cache not written.
    """
    target = _folder(sha256, cache) / "measured.sqlite"
    with blame(SourceError, f"{path}: {target} could not be made"):
        copied(path, target)
    return target


def _folder(sha256: str, cache: Path) -> Path:
    return cache / "copies" / sha256[:32]


def copied(path: Path, target: Path, change: Change | None = None, *, measure: bool = True) -> None:
    """Copy a database, change the copy and measure it, unless it is there already."""
    if target.exists():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    with alone(target, f"{target}: being made", wait=True):
        if target.exists():
            return
        scratch = target.with_suffix(f".{os.getpid()}")
        try:
            shutil.copyfile(path, scratch)
            scratch.chmod(0o600)
            with closing(sqlite3.connect(scratch, isolation_level=None)) as connection:
                connection.execute("pragma journal_mode = off")
                connection.execute("pragma synchronous = off")
                connection.execute("pragma temp_store = memory")
                connection.execute("pragma cache_size = -100000")  # KiB; else indexes spill
                connection.execute("pragma secure_delete = off")
                connection.execute("begin")
                if change is not None:
                    change(connection)
                if measure:
                    connection.execute("analyze")
                connection.execute("commit")  # no VACUUM: free pages cost nothing to read
            scratch.rename(target)
        finally:
            scratch.unlink(missing_ok=True)


def subject(path: Path) -> str | None:
    """Give the column that most tables share and that is the key of one; None where none is."""
    with closing(connect(path)) as connection:
        shared: Counter[str] = Counter()
        for table in _tables(connection):
            shared.update(_columns(connection, table))
        shared.pop("row_id", None)  # numbers the rows of each table
        for name, count in sorted(shared.items(), key=lambda item: (-item[1], item[0])):
            if count >= LEAST_TABLES and _is_key(connection, name):
                return name
    return None


def _is_key(connection: sqlite3.Connection, column: str) -> bool:
    """Whether the values of a column are unique in a table."""
    for table in _tables(connection):
        if column in _columns(connection, table):
            query = f'select count(*) = count(distinct "{column}") from "{table}"'
            if connection.execute(query).fetchone()[0]:
                return True
    return False


def _tables(connection: sqlite3.Connection) -> list[str]:
    rows = connection.execute(
        "select name from sqlite_schema where type = 'table' and name not like 'sqlite~_%'"
        " escape '~' order by 1"
    )
    return [row[0] for row in rows]


def _columns(connection: sqlite3.Connection, table: str) -> list[str]:
    return [row[1].lower() for row in connection.execute(f'pragma table_info("{table}")')]


def _reduce(connection: sqlite3.Connection, *, column: str, part: tuple[int, int]) -> None:
    """Keep the rows of part of the subjects."""
    for table in _tables(connection):
        if column in _columns(connection, table):
            connection.execute(f'delete from "{table}" where "{column}" % ? <> ?', part)


def _reorder(connection: sqlite3.Connection, *, order: str) -> None:
    """Put the rows of every table in another order, those with a whole number for a key too.

    A column declared `integer primary key` is the row's place in the table, whatever the order of
    inserting. It is declared `int primary key` in the copy, which is the same key to any query.
    """
    query = "select name, sql from sqlite_schema where type = 'index' and sql is not null"
    indexes = connection.execute(query).fetchall()
    for name, _ in indexes:  # to keep one up row by row takes ten times as long as to make it
        connection.execute(f'drop index "{name}"')
    for table in _tables(connection):
        [(sql,)] = connection.execute(
            "select sql from sqlite_schema where type = 'table' and name = ?", (table,)
        )
        connection.execute(f'create temp table mixed as select * from "{table}" order by {order}')
        connection.execute(f'drop table "{table}"')
        connection.execute(PLACE.sub("int primary key", sql))
        connection.execute(f'insert into "{table}" select * from mixed order by rowid')
        connection.execute("drop table mixed")
    for _, sql in indexes:
        connection.execute(sql)


SCRAMBLED = "(rowid * 2654435761) % 4294967296"
PLACE = re.compile(r"(\binteger\b|\"integer\")\s+primary\s+key(\s+autoincrement)?", re.IGNORECASE)
"""How a column is declared that is the row's place."""
