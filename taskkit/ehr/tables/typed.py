"""The values of a user's database, held to the types that the domain's schema declares."""

from __future__ import annotations

import math
import re
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

from taskkit.ehr.tables.column import decoded, integer, marked, moment, number
from taskkit.ehr.tables.repeats import Repeats
from taskkit.errors import SourceError

FEW_ROWS = 100_000  # of a view over a small file; a row of a table takes a byte for each column
Value = str | int | float | None
WHOLE = re.compile(r"int", re.IGNORECASE)
NUMERIC = re.compile(r"real|floa|doub|num|dec", re.IGNORECASE)
TIMED = re.compile(r"(time|date|^dob|^dod(_hosp|_ssn)?)$", re.IGNORECASE)
"""Names of the columns that hold times as texts."""


def typed(
    connection: sqlite3.Connection,
    source: Path,
    table: str,
    columns: Sequence[tuple[str, str]],
    *,
    markers: bool = True,
) -> Iterator[tuple[Value, ...]]:
    """Give the rows of a table: texts that are numbers as numbers, and times in one form.

    What `sqlite3 .import` makes of CSV files has texts in every column, which compare letter by
    letter: '81' is above '5000' there.

    Args:
        connection: The database.
        source: What messages name.
        table: The table, or a view that stands for one.
        columns: Those wanted, with the types that they are declared to have.
        markers: Marks of missing values, such as NA, are that in columns of texts too.

    Raises:
        SourceError: names table, row, column and the first value that would lose something.
    """
    readers = [_reader(name, kind, markers=markers) for name, kind in columns]
    repeats = Repeats(table, [name for name, _ in columns])
    limit = max(FEW_ROWS, source.stat().st_size // len(columns))
    wanted = ", ".join(f'"{name}"' for name, _ in columns)
    numbered = _numbered(connection, table)
    query = f'select {"rowid" if numbered else "null"}, {wanted} from "{table}"'
    cursor = connection.execute(query + " order by rowid" * numbered)
    try:
        for count, (given, *row) in enumerate(cursor, 1):
            if count > limit:
                raise SourceError(
                    f"{source}: table {table}: more than {limit:,} rows, which no file of its size"
                    " has: need tables, not views without an end"
                )
            if repeats.by and f"{row[repeats.by]}".endswith(repeats.end):
                repeats.twice([str(value) for value in row], count)
            try:
                yield tuple([read(value) for read, value in zip(readers, row, strict=True)])
            except ValueError:
                place = f"{source}: table {table}, row {given if numbered else count}"
                raise _located(place, columns, readers, row) from None
        if repeats.many:
            raise SourceError(f"{source}: table {table}: many rows stand twice: need each once")
    except sqlite3.OperationalError as error:
        if "decode" in f"{error}":
            raise SourceError(
                f"{source}: table {table}: {error}: need its texts in UTF-8"
            ) from error
        raise


def declared(schema_sql: str) -> dict[str, list[tuple[str, str]]]:
    """Give the columns of each table that a schema declares, with their types."""
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(schema_sql)
        query = "select name from sqlite_schema where type = 'table' order by rowid"
        return {
            table: [
                (row[1], row[2])
                for row in connection.execute(f'pragma table_info("{table}")').fetchall()
            ]
            for (table,) in connection.execute(query).fetchall()
        }


def _numbered(connection: sqlite3.Connection, table: str) -> bool:
    """Whether rows have a number: those of a view have none, nor those of some tables."""
    try:
        found = connection.execute(f'select rowid from "{table}" limit 1').fetchone()
    except sqlite3.OperationalError:
        return False
    return found is not None and found[0] is not None


def _reader(name: str, kind: str, *, markers: bool) -> Callable[[object], Value]:
    if WHOLE.search(kind):
        return _integer
    if NUMERIC.search(kind):
        return _number
    if TIMED.search(name):
        return _time
    return _text if markers else _verbatim


def _integer(value: object) -> Value:
    if value is None or isinstance(value, int):
        return value
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str):
        return None if _absent(value) else integer(value)
    raise ValueError(f"{_shown(value)}: need a whole number")


def _number(value: object) -> Value:
    if value is None or isinstance(value, int):
        return value
    if isinstance(value, float) and math.isfinite(value):
        return value
    if isinstance(value, str):
        return None if _absent(value) else number(value)
    raise ValueError(f"{_shown(value)}: need a number")


def _time(value: object) -> Value:
    if value is None:
        return None
    if not isinstance(value, str):
        raise ValueError(f"{_shown(value)}: need a time as text, such as 2105-12-31 23:59:00")
    return None if _absent(value) else moment(value)


def _text(value: object) -> Value:
    return None if isinstance(value, str) and marked(value) else _verbatim(value)


def _verbatim(value: object) -> Value:
    if isinstance(value, str):
        return decoded(value)
    if value is None or isinstance(value, int | float):
        return value
    raise ValueError(f"{_shown(value)}: need text")


def _absent(value: str) -> bool:
    return not value.strip() or marked(value)


def _shown(value: object) -> str:
    return repr(value if isinstance(value, str) else str(value))[:60]


def _located(
    place: str,
    columns: Sequence[tuple[str, str]],
    readers: Sequence[Callable[[object], Value]],
    row: Sequence[object],
) -> SourceError:
    for (name, _), read, value in zip(columns, readers, row, strict=True):
        try:
            read(value)
        except ValueError as error:
            return SourceError(f"{place}: {name}: {error}")
    return SourceError(f"{place}: unreadable")
