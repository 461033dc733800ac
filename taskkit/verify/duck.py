"""A copy of a SQLite database in DuckDB, and queries over it within limits."""

from __future__ import annotations

import csv
import sqlite3
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from threading import Timer
from types import ModuleType
from typing import TYPE_CHECKING

from pydantic import JsonValue

from taskkit.errors import MissingError, SourceError, blame
from taskkit.sources.database import tables_of
from taskkit.verify.translation import MACROS

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

NULL = "\\N"  # how a NULL stands in the file that goes between the two
MEMORY = "1GB"
QUERY_S = 30.0  # seconds of one query; SQLite took at most a few
MAX_ROWS = 1000
KINDS = {"integer": "bigint", "real": "double", "text": "varchar"}


class EngineError(Exception):
    """A query that DuckDB refuses, or that goes beyond its limits; the message is DuckDB's."""


def copy(source: Path, target: Path) -> Path:
    """Write every table of a SQLite database to a DuckDB file, each column in its values' type.

    Raises:
        MissingError: DuckDB is not installed.
        SourceError: the database cannot be read.
    """
    duckdb = _engine()
    passing = target.with_name(f"{target.name}.csv")
    uri = f"{source.absolute().as_uri()}?mode=ro&immutable=1"
    try:
        with (
            blame(SourceError, f"{source}: copying to DuckDB"),
            closing(sqlite3.connect(uri, uri=True)) as given,
            duckdb.connect(str(target)) as made,
        ):
            for macro in MACROS:
                made.execute(macro)
            for table, columns in tables_of(given).items():
                kinds = [f'"{name}" {_kind(given, table, name)}' for name in columns]
                made.execute(f'create table "{table}" ({", ".join(kinds)})')
                with passing.open("w", encoding="utf-8", newline="") as file:
                    rows = given.execute(f'select * from "{table}"')
                    csv.writer(file).writerows(
                        [NULL if cell is None else cell for cell in row] for row in rows
                    )
                made.execute(
                    f"copy \"{table}\" from '{passing}' (header false, nullstr '{NULL}',"
                    " delimiter ',', quote '\"', escape '\"', auto_detect false)"
                )
    finally:
        passing.unlink(missing_ok=True)
    return target


def _kind(given: sqlite3.Connection, table: str, column: str) -> str:
    """Give DuckDB's type of a column, by what it holds: SQLite checks no declaration."""
    query = f'select distinct typeof("{column}") from "{table}"'
    found = {kind for (kind,) in given.execute(query)} - {"null"}
    if found == {"integer", "real"}:
        return "double"
    return KINDS.get(found.pop(), "varchar") if len(found) == 1 else "varchar"


class Duck:
    """A copy that is read: by one thread, with bounded memory, without files or network."""

    def __init__(self, path: Path) -> None:
        limits = {
            "threads": 1,
            "memory_limit": MEMORY,
            "enable_external_access": False,
            "ieee_floating_point_ops": False,  # as in SQLite, a division by zero is NULL
            "lock_configuration": True,
        }
        self._connection: DuckDBPyConnection = _engine().connect(
            str(path), read_only=True, config=limits
        )

    def rows(self, sql: str) -> tuple[int, list[list[JsonValue]]]:
        """Give the number of columns and the rows, as plain values.

        Raises:
            EngineError: DuckDB refuses the query, or it takes too long or gives too many rows.
        """
        duckdb = _engine()
        watch = Timer(QUERY_S, self._connection.interrupt)
        watch.start()
        try:
            done = self._connection.execute(sql)
            width, rows = len(done.description or ()), done.fetchmany(MAX_ROWS + 1)
        except duckdb.Error as error:
            raise EngineError(str(error)) from error
        finally:
            watch.cancel()
        if len(rows) > MAX_ROWS:
            raise EngineError(f"more than {MAX_ROWS} rows")
        return width, [[_plain(cell) for cell in row] for row in rows]

    def close(self) -> None:
        """Close the file."""
        self._connection.close()


def _plain(cell: object) -> JsonValue:
    if cell is None or isinstance(cell, int | float | str):
        return int(cell) if isinstance(cell, bool) else cell
    return float(cell) if isinstance(cell, Decimal) else str(cell)


def _engine() -> ModuleType:
    try:
        import duckdb
    except ImportError as error:
        raise MissingError(
            "duckdb is not installed: --cross-check duckdb needs it: pip install 'taskkit[sql]'"
        ) from error
    return duckdb
