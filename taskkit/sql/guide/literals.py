"""Find the literals of a query that the data are at odds with."""

from __future__ import annotations

import re
import time
from itertools import islice

from taskkit.sql.guide.guide import Guide, shown
from taskkit.sql.guide.index import Hit
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


def odds(sql: str, guide: Guide, *, vain: bool = False) -> list[str]:
    """Say of each literal that occurs in no row, or is of another type than its column.

    Args:
        vain: The query found nothing: say of each bound, too, that lies beyond all values.
    """
    if len(sql) > LONGEST:
        return []
    begun, found = time.monotonic(), []
    for comparison in islice(comparisons(sql, guide.schema), MOST):
        line = at_odds(comparison, guide) or (beyond(comparison, guide) if vain else None)
        if line is not None:
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
    if spelt := otherwise(comparison, guide):
        return f"{wrong} {spelt}"
    found = guide.search(comparison.literal, NEAR)
    wanted = comparison.literal.strip().lower()
    if same := [hit for hit in found if hit.kind == "value" and hit.text.lower() == wanted]:
        places = ", ".join(dict.fromkeys(f"{hit.table}.{hit.column}" for hit in same))
        return f"{wrong} {shown(same[0].text)} is in {places}{coded(comparison, same[0], guide)}"
    number, pairs = guide.frequent(*within, FEW)
    if 0 < number <= FEW:
        return f"{wrong} Its values: {', '.join(shown(text) for text, _ in pairs)}."
    hits = guide.search(comparison.literal, NEAR, within=within)
    if hits:
        return f"{wrong} Near it: {', '.join(shown(hit.text) for hit in hits)}."
    if elsewhere := [hit for hit in found if hit.score >= 90]:
        places = ", ".join(dict.fromkeys(f"{hit.table}.{hit.column}" for hit in elsewhere))
        return f"{wrong} Something like it is in {places}."
    return (
        f"{wrong} Nothing is written like it: the data may have another name for it. Look at the "
        'values with request_info, "about": "values", or search for a part of it.'
    )


def otherwise(comparison: Comparison, guide: Guide) -> str | None:
    """Say that a text occurs in another case, or without its outer blanks."""
    column, table = quoted(comparison.column), quoted(comparison.table)
    literal = "'" + comparison.literal.strip().replace("'", "''") + "'"
    found = guide.bounded(
        f"SELECT {column} FROM {table} WHERE {column} = {literal} COLLATE NOCASE LIMIT 1"
    )
    if not found:
        return None
    return f"The data write it {shown(found[0][0])}: case and blanks count."


def coded(comparison: Comparison, hit: Hit, guide: Guide) -> str:
    """Say how a name in a dictionary leads to the column that it was compared with."""
    names = guide.names(hit.table)
    if comparison.column not in names or hit.column == comparison.column:
        return "."
    return (
        f": {comparison.column} IN (SELECT {comparison.column} FROM {hit.table} WHERE "
        f"{hit.column} = {shown(hit.text)})."
    )


def beyond(comparison: Comparison, guide: Guide) -> str | None:
    """Say that a bound lies beyond all values of its column."""
    if comparison.operator != "<":
        return None
    column, table = quoted(comparison.column), quoted(comparison.table)
    found = guide.bounded(f"SELECT min({column}), max({column}) FROM {table}")
    if not found or found[0][0] is None:
        return None
    low, high = found[0]
    if comparison.text:
        outside = isinstance(low, str) and not low <= comparison.literal <= str(high)
    elif isinstance(low, str) or not NUMBER.fullmatch(comparison.literal):
        return None
    else:
        outside = not low <= float(comparison.literal) <= high
    if not outside:
        return None
    literal = shown(comparison.literal) if comparison.text else comparison.literal
    return (
        f"{literal} lies beyond {comparison.table}.{comparison.column}, which "
        f"runs from {shown(low)} to {shown(high)}."
    )


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
