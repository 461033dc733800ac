"""Find out whether an answer hangs on the order in which a database happens to hold its rows."""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Iterable, Iterator
from typing import Literal, TypeAlias

from sqlglot import exp

from taskkit.sqlite import MAX_STEPS, Rows, run

Order: TypeAlias = Literal["ascending", "descending"] | int
"""Of tied rows, by their projected columns; a number scrambles them."""
SCRAMBLED = range(6)  # three tied rows pass unnoticed once in 700 times


LISTING = (exp.GroupConcat, exp.ArrayAgg, exp.JSONArrayAgg, exp.JSONObjectAgg)
"""What puts rows into one value, one after the other."""


def lists_rows(tree: exp.Query) -> str | None:
    """Give the function that puts rows into one value in no order; None where none does.

    The order of its parts is that in which the engine comes upon the rows, whatever the data.
    """
    for node in tree.find_all(*LISTING):
        if node.find(exp.Order) is None:
            return node.sql(dialect="sqlite").partition("(")[0].lower()
    return None


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
    with one such place the runs agree exactly when nothing depends on the choice. The n-th of a
    tied group may be the same from both ends, so that an OFFSET is tried in scrambled orders too.

    Args:
        found: What the query gave as it stands.
    """
    if lists_rows(tree):
        return True
    return differ(variants(tree), connection, found, max_steps=max_steps)


def differ(
    queries: Iterable[str],
    connection: sqlite3.Connection,
    found: Rows,
    values: dict[str, str | int | float | None] | None = None,
    *,
    max_steps: int = MAX_STEPS,
) -> bool:
    """Whether any of the `variants` of a query gives another answer than the query.

    Args:
        values: Of their parameters.
    """
    expected = _ordered(found.rows)
    connection.create_function("scrambled", -1, _scrambled, deterministic=True)
    return any(
        _ordered(run(connection, sql, values, max_steps=max_steps).rows) != expected
        for sql in queries
    )


def _ordered(rows: list[tuple[str | int | float | None, ...]]) -> list[str]:
    return sorted(map(repr, rows))


def variants(tree: exp.Query) -> Iterator[str]:
    """Give a query with its choices made in several ways; nothing where it leaves none.

    They are written for a connection that `differ` has readied.
    """
    open_places = [select for select in tree.find_all(exp.Select) if _is_open(select)]
    if not open_places:
        return
    orders: list[Order] = ["ascending", "descending"]
    if any(select.args.get("offset") for select in open_places):
        orders += SCRAMBLED
    for order in orders:
        copy = tree.copy()
        for select in list(copy.find_all(exp.Select)):
            if _is_open(select):
                _settle(select, order)
        yield copy.sql(dialect="sqlite", copy=False)


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


def _settle(select: exp.Select, order: Order) -> None:
    columns = [column.unalias().copy() for column in select.selects]
    if isinstance(order, int):
        key = exp.Anonymous(this="scrambled", expressions=[exp.convert(order), *columns])
        select.order_by(key, append=True, copy=False)
        return
    down = order == "descending"
    keys = [exp.Ordered(this=column, desc=down, nulls_first=not down) for column in columns]
    select.order_by(*keys, append=True, copy=False)


def _scrambled(*values: object) -> int:
    return zlib.crc32(repr(values).encode())
