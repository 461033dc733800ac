"""Faults put into a note's statements, by kind, so that only the record shows them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from taskkit.ehr.chance import Chance, Weighted
from taskkit.notes.lexicon import DOSE_SLIPS, Lexicon
from taskkit.notes.moment import Calendar, Style, When
from taskkit.notes.pools import Pools
from taskkit.notes.record import SOURCES, TIMES, VALUES, Cell, Record
from taskkit.notes.statement import Fault, Statement, UnclearError, findings

TRIES = 12
FAULTS: Weighted[Fault] = Weighted(
    (("value", 24), ("time", 46), ("absent", 16), ("two", 12), ("unit", 2))
)
UNIT_COLUMN = {"lab": "valueuom", "drug": "dose_unit_rx"}
NAMED = ("drug", "organism", "diagnosis", "procedure")


@dataclass(frozen=True)
class Planter:
    """Puts faults into the statements of one note."""

    record: Record
    lexicon: Lexicon
    pools: Pools
    calendar: Calendar
    chance: Chance

    def plant(self, statements: Sequence[Statement], share: float) -> None:
        """Make about a share of the statements wrong, whatever they are about.

        Which ones is drawn before it is asked what can be done to each, so that no kind of
        statement is wrong more often than another.
        """
        for statement in statements:
            if self.chance.random() < share:
                self._fault(statement)

    def _fault(self, statement: Statement) -> None:
        if statement.trend is not None:
            statement.trend = "fall" if statement.trend == "rise" else "rise"
            statement.fault = "trend"
            return
        order = list(dict.fromkeys(FAULTS.draw(self.chance) for _ in range(12)))
        makers: Mapping[Fault, Callable[[Statement], Statement | None]] = {
            "value": self._value,
            "unit": self._unit,
            "time": self._time,
            "absent": self._absent,
            "two": self._two,
        }
        for fault in order:
            for _ in range(TRIES):
                made = makers[fault](statement)
                if made is not None and self._clear(made, fault):
                    if made.when is not None and made.when.relative:
                        for one in made.counted_from:
                            one.leaned_on = True
                    vars(statement).update(vars(made) | {"fault": fault})
                    return

    def _clear(self, statement: Statement, fault: Fault) -> bool:
        """Whether the record shows just the fault that was meant."""
        try:
            found = findings(self.record, statement)
        except UnclearError:
            return False
        return len(found) == (2 if fault == "two" else 1)

    def _value(self, statement: Statement) -> Statement | None:
        """State a value that another patient has, and this one never."""
        column = VALUES.get(statement.kind)
        if column is None or column not in statement.stated:
            return None
        new = self.pools.value(self.chance, statement.kind, statement.item)
        own = {one.cells[column] for one in self.record.about(statement.kind, statement.item)}
        if new is None or new in own or near(new, statement.stated[column]):
            return None
        if column == "spec_type_desc" and new not in self.lexicon.specimens:
            return None
        return replace(statement, stated={**statement.stated, column: new})  # type: ignore[dict-item]

    def _unit(self, statement: Statement) -> Statement | None:
        """State another unit."""
        column = UNIT_COLUMN.get(statement.kind)
        if column is None or column not in statement.stated:
            return None
        old = str(statement.stated[column])
        wrong: Sequence[str] = DOSE_SLIPS.get(old, ())
        if statement.kind != "drug":
            term = self.lexicon.term(statement.kind, statement.item)
            wrong = term.wrong_units if term is not None else ()
        others = [one for one in wrong if one != old]
        if not others:
            return None
        stated = {**statement.stated, column: self.chance.one(others)}
        return replace(statement, stated=stated)

    def _time(self, statement: Statement) -> Statement | None:
        """Name a time at which the record has nothing of the item."""
        if statement.when is None or statement.leaned_on or statement.shares_time:
            return None
        column = TIMES[statement.kind]
        own = [str(one.cells[column]) for one in self.record.about(statement.kind, statement.item)]
        new = self._other_time(statement, statement.when.style)
        if new is None or any(new.holds(time) for time in own):
            return None
        if statement.until is not None and new.end >= statement.until.start:
            return None
        return replace(statement, when=new)

    def _other_time(self, statement: Statement, style: Style) -> When | None:
        """The time of another event of the kind, told in the same style as true times are."""
        last = str(self.calendar.today or "9999")
        events = [one for one in self.record.events[statement.kind] if one.time[:10] <= last]
        anchors = statement.counted_from
        moved = any(one.fault in ("time", "two") for one in anchors)
        named = anchors[-1].until or anchors[-1].when if anchors and not moved else None
        time = self.chance.one(events).time
        when = self.calendar.naming(time, self.chance, named.day if named else None, style)
        return when if when.style == style else None

    def _absent(self, statement: Statement) -> Statement | None:
        """Name something that this patient has nothing of, as another patient has it."""
        if statement.kind not in NAMED:
            return None  # nearly every patient has the common tests: the others would stand out
        event = self.pools.other(self.chance, statement.kind, self.record)
        if event is None:
            return None
        term = self.lexicon.term(statement.kind, event.item)
        assert term is not None
        stated: dict[str, Cell] = {name: event.cells[name] for name in statement.stated}
        if any(cell is None for cell in stated.values()) or not wording(stated, self.lexicon):
            return None
        return replace(statement, item=event.item, stated=stated, verbatim="")

    def _two(self, statement: Statement) -> Statement | None:
        """State a wrong value at a wrong time, or with a wrong unit."""
        first = self._value(statement)
        if first is None:
            return None
        return self._time(first)


def near(one: object, other: object) -> bool:
    """Whether two values might be taken for one, rounded."""
    if isinstance(one, float) and isinstance(other, float):
        return abs(one - other) <= 0.02 * max(abs(one), abs(other))
    return one == other


def wording(stated: Mapping[str, Cell], lexicon: Lexicon) -> bool:
    """Whether there are words for what is stated."""
    specimen = stated.get("spec_type_desc")
    return specimen is None or specimen in lexicon.specimens


def columns(statement: Statement) -> tuple[str, ...]:
    """The columns that a statement is about, its item's name first."""
    return (SOURCES[statement.kind].naming, *statement.stated, *statement.times())
