"""Which tables, columns and literals a query names, whether or not it runs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from taskkit.sql.guide.schema import Schema

AFTER = (
    "where|on|using|join|left|right|inner|cross|natural|full|outer|group|order|limit|having|union|"
    "except|intersect|set|values|window"
)
"""Keywords that may follow a table where an alias may."""
NAME = r"[\"`\[]?(\w+)[\"`\]]?"
SOURCE = re.compile(
    rf"(?:\bfrom|\bjoin|,)\s+{NAME}(?:\s+(?:as\s+)?(?!(?:{AFTER})\b){NAME})?", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Comparison:
    """A column held against a literal."""

    table: str
    column: str
    operator: str
    """`=`, `in`, `like` or `<`, which stands for all of order."""
    literal: str
    text: bool
    """The literal is a text; else a number."""


def sources(sql: str, schema: Schema) -> dict[str, str]:
    """Give each table that a query reads, by the lower-case names it has there."""
    known = {table.lower(): table for table in schema}
    found: dict[str, str] = {}
    for name, alias in SOURCE.findall(sql):
        table = known.get(name.lower())
        if table is not None:
            found[name.lower()] = table
            if alias:
                found[alias.lower()] = table
    return found


def parsed(sql: str) -> Any | None:
    """Give the tree of a query; None where it cannot be parsed, or is not one."""
    import sqlglot
    from sqlglot import errors

    try:
        return sqlglot.parse_one(sql, dialect="sqlite")
    except (errors.SqlglotError, RecursionError):
        return None


def comparisons(sql: str, schema: Schema) -> list[Comparison]:
    """Give the comparisons of a column with a literal; none where the query cannot be parsed."""
    from sqlglot import expressions

    tree = parsed(sql)
    operators: dict[type[Any], str] = {
        expressions.EQ: "=",
        expressions.Like: "like",
        expressions.GT: "<",
        expressions.GTE: "<",
        expressions.LT: "<",
        expressions.LTE: "<",
    }
    names = sources(sql, schema)
    made: list[Comparison] = []
    for node in tree.walk() if tree is not None else ():
        for operator, column, literal in pairs(node, operators):
            table = owner(column, names, schema)
            if table is not None:
                text = bool(literal.is_string)
                made.append(Comparison(table[0], table[1], operator, literal.this, text))
    return list(dict.fromkeys(made))


def pairs(node: Any, operators: dict[type[Any], str]) -> Iterator[tuple[str, Any, Any]]:
    """Give operator, column and literal of a comparison, whichever side they stand on."""
    from sqlglot import expressions

    if isinstance(node, expressions.In) and isinstance(node.this, expressions.Column):
        for item in node.expressions:
            if isinstance(item, expressions.Literal):
                yield "in", node.this, item
    elif type(node) in operators:
        for column, literal in ((node.left, node.right), (node.right, node.left)):
            if isinstance(column, expressions.Column) and isinstance(literal, expressions.Literal):
                yield operators[type(node)], column, literal


def owner(column: Any, names: dict[str, str], schema: Schema) -> tuple[str, str] | None:
    """Give the table and the declared name of a column; None where that is not plain."""
    qualifier = column.table.lower()
    if qualifier:
        tables = [names[qualifier]] if qualifier in names else []
    else:
        tables = list(dict.fromkeys(names.values()))
    wanted = column.name.lower()
    found = [(t, c.name) for t in tables for c in schema[t] if c.name.lower() == wanted]
    return found[0] if len(found) == 1 else None
