"""How a query uses a measured column: whether it compares its values, and of which items."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from sqlglot import exp

from taskkit.sql.mutants.family import Scalar, split

KEPT = 2000  # forms of queries
ORDERING = (exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Between, exp.Ordered, exp.Max, exp.Min)
"""What compares texts letter by letter."""
PLAIN = (exp.Alias, exp.Paren, exp.Distinct)


class Column(Protocol):
    """Names the columns of a measure."""

    @property
    def value(self) -> str: ...
    @property
    def item(self) -> str: ...
    @property
    def unit(self) -> str | None: ...
    @property
    def named(self) -> tuple[str, str] | None: ...


@dataclass(frozen=True)
class Uses:
    """What a form of query does with a measured column."""

    compared: bool
    """It counts, orders, computes or compares by the values, and does not only give them."""
    computed: bool
    """It does so as if they were numbers: not for equality alone."""
    lettered: bool
    """It orders or compares them as they stand, without a number made of them."""
    named: tuple[tuple[exp.Expr, bool], ...]
    """What the items are compared with, and whether as a pattern."""
    units: tuple[exp.Expr, ...]
    """What the unit is compared with."""

    def items(self, values: Mapping[str, Scalar]) -> Iterator[tuple[str, bool]]:
        """Give the items that it names, in lower case, and whether as patterns."""
        for node, like in self.named:
            for one in literals((node,), values):
                yield str(one).lower(), like


@lru_cache(KEPT)
def uses(form: str, measure: Column) -> Uses:
    """Look at a form of query once."""
    tree = split(form)[0].tree
    numbers = _carriers(tree, measure.value, through=True)
    letters = _carriers(tree, measure.value, through=False)
    names = {measure.item} | ({measure.named[1]} if measure.named else set())
    return Uses(
        compared=any(_use(one) is not None for one in _columns(tree, numbers)),
        computed=any(
            not isinstance(_use(one), (exp.EQ, exp.NEQ, exp.In, type(None)))
            for one in _columns(tree, numbers)
        ),
        lettered=any(_orders(one) for one in _columns(tree, letters)),
        named=tuple(_compared_with(tree, names)),
        units=tuple(node for node, _ in _compared_with(tree, {measure.unit or ""})),
    )


def literals(nodes: Sequence[exp.Expr], values: Mapping[str, Scalar]) -> Iterator[Scalar]:
    """Give the values of literals and parameters."""
    for node in nodes:
        if isinstance(node, exp.Placeholder):
            yield values.get(str(node.this))
        elif isinstance(node, exp.Literal):
            yield node.this


def _carriers(tree: exp.Expr, column: str, *, through: bool) -> set[str]:
    """Give the names by which a query calls a column's values, in lower case.

    Args:
        through: A number that was made of a value counts as well.
    """
    found, before = {column}, 0
    while len(found) > before:
        before = len(found)
        for alias in tree.find_all(exp.Alias):
            inner = alias.this if through else alias.this.unnest()
            held = inner.find_all(exp.Column) if through else [inner]
            if any(isinstance(one, exp.Column) and one.name.lower() in found for one in held):
                found.add(alias.alias.lower())
    return found


def _columns(tree: exp.Expr, names: set[str]) -> Iterator[exp.Column]:
    return (one for one in tree.find_all(exp.Column) if one.name.lower() in names)


def _use(column: exp.Column) -> exp.Expr | None:
    """What a column's values go into; None where they are only given, or looked for."""
    node: exp.Expr = column
    while isinstance(node.parent, PLAIN):
        node = node.parent
    parent = node.parent
    if isinstance(parent, exp.Select | exp.Is | exp.Count | exp.Tuple | exp.Group):
        return None
    return parent


def _orders(column: exp.Column) -> bool:
    node: exp.Expr = column
    while isinstance(node.parent, exp.Paren | exp.Distinct):
        node = node.parent
    return isinstance(node.parent, ORDERING)


def _compared_with(tree: exp.Expr, names: set[str]) -> Iterator[tuple[exp.Expr, bool]]:
    """Give what columns are held to: by equality, in a list, or as a pattern."""
    for node in tree.find_all(exp.EQ, exp.In, exp.Like, exp.Is):
        sides = [node.this, node.args.get("expression"), *node.expressions]
        if any(_is_named(side, names) for side in sides):
            for side in sides:
                if isinstance(side, exp.Literal | exp.Placeholder):
                    yield side, isinstance(node, exp.Like)


def _is_named(side: object, names: set[str]) -> bool:
    """Whether one side is a column, as it is or in another case."""
    while isinstance(side, exp.Lower | exp.Upper | exp.Trim | exp.Paren):
        side = side.this
    return isinstance(side, exp.Column) and side.name.lower() in names
