"""A database that the user already has, in the schema of a domain."""

from __future__ import annotations

import hashlib
import sqlite3
from contextlib import closing
from pathlib import Path

from taskkit.build.origin import Origin
from taskkit.ehr.tables.database import check_schema, row_counts
from taskkit.ehr.tables.release import CREDENTIALED
from taskkit.ehr.tables.typed import hold_to_types
from taskkit.ehr.tables.views import settle
from taskkit.errors import SourceError
from taskkit.sqlite import connect


def open_database(
    source: Path, target: Path, domain: Path, *, declared_open: bool = False
) -> Origin:
    """Copy a database to ``target`` if it is in the domain's schema; the source stays untouched.

    Nothing in a database says where its rows are from, so they are taken for credentialed ones.

    Args:
        source: The SQLite file; what it has in a write-ahead log beside it counts.
        target: The file to make: one that can be read where nothing can be written.
        domain: The folder of the domain, with schema.sql.
        declared_open: The user says that the rows may be passed on.

    Raises:
        SourceError: not a SQLite database, not in the schema, or damaged.
    """
    schema = (domain / "schema.sql").read_text("utf-8")
    check_schema(source, schema)
    partial = target.with_name(target.name + ".partial")
    partial.unlink(missing_ok=True)
    connection = connect(source, immutable=False)
    connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 1)  # the copy
    try:
        connection.execute("vacuum into ?", (str(partial),))
        require_utf8(partial, source)
        settle(partial, source, schema)
        hold_to_types(partial, source, schema)
        partial.replace(target)
    except sqlite3.Error as error:
        raise SourceError(f"{source}: cannot be copied: {error}: need a sound database") from error
    finally:
        connection.close()
        partial.unlink(missing_ok=True)
    with closing(sqlite3.connect(target)) as made:
        rows = row_counts(made)
    with target.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    if declared_open:
        return Origin(source.name, "as the user declares", "open", sha256, rows)
    return Origin(source.name, CREDENTIALED, "credentialed", sha256, rows)


def require_utf8(path: Path, source: Path) -> None:
    """Read every text of a database once.

    Args:
        path: The copy that is read.
        source: What messages name.

    Raises:
        SourceError: a text is not UTF-8; names its table.
    """
    tables = "select name from sqlite_schema where type = 'table' order by name"
    with closing(sqlite3.connect(path)) as connection:
        for (table,) in connection.execute(tables).fetchall():
            quoted = table.replace('"', '""')
            try:
                for _ in connection.execute(f'select * from "{quoted}"'):
                    pass
            except sqlite3.OperationalError as error:
                raise SourceError(
                    f"{source}: table {table}: {error}: need its texts in UTF-8"
                ) from error
