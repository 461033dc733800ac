"""Queries that differ in their values only: what is known of all of them, found once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property, lru_cache
from typing import TypeAlias

from sqlglot import exp

from taskkit.sql.mutants.family import Scalar, split
from taskkit.sql.mutants.sql import UnparsableError, parse
from taskkit.sql.questions.tie import lists_rows, variants

FORMS = 2000  # kept; a bank has some hundreds
CLOCKS = (exp.CurrentTimestamp, exp.CurrentDate, exp.CurrentTime, exp.Rand)
CHANCE = ("random", "randomblob")
ROWS = 5  # of a reference's whole rows that are looked at

Values: TypeAlias = Mapping[str, Scalar]
"""Values of a query by the names of their parameters."""
Text: TypeAlias = str | Callable[[Values], str]
"""A piece of text, or what makes it of the values."""


class Prepared:
    """A query with a parameter for each of its values."""

    def __init__(self, tree: exp.Query) -> None:
        """Find nothing out yet."""
        self.tree = tree

    @cached_property
    def clocks(self) -> frozenset[str]:
        """What it reads of the clock or of chance, whatever its values."""
        found = {node.key for node in self.tree.find_all(*CLOCKS)}
        found |= {"'now'" for node in self.tree.find_all(exp.Literal) if _is_now(node.this)}
        calls = self.tree.find_all(exp.Anonymous)
        return frozenset(found | {call.name for call in calls if call.name.lower() in CHANCE})

    @cached_property
    def tables(self) -> frozenset[str]:
        """The tables of the database that it reads, in lower case."""
        common = {cte.alias.lower() for cte in self.tree.find_all(exp.CTE)}
        return frozenset(one.name.lower() for one in self.tree.find_all(exp.Table)) - common

    @cached_property
    def whole(self) -> str | None:
        """The query of the whole rows behind its own, at most `ROWS`.

        None where its rows are made of several: by an aggregate, a group or a set operation.
        """
        tree = self.tree
        if not isinstance(tree, exp.Select) or any(tree.args.get(k) for k in ("group", "distinct")):
            return None
        if any(one.find(exp.AggFunc, exp.Window) for one in tree.selects):
            return None
        wide = tree.copy()
        wide.set("expressions", [exp.Star()])
        wide.set("order", None)  # it may name a column that is no more
        return wide.limit(ROWS).sql(dialect="sqlite")

    @cached_property
    def listing(self) -> str | None:
        """The function that puts rows into one text in no order; None where none does."""
        return lists_rows(self.tree)

    @cached_property
    def settled(self) -> tuple[str, ...]:
        """The query with each choice that it leaves to the engine made, in several ways."""
        return tuple(variants(self.tree))

    @cached_property
    def _meaning(self) -> Text:
        tree = self.tree.copy()
        aliases: dict[str, str] = {}
        for node in tree.find_all(exp.Alias, exp.TableAlias):
            aliases.setdefault(node.alias_or_name.lower() or node.name.lower(), f"a{len(aliases)}")
        for identifier in tree.find_all(exp.Identifier):
            name = identifier.name.lower()
            identifier.set("this", aliases.get(name, name))
            identifier.set("quoted", False)
        return _canonical(tree)

    def meaning(self, values: Values) -> str:
        """Give a text that queries share which say the same in other words.

        The order of conditions, the sides of an equality, the names of aliases and the case do
        not count.
        """
        return _written(self._meaning, values)


def prepared(sql: str) -> tuple[Prepared, dict[str, Scalar]]:
    """Part a query into what it shares with others and its values.

    A query that cannot be parsed without its values shares nothing, and has none to itself.

    Raises:
        UnparsableError: it is not one query in SQLite's dialect.
    """
    try:
        family, values = split(sql)
        named = family.named(values)
    except (UnparsableError, ValueError):  # or it has parameters of its own
        return _prepared(sql), {}
    return _prepared(family.form), named


@lru_cache(FORMS)
def _prepared(form: str) -> Prepared:
    try:
        return Prepared(split(form)[0].tree)
    except UnparsableError:
        return Prepared(parse(form))


def clocks(sql: str) -> list[str]:
    """Give what a query reads of the clock or of chance.

    Raises:
        UnparsableError: it is not one query in SQLite's dialect.
    """
    found, values = prepared(sql)
    return sorted(found.clocks | {"'now'" for value in values.values() if _is_now(value)})


def _is_now(value: object) -> bool:
    return isinstance(value, str) and value.lower() == "now"


def _written(text: Text, values: Values) -> str:
    return text if isinstance(text, str) else text(values)


def _canonical(node: exp.Expr) -> Text:
    if isinstance(node, exp.And | exp.Or):
        parts, between = [_canonical(part) for part in node.flatten()], f" {node.key} "
        return _made(parts, lambda texts: f"({between.join(sorted(texts))})")
    if isinstance(node, exp.EQ):
        sides = [_canonical(node.left), _canonical(node.right)]
        return _made(sides, lambda texts: "({} = {})".format(*sorted(texts)))
    if isinstance(node, exp.Paren):
        return _canonical(node.this)
    if isinstance(node, exp.Literal):
        return repr(node.this) if node.is_string else str(node.this)
    if isinstance(node, exp.Placeholder):
        name = str(node.this)
        return lambda values: repr(values[name]) if name in values else f":{name}"
    parts, heads, key = [], [], node.key
    for name, child in sorted(node.args.items()):
        items = child if isinstance(child, list) else [child]
        texts = [_canonical(i) if isinstance(i, exp.Expr) else str(i) for i in items if i]
        if texts:
            heads.append((name, len(texts)))
            parts += texts

    def join(texts: list[str]) -> str:
        left = iter(texts)
        named = (f"{name}:{','.join(next(left) for _ in range(n))}" for name, n in heads)
        return f"{key}({' '.join(named)})"

    return _made(parts, join)


def _made(parts: list[Text], join: Callable[[list[str]], str]) -> Text:
    """Join pieces: now where none of them waits for values, else once there are values."""
    if all(isinstance(part, str) for part in parts):
        return join([str(part) for part in parts])
    return lambda values: join([_written(part, values) for part in parts])
