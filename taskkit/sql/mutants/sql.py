"""What can be changed in one place of a SQL query."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial

from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError

from taskkit.audit.mutant import MutationKind

Change = tuple[MutationKind, Callable[[], exp.Expr]]
"""Kind, and what makes the node that takes the place of the changed one."""

AGGREGATES: dict[type[exp.Expr], type[exp.Expr]] = {
    exp.Max: exp.Min,
    exp.Min: exp.Max,
    exp.Avg: exp.Max,
    exp.Sum: exp.Avg,
}
BOUNDS: dict[type[exp.Expr], type[exp.Expr]] = {
    exp.GT: exp.GTE,
    exp.GTE: exp.GT,
    exp.LT: exp.LTE,
    exp.LTE: exp.LT,
}
ARITHMETIC: dict[type[exp.Expr], type[exp.Expr]] = {exp.Add: exp.Sub, exp.Mul: exp.Div}
TIME = re.compile(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?(?P<rest>[ T][\d:.]+)?")
MODIFIER = re.compile(r"([+-]?\d+)( (?:second|minute|hour|day|month|year)s?)")
STARTS = {"start of month": "start of year", "start of year": "start of month"}


class UnparsableError(Exception):
    """A text that is not one query."""


def parse(sql: str) -> exp.Query:
    """Parse one query.

    Raises:
        UnparsableError: it is none in SQLite's dialect.
    """
    try:
        tree = parse_one(sql, dialect="sqlite")
    except (SqlglotError, RecursionError) as error:
        raise UnparsableError(str(error).splitlines()[0] if str(error) else "no query") from error
    if not isinstance(tree, exp.Query):
        raise UnparsableError(f"{tree.key} is no query")
    return tree


def changes(node: exp.Expr) -> Iterator[Change]:
    """Give what may stand in place of a node, apart from other values."""
    kind = type(node)
    if _is_filter(node):
        yield "predicate_dropped", exp.true
        yield "predicate_negated", partial(_negated, node)
    elif isinstance(node.parent, exp.If) and node.arg_key == "this":
        yield "predicate_negated", partial(_negated, node)
    if kind in AGGREGATES and not node.expressions:
        yield "aggregate", lambda: AGGREGATES[kind](this=node.this.copy())
    if kind in BOUNDS:
        yield "bound", partial(_with_sides, BOUNDS[kind], node.this, node.expression)
    if kind in ARITHMETIC:
        yield "arithmetic", partial(_with_sides, ARITHMETIC[kind], node.this, node.expression)
    if isinstance(node, exp.Sub | exp.Div):
        yield "arithmetic", partial(_with_sides, kind, node.expression, node.this)
    if isinstance(node, exp.Count) and isinstance(node.this, exp.Distinct):
        yield "distinct", lambda: exp.Count(this=node.this.expressions[0].copy())
    elif isinstance(node, exp.Count) and isinstance(node.this, exp.Column):
        yield "distinct", lambda: exp.Count(this=exp.Distinct(expressions=[node.this.copy()]))


def _negated(node: exp.Expr) -> exp.Expr:
    return exp.Not(this=exp.Paren(this=node.copy()))


def _with_sides(kind: type[exp.Expr], left: exp.Expr, right: exp.Expr) -> exp.Expr:
    return kind(this=left.copy(), expression=right.copy())


def _is_filter(node: exp.Expr) -> bool:
    """Whether a node is one condition among those that rows must meet, and no join key."""
    if isinstance(node, exp.And | exp.Paren) or not isinstance(
        node.parent, exp.And | exp.Paren | exp.Where | exp.Having | exp.Join
    ):
        return False
    top: exp.Expr | None = node.parent
    while isinstance(top, exp.And | exp.Paren):
        top = top.parent
    if not isinstance(top, exp.Where | exp.Having | exp.Join) or (
        isinstance(top, exp.Join) and node.arg_key not in ("on", "this", "expression")
    ):
        return False
    if isinstance(node, exp.Table | exp.Subquery) or not isinstance(node, exp.Condition):
        return False
    sides = (node.args.get("this"), node.args.get("expression"))
    return not (isinstance(node, exp.EQ) and all(isinstance(side, exp.Column) for side in sides))


def compared(node: exp.Expr) -> exp.Column | None:
    """Give the column that a value is compared with."""
    parent = node.parent
    if isinstance(parent, exp.Between | exp.In):
        return parent.this if isinstance(parent.this, exp.Column) else None
    if isinstance(parent, exp.EQ | exp.NEQ | exp.GT | exp.GTE | exp.LT | exp.LTE):
        other = parent.expression if parent.this is node else parent.this
        return other if isinstance(other, exp.Column) else None
    return None


def moved(text: str) -> str | None:
    """Move a time, or a distance in time, by a little; None where the text is neither."""
    if text in STARTS:
        return STARTS[text]
    if match := MODIFIER.fullmatch(text):
        number = int(match[1])
        sign = "+" if match[1].startswith("+") and number >= 0 else ""
        return f"{sign}{number + (1 if number >= 0 else -1)}{match[2]}"
    match = TIME.fullmatch(text)
    if match is None or not "1800" <= match[1] <= "2299":
        return None
    year, month, day, rest = match.groups()
    if month is None:
        return str(int(year) + 1)
    if day is None:
        number = int(year) * 12 + int(month)
        return f"{number // 12:04}-{number % 12 + 1:02}"
    try:
        later = datetime(int(year), int(month), int(day)) + timedelta(days=1)
    except (ValueError, OverflowError):
        return None
    return f"{later:%Y-%m-%d}{rest or ''}"


def switches(node: exp.Expr) -> Iterator[tuple[MutationKind, str, object]]:
    if isinstance(node, exp.Ordered):
        yield "sort", "desc", not node.args.get("desc")
    elif isinstance(node, exp.Union):
        yield "distinct", "distinct", not node.args.get("distinct")
    elif isinstance(node, exp.Select) and node.args.get("distinct"):
        yield "distinct", "distinct", None
    elif isinstance(node, exp.Select) and not _is_aggregate(node):
        yield "distinct", "distinct", exp.Distinct()
    elif isinstance(node, exp.Join) and node.args.get("on") is not None:
        yield "join", "side", None if node.args.get("side") else "LEFT"


def _is_aggregate(select: exp.Select) -> bool:
    return any(isinstance(one.unalias().unnest(), exp.AggFunc) for one in select.selects)
