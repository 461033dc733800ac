"""Cut a nested query into the queries that it is made of, the innermost first."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError

from taskkit.sql.questions.template import SLOT

MARK = "slot_"  # `{drug}` stands as `:slot_drug` while a query is a tree
_MARKED = re.compile(rf":{MARK}([a-z][a-z0-9_]*)")


class CutError(Exception):
    """A query that cannot be cut as asked."""


def cuts(sql: str) -> tuple[exp.Select, ...]:
    """Give the parts of a query, each complete in itself: what stands inside comes first.

    A part is a subquery after IN or in the place of a value, a derived table, or a common table
    expression; the last is the query itself. A part that looks at the rows of the query around
    it is none. Slots in braces are kept; see `text`.

    Raises:
        CutError: not one SELECT.
    """
    tree = _parsed(sql)
    shared = {one.alias.lower(): one for one in tree.find_all(exp.CTE)}
    return tuple(_with(select, shared) for select in _inside_out(tree) if _alone(select))


def text(select: exp.Select, give: str | None = None) -> str:
    """Write a part as SQL, its slots in braces.

    Args:
        give: What to select in place of what the part does, such as `count(distinct r.hadm_id)`.

    Raises:
        CutError: other columns of a part that is limited, or that groups rows, mean another thing.
    """
    made = select.copy()
    if give is not None:
        if made.args.get("limit") or made.args.get("group"):
            raise CutError(f"give {give!r}: the part has a LIMIT or GROUP BY")
        given = _parsed(f"select {give}")
        made.set("order", None)
        for part in ("expressions", "distinct"):
            made.set(part, given.args.get(part))
    return _MARKED.sub(r"{\1}", made.sql(dialect="sqlite", pretty=True))


def _parsed(sql: str) -> exp.Select:
    try:
        tree = parse_one(SLOT.sub(rf":{MARK}\1", sql), dialect="sqlite")
    except (SqlglotError, RecursionError) as error:
        raise CutError(f"not for sqlglot: {error}") from error
    if not isinstance(tree, exp.Select):
        raise CutError(f"{tree.key}: need one SELECT")
    return tree


def _inside_out(node: exp.Expr) -> Iterator[exp.Select]:
    """Give the queries below a node, and the node, each after those within it."""
    common = [one for one in node.iter_expressions() if isinstance(one, exp.With)]
    others = [one for one in node.iter_expressions() if not isinstance(one, exp.With)]
    for child in (*common, *others):
        yield from _inside_out(child)
    if isinstance(node, exp.Select):
        yield node


def _alone(select: exp.Select) -> bool:
    """Whether every column that says its table finds it within the query."""
    known = {one.alias_or_name.lower() for one in select.find_all(exp.Table, exp.Subquery)}
    return all(
        column.table.lower() in known for column in select.find_all(exp.Column) if column.table
    )


def _with(select: exp.Select, shared: dict[str, exp.CTE]) -> exp.Select:
    """Give a copy that brings the common table expressions which it reads."""
    copy = select.copy()
    own = {one.alias.lower() for one in copy.find_all(exp.CTE)}
    needed = _needed(copy, shared) - own
    for name, one in shared.items():
        if name in needed:
            copy = copy.with_(one.alias, as_=one.this.copy(), append=True, copy=False)
    return copy


def _needed(select: exp.Expr, shared: dict[str, exp.CTE]) -> set[str]:
    found: set[str] = set()
    waiting = [select]
    while waiting:
        for table in waiting.pop().find_all(exp.Table):
            name = table.name.lower()
            if name in shared and name not in found:
                found.add(name)
                waiting.append(shared[name].this)
    return found
