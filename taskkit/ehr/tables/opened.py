"""A database that the user already has, in the schema of a domain."""

from __future__ import annotations

import hashlib
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from taskkit.build.origin import Origin
from taskkit.ehr.tables.database import DatabaseWriter, check_schema, row_counts, tables_of
from taskkit.ehr.tables.relations import relations
from taskkit.ehr.tables.release import CREDENTIALED
from taskkit.ehr.tables.typed import Value, declared, typed
from taskkit.errors import SourceError
from taskkit.sqlite import connect, scan

UNIQUE = re.compile(r"UNIQUE constraint failed: \w+\.(\w+)")


def open_database(
    source: Path,
    target: Path,
    domain: Path,
    *,
    declared_open: bool = False,
    markers: bool = True,
) -> Origin:
    """Copy the tables of a domain from a database, in the domain's types and with its indexes.

    Nothing in a database says where its rows are from, so they are taken for credentialed ones.

    Args:
        source: The SQLite file, which stays untouched; what it has in a write-ahead log beside it
            counts.
        target: The file to make; appears only when it is whole.
        domain: The folder of the domain, with schema.sql.
        declared_open: The user says that the rows may be passed on.
        markers: Marks of missing values, such as NA, are that in columns of texts too.

    Raises:
        SourceError: not a SQLite database, not in the schema, damaged, or rows that break it.
    """
    schema = (domain / "schema.sql").read_text("utf-8")
    check_schema(source, schema)
    indexes = domain / "indexes.sql"
    wanted = declared(schema)
    with closing(connect(source, immutable=False)) as connection:
        besides = sorted({one.lower() for one in tables_of(connection)} - set(wanted))
        notes = [f"{', '.join(besides)}: not in the schema of this domain"] if besides else []
        try:
            with (
                scan(connection, source),
                DatabaseWriter(
                    target, schema, indexes.read_text("utf-8") if indexes.exists() else "", source
                ) as writer,
            ):
                for table, columns in wanted.items():
                    rows = typed(connection, source, table, columns, markers=markers)
                    _insert(writer, connection, table, rows)
                writer.finish()
        except sqlite3.Error as error:
            raise SourceError(
                f"{source}: cannot be copied: {error}: need a sound database"
            ) from error
    with closing(sqlite3.connect(target)) as made:
        counts = row_counts(made)
        try:
            notes += relations(made, source, wanted)
        except SourceError:
            target.unlink()
            raise
    with target.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    name = source.name.encode("utf-8", "backslashreplace").decode()  # a name may be no text
    if declared_open:
        return Origin(name, "as the user declares", "open", sha256, counts, tuple(notes))
    return Origin(name, CREDENTIALED, "credentialed", sha256, counts, tuple(notes))


def _insert(
    writer: DatabaseWriter,
    connection: sqlite3.Connection,
    table: str,
    rows: Iterator[tuple[Value, ...]],
) -> None:
    """Write the rows of a table; of a value that stands twice, say which it is."""
    try:
        writer.insert(table, rows)
    except SourceError as error:
        found = UNIQUE.search(f"{error}")
        if found is None:
            raise
        column = found[1]
        query = f'select {column} from "{table}" group by {column} having count(*) > 1'
        (value,) = connection.execute(f"{query} order by {column} limit 1").fetchone() or (None,)
        raise SourceError(f"{error} (such as {column} {value!r})") from error
