"""Measured values: which of them can be compared, and which questions compare others."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from taskkit.sql.mutants.family import Scalar, split
from taskkit.sql.mutants.sql import UnparsableError
from taskkit.sql.questions.measured import Uses, literals, uses

NUMBER = re.compile(r"\s*[+-]?(\d+(\.\d*)?|\.\d+)\s*", re.ASCII)
SHOWN = 6  # items or units that a message names
Fault: TypeAlias = tuple[str, str]
"""The code of a rejection, and what was found."""


@dataclass(frozen=True)
class Measure:
    """A column of a database that holds what was measured, of many items."""

    table: str
    value: str
    """The column with the numbers."""
    item: str
    """The column that says what was measured."""
    unit: str | None = None
    """The column of the units; None where the table has none."""
    named: tuple[str, str] | None = None
    """A table and its column with the names of the items, by the same key."""

    def __str__(self) -> str:
        return f"{self.table}.{self.value}"


@dataclass(frozen=True)
class Measured:
    """What stands in a measured column, item by item."""

    measure: Measure
    texts: bool
    """Its type is text: it compares letter by letter."""
    units: Mapping[str, tuple[str, ...]] = field(default_factory=dict, hash=False)
    """The items with several units, by name and by key, in lower case."""
    foreign: Mapping[str, str] = field(default_factory=dict, hash=False)
    """The items with a text that is no number, and the first such text."""
    items: int = 0
    """How many items there are; in most of the column's, texts may be meant to be none."""

    @classmethod
    def of(cls, measure: Measure, connection: sqlite3.Connection) -> Measured | None:
        """Look at a column; None where the database has no such column."""
        declared = {
            name.lower(): str(kind).lower()
            for name, kind in connection.execute(
                "select name, type from pragma_table_info(?)", (measure.table,)
            )
        }
        if not {measure.value, measure.item} <= set(declared):
            return None
        texts = "text" in declared[measure.value] or "char" in declared[measure.value]
        units = _units(measure, connection) if measure.unit in declared else {}
        foreign = _foreign(measure, connection) if texts else {}
        query = f'select count(distinct "{measure.item}") from "{measure.table}"'
        items = connection.execute(query).fetchone()[0]
        if not texts and not units:
            return None
        return cls(measure, texts, units, foreign, items)

    def fault(self, used: Uses, values: Mapping[str, Scalar], text: str) -> Fault | None:
        """Say why values that a query compares cannot be; None where they can."""
        measure = self.measure
        asked = [*used.items(values)]
        if self.texts and used.lettered:
            return "text_numbers", f"{measure} holds texts, which compare letter by letter"
        if self.texts and used.computed:
            for item in _asked(self.foreign, asked):
                detail = f"{measure} of {item!r} holds {self.foreign[item]!r}: no number"
                return "text_numbers", detail
        if used.compared and not _holds_unit(used, values, text):
            for item in _asked(self.units, asked):
                return "mixed_units", f"{measure} of {item!r} is in {_list(self.units[item])}"
        return None


@dataclass(frozen=True)
class Measures:
    """The measured columns of a database that not every question may compare."""

    columns: tuple[Measured, ...] = ()

    @classmethod
    def of(cls, measures: Sequence[Measure], connection: sqlite3.Connection) -> Measures:
        """Look at the columns of a database once."""
        found = (Measured.of(one, connection) for one in measures)
        return cls(tuple(one for one in found if one is not None))

    def fault(self, sql: str, text: str) -> Fault | None:
        """Say why a query compares what cannot be compared; None where it does not.

        Args:
            sql: The query.
            text: Its question: the unit that the query holds to must stand there.
        """
        lower = sql.lower()
        for one in self.columns:
            if one.measure.value in lower and one.measure.table in lower:
                try:
                    family, given = split(sql)
                except UnparsableError:
                    return None  # refused elsewhere, by that name
                found = one.fault(uses(family.form, one.measure), family.named(given), text)
                if found is not None:
                    return found
        return None

    def notes(self) -> Iterator[str]:
        """Name the items that questions which compare values leave out."""
        for one in self.columns:
            foreign = one.foreign if 2 * len(one.foreign) <= one.items else {}
            for said, items in (
                ("in several units", one.units),
                ("with a text that is no number", foreign),
            ):
                names = [name for name in items if not name.isdigit()] or list(items)
                if names:
                    yield (
                        f"{one.measure}: {len(names):,} items {said}, left out of questions that"
                        f" compare their values: {_list(names)}"
                    )


def _units(measure: Measure, connection: sqlite3.Connection) -> dict[str, tuple[str, ...]]:
    """Give the items with several units; of items with one name, those of all count."""
    key, names = measure.item, "null"
    if measure.named is not None:
        table, column = measure.named
        names = f'(select "{column}" from "{table}" n where n."{key}" = m."{key}")'
    found: dict[str, set[str]] = {}
    for item, name, unit in connection.execute(
        f'select lower(m."{key}"), lower({names}), lower(trim(m."{measure.unit}"))'
        f' from (select distinct "{key}", "{measure.unit}" from "{measure.table}"'
        f' where "{measure.value}" is not null) m'
        f" where trim(m.\"{measure.unit}\") <> '' group by 1, 2, 3 order by 1, 2, 3"
    ):
        for one in (item, name):
            if one is not None:
                found.setdefault(str(one), set()).add(str(unit))
    return {item: tuple(sorted(units)) for item, units in found.items() if len(units) > 1}


def _foreign(measure: Measure, connection: sqlite3.Connection) -> dict[str, str]:
    found: dict[str, str] = {}
    for item, value in connection.execute(
        f'select distinct lower("{measure.item}"), "{measure.value}" from "{measure.table}"'
        f' where "{measure.value}" is not null and "{measure.item}" is not null order by 1, 2'
    ):
        if not NUMBER.fullmatch(str(value)):
            found.setdefault(str(item), str(value)[:40])
    return found


def _asked(items: Mapping[str, object], asked: Sequence[tuple[str, bool]]) -> Iterator[str]:
    """Give those of some items that a query asks about: all, where it names none."""
    for item in items:
        if not asked or any(_like(item, one) if like else item == one for one, like in asked):
            yield item


def _like(item: str, pattern: str) -> bool:
    parts = (re.escape(part).replace("_", ".") for part in pattern.split("%"))
    return re.fullmatch(".*?".join(parts), item, re.DOTALL) is not None


def _holds_unit(used: Uses, values: Mapping[str, Scalar], text: str) -> bool:
    held = {str(one).casefold() for one in literals(used.units, values)}
    return len(held) == 1 and held.pop() in text.casefold()


def _list(names: Sequence[str]) -> str:
    more = f" and {len(names) - SHOWN:,} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more
