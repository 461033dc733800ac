"""A SQLite query in another engine's SQL, as far as there is one that means the same."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError

DATE, DATETIME = "sqlite_date", "sqlite_datetime"  # functions that each copy has
TIMES = frozenset({"date", "time", "datetime", "julianday", "strftime", "unixepoch", "timediff"})
FORMATS = frozenset("YmdHMSjw")  # of strftime: those that both engines read alike
_NUMBER = re.compile(r"\d+")
Dependence = Literal["integer_division", "like_case"]
"""What SQLite does otherwise without being asked: `/` of whole numbers, LIKE in any case."""
Change = Callable[[exp.Expr], exp.Expr]


class UntranslatedError(Exception):
    """A construct without a counterpart; its name, with numbers as N."""


@dataclass(frozen=True)
class Dialect:
    """How an engine's SQL is written."""

    name: str
    """What sqlglot calls it."""
    title: str
    """What people call the engine."""
    change: Change
    """Gives a whole query as the engine says it, where sqlglot does not know."""
    divide: Change
    """Gives a node with SQLite's `/` of whole numbers spelled out."""


def translated(sql: str, dialect: Dialect) -> exp.Expr:
    """Give the query as a tree that the engine can be asked, but for what is a `Dependence`.

    Raises:
        UntranslatedError: it uses what has no counterpart, such as a date modifier.
    """
    try:
        tree = parse_one(sql, dialect="sqlite")
    except (SqlglotError, RecursionError) as error:
        raise UntranslatedError("not for sqlglot") from error

    def common(node: exp.Expr) -> exp.Expr:
        if isinstance(node, exp.Anonymous):
            return _function(node)
        if isinstance(node, exp.Date):
            return exp.Anonymous(this=DATE, expressions=[node.this])
        if isinstance(node, exp.TimeToStr):
            _check(node)
        return node

    return dialect.change(tree.transform(common))


def emulated(tree: exp.Expr, dependence: Dependence, dialect: Dialect) -> exp.Expr | None:
    """Give the tree with one of SQLite's own ways spelled out; None where it uses none."""
    emulations: dict[Dependence, tuple[type[exp.Expr], Change]] = {
        "integer_division": (exp.Div, dialect.divide),
        "like_case": (exp.Like, _any_case),
    }
    kind, change = emulations[dependence]
    return tree.transform(change) if tree.find(kind) else None


def written(tree: exp.Expr, dialect: Dialect) -> str:
    """Write a tree in the engine's SQL."""
    return tree.sql(dialect=dialect.name)


def _check(node: exp.TimeToStr) -> None:
    form = node.args["format"]
    letters = re.findall("%(.)", form.name) if isinstance(form, exp.Literal) else ["?"]
    if unknown := set(letters) - FORMATS:
        raise UntranslatedError(f"strftime format %{min(unknown)}")


def _function(node: exp.Anonymous) -> exp.Expr:
    name = node.name.lower()
    if name in TIMES and len(node.expressions) > 1 + (name == "strftime"):
        modifiers = ", ".join(one.sql("sqlite") for one in node.expressions[1:])
        raise UntranslatedError(f"date modifier {_NUMBER.sub('N', modifiers)}")
    if name == "datetime":
        return exp.Anonymous(this=DATETIME, expressions=node.expressions)
    return node


def _any_case(node: exp.Expr) -> exp.Expr:
    if isinstance(node, exp.Like):
        return exp.ILike(this=node.this, expression=node.expression)
    return node
