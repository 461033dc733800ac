"""What the tables of a database say of one another: whose a stay is, and that stays end."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from taskkit.errors import SourceError

STAYS = "admissions"
PATIENT, STAY = "subject_id", "hadm_id"
START, END = "admittime", "dischtime"


def relations(
    connection: sqlite3.Connection,
    source: Path,
    tables: Mapping[str, Sequence[tuple[str, str]]],
) -> Iterator[str]:
    """Say what of a database cannot be so, a line each; nothing where there are no admissions.

    Args:
        connection: The database.
        source: What messages name.
        tables: The columns of its tables, with their types.

    Raises:
        SourceError: a row is of another patient than its admission.
    """
    names = {table: {name for name, _ in columns} for table, columns in tables.items()}
    if not {PATIENT, STAY, START, END} <= names.get(STAYS, set()):
        return
    yield from _backwards(connection)
    for table in sorted(names):
        if table == STAYS or not {PATIENT, STAY} <= names[table]:
            continue
        query = (
            f"select e.{STAY}, e.{PATIENT}, a.{PATIENT} from {table} e join {STAYS} a"
            f" on a.{STAY} = e.{STAY} where e.{PATIENT} <> a.{PATIENT} limit 1"
        )
        for stay, patient, owner in connection.execute(query):
            raise SourceError(
                f"{source}: table {table}: {STAY} {stay}: of {PATIENT} {patient}, in {STAYS} of"
                f" {owner}: need tables of one release"
            )
        query = (
            f"select count(*), min({STAY}) from {table}"
            f" where {STAY} not in (select {STAY} from {STAYS})"
        )
        count, first = connection.execute(query).fetchone()
        if count:
            yield f"{table}: {count:,} rows whose {STAY} is not in {STAYS}, such as {first}"


def _backwards(connection: sqlite3.Connection) -> Iterator[str]:
    query = f"select count(*), min({STAY}) from {STAYS} where {END} < {START}"
    count, first = connection.execute(query).fetchone()
    if count:
        yield f"{STAYS}: {count:,} that end before they begin, such as {STAY} {first}"
