"""Queries that differ in their values only, and the mutants that they share."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Container, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache, partial
from typing import TypeVar

from sqlglot import exp

from taskkit.audit.mutant import Key, Mutant, MutationKind
from taskkit.sql.mutants.sql import changes, compared, moved, parse, switches
from taskkit.sql.questions.slot import base_column

Scalar = str | int | float | None
Neighbour = Callable[[str, str, Scalar], Scalar]
"""Gives a value near another one in a column of a table; None where the column has no other."""
Wanted = Container[tuple[str, str]]
"""Kinds of mutations, each with what it touches."""
VALUE = re.compile(
    r"""(?P<text>'(?:[^']|'')*')|(?P<quoted>"(?:[^"]|"")*"|\[[^\]]*\])|--[^\n]*|/\*.*?\*/"""
    r"""|(?<![\w.:])(?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)(?![\w.])""",
    re.DOTALL,
)
NAMED = re.compile(r":([sn]\d+)\b")
PARTED = 64  # queries that stay parted: of an instance each is looked at a dozen times
FAMILIES = 2000  # templates kept parsed; a bank has some hundreds
KEPT = (exp.Round, exp.Substring)  # a changed place or decimal says nothing of the question


@dataclass(frozen=True)
class _Structural:
    """A mutant with another structure and the same values."""

    kind: MutationKind
    place: int
    about: str
    write: Callable[[], tuple[str, str]]
    """Gives the change and the query; most mutants of most queries are never wanted."""

    @cached_property
    def written(self) -> tuple[str, str]:
        """What the change is, and the query with it."""
        return self.write()


@dataclass(frozen=True, slots=True)
class _Valued:
    """A mutant with the same structure and another value."""

    kind: MutationKind
    place: int
    about: str
    name: str
    new: Callable[[Scalar, Neighbour], Scalar]


Changed = TypeVar("Changed", _Structural, _Valued)


@dataclass(frozen=True)
class Family:
    """A query without its values."""

    form: str
    """The query with a parameter such as `:s0` (text) or `:n1` (number) for each value."""
    tree: exp.Query
    structural: tuple[_Structural, ...]
    valued: tuple[_Valued, ...]

    def mutants(
        self, values: Sequence[Scalar], neighbour: Neighbour, *, wanted: Wanted | None = None
    ) -> Iterator[Mutant]:
        """Give the mutants over these values: all, or those of the names that are wanted."""
        for key, change in self.changes.items():
            if wanted is None or (change.kind, change.about) in wanted:
                mutant = self.mutant(key, values, neighbour)
                if mutant is not None:
                    yield mutant

    @cached_property
    def changes(self) -> dict[Key, _Structural | _Valued]:
        """The changes by the keys of their mutants, which values have no part in."""
        seen: Counter[tuple[str, int]] = Counter()
        found: dict[Key, _Structural | _Valued] = {}
        every: tuple[_Structural | _Valued, ...] = (*self.structural, *self.valued)
        for one in every:
            found[one.kind, one.place, seen[one.kind, one.place]] = one
            seen[one.kind, one.place] += 1
        return found

    @cached_property
    def names(self) -> dict[tuple[str, str], Key]:
        """The keys of the changes by their kind and what they touch, which are of one change."""
        return {(one.kind, one.about): key for key, one in self.changes.items()}

    def mutant(self, key: Key, values: Sequence[Scalar], neighbour: Neighbour) -> Mutant | None:
        """Give one mutant over these values; None where no other value can be put in."""
        one, named = self.changes[key], self.named(values)
        kind, place, variant = one.kind, *key[1:]
        if isinstance(one, _Structural):
            change, code = one.written
            return Mutant(kind, place, variant, one.about, filled(change, named), code, named)
        old = named[one.name]
        new = one.new(old, neighbour)
        if new is None or new == old:
            return None
        change = f"{literal(old)} -> {literal(new)}"
        values_then = named | {one.name: new}
        return Mutant(kind, place, variant, one.about, change, self.form, values_then)

    def named(self, values: Sequence[Scalar]) -> dict[str, Scalar]:
        """Give the values by the names of their parameters."""
        return dict(zip(self._names, values, strict=True))

    @cached_property
    def _names(self) -> list[str]:
        return NAMED.findall(self.form)


def split(sql: str) -> tuple[Family, tuple[Scalar, ...]]:
    """Part a query into what it shares with its family and the values that are its own.

    Raises:
        UnparsableError: it is not one query in SQLite's dialect.
    """
    text, values = _parted(sql)
    return _family(text), values


def form(sql: str) -> str:
    """Give a query with a parameter for each of its values, which all of its family share."""
    return _parted(sql)[0]


@lru_cache(PARTED)
def _parted(sql: str) -> tuple[str, tuple[Scalar, ...]]:
    values: list[Scalar] = []

    def name(match: re.Match[str]) -> str:
        if match["text"] is not None:
            values.append(match["text"][1:-1].replace("''", "'"))
            return f":s{len(values) - 1}"
        if match["number"] is None or POSITION.search(sql, 0, match.start()):
            return match[0]
        digits = match["number"]
        values.append(int(digits) if digits.isdigit() else float(digits))
        return f":n{len(values) - 1}"

    return VALUE.sub(name, sql), tuple(values)


POSITION = re.compile(
    r"(?:order|group)\s+by\s+(?:\d+(?:\s+(?:asc|desc))?\s*,\s*)*\Z", re.IGNORECASE
)
"""What stands before a number that names a column by its place."""


@lru_cache(FAMILIES)
def _family(form: str) -> Family:
    tree = parse(form)
    structural: list[_Structural] = []
    valued: list[_Valued] = []
    for place, node in enumerate(list(tree.walk())):
        write: list[tuple[MutationKind, Callable[[], tuple[str, str]]]] = [
            *((kind, partial(_put, tree, node, new)) for kind, new in changes(node)),
            *((kind, partial(_set, tree, node, name, to)) for kind, name, to in switches(node)),
        ]
        what = about(node) if write else ""
        structural += [_Structural(kind, place, what, one) for kind, one in write]
        if isinstance(node, exp.Placeholder):
            valued += _values(place, node)
    return Family(form, tree, tuple(_numbered(structural)), tuple(_numbered(valued)))


def _numbered(changes: Sequence[Changed]) -> Iterator[Changed]:
    """Number the changes of one kind that touch the same, so that each has a name of its own."""
    seen: Counter[tuple[str, str]] = Counter()
    for one in changes:
        name = one.kind, one.about
        seen[name] += 1
        yield replace(one, about=f"{one.about} {seen[name]}") if seen[name] > 1 else one


def _put(tree: exp.Query, node: exp.Expr, make: Callable[[], exp.Expr]) -> tuple[str, str]:
    """Put another node in place of one, write the query, and put it back."""
    parent, name, index = node.parent, node.arg_key, node.index
    assert parent is not None  # no change is of the whole query
    assert name is not None
    new = make()
    change = f"{_sql(node)} -> {_sql(new)}"
    parent.set(name, new, index)
    code = _sql(tree)
    parent.set(name, node, index)
    return change, code


def _set(tree: exp.Query, node: exp.Expr, name: str, value: object) -> tuple[str, str]:
    """Give a property of a node another value, write the query, and take it back."""
    what = _sql(node)
    before = dict(node.args)
    node.set(name, value)
    code = _sql(tree)
    node.args.clear()  # set() would put it last, and so change the order of walk()
    node.args.update(before)
    shown = "none" if value is None else str(value).lower()
    return f"{name} of {what} -> {shown}", code


def _sql(node: exp.Expr) -> str:
    return node.sql(dialect="sqlite", copy=False)


def _values(place: int, node: exp.Placeholder) -> Iterator[_Valued]:
    """Give the mutants that change one value."""
    name, parent, what = str(node.this), node.parent, about(node)
    if isinstance(parent, exp.Limit | exp.Offset):
        yield _Valued("limit", place, what, name, lambda old, near: _plus(old, 1))
        if isinstance(parent, exp.Limit):
            yield _Valued("limit", place, what, name, lambda old, near: _plus(old, -1) or None)
    elif (column := compared(node)) is not None:
        where = base_column(column)
        if where is not None:
            yield _Valued("constant", place, what, name, lambda old, near: near(*where, old))
    elif name.startswith("s"):
        yield _Valued("window", place, what, name, lambda old, near: moved(str(old)))
    elif not isinstance(parent, KEPT) and isinstance(parent, exp.Predicate | exp.Binary):
        yield _Valued("constant", place, what, name, lambda old, near: _plus(old, 1))


def about(node: exp.Expr) -> str:
    """Name what a change touches, so that queries of one template share the name.

    That is the kind of node and the columns in it; of a value, those that it is compared with. A
    time window names the column that it bounds, in whatever words it is written.
    """
    whole = node
    if isinstance(node, exp.Placeholder):
        whole = node.find_ancestor(exp.Predicate, exp.Limit, exp.Offset, exp.Select) or node
    columns = sorted({_named(column) for column in whole.find_all(exp.Column)})
    kind = "condition" if isinstance(whole, exp.Predicate) else whole.key
    return f"{kind} {' '.join(columns)}"


def _named(column: exp.Column) -> str:
    return ".".join(part.name for part in column.parts).lower()


def _plus(old: Scalar, by: int) -> Scalar:
    return old + by if isinstance(old, int) else None


def literal(value: Scalar) -> str:
    """Write a value as SQL does."""
    if value is None:
        return "NULL"
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return repr(value)


def filled(code: str, values: dict[str, Scalar]) -> str:
    """Put the values back into a query, to be read."""
    return NAMED.sub(lambda match: literal(values[match[1]]), code)
