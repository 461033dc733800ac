"""A database in the MIMICSQL schema that the user already has, such as TREQS's own mimic.db."""

from __future__ import annotations

import hashlib
import sqlite3
from pathlib import Path

from taskkit.build.origin import Origin
from taskkit.ehr.tables.database import DatabaseWriter, check_schema, tables
from taskkit.ehr.tables.release import CREDENTIALED
from taskkit.ehr.tables.typed import hold_to_types
from taskkit.errors import SourceError
from taskkit.sqlite import connect, scan


def open_treqs(source: Path, target: Path, domain: Path, *, declared_open: bool = False) -> Origin:
    """Copy the five tables to ``target``, in our types and with our indexes.

    TREQS declares ids as texts and years as decimals; here they are whole numbers, whatever the
    source has, so that one question has one answer. Nothing in a database says where its rows are
    from, so they are taken for credentialed ones.

    Args:
        source: The SQLite file; it stays untouched.
        target: The file to make; appears only when it is whole.
        domain: The folder of the domain treqs.
        declared_open: The user says that the rows may be passed on.

    Raises:
        SourceError: not a SQLite database, not in the schema, or rows that break it.
    """
    schema = (domain / "schema.sql").read_text("utf-8")
    check_schema(source, schema)
    indexes = (domain / "indexes.sql").read_text("utf-8")
    connection = connect(source, immutable=False)
    try:
        with scan(connection, source), DatabaseWriter(target, schema, indexes) as writer:
            for table, columns in tables(schema).items():
                query = f"select {', '.join(columns)} from {table} order by rowid"
                writer.insert(table, connection.execute(query))
            writer.finish()
        hold_to_types(target, source, schema)
    except sqlite3.Error as error:
        raise SourceError(f"{source}: cannot be copied: {error}: need a sound database") from error
    finally:
        connection.close()
    with target.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    if declared_open:
        return Origin(source.name, "as the user declares", "open", sha256)
    return Origin(source.name, CREDENTIALED, "credentialed", sha256)
