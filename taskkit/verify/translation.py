"""A SQLite query in DuckDB's SQL, as far as there is one that means the same."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Literal

from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError

DATE, DATETIME = "sqlite_date", "sqlite_datetime"
MACROS = (
    "create macro julianday(t) as julian(try_cast(t as timestamp))",
    f"create macro {DATE}(t) as strftime(try_cast(t as timestamp), '%Y-%m-%d')",
    f"create macro {DATETIME}(t) as strftime(try_cast(t as timestamp), '%Y-%m-%d %H:%M:%S')",
)
"""What SQLite's functions of one time are in DuckDB; times are text in both."""
TIMES = frozenset({"date", "time", "datetime", "julianday", "strftime", "unixepoch", "timediff"})
FORMATS = frozenset("YmdHMSjw")  # of strftime: those that both engines read alike
_NUMBER = re.compile(r"\d+")
Dependence = Literal["integer_division", "like_case"]
"""What SQLite does otherwise without being asked: `/` of whole numbers, LIKE in any case."""


class UntranslatedError(Exception):
    """A construct without a counterpart; its name, with numbers as N."""


def translated(sql: str) -> exp.Expr:
    """Give the query as a tree that DuckDB can be asked, but for what is a `Dependence`.

    Raises:
        UntranslatedError: it uses what has no counterpart, such as a date modifier.
    """
    try:
        tree = parse_one(sql, dialect="sqlite")
    except (SqlglotError, RecursionError) as error:
        raise UntranslatedError("not for sqlglot") from error
    return tree.transform(_translated)


def emulated(tree: exp.Expr, dependence: Dependence) -> exp.Expr | None:
    """Give the tree with one of SQLite's own ways spelled out; None where it uses none."""
    kind, change = _EMULATIONS[dependence]
    return tree.transform(change) if tree.find(kind) else None


def written(tree: exp.Expr) -> str:
    """Write a tree in DuckDB's SQL."""
    return tree.sql(dialect="duckdb")


def _translated(node: exp.Expr) -> exp.Expr:
    if isinstance(node, exp.Anonymous):
        return _function(node)
    if isinstance(node, exp.Date):
        return exp.Anonymous(this=DATE, expressions=[node.this])
    if isinstance(node, exp.TimeToStr):
        form = node.args["format"]
        letters = re.findall("%(.)", form.name) if isinstance(form, exp.Literal) else ["?"]
        if unknown := set(letters) - FORMATS:
            raise UntranslatedError(f"strftime format %{min(unknown)}")
    if isinstance(node, exp.Cast) and node.to.is_type(*exp.DataType.INTEGER_TYPES):
        number = exp.TryCast(this=node.this, to=exp.DataType.build("double"))
        whole = exp.Anonymous(this="trunc", expressions=[number])  # DuckDB would round
        return exp.Cast(this=whole, to=exp.DataType.build("bigint"))
    return node


def _function(node: exp.Anonymous) -> exp.Expr:
    name = node.name.lower()
    if name in TIMES and len(node.expressions) > 1 + (name == "strftime"):
        modifiers = ", ".join(one.sql("sqlite") for one in node.expressions[1:])
        raise UntranslatedError(f"date modifier {_NUMBER.sub('N', modifiers)}")
    if name == "datetime":
        return exp.Anonymous(this=DATETIME, expressions=node.expressions)
    return node


def _whole(node: exp.Expr) -> exp.Expr:
    if not isinstance(node, exp.Div):
        return node
    one, other = node.this, node.expression
    kinds = [exp.Anonymous(this="typeof", expressions=[side.copy()]) for side in (one, other)]
    both = exp.and_(
        *(exp.Like(this=kind, expression=exp.Literal.string("%INT%")) for kind in kinds)
    )
    whole = exp.IntDiv(this=one.copy(), expression=other.copy())
    return exp.Paren(this=exp.Case(ifs=[exp.If(this=both, true=whole)], default=node.copy()))


def _any_case(node: exp.Expr) -> exp.Expr:
    if isinstance(node, exp.Like):
        return exp.ILike(this=node.this, expression=node.expression)
    return node


_EMULATIONS: dict[Dependence, tuple[type[exp.Expr], Callable[[exp.Expr], exp.Expr]]] = {
    "integer_division": (exp.Div, _whole),
    "like_case": (exp.Like, _any_case),
}
