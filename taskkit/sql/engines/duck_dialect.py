"""What SQLite's SQL is in DuckDB's, beyond what sqlglot knows."""

from __future__ import annotations

from sqlglot import exp

from taskkit.sql.engines.translation import DATE, DATETIME, Dialect

MACROS = (
    "create macro julianday(t) as julian(try_cast(t as timestamp))",
    f"create macro {DATE}(t) as strftime(try_cast(t as timestamp), '%Y-%m-%d')",
    f"create macro {DATETIME}(t) as strftime(try_cast(t as timestamp), '%Y-%m-%d %H:%M:%S')",
)
"""What SQLite's functions of one time are in DuckDB; times are text in both."""


def _changed(tree: exp.Expr) -> exp.Expr:
    return tree.transform(_node)


def _node(node: exp.Expr) -> exp.Expr:
    if isinstance(node, exp.Cast) and node.to.is_type(*exp.DataType.INTEGER_TYPES):
        number = exp.TryCast(this=node.this, to=exp.DataType.build("double"))
        whole = exp.Anonymous(this="trunc", expressions=[number])  # DuckDB would round
        return exp.Cast(this=whole, to=exp.DataType.build("bigint"))
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


DUCKDB = Dialect("duckdb", "DuckDB", change=_changed, divide=_whole)
