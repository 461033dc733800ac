"""How databases name their patients: by a number in MIMIC, by a text in eICU."""

from __future__ import annotations

import re
import sqlite3

from taskkit.sqlite import run

Person = int | str
COLUMNS = {"patients": "subject_id", "patient": "uniquepid"}
"""The table of patients, and its column that names them."""
NAMES = frozenset(COLUMNS.values())
UNIT_EVENTS = frozenset(
    {"diagnosis", "treatment", "lab", "medication", "allergy", "intakeoutput", "microlab"}
    | {"vitalperiodic"}
)
"""Tables of eICU that name a stay in a unit, and no patient."""
MENTION = re.compile(r"\b((?:patient|subject)(?: id)? )(\d+(?:-\d+)?)\b", re.IGNORECASE)
"""A patient named in a question, after a word that says so."""


def people(connection: sqlite3.Connection) -> list[Person]:
    """Give the patients of a database, in order; none of one that names them otherwise."""
    for table, column in COLUMNS.items():
        names = run(connection, f"select name from pragma_table_info('{table}')").rows
        if column in {str(row[0]).lower() for row in names}:
            sql = f"select distinct {column} from {table} where {column} is not null order by 1"
            rows = run(connection, sql, max_rows=1_000_000).rows
            return [row[0] for row in rows if isinstance(row[0], (int, str))]
    return []


def person_column(table: str, alias: str) -> str | None:
    """Give the column that names the patient in a table with an alias, or None."""
    if table.startswith("d_") or table in UNIT_EVENTS:
        return None
    return f"{alias}.{COLUMNS.get(table, 'subject_id')}"


def written(person: Person) -> str:
    """Write a patient as SQL."""
    return str(person) if isinstance(person, int) else "'" + person.replace("'", "''") + "'"
