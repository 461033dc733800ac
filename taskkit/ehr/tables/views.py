"""Views in place of a database's tables: their rows are written down once, within bounds."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from taskkit.ehr.tables.database import tables
from taskkit.errors import SourceError
from taskkit.sqlite import MAX_VALUE, scan


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
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MAX_VALUE)
        connection.execute("pragma legacy_alter_table = on")  # other views may name it
        query = "select name from sqlite_schema where type = 'view'"
        for (name,) in connection.execute(query).fetchall():
            if name.lower() in columns:
                wanted = ", ".join(f'"{column}"' for column in columns[name.lower()])
                made = f'create table "rows of it" as select {wanted} from "{name}"'
                try:
                    with scan(connection, source):
                        connection.execute(made)
                except sqlite3.Error as error:
                    raise SourceError(
                        f"{source}: {name} is a view, which fails ({error}): need a table"
                    ) from error
                connection.execute(f'drop view "{name}"')
                connection.execute(f'alter table "rows of it" rename to "{name}"')
