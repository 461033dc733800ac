"""Spell the values of a query as the database does, where only the case of letters differs."""

from __future__ import annotations

import sqlite3
from functools import lru_cache

from sqlglot import exp

from taskkit.sql.questions.slot import slot_of

Spellings = dict[str, str | None]
"""Lower-case value to the one value that it stands for; None where it could be several."""


def respelled(tree: exp.Query, connection: sqlite3.Connection) -> exp.Query:
    """Give a copy whose texts are in the case that the database has them in.

    Copies of the question set exist with all texts in lower case; those would find nothing. A
    value that the database has as it stands, or in two cases, or not at all, is left alone.
    """
    copy = tree.copy()
    for literal in list(copy.find_all(exp.Literal)):
        slot = slot_of(literal)
        if slot is None or not slot.is_string:
            continue
        known = _spellings(connection, slot.table, slot.column)
        if right := known.get(slot.text.lower()):
            literal.replace(exp.Literal.string(right))
    return copy


@lru_cache(maxsize=64)
def _spellings(connection: sqlite3.Connection, table: str, column: str) -> Spellings:
    found: Spellings = {}
    query = f"select distinct {column} from {table}"  # names that sqlglot has parsed
    try:
        for (value,) in connection.execute(query):
            if isinstance(value, str):
                key = value.lower()
                found[key] = None if key in found else value
    except sqlite3.Error:
        return {}
    return found
