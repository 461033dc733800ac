"""Find the literals of a query that the data are at odds with."""

from __future__ import annotations

import re
import time
from itertools import islice

from taskkit.sql.guide.guide import Guide, shown
from taskkit.sql.guide.query import Comparison, comparisons
from taskkit.sql.guide.schema import quoted

LONGEST = 20_000  # characters of a query that is looked at; parsing more takes seconds
MOST = 60  # literals of it
SHOWN = 12  # remarks made
BUDGET_S = 0.5  # after which no more literals are looked at
NEAR = 5  # values offered for one that does not occur
FEW = 12  # values of a column that are all shown
TIME = re.compile(r"\d{4}-\d\d")
NUMBER = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*")


def odds(sql: str, guide: Guide) -> list[str]:
    """Say of each literal that occurs in no row, or is of another type than its column."""
    if len(sql) > LONGEST:
        return []
    begun, found = time.monotonic(), []
    for comparison in islice(comparisons(sql, guide.schema), MOST):
        if (line := at_odds(comparison, guide)) is not None:
            found.append(line)
        if len(found) == SHOWN or time.monotonic() - begun > BUDGET_S:
            break
    return found


def at_odds(comparison: Comparison, guide: Guide) -> str | None:
    """Say what is odd about one comparison."""
    name = f"{comparison.table}.{comparison.column}"
    columns = {column.name: column for column in guide.schema[comparison.table]}
    if not comparison.text:
        if columns[comparison.column].textual and comparison.operator == "<":
            return (
                f"{name} holds texts, which are compared letter by letter with "
                f"{comparison.literal}: '10' comes before '9'. Use CAST({comparison.column} "
                "AS REAL)."
            )
        return absent_number(comparison, name, guide)
    if comparison.operator not in ("=", "in"):
        return None
    if TIME.match(comparison.literal):
        return absent_time(comparison, name, guide)
    return absent_text(comparison, name, guide)


def absent_number(comparison: Comparison, name: str, guide: Guide) -> str | None:
    """Say that a number occurs in no row."""
    if comparison.operator == "<" or occurs(comparison, guide):
        return None
    return f"{comparison.literal} occurs in no row of {name}."


def absent_time(comparison: Comparison, name: str, guide: Guide) -> str | None:
    """Say that a time occurs in no row, and how the column writes times."""
    if occurs(comparison, guide):
        return None
    column, table = quoted(comparison.column), quoted(comparison.table)
    found = guide.bounded(f"SELECT {column} FROM {table} WHERE {column} IS NOT NULL LIMIT 1")
    such = f" It holds times such as {shown(found[0][0])}." if found else ""
    return (
        f"{shown(comparison.literal)} occurs in no row of {name}.{such} A day is "
        f"date({comparison.column}) = '2105-12-31'; a span is a pair of >= and <."
    )


def absent_text(comparison: Comparison, name: str, guide: Guide) -> str | None:
    """Say that a text occurs in no row, and which are near."""
    if occurs(comparison, guide):
        return None
    within = (comparison.table, comparison.column)
    wrong = f"{shown(comparison.literal)} occurs in no row of {name}."
    number, pairs = guide.frequent(*within, FEW)
    if 0 < number <= FEW:
        return f"{wrong} Its values: {', '.join(shown(text) for text, _ in pairs)}."
    hits = guide.search(comparison.literal, NEAR, within=within)
    if hits:
        return f"{wrong} Near it: {', '.join(shown(hit.text) for hit in hits)}."
    if elsewhere := [hit for hit in guide.search(comparison.literal, NEAR) if hit.score >= 90]:
        places = ", ".join(dict.fromkeys(f"{hit.table}.{hit.column}" for hit in elsewhere))
        return f"{wrong} Something like it is in {places}."
    return wrong


def occurs(comparison: Comparison, guide: Guide) -> bool:
    """Say whether a literal occurs in its column; true where finding out takes too long."""
    column, table = quoted(comparison.column), quoted(comparison.table)
    if comparison.text:
        literal = "'" + comparison.literal.replace("'", "''") + "'"
    elif NUMBER.fullmatch(comparison.literal):
        literal = comparison.literal
    else:
        return True
    found = guide.bounded(f"SELECT 1 FROM {table} WHERE {column} = {literal} LIMIT 1")
    return found is None or bool(found)
