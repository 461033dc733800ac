"""Views in place of a database's tables: their rows are written down once, within bounds."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from taskkit.ehr.tables.database import tables
from taskkit.errors import SourceError

GRAIN = 1_000_000  # SQLite instructions between two looks at the budget
BUDGET = 2_000  # looks, about a minute; a view can go on without end
MAX_VALUE = 1 << 24  # bytes of one value; no hospital writes as long a text


def bound(connection: sqlite3.Connection, schema_sql: str) -> list[str]:
    """Bound the work that a database asks for where tables are views; give their names.

    A value that is too long is an error of SQLite's, and so is a query that takes too long.
    """
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MAX_VALUE)
    views = connection.execute("select name from sqlite_schema where type = 'view'").fetchall()
    needed = set(tables(schema_sql))
    found = [name for (name,) in views if name.lower() in needed]
    if found:
        left = BUDGET

        def tick() -> int:
            nonlocal left
            left -= 1
            return int(left < 0)

        connection.set_progress_handler(tick, GRAIN)
    return found


def settle(database: Path, source: Path, schema_sql: str) -> None:
    """Put a table in the place of every view that stands for one.

    Args:
        database: A copy, which is changed.
        source: What messages name.
        schema_sql: The tables of the domain.

    Raises:
        SourceError: a view does not come to its end, or has a value without measure.
    """
    columns = tables(schema_sql)
    connection = sqlite3.connect(database, isolation_level=None)
    try:
        connection.execute("pragma legacy_alter_table = on")  # other views may name it
        for name in bound(connection, schema_sql):
            wanted = ", ".join(f'"{column}"' for column in columns[name.lower()])
            try:
                connection.execute(f'create table "rows of it" as select {wanted} from "{name}"')
            except sqlite3.Error as error:
                raise SourceError(
                    f"{source}: {name} is a view, which fails ({error}): need a table"
                ) from error
            connection.execute(f'drop view "{name}"')
            connection.execute(f'alter table "rows of it" rename to "{name}"')
    finally:
        connection.close()
