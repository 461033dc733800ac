"""Find out whether an answer hangs on the last bits of a computed number.

A mean of 0.9, 0.9 and 0.9 is 0.9 or just below it, as the numbers are added up: whether one of them
lies above the mean is then a matter of the tool, and none of the data.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from functools import lru_cache
from typing import cast

from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError

from taskkit.sqlite import MAX_STEPS, run

Scalar = str | int | float | bytes | None
NOISE = 1e-9
"""What is added or taken away, beside as much of the number itself; of days, 0.1 ms."""
LITERAL = re.compile(r"'[^']*'|\b\d+(?:\.\d+)?\b")
FORMS = 2000  # of queries, looked at once; a bank has some hundreds
COMPUTED = re.compile(r"\b(?:avg|sum)\s*\(|(?<!\()[*/+-]", re.IGNORECASE)
UNREADABLE = (SqlglotError, RecursionError)
COMPARISONS = (exp.GT, exp.GTE, exp.LT, exp.LTE, exp.EQ, exp.NEQ, exp.Between)


def depends_on_noise(
    sql: str, connection: sqlite3.Connection, *, max_steps: int = MAX_STEPS
) -> bool:
    """Whether a query answers otherwise where what it compares is a trifle more, or less.

    One that sqlglot cannot read is taken to not.

    Args:
        sql: A query that the database can run.
        connection: The database.
        max_steps: SQLite instructions for each run.

    Raises:
        BudgetError: it takes more instructions so, or gives too many rows.
        sqlite3.Error: it cannot be run so.
    """
    if not _compares(LITERAL.sub("0", sql)):
        return False
    try:
        variants = list(_nudged(_parsed(sql)))
    except UNREADABLE:
        return False
    connection.create_function("nudged", 2, _moved, deterministic=True)
    found = run(connection, sql, max_steps=max_steps)
    return any(run(connection, one, max_steps=max_steps).rows != found.rows for one in variants)


@lru_cache(FORMS)
def _compares(form: str) -> bool:
    """Whether a query compares computed numbers, or may, whatever its values are."""
    if not COMPUTED.search(form):
        return False
    try:
        tree = _parsed(form)
    except UNREADABLE:  # such as of a name in quotes, which is a number here
        return True
    return any(_compared(tree, _names(tree)))


def _parsed(sql: str) -> exp.Query:
    return cast(exp.Query, parse_one(sql, dialect="sqlite"))


def _names(tree: exp.Query) -> frozenset[str]:
    """Give the names of the columns that are computed, in small letters."""
    every = tree.find_all(exp.Alias)
    return frozenset(one.alias.lower() for one in every if any(_computed(one.this, frozenset())))


def _nudged(tree: exp.Query) -> Iterator[str]:
    """Give a query whose computed numbers are a trifle more where they are compared, and less."""
    names = _names(tree)
    for sign in (1, -1):
        copy = tree.copy()
        for node in list(_compared(copy, names)):
            by = exp.Mul(this=exp.Paren(this=_is_loose(node)), expression=exp.convert(sign))
            node.replace(exp.Anonymous(this="nudged", expressions=[node.copy(), by]))
        yield copy.sql(dialect="sqlite", copy=False)


def _compared(tree: exp.Query, names: frozenset[str]) -> Iterator[exp.Expr]:
    """Give the computed numbers that are compared, of each comparison those of one side.

    Whether two computed in the same way are equal does not hang on how exact they are.
    """
    for node in reversed(list(tree.find_all(*COMPARISONS))):  # inner ones first
        sides = [node.this] if isinstance(node, exp.Between) else [node.this, node.expression]
        found = list(filter(None, ([*_computed(side, names)] for side in sides)))
        if found and not (isinstance(node, exp.EQ | exp.NEQ) and len(found) == len(sides)):
            yield from found[0]


def _computed(node: exp.Expr, names: frozenset[str]) -> Iterator[exp.Expr]:
    """Give what in a number is the outcome of arithmetic, if no rounding follows.

    Args:
        names: Of the columns that are, in small letters.
    """
    if isinstance(node, exp.Avg | exp.Sum | exp.Add | exp.Sub | exp.Mul | exp.Div):
        yield node
    elif isinstance(node, exp.Column):
        if node.name.lower() in names:
            yield node
    elif isinstance(node, exp.Subquery) and isinstance(node.this, exp.Select):
        for one in node.this.selects[:1]:
            yield from _computed(one.unalias(), names)
    elif isinstance(node, exp.Paren | exp.Subquery | exp.Max | exp.Min | exp.Abs):
        yield from _computed(node.this, names)


def _is_loose(node: exp.Expr) -> exp.Expr:
    """Write that a number is made of others than whole ones, of which all tools make the same."""
    if isinstance(node, exp.Avg | exp.Sum):
        of = node.this.expressions[0] if isinstance(node.this, exp.Distinct) else node.this
        return exp.Max(this=exp.Paren(this=_is_broken(of)))
    if isinstance(node, exp.Binary):
        return exp.Or(this=_is_broken(node.this), expression=_is_broken(node.expression))
    return _is_broken(node)


def _is_broken(node: exp.Expr) -> exp.Expr:
    whole = exp.Anonymous(this="round", expressions=[node.copy()])
    return exp.NEQ(this=exp.Paren(this=node.copy()), expression=whole)


def _moved(value: Scalar, sign: int | None) -> Scalar:
    if isinstance(value, float) and sign:
        return value + sign * NOISE * (1 + abs(value))
    return value
