"""What a note states of the record, and where the record disagrees with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from taskkit.notes.moment import When
from taskkit.notes.record import SOURCES, TIMES, Cell, Event, Kind, Record

Fault = Literal["value", "unit", "time", "absent", "trend", "two"]
Trend = Literal["rise", "fall"]


@dataclass(frozen=True, order=True)
class Finding:
    """A column in which the record says something else."""

    column: str
    recorded: Cell = field(compare=False)
    """What it says; None where it says nothing, or several things."""


@dataclass
class Statement:
    """One thing that a note states; a plan of a sentence until its number is known."""

    kind: Kind
    item: str
    stated: dict[str, Cell] = field(default_factory=dict)
    """Column and value, for all but times."""
    when: When | None = None
    until: When | None = None
    """When a drug was stopped, or a trend ends."""
    trend: Trend | None = None
    counted_from: tuple[Statement, ...] = field(default=(), repr=False)
    """The statements that named the day before it, which a relative time of its own counts from."""
    leaned_on: bool = False
    """A later time of the note is counted from its day."""
    shares_time: bool = False
    """Its time stands once, for several statements."""
    verbatim: str = ""
    """What the note calls it."""
    fault: Fault | None = None
    number: int = 0

    def times(self) -> Mapping[str, When]:
        """The spans that it states, by column."""
        found: dict[str, When] = {}
        column = TIMES.get(self.kind)
        if self.when is not None and column is not None:
            found[column] = self.when
        if self.until is not None and self.trend is None:
            found["enddate"] = self.until
        return found


class UnclearError(ValueError):
    """The record does not say what is wrong with a statement: several things could be."""


def findings(record: Record, statement: Statement) -> tuple[Finding, ...]:
    """Compare a statement with the row of the record that comes closest to it.

    Raises:
        UnclearError: rows that come equally close differ in different columns.
    """
    events = record.about(statement.kind, statement.item)
    if not events:
        return (Finding(SOURCES[statement.kind].naming, None),)
    if statement.trend is not None:
        return _trend(events, statement)
    wrong = [(_differing(event, statement), event) for event in events]
    least = min(len(columns) for columns, _ in wrong)
    closest = [(columns, event) for columns, event in wrong if len(columns) == least]
    if len({columns for columns, _ in closest}) > 1:
        raise UnclearError(f"{statement.item}: several columns may be wrong")
    return tuple(
        Finding(column, _shared([event.cells[column] for _, event in closest]))
        for column in closest[0][0]
    )


def _differing(event: Event, statement: Statement) -> tuple[str, ...]:
    found = [name for name, cell in statement.stated.items() if event.cells[name] != cell]
    for name, when in statement.times().items():
        time = event.cells[name]
        if time is None or not when.holds(str(time)):
            found.append(name)
    return tuple(sorted(found))


def _shared(cells: Sequence[Cell]) -> Cell:
    return cells[0] if len(set(cells)) == 1 else None


def _trend(events: Sequence[Event], statement: Statement) -> tuple[Finding, ...]:
    """Compare the first value of the first day with the last one of the second.

    Raises:
        UnclearError: there is no such value, or they are equal.
    """
    assert statement.when is not None
    assert statement.until is not None
    first = [one for one in events if statement.when.holds(one.time)]
    last = [one for one in events if statement.until.holds(one.time)]
    if not first or not last:
        raise UnclearError(f"{statement.item}: no values that a trend could lie between")
    ends = {one.cells["valuenum"] for one in first if one.time == first[0].time}
    aims = {one.cells["valuenum"] for one in last if one.time == last[-1].time}
    before, after = ends.pop(), aims.pop()
    if ends or aims or before == after:
        raise UnclearError(f"{statement.item}: neither a rise nor a fall")
    assert isinstance(before, float)
    assert isinstance(after, float)
    actual: Trend = "rise" if after > before else "fall"
    return () if actual == statement.trend else (Finding("trend", actual),)
