"""What a second engine is: copies of databases, and queries over a copy within limits."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Literal, Protocol

from pydantic import JsonValue

from taskkit.ehr.tables.database import tables_of
from taskkit.sql.engines.translation import Dialect
from taskkit.sqlite import connect, scan
from taskkit.verify.engine_results import EngineCode, EngineName

QUERY_S = 30.0  # seconds of one query; SQLite took at most a few
MAX_ROWS = 1000
SHOWN = 300  # characters of a message or a result that a finding keeps
Kind = Literal["integer", "real", "text", "blob"]


class EngineError(Exception):
    """A query that an engine refuses, or that goes beyond its limits."""

    def __init__(self, code: EngineCode, detail: str) -> None:
        """Say what it means for the instance.

        Args:
            code: What the refusal shows of the query.
            detail: What the engine says; of `untranslated`, the construct.
        """
        super().__init__(detail)
        self.code, self.detail = code, detail


class Engine(Protocol):
    """An open copy, read by one process."""

    @property
    def dialect(self) -> Dialect:
        """How its SQL is written."""
        ...

    def rows(self, sql: str) -> tuple[int, list[list[JsonValue]]]:
        """Give the number of columns and the rows, as plain values.

        Raises:
            EngineError: the engine refuses the query, or it takes too long or gives too many rows.
            MissingError: the engine is gone.
        """
        ...

    def close(self) -> None:
        """Let go of it."""
        ...


class Copy(Protocol):
    """Where a copy of a database is; worker processes get it and open it."""

    def open(self) -> Engine:
        """Open the copy."""
        ...


class Copier(Protocol):
    """Makes copies of SQLite databases in an engine."""

    @property
    def name(self) -> EngineName:
        """What the command line calls the engine."""
        ...

    def copy(self, source: Path, sha256: str) -> Copy:
        """Give a copy of a database, made now unless it is there already.

        Args:
            source: The SQLite file.
            sha256: Digest of its bytes.

        Raises:
            MissingError: the engine is gone.
            SourceError: the database cannot be read.
        """
        ...

    def close(self) -> None:
        """Remove what no later run can use."""
        ...


@dataclass(frozen=True)
class Column:
    """A column of a SQLite database, by what it holds: SQLite checks no declaration."""

    name: str
    kind: Kind


@contextmanager
def original(path: Path) -> Iterator[Original]:
    """Open a SQLite database that is copied.

    Raises:
        SourceError: it is none, or a view of it has no end.
    """
    with closing(connect(path)) as connection, scan(connection, path):
        yield Original(connection)


class Original:
    """A SQLite database that is copied."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        """Read through an open connection."""
        self._connection = connection

    def tables(self) -> Iterator[tuple[str, list[Column]]]:
        """Give every table with its columns, both in the schema's order."""
        for table, names in tables_of(self._connection).items():
            yield table, [Column(name, self._kind(table, name)) for name in names]

    def _kind(self, table: str, column: str) -> Kind:
        query = f'select distinct typeof("{column}") from "{table}"'
        found: set[Kind] = {kind for (kind,) in self._connection.execute(query)} - {"null"}
        if found == {"integer", "real"}:
            return "real"
        return found.pop() if len(found) == 1 else "text"

    def rows(self, table: str) -> Iterator[tuple[object, ...]]:
        """Give every row of a table."""
        with closing(self._connection.execute(f'select * from "{table}"')) as cursor:
            yield from cursor


def as_sqlite(cell: object) -> JsonValue:
    """Give a value as SQLite would: truth is a whole number, a time is text."""
    if cell is None or isinstance(cell, int | float | str):
        return int(cell) if isinstance(cell, bool) else cell
    if isinstance(cell, Decimal):
        whole = cell.is_finite() and cell.as_tuple().exponent == 0
        return int(cell) if whole else float(cell)
    return str(cell)
