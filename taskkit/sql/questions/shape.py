"""What the form of a query says about its answer."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError

_ORDER_WORDS = re.compile(
    r"\b(?:in (?:ascending|descending|chronological|reverse|alphabetical|order)"
    r"|(?:sorted|ordered|ranked) (?:by|from)|in (?:\w+ )?order of"
    r"|from (?:the )?(?:earliest|latest|oldest|newest|highest|lowest|most|least)[\w ]* to)\b",
    re.IGNORECASE,
)
_SEVERAL_WORDS = re.compile(
    r"^\W*(?:(?:can|could|would) you )?(?:please )?"
    r"(?:list|enumerate|(?:what|which|who) (?:are|were)\b)",
    re.IGNORECASE,
)
_COMPARISONS = (exp.Predicate, exp.Connector, exp.Not)
_TIMES = ("time", "date", "dob", "dod")


class ShapeError(Exception):
    """A text that is not one query."""


@dataclass(frozen=True, slots=True)
class Shape:
    """The form of a query."""

    tree: exp.Query
    yes_no: bool
    """One row with the truth of a condition."""
    counting: bool
    """One row that counts or adds up: 0 says that nothing was there."""
    distinct: bool
    """No row comes twice."""
    ordered: bool
    """The rows are sorted, and the question asks for that."""
    several: bool
    """The question asks for any number of values."""
    column: str | None
    """The column given as it is stored, if there is only one."""
    columns: tuple[str, ...]
    """What each column holds, in plain words."""
    stored: bool
    """Every column is given as it is stored: a row that comes twice was repeated by a join."""
    category: str
    """The kind of question."""


def shape_of(sql: str, text: str) -> Shape:
    """Analyse a query and the question that it answers.

    Raises:
        ShapeError: not one query in SQLite's dialect.
    """
    try:
        tree = parse_one(sql, dialect="sqlite")
    except (SqlglotError, RecursionError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise ShapeError(f"not a query: {reason}") from error
    if not isinstance(tree, exp.Query):
        raise ShapeError(f"{tree.key} is not a query")
    projected = [expression.unalias() for expression in tree.selects]
    grouped = {key.sql() for key in _group_keys(tree)}
    yes_no = len(projected) == 1 and isinstance(projected[0].unnest(), _COMPARISONS)
    return Shape(
        tree=tree,
        yes_no=yes_no,
        counting=len(projected) == 1
        and isinstance(projected[0].unnest(), (exp.Count, exp.Sum))
        and not grouped,
        distinct=bool(tree.args.get("distinct"))
        or (bool(grouped) and grouped <= {expression.sql() for expression in projected}),
        ordered=bool(tree.args.get("order")) and bool(_ORDER_WORDS.search(text)),
        several=bool(_SEVERAL_WORDS.search(text)),
        column=projected[0].name if _is_stored(projected) else None,
        columns=tuple(_words(expression) for expression in tree.selects),
        stored=all(isinstance(expression, exp.Column) for expression in projected),
        category="publisher-yes-no" if yes_no else f"publisher-{_kind(tree, projected)}",
    )


def _group_keys(tree: exp.Query) -> list[exp.Expr]:
    group = tree.args.get("group")
    return list(group.expressions) if group else []


def _is_stored(projected: list[exp.Expr]) -> bool:
    return len(projected) == 1 and isinstance(projected[0], exp.Column)


def _words(expression: exp.Expr) -> str:
    inner = expression.unalias()
    names = [column.name for column in inner.find_all(exp.Column)]
    subject = names[0].replace("_", " ") if names else "value"
    if isinstance(inner, exp.Count):
        return f"number of {subject}" if names else "number"
    if isinstance(inner, exp.AggFunc):
        return f"{inner.key} of {subject}"
    return subject


def _kind(tree: exp.Query, projected: list[exp.Expr]) -> str:
    """Name the kind of a question that is not answered by yes or no, first match first."""
    first = projected[0].unnest() if projected else tree
    functions = {node.key for node in tree.find_all(exp.Func)}
    tables = {table.name.lower() for table in tree.find_all(exp.Table)}
    if "percentrank" in functions:
        return "percentile"
    if first.find(exp.Case) or _ranks_by(tree, exp.Case):
        return "survival"
    if "denserank" in functions or "rank" in functions:
        return "top-n"
    if isinstance(tree, exp.SetOperation):
        return "list"
    if isinstance(first, (exp.Sub, exp.Mul)):
        return "change" if first.find(exp.Subquery) else "duration"
    if "cost" in tables:
        return "cost"
    return _kind_of_rows(tree, first)


def _kind_of_rows(tree: exp.Query, first: exp.Expr) -> str:
    if isinstance(first, exp.AggFunc):
        if _group_keys(tree):
            return "series"
        if isinstance(first, exp.Count):
            return "count-after" if tree.find(exp.Join) and tree.find(exp.LT) else "count"
        return "aggregate"
    if tree.find(exp.Join) and tree.find(exp.LT):
        return "after"
    is_time = isinstance(first, exp.Column) and first.name.lower().endswith(_TIMES)
    if tree.find(exp.Limit):
        return "when" if is_time else "first-last"
    return "time" if is_time else "lookup"


def _ranks_by(tree: exp.Query, kind: type[exp.Expr]) -> bool:
    return any(window.find(kind) for window in tree.find_all(exp.Window))
