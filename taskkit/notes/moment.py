"""Times as a note names them, each with the span of the record that it means."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from taskkit.ehr.chance import Chance
from taskkit.notes.record import Record

Style = Literal["minute", "day", "narrated"]
MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July", "August"),
    *("September", "October", "November", "December"),
)
LATER = {1: "the next day", 2: "two days later", 3: "three days later"}


@dataclass(frozen=True)
class When:
    """A time in a note."""

    style: Style
    words: str
    """As they stand within a sentence."""
    start: str
    """`YYYY-MM-DD HH:MM:SS`, as the end; both belong to the span."""
    end: str
    relative: bool = False
    """It is counted from the day that was named before."""

    @property
    def day(self) -> date:
        """The day that later times are counted from."""
        return date.fromisoformat(self.start[:10])

    def holds(self, time: str) -> bool:
        """Whether a time of the record lies in the span."""
        return self.start <= time <= self.end


def moment(time: str) -> datetime:
    """Read a time of the record."""
    return datetime.fromisoformat(time)


def span(start: datetime, **length: float) -> tuple[str, str]:
    """A span from a time on; its last second is the one before the end."""
    return str(start), str(start + timedelta(**length) - timedelta(seconds=1))


def whole(day: date) -> tuple[str, str]:
    """A calendar day."""
    return f"{day} 00:00:00", f"{day} 23:59:59"


def minute(time: str, chance: Chance) -> When:
    """A date with the time of day."""
    at = moment(time)
    on = dated(at.date(), chance)
    clock = chance.one((f"{at:%H:%M}", f"{at:%H:%M}", f"{at:%H%M}"))
    words = chance.one((f"{on} at {clock}", f"at {clock} {on}"))
    return When("minute", words, f"{time[:16]}:00", f"{time[:16]}:59")


def dated(day: date, chance: Chance) -> str:
    """A date in words or digits."""
    return chance.one(
        (
            f"on {day.month}/{day.day}",
            f"on {day.month}/{day.day}",
            f"on {day:%m/%d}",
            f"on {MONTHS[day.month - 1]} {day.day}",
            f"on {MONTHS[day.month - 1][:3]} {day.day}",
            f"on {day.month}/{day.day}/{day:%y}",
            f"on {day}",
        )
    )


def on_day(day: date, chance: Chance) -> When:
    """A written day."""
    return When("day", dated(day, chance), *whole(day))


@dataclass(frozen=True)
class Calendar:
    """The times that can be named in one note."""

    record: Record
    today: date | None = None
    """The day of the note, where it was written during the stay."""

    def narrated(
        self, anchor: date | None
    ) -> Iterator[tuple[tuple[str, ...], tuple[str, str], bool]]:
        """Every time that can be told without a date: its wordings, its span, and whether it is
        counted from ``anchor``, the day named before.
        """
        admitted = moment(self.record.admitted)
        if self.today is None:
            yield ("on admission", "on presentation", "on arrival"), span(admitted, hours=24), False
            for number in range(2, 15):
                day = admitted.date() + timedelta(days=number - 1)
                yield (f"on hospital day {number}", f"on HD {number}"), whole(day), False
            if self.record.discharged:
                day = moment(self.record.discharged).date()
                yield ("on the day of discharge",), whole(day), False
            if self.record.units:
                entered = moment(self.record.units[0][1])
                words = ("on arrival to the ICU", "on transfer to the ICU")
                yield words, span(entered, hours=24), False
        else:
            yield from self._around(self.today)
        if anchor is not None and self.today is None:
            yield from _after(anchor)

    def _around(self, today: date) -> Iterator[tuple[tuple[str, ...], tuple[str, str], bool]]:
        start = datetime.combine(today, datetime.min.time())
        yield ("today",), whole(today), False
        yield ("this morning",), span(start + timedelta(hours=4), hours=8), False
        yield ("yesterday",), whole(today - timedelta(days=1)), False
        yield ("overnight", "last night"), span(start - timedelta(hours=4), hours=12), False

    def naming(
        self, time: str, chance: Chance, anchor: date | None, style: Style | None = None
    ) -> When:
        """Name the time of an event in one way of several."""
        drawn = style or chance.one(("minute", "day", "day", "narrated", "narrated"))
        if drawn == "narrated":
            fitting = [one for one in self.narrated(anchor) if one[1][0] <= time <= one[1][1]]
            if fitting:
                words, bounds, relative = chance.one(fitting)
                return When("narrated", chance.one(words), *bounds, relative)
            drawn = "day"
        if drawn == "day":
            return on_day(moment(time).date(), chance)
        return minute(time, chance)


def _after(anchor: date) -> Iterator[tuple[tuple[str, ...], tuple[str, str], bool]]:
    start = datetime.combine(anchor, datetime.min.time())
    yield ("the next morning",), span(start + timedelta(hours=28), hours=8), True
    yield ("that evening",), span(start + timedelta(hours=17), hours=7), True
    yield ("that night",), span(start + timedelta(hours=20), hours=12), True
    yield ("later that day", "the same day"), whole(anchor), True
    for days, words in LATER.items():
        yield (words,), whole(anchor + timedelta(days=days)), True
    yield ("the following day",), whole(anchor + timedelta(days=1)), True
