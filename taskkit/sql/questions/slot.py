"""The literals of a query that name something in the database, and that its question names too."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from sqlglot import exp

from taskkit.sql.questions.inference import Scalar

FIXED_COLUMNS = frozenset(
    {"linksto", "event_type", "eventtype", "gender", "age", "hospitaldischargestatus"}
)
"""Compared with words that mean the same in every database."""
YEAR = re.compile(r"(2\d{3})(?:-|$)")


@dataclass(frozen=True, slots=True, order=True)
class Slot:
    """A value that question and query share."""

    text: str
    """The value as the query writes it, without quotes."""
    is_string: bool
    table: str
    column: str
    """The column that it is compared with, in a table of the database."""

    @property
    def key(self) -> tuple[str, str]:
        """What two literals share that must change together."""
        return self.text, "" if self.is_string else self.column


def find_slots(tree: exp.Expr, text: str, *, mentioned: bool = True) -> list[Slot]:
    """Give the slots of a query, each once, in the order of their values.

    A literal is one if it is compared for equality with a column of a table, and if the question
    names it, in any case, between word boundaries.

    Args:
        mentioned: False for the literals that would be slots if the question named them.
    """
    found: dict[tuple[str, str], Slot] = {}
    for literal in tree.find_all(exp.Literal):
        slot = slot_of(literal)
        if slot and slot.key not in found and mentions(text, slot.text) == mentioned:
            found[slot.key] = slot
    return sorted(found.values())


def slot_of(literal: exp.Literal) -> Slot | None:
    """Give the slot that a literal would be, whether or not the question names it."""
    parent = literal.parent
    if not isinstance(parent, (exp.EQ, exp.In)) or not isinstance(parent.this, exp.Column):
        return None
    place = base_column(parent.this)
    if place is None or place[1] in FIXED_COLUMNS:
        return None
    return Slot(literal.this, literal.is_string, *place)


def base_column(column: exp.Column) -> tuple[str, str] | None:
    """Give the table and column of the database behind a column of a query, in lower case."""
    select = column.find_ancestor(exp.Select)
    while select is not None:
        for source in sources(select):
            if column.table and source.alias_or_name.lower() != column.table.lower():
                continue
            if isinstance(source, exp.Table):
                return source.name.lower(), column.name.lower()
            return _behind(source, column.name)
        select = select.parent.find_ancestor(exp.Select) if select.parent else None
    return None


def sources(select: exp.Select) -> list[exp.Expr]:
    """Give the tables and derived tables that a query reads, in order."""
    first = select.args.get("from_") or select.args.get("from")
    joined = [join.this for join in select.args.get("joins") or []]
    return [*([first.this] if first else []), *joined]


def _behind(source: exp.Expr, name: str) -> tuple[str, str] | None:
    if not isinstance(source.this, exp.Query):
        return None
    for projection in source.this.selects:
        if projection.alias_or_name.lower() == name.lower():
            inner = projection.unalias()
            return base_column(inner) if isinstance(inner, exp.Column) else None
    return None


def years(tree: exp.Expr, text: str) -> list[int]:
    """Give the years that texts of the query start with and that the question names."""
    found = {
        int(match.group(1))
        for literal in tree.find_all(exp.Literal)
        if literal.is_string and _is_clock(literal) and (match := YEAR.match(literal.this))
    }
    return sorted(year for year in found if re.search(_whole_number(year), text))


def _is_clock(literal: exp.Literal) -> bool:
    """Whether the literal is compared with a formatted time."""
    other = literal.parent.this if literal.parent else None
    return isinstance(literal.parent, exp.Predicate) and isinstance(other, exp.Func)


def mentions(text: str, value: str) -> bool:
    """Whether a text names a value, in any case, between word boundaries."""
    return re.search(bounded(value), text, re.IGNORECASE) is not None


def replace_in_text(text: str, values: Mapping[str, str]) -> str:
    """Replace values that a text names, all at once."""
    if not values:
        return text
    lower = {old.lower(): new for old, new in values.items()}
    pattern = "|".join(map(bounded, sorted(lower, key=lambda old: (-len(old), old))))
    return re.sub(pattern, lambda m: lower[m.group().lower()], text, flags=re.IGNORECASE)


def replace_in_tree(tree: exp.Query, values: Mapping[tuple[str, str], Scalar]) -> exp.Query:
    """Give a copy of a query with other values in its slots."""
    copy = tree.copy()
    for literal in list(copy.find_all(exp.Literal)):
        slot = slot_of(literal)
        if slot is not None and slot.key in values:
            literal.replace(exp.convert(values[slot.key]))
    return copy


def shift_years(tree: exp.Query, text: str, by: int) -> tuple[exp.Query, str]:
    """Move the years of a query, and of its question, by a number of years."""
    found = years(tree, text)
    copy = tree.copy()
    for literal in list(copy.find_all(exp.Literal)):
        match = YEAR.match(literal.this) if literal.is_string and _is_clock(literal) else None
        if match and int(match.group(1)) in found:
            moved = f"{int(match.group(1)) + by}{literal.this[4:]}"
            literal.replace(exp.Literal.string(moved))
    pattern = "|".join(map(_whole_number, found))
    return copy, re.sub(pattern, lambda match: str(int(match.group()) + by), text)


def _whole_number(number: int) -> str:
    return rf"(?<!\d){number}(?!\d)"


def bounded(value: str) -> str:
    """Give a pattern for a value between word boundaries, and not part of a longer number."""
    return rf"(?<!\w)(?<!\d[-./:]){re.escape(value)}(?!\w|[-./:]\d)"
