"""Queries that run and mean something else than they seem to."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import islice
from typing import Any

from taskkit.sql.guide.guide import Guide, shown
from taskkit.sql.guide.query import owner, parsed, sources
from taskkit.sql.guide.schema import quoted

PATTERNS = (
    (
        re.compile(r"\w*(?:time|date)\s*-\s*(?:\w{1,40}\.)?\w*(?:time|date)\b", re.IGNORECASE),
        "Times are texts: subtracting one from another subtracts their years. Use julianday(a) - "
        "julianday(b), which is in days.",
    ),
    (
        re.compile(r"\(\s*'now'|\bcurrent_(?:timestamp|date|time)\b", re.IGNORECASE),
        "The clock of the machine is not that of the data: write the current time that the task "
        "states as a text.",
    ),
    (
        re.compile(r"(?:=|<>|!=)\s*null\b", re.IGNORECASE),
        "A comparison with NULL is never true: write IS NULL or IS NOT NULL.",
    ),
    (
        re.compile(r"strftime\s*\(\s*'[^']*%y[^']*'"),
        "SQLite's strftime has no %y and gives NULL: use %Y, a year of four digits.",
    ),
    (
        re.compile(r"strftime\s*\(\s*'%[mdH]'[^)]{0,200}\)\s*(?:=|<>|!=|in\s*\()\s*'\d'", re.I),
        "strftime gives months, days and hours with two digits, such as '03': '3' equals none.",
    ),
)
"""What is likely not meant, whatever the data, with what to do."""
ROW_NUMBERS = re.compile(r"\b(\w+)\.row_id\s*=\s*(\w+)\.row_id\b", re.IGNORECASE)
MOST = 5  # places of a query that one rule looks at in the data, or speaks of
LOOKED_AT = 20  # comparisons that may have a subquery
WHOLE = re.compile(
    r"count\s*\([^)]*\)\s*/\s*(?:\d+\b(?!\.)|count)|\bsum\s*\([^)]*\)\s*/\s*count", re.I
)
ZERO = re.compile(r"/\s*0+(?:\.0*)?(?![\d.])|/\s*\(")


def slips(sql: str, guide: Guide) -> list[str]:
    """Say what a query that can be run is likely not to mean."""
    found = [said for pattern, said in PATTERNS if pattern.search(sql)]
    tree = parsed(sql)
    for rule in RULES if tree is not None else ():
        with suppress(RecursionError, ValueError):  # of a tree that is too deep to be written
            found += islice(rule(tree, sql, guide), MOST)
    return list(dict.fromkeys(found))


def divisions(sql: str, value: str) -> str | None:
    """Say that a division may be why a query's only value is null or 0."""
    if value not in ("0", "0.0") and ZERO.search(sql):
        return "A division by 0 gives NULL."
    if value == "0" and WHOLE.search(sql):
        return "A whole number divided by another is cut off, 1 / 2 is 0: write 1.0 * a / b."
    return None


def shared_numbers(tree: Any, sql: str, guide: Guide) -> Iterator[str]:
    """A join of two tables on the numbers of their rows."""
    used = sources(sql, guide.schema)
    for one, other in ROW_NUMBERS.findall(sql):
        left, right = used.get(one.lower()), used.get(other.lower())
        if left is None or right is None or left == right:
            continue
        both = [n for n in guide.names(left) if n in guide.names(right) and n != "row_id"]
        how = f"Join by {' or '.join(both)}." if both else "Join by what refers to the other table."
        yield (
            f"row_id numbers the rows of each table by itself: rows of {left} and {right} that "
            f"share one have nothing to do with each other. {how}"
        )


def text_of_time(tree: Any, sql: str, guide: Guide) -> Iterator[str]:
    """A part of a time, which strftime gives as a text, that is compared with a number."""
    from sqlglot import exp

    for node in tree.find_all(exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE):
        left, right = node.left, node.right
        number = isinstance(right, exp.Literal) and not right.is_string
        call = not isinstance(left, exp.Binary) and left.sql(dialect="sqlite").lower()
        if number and str(call).startswith("strftime("):
            yield (
                f"strftime gives a text, which equals no number: write '{right.this}', or "
                "CAST(strftime(...) AS INTEGER)."
            )


def ungrouped(tree: Any, sql: str, guide: Guide) -> Iterator[str]:
    """An aggregate beside a bare column without GROUP BY; min and max give the row of their own."""
    from sqlglot import exp

    for select in tree.find_all(exp.Select):
        if select.args.get("group"):
            continue
        aggregates = [
            one
            for item in select.selects
            for one in item.find_all(exp.AggFunc)
            if one.find_ancestor(exp.Window, exp.Select) is select
        ]
        bare = [item.unalias() for item in select.selects]
        columns = [item.sql(dialect="sqlite") for item in bare if isinstance(item, exp.Column)]
        if columns and aggregates and not any(isinstance(a, exp.Min | exp.Max) for a in aggregates):
            yield (
                f"There is no GROUP BY: the aggregate is over all rows, and {columns[0]} is taken "
                f"from any one of them. Add GROUP BY {columns[0]}."
            )


def reversed_range(tree: Any, sql: str, guide: Guide) -> Iterator[str]:
    """A BETWEEN whose lower bound is the higher one."""
    from sqlglot import exp

    for node in tree.find_all(exp.Between):
        low, high = node.args["low"], node.args["high"]
        if not (isinstance(low, exp.Literal) and isinstance(high, exp.Literal)):
            continue
        texts = low.is_string and high.is_string
        if (low.this > high.this) if texts else float(low.this) > float(high.this):
            said = f"BETWEEN {low.sql()} AND {high.sql()}"
            yield f"{said} is never true: the lower value comes first."


def none_of_null(tree: Any, sql: str, guide: Guide) -> Iterator[str]:
    """NOT IN a list that holds NULL."""
    from sqlglot import exp

    for node in islice(tree.find_all(exp.Not), MOST):
        inner = node.this.args.get("query") if isinstance(node.this, exp.In) else None
        select = inner.this if inner is not None else None
        if isinstance(select, exp.Select) and len(select.selects) == 1:
            text = select.selects[0].unalias().sql(dialect="sqlite")
            query = select.sql(dialect="sqlite")
            column = select.selects[0].alias_or_name
            if guide.tried(f"SELECT 1 FROM ({query}) WHERE {quoted(column)} IS NULL LIMIT 1"):
                yield (
                    f"{text} is NULL in some rows, and NOT IN a list that holds NULL is never true:"
                    f" add WHERE {text} IS NOT NULL to the subquery."
                )


def first_of_many(tree: Any, sql: str, guide: Guide) -> Iterator[str]:
    """A subquery that is compared with = and gives several rows."""
    from sqlglot import exp

    for node in islice(tree.find_all(exp.EQ), LOOKED_AT):
        inner = next((s for s in (node.left, node.right) if isinstance(s, exp.Subquery)), None)
        if inner is None or inner.this.args.get("limit"):
            continue
        query = inner.this.sql(dialect="sqlite")
        rows = guide.tried(f"SELECT count(*) FROM ({query})")
        if rows and rows[0][0] > 1:
            other = node.left if inner is node.right else node.right
            yield (
                f"The subquery compared with {other.sql(dialect='sqlite')} gives {rows[0][0]}"
                " rows, and = takes the first of them alone: use IN."
            )


def whole_pattern(tree: Any, sql: str, guide: Guide) -> Iterator[str]:
    """A LIKE without a wildcard that no text equals."""
    from sqlglot import exp

    names = sources(sql, guide.schema)
    for node in islice(tree.find_all(exp.Like), MOST):
        if not (isinstance(node.this, exp.Column) and isinstance(node.expression, exp.Literal)):
            continue
        place, text = owner(node.this, names, guide.schema), node.expression.this
        if place is None or "%" in text or "_" in text:
            continue
        literal = text.replace("'", "''")
        where = f"FROM {quoted(place[0])} WHERE {quoted(place[1])} LIKE '{literal}' LIMIT 1"
        if guide.tried(f"SELECT 1 {where}") == []:
            yield (
                f"LIKE {shown(text)} has no %, so it means the whole text, and no row of "
                f"{place[0]}.{place[1]} is that: write LIKE '%{text}%'."
            )


def named_text(tree: Any, sql: str, guide: Guide) -> Iterator[str]:
    """A word in double quotes that is no column, which SQLite takes for a text."""
    from sqlglot import exp

    known = {name.lower() for table in guide.schema for name in guide.names(table)}
    given = {one.alias_or_name.lower() for one in tree.find_all(exp.Alias)}
    for node in tree.find_all(exp.Column):
        name = node.this
        if not isinstance(name, exp.Identifier) or node.table or f'"{name.name}"' not in sql:
            continue
        if name.quoted and name.name.lower() not in known | given:
            yield (
                f'"{name.name}" is no column, so SQLite takes it for a text: write texts in '
                f"single quotes, '{name.name}'."
            )


Rule = Callable[[Any, str, Guide], Iterator[str]]
RULES: tuple[Rule, ...] = (
    shared_numbers, text_of_time, ungrouped, reversed_range, none_of_null, first_of_many,
    whole_pattern, named_text,
)  # fmt: skip
