"""A source database: a SQLite file written once, the same bytes for the same rows."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from difflib import get_close_matches
from pathlib import Path
from types import TracebackType

from taskkit.errors import SourceError, blame
from taskkit.sqlite import connect

Value = str | int | float | None
PAGE_SIZE = 4096  # bytes; questions look up single rows through indexes
OF_READING = ("SQLITE_INTERRUPT", "SQLITE_TOOBIG", "SQLITE_ERROR", "SQLITE_CORRUPT", "SQLITE_BUSY")
CACHE_KIB = 16_384  # rows are appended and indexes sorted: more gains nothing


class DatabaseWriter:
    """Writes a database in bulk; use it in a `with`, and `finish` it inside.

    The file appears under its name only when finished. It has no journal, no statistics and no
    times of its own: the same rows in the same order give the same bytes under one SQLite version.
    Foreign keys are declared for the reader and not enforced here.
    """

    def __init__(
        self, path: Path, schema_sql: str, indexes_sql: str = "", source: Path | None = None
    ) -> None:
        """Start a file beside ``path``; the schema's tables are empty.

        Args:
            path: The file to make.
            schema_sql: Its tables.
            indexes_sql: Its indexes.
            source: What messages name, where the rows are from; ``path`` where not given.
        """
        self.path = path
        self._source = source or path
        self._partial = path.with_name(path.name + ".partial")
        self._indexes = indexes_sql
        self._partial.unlink(missing_ok=True)
        self._connection = sqlite3.connect(self._partial, isolation_level=None)
        self._connection.executescript(
            f"pragma page_size={PAGE_SIZE}; pragma journal_mode=off; pragma synchronous=off;"
            f"pragma locking_mode=exclusive; pragma cache_size=-{CACHE_KIB}; begin;"
        )
        _run_script(self._connection, schema_sql)
        self._inserts = {
            table: f"insert into {table} values ({','.join('?' * len(columns))})"
            for table, columns in tables_of(self._connection).items()
        }

    def insert(self, table: str, rows: Iterable[Sequence[Value]]) -> None:
        """Append rows, each with a value for every column of the schema, in its order.

        Raises:
            SourceError: a row breaks the schema; the message names the table and the constraint.
        """
        try:
            self._connection.executemany(self._inserts[table], rows)
        except sqlite3.IntegrityError as error:
            raise SourceError(
                f"{self._source}: table {table}: {error}: need rows that keep to it"
            ) from error
        except sqlite3.Error as error:
            if getattr(error, "sqlite_errorname", None) in OF_READING:
                raise  # of a database that the rows come from
            raise SourceError(f"{self.path}: table {table}: {error}") from error

    def finish(self) -> Path:
        """Make the indexes, close the file and give it its name."""
        with blame(SourceError, f"{self.path}: indexes"):
            _run_script(self._connection, self._indexes)
            self._connection.execute("commit")
        self._connection.close()
        self._partial.replace(self.path)
        return self.path

    def __enter__(self) -> DatabaseWriter:
        """Give the writer."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Leave no unfinished file behind."""
        self._connection.close()
        self._partial.unlink(missing_ok=True)


def _run_script(connection: sqlite3.Connection, sql: str) -> None:
    """Execute statements inside the open transaction, which `executescript` would end."""
    statement = ""
    for line in sql.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            connection.execute(statement)
            statement = ""


def tables(schema_sql: str) -> dict[str, tuple[str, ...]]:
    """Give the columns of every table that a schema declares, both in its order."""
    connection = sqlite3.connect(":memory:")
    try:
        connection.executescript(schema_sql)
        return tables_of(connection)
    finally:
        connection.close()


def tables_of(connection: sqlite3.Connection) -> dict[str, tuple[str, ...]]:
    """Give the columns of every table of a database, both in its order."""
    names = connection.execute(
        "select name from sqlite_master where type in ('table', 'view')"
        " and name not like 'sqlite_%' order by rowid"
    )
    return {
        name: tuple(
            column
            for (column,) in connection.execute(
                "select name from pragma_table_xinfo(?) where hidden <> 1", (name,)
            )
        )
        for (name,) in names.fetchall()
    }


def row_counts(connection: sqlite3.Connection) -> dict[str, int]:
    """Count the rows of every table of a database."""
    names = connection.execute(
        "select name from sqlite_schema where type = 'table' and name not like 'sqlite_%'"
    )
    return {
        name: connection.execute(f'select count(*) from "{name}"').fetchone()[0]
        for (name,) in names.fetchall()
    }


def check_schema(path: Path, schema_sql: str) -> None:
    """Hold an existing SQLite file to a schema: its tables and columns, in any case of letters.

    What the file has besides is left alone.

    Raises:
        SourceError: no such file, not a SQLite file, or what it lacks, with the nearest names.
    """
    with closing(connect(path, immutable=False)) as connection:
        try:
            found = {
                table.lower(): {column.lower() for column in columns}
                for table, columns in tables_of(connection).items()
            }
        except sqlite3.Error as error:
            raise SourceError(f"{path}: a view fails: {error}: need tables") from error
    missing = _missing(tables(schema_sql), found)
    if missing:
        raise SourceError(f"{path}: not in the schema of this domain: need {'; '.join(missing)}")


def _missing(wanted: dict[str, tuple[str, ...]], found: dict[str, set[str]]) -> list[str]:
    lines = []
    for table, columns in wanted.items():
        if table not in found:
            lines.append(f"table {table}{_nearest(table, found)}")
            continue
        for column in columns:
            if column not in found[table]:
                lines.append(f"column {table}.{column}{_nearest(column, found[table])}")
    return lines


def _nearest(name: str, names: Iterable[str]) -> str:
    near = get_close_matches(name, sorted(names), n=1)
    return f" (there is {near[0]!r})" if near else ""
