"""The values of a user's database, held to the types that the domain's schema declares."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from taskkit.ehr.tables.column import MISSING, moment
from taskkit.errors import SourceError
from taskkit.sqlite import scan

NUMERIC = re.compile(r"int|real|floa|doub|num|dec", re.IGNORECASE)
TIMED = re.compile(r"(time|date|^dob|^dod(_hosp|_ssn)?)$", re.IGNORECASE)
"""Names of the columns that hold times as texts."""
WELL_FORMED = "____-__-__ __:__:__"


def hold_to_types(database: Path, source: Path, schema_sql: str) -> None:
    """Give numbers that stand as texts their type, and times one form; refuse what loses something.

    What `sqlite3 .import` makes of CSV files has texts in every column, which compare letter by
    letter: '81' is above '5000' there.

    Args:
        database: A copy, which is changed.
        source: What messages name.

    Raises:
        SourceError: names table, column and the first value that is no number or no time.
    """
    with (
        closing(sqlite3.connect(database, isolation_level=None)) as connection,
        scan(connection, source),
    ):
        connection.create_function("moment_of", 1, _moment, deterministic=True)
        for table, sql, columns in _declared(schema_sql):
            numbers = [name for name, kind in columns if NUMERIC.search(kind)]
            if any(_textual(connection, table, name) for name in numbers):
                _retyped(connection, table, sql, [name for name, _ in columns])
            for name in numbers:
                _refuse(connection, source, table, name, "typeof({0}) = 'text'", "a number")
            for name, _ in columns:
                if TIMED.search(name):
                    _timed(connection, source, table, name)


def _declared(schema_sql: str) -> Iterator[tuple[str, str, list[tuple[str, str]]]]:
    """Give each table of a schema with its statement, and its columns with their types."""
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(schema_sql)
        query = "select name, sql from sqlite_schema where type = 'table' order by rowid"
        for table, sql in connection.execute(query).fetchall():
            found = connection.execute(f'pragma table_info("{table}")').fetchall()
            yield table, sql, [(row[1], row[2]) for row in found]


def _textual(connection: sqlite3.Connection, table: str, column: str) -> bool:
    query = f'select exists (select 1 from "{table}" where typeof("{column}") = \'text\')'
    return bool(connection.execute(query).fetchone()[0])


def _retyped(connection: sqlite3.Connection, table: str, sql: str, columns: list[str]) -> None:
    """Write a table anew as the domain declares it; texts that are numbers become numbers.

    Where numbers stood as texts, a missing value did too.
    """
    kind = connection.execute(
        "select type, name from sqlite_schema where lower(name) = ?", (table.lower(),)
    ).fetchone()
    if kind[0] != "table":
        return  # a view, whose tables are not ours
    markers = ", ".join(f"'{one}'" for one in sorted(MISSING))
    given = ", ".join(f'case when "{c}" in ({markers}) then null else "{c}" end' for c in columns)
    indexes = connection.execute(
        "select sql from sqlite_schema where type = 'index' and sql is not null"
        " and lower(tbl_name) = ?",
        (table.lower(),),
    ).fetchall()
    connection.execute("pragma legacy_alter_table = on")  # else others would refer to the renamed
    connection.execute("begin")
    connection.execute(f'alter table "{kind[1]}" rename to "untyped rows"')
    connection.execute(sql)
    connection.execute(f'insert into "{table}" select {given} from "untyped rows" order by rowid')
    connection.execute('drop table "untyped rows"')
    for (index,) in indexes:
        connection.execute(index)
    connection.execute("commit")


def _timed(connection: sqlite3.Connection, source: Path, table: str, column: str) -> None:
    """Give the times of a column the form `YYYY-MM-DD HH:MM:SS`."""
    name = f'"{column}"'
    odd = f"typeof({name}) = 'text' and {name} not like '{WELL_FORMED}'"
    query = f'select exists (select 1 from "{table}" where {odd})'
    if connection.execute(query).fetchone()[0]:
        _refuse(connection, source, table, column, f"{odd} and moment_of({{0}}) is null", "a time")
        connection.execute(f'update "{table}" set {name} = moment_of({name}) where {odd}')
    _refuse(
        connection, source, table, column, "typeof({0}) in ('integer', 'real')",
        "a time as text, such as 2105-12-31 23:59:00",
    )  # fmt: skip


def _refuse(
    connection: sqlite3.Connection, source: Path, table: str, column: str, fault: str, need: str
) -> None:
    """Raise for the first row where a condition on a column holds."""
    where = fault.format(f'"{column}"')
    found = connection.execute(
        f'select rowid, "{column}" from "{table}" where {where} limit 1'
    ).fetchone()
    if found is not None:
        value = str(found[1])[:60]
        raise SourceError(
            f"{source}: table {table}, row {found[0]}: {column}: {value!r}: need {need}"
        )


def _moment(raw: object) -> str | None:
    """Give a time in its one form; None of what is none."""
    try:
        return moment(str(raw))
    except ValueError:
        return None
