"""What SQLite's SQL is in PostgreSQL's, beyond what sqlglot knows."""

from __future__ import annotations

from itertools import count

from sqlglot import exp

from taskkit.sql.engines.translation import DATE, DATETIME, Dialect, UntranslatedError

TIME, DIVIDE, INTEGER, REAL = "sqlite_time", "sqlite_divide", "sqlite_integer", "sqlite_real"
TRUTH = "sqlite_truth"
_WHOLE, _FRACTION = r"[+-]?\d+", r"(?:\d+\.?\d*|\.\d+)"
_SECONDS = r"[ T]\d\d:\d\d(:\d\d(\.\d+)?)?"


def _function(head: str, kind: str, body: str) -> str:
    return f"create function {head} returns {kind} stable language sql as $$ select {body} $$"


FUNCTIONS = (
    _function(
        f"{TIME}(t text)",
        "timestamp",
        rf"case when t ~ '^\d\d\d\d-\d\d-\d\d({_SECONDS})?$' then t::timestamp end",
    ),
    _function(f"{DATE}(t text)", "text", f"to_char({TIME}(t), 'YYYY-MM-DD')"),
    _function(f"{DATETIME}(t text)", "text", f"to_char({TIME}(t), 'YYYY-MM-DD HH24:MI:SS')"),
    _function(
        "julianday(t text)",
        "double precision",
        f"extract(epoch from {TIME}(t))::double precision / 86400 + 2440587.5",
    ),
    # from text as much as is a number, and cut, not rounded
    _function(
        f"{INTEGER}(t text)",
        "bigint",
        rf"case when t is not null then coalesce(substring(t from '^\s*({_WHOLE})')::bigint, 0)"
        " end",
    ),
    _function(f"{INTEGER}(n bigint)", "bigint", "n"),
    _function(f"{INTEGER}(n numeric)", "bigint", "trunc(n)::bigint"),
    _function(f"{INTEGER}(n double precision)", "bigint", "trunc(n)::bigint"),
    _function(f"{INTEGER}(b boolean)", "bigint", "b::integer::bigint"),
    _function(
        f"{REAL}(t text)",
        "double precision",
        rf"case when t is not null then coalesce(substring(t from '^\s*([+-]?{_FRACTION}"
        r"(?:[eE][+-]?\d+)?)')::double precision, 0) end",
    ),
    _function(f"{REAL}(n double precision)", "double precision", "n"),
    _function(f"{TRUTH}(b boolean)", "boolean", "b"),
    _function(f"{TRUTH}(n bigint)", "boolean", "n <> 0"),
    _function(f"{TRUTH}(n numeric)", "boolean", "n <> 0"),
    _function(f"{TRUTH}(n double precision)", "boolean", "n <> 0"),
    # PostgreSQL's own goes to the even neighbour
    _function("round(n double precision)", "double precision", "sign(n) * floor(abs(n) + 0.5)"),
    _function(
        "round(n double precision, digits integer)",
        "double precision",
        "round(n::numeric, digits)::double precision",
    ),
    _function(f"{DIVIDE}(a integer, b integer)", "integer", "a / nullif(b, 0)"),
    _function(f"{DIVIDE}(a bigint, b bigint)", "bigint", "a / nullif(b, 0)"),
    _function(
        f"{DIVIDE}(a double precision, b double precision)",
        "double precision",
        "a / nullif(b, 0)",
    ),
    # a sum of whole numbers is a numeric without digits behind the point
    _function(
        f"{DIVIDE}(a numeric, b numeric)",
        "numeric",
        "case when scale(a) = 0 and scale(b) = 0 then trunc(a / nullif(b, 0))"
        " else a / nullif(b, 0) end",
    ),
)
"""What each copy has beside its tables; times are text, as in SQLite."""

FORMATS = {
    "Y": "YYYY",
    "m": "MM",
    "d": "DD",
    "H": "HH24",
    "M": "MI",
    "S": "SS",
    "j": "DDD",
}
"""What the letters of strftime are for to_char."""
PREDICATES = (exp.Predicate, exp.Connector, exp.Not)
NUMERIC = (
    *(exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Mod, exp.Neg),
    *(exp.Sum, exp.Avg, exp.Min, exp.Max, exp.Round, exp.Coalesce),
    *(exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Between),
)
"""Where SQLite takes the truth of a condition for a number."""
CONDITIONS = (exp.Where, exp.Having, exp.And, exp.Or, exp.Not)
NUMBERS = (exp.Column, exp.AggFunc, exp.Add, exp.Sub, exp.Mul, exp.Div)
"""What SQLite takes for true in a condition where it is not 0."""


def _changed(tree: exp.Expr) -> exp.Expr:
    made = tree.transform(_node)
    for number, subquery in zip(count(1), list(made.find_all(exp.Subquery)), strict=False):
        if isinstance(subquery.parent, exp.From | exp.Join) and not subquery.alias:
            subquery.set("alias", exp.TableAlias(this=exp.to_identifier(f"subquery_{number}")))
    return made


def _node(node: exp.Expr) -> exp.Expr:
    if isinstance(node, NUMERIC):
        _count_truth(node)
    if isinstance(node, CONDITIONS):
        _compare_numbers(node)
    if isinstance(node, exp.Identifier):  # SQLite's names are the same in any case of letters
        return exp.to_identifier(node.name.lower())
    if isinstance(node, exp.Glob):
        raise UntranslatedError("GLOB")
    if isinstance(node, exp.TimeToStr):
        return exp.Anonymous(this="to_char", expressions=[_time(node), _format(node)])
    if isinstance(node, exp.Cast):
        return _cast(node)
    if isinstance(node, exp.Greatest | exp.Least):
        return _of_several(node)
    if isinstance(node, exp.Mod):
        zero = exp.Literal.number(0)
        node.set("expression", exp.Nullif(this=node.expression, expression=zero))
    if isinstance(node, exp.Like) and isinstance(node.expression, exp.Literal):
        text = node.expression.name.replace("\\", "\\\\")  # which SQLite takes as it is
        node.set("expression", exp.Literal.string(text))
    if isinstance(node, exp.GroupConcat):
        node.set("this", exp.Cast(this=node.this, to=exp.DataType.build("text")))
    return node


def _count_truth(node: exp.Expr) -> None:
    for name, part in list(node.args.items()):
        if isinstance(part, exp.Expr) and isinstance(part.unnest(), PREDICATES):
            number = exp.Anonymous(this=INTEGER, expressions=[part.copy()])
            node.set(name, number)


def _compare_numbers(node: exp.Expr) -> None:
    for name, part in list(node.args.items()):
        if isinstance(part, exp.Expr) and isinstance(part.unnest(), NUMBERS):
            node.set(name, exp.Anonymous(this=TRUTH, expressions=[part.copy()]))


def _time(node: exp.TimeToStr) -> exp.Expr:
    inner = node.this
    while isinstance(inner, exp.Cast | exp.TsOrDsToTimestamp):
        inner = inner.this
    return exp.Anonymous(this=TIME, expressions=[inner.copy()])


def _format(node: exp.TimeToStr) -> exp.Literal:
    made, text = "", iter(node.args["format"].name)
    for letter in text:
        if letter == "%":
            made += FORMATS[next(text)]
        else:
            made += f'"{letter}"' if letter.isalnum() else letter
    return exp.Literal.string(made)


def _cast(node: exp.Cast) -> exp.Expr:
    for name, types in ((INTEGER, exp.DataType.INTEGER_TYPES), (REAL, exp.DataType.REAL_TYPES)):
        if node.to.is_type(*types):
            return exp.Anonymous(this=name, expressions=[node.this])
    return node


def _of_several(node: exp.Greatest | exp.Least) -> exp.Expr:
    """Give the largest or smallest of values, or NULL where one of them is."""
    parts = [node.this, *node.expressions]
    unknown = exp.or_(*(exp.Is(this=one.copy(), expression=exp.Null()) for one in parts))
    name = "greatest" if isinstance(node, exp.Greatest) else "least"
    value = exp.Anonymous(this=name, expressions=[one.copy() for one in parts])
    return exp.Paren(this=exp.Case(ifs=[exp.If(this=unknown, true=exp.Null())], default=value))


def _divided(node: exp.Expr) -> exp.Expr:
    if not isinstance(node, exp.Div):
        return node
    return exp.Anonymous(this=DIVIDE, expressions=[node.this, node.expression])


POSTGRES = Dialect(
    "postgres",
    "PostgreSQL",
    change=_changed,
    divide=_divided,
    formats=frozenset(FORMATS),
    quoted=True,
)
