"""Find out whether an answer hangs on the order in which a database happens to hold its rows."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from sqlglot import exp

from taskkit.questions.execution import MAX_STEPS, Rows, run


def depends_on_row_order(
    tree: exp.Query,
    connection: sqlite3.Connection,
    found: Rows,
    *,
    max_steps: int = MAX_STEPS,
) -> bool:
    """Whether another order of equal rows gives another answer.

    Two things in a query leave a choice to the engine: a LIMIT that cuts through rows with the
    same sort key, and a subquery used as one value that gives several. Each such place gets the
    projected columns as its last sort keys, ascending in one run, descending in another. The k
    smallest of a tied group are the k largest only if all of the group are equal, so for a query
    with one such place the runs agree exactly when nothing depends on the choice. An OFFSET is
    tried on both of its sides as well.

    Args:
        found: What the query gave as it stands.
    """
    expected = _ordered(found.rows)
    return any(
        _ordered(run(connection, sql, max_steps=max_steps).rows) != expected
        for sql in _variants(tree)
    )


def _ordered(rows: list[tuple[str | int | float | None, ...]]) -> list[str]:
    return sorted(map(repr, rows))


def _variants(tree: exp.Query) -> Iterator[str]:
    if not any(_is_open(select) for select in tree.find_all(exp.Select)):
        return
    for descending in (False, True):
        copy = tree.copy()
        for select in list(copy.find_all(exp.Select)):
            if _is_open(select):
                _settle(select, descending=descending)
        yield copy.sql(dialect="sqlite")


def _is_open(select: exp.Select) -> bool:
    """Whether this query leaves a choice: see `depends_on_row_order`."""
    if select.args.get("limit") is None and not _is_value(select):
        return False
    if _is_single(select):
        return False
    order = select.args.get("order")
    keys = {key.this.sql() for key in order.expressions} if order else set()
    return not {column.unalias().sql() for column in select.selects} <= keys


def _is_value(select: exp.Select) -> bool:
    """Whether the query stands where one value is needed."""
    parent = select.parent
    if not isinstance(parent, exp.Subquery):
        return False
    while isinstance(parent.parent, exp.Paren):
        parent = parent.parent
    return not isinstance(parent.parent, (exp.In, exp.From, exp.Join, exp.Exists, exp.SetOperation))


def _is_single(select: exp.Select) -> bool:
    """Whether the query can only give one row."""
    return select.args.get("group") is None and any(
        isinstance(column.unalias().unnest(), exp.AggFunc) for column in select.selects
    )


def _settle(select: exp.Select, *, descending: bool) -> None:
    keys = [
        exp.Ordered(this=column.unalias().copy(), desc=descending, nulls_first=not descending)
        for column in select.selects
    ]
    select.order_by(*keys, append=True, copy=False)
