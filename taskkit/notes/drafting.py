"""Statements drafted from the events of a stay, each event told once."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property

from taskkit.ehr.chance import Chance
from taskkit.notes.lexicon import Lexicon
from taskkit.notes.moment import Calendar, Style, When, moment, on_day
from taskkit.notes.record import SOURCES, VALUES, Cell, Event, Kind, Record
from taskkit.notes.statement import Statement, UnclearError, findings

TIMELESS = 0.25  # share of statements outside of lists that name no time
FREQUENT = ("vital", "intake", "output")  # charted many times a day
TO_THE_MINUTE = 0.65  # share of the times of these
UNITLESS = (None, "", "units")
WITH_UNIT = 0.65  # share of values with their unit
LEAST_TREND = 0.1  # of the larger value: less is no trend that anyone would write down


@dataclass
class Drafter:
    """Makes statements that the record bears out, and remembers what was told."""

    record: Record
    lexicon: Lexicon
    calendar: Calendar
    chance: Chance
    anchor: date | None = None
    anchored: list[Statement] = field(default_factory=list)
    """The statements that named the anchor."""
    _told: set[tuple[object, ...]] = field(default_factory=set)

    def begin(self) -> None:
        """Begin a section: no day is named yet."""
        self.anchor, self.anchored = None, []

    def known(self, kinds: Iterable[Kind], system: str | None = None) -> list[Event]:
        """Events not told yet that there are words for, of a system or of any."""
        return [
            event
            for kind in kinds
            for event, own in self._worded[kind]
            if (system is None or own == system) and self._free(event)
        ]

    @cached_property
    def _worded(self) -> dict[Kind, list[tuple[Event, str]]]:
        """The events that there are words for, each with the system that it belongs to."""
        found: dict[Kind, list[tuple[Event, str]]] = {}
        for kind, events in self.record.events.items():
            terms = {item: self.lexicon.term(kind, item) for item in {one.item for one in events}}
            found[kind] = [
                (one, term.system)
                for one in events
                if (term := terms[one.item]) is not None and self._sayable(one)
            ]
        return found

    def count(self, kinds: Iterable[Kind]) -> Counter[str]:
        """How many events there are words for, by system."""
        return Counter(own for kind in kinds for _, own in self._worded[kind])

    def _sayable(self, event: Event) -> bool:
        cells = [event.cells[name] for name in SOURCES[event.kind].columns if name != "enddate"]
        if event.kind in ("lab", "vital"):
            cells = [event.cells["valuenum"]]
        if any(cell is None or cell == "" for cell in cells):
            return False
        today = self.calendar.today
        if today is not None and event.time[:10] > str(today):
            return False
        if event.kind == "organism":
            return event.cells["spec_type_desc"] in self.lexicon.specimens
        return event.kind != "drug" or str(event.cells["dose_val_rx"]).replace(".", "", 1).isdigit()

    def _keys(self, event: Event) -> list[tuple[object, ...]]:
        if event.kind in ("drug", "organism", "diagnosis", "procedure"):
            return [(event.kind, event.item)]
        keys: list[tuple[object, ...]] = [(event.kind, event.item, event.time)]
        term = self.lexicon.term(event.kind, event.item)
        if term is not None and term.coupled:
            keys.append((event.kind, term.coupled, event.time[:10]))
        return keys

    def _free(self, event: Event) -> bool:
        return self._told.isdisjoint(self._keys(event))

    def _tell(self, events: Sequence[Event]) -> None:
        for event in events:
            self._told.update(self._keys(event))

    def one(
        self, event: Event, *, style: Style | None = None, timeless: bool | None = None
    ) -> Statement | None:
        """A statement of an event, with a time of its own or none."""
        if timeless is None:
            timeless = event.kind not in FREQUENT and self.chance.random() < TIMELESS
        style = style or self._style(event.kind)
        when = None
        if not timeless and event.time:
            when = self.calendar.naming(event.time, self.chance, self.anchor, style)
        made = self._stating(event, when)
        if event.kind == "drug" and when is not None and self.chance.random() < 0.35:
            made.until = self._until(event, when)
        return self._kept([event], [made], when)

    def _style(self, kind: Kind) -> Style | None:
        """How the time of a kind is told: what is charted each hour, to the minute as a rule."""
        return "minute" if kind in FREQUENT and self.chance.random() < TO_THE_MINUTE else None

    def _kept(
        self, events: Sequence[Event], made: list[Statement], when: When | None
    ) -> Statement | None:
        """The first of the statements, if the record bears them out; they then count as told."""
        for one in made:
            try:
                if findings(self.record, one):
                    return None
            except UnclearError:
                return None
        self._tell(events)
        if when is not None:
            if when.relative:
                for one in self.anchored:
                    one.leaned_on = True
            last = made[-1].until or when
            self.anchor, self.anchored = last.day, list(made)
        return made[0]

    def _stating(self, event: Event, when: When | None) -> Statement:
        stated: dict[str, Cell] = {}
        if event.kind in VALUES:
            stated[VALUES[event.kind]] = event.cells[VALUES[event.kind]]
        if event.kind == "drug":
            stated["dose_unit_rx"] = event.cells["dose_unit_rx"]
        united = event.kind in ("lab", "vital") and event.cells["valueuom"] not in UNITLESS
        if united and self.chance.random() < WITH_UNIT:
            stated["valueuom"] = event.cells["valueuom"]
        return Statement(event.kind, event.item, stated, when, counted_from=tuple(self.anchored))

    def _until(self, event: Event, when: When) -> When | None:
        end = event.cells["enddate"]
        if end is None or str(end)[:10] <= when.end[:10]:
            return None
        if self.calendar.today is not None and str(end)[:10] > str(self.calendar.today):
            return None
        return on_day(moment(str(end)).date(), self.chance)

    def panel(
        self, events: Sequence[Event], most: int, *, style: Style | None = None
    ) -> list[Statement]:
        """Statements of events of one time, which is named once for all."""
        chosen: list[Event] = []
        for event in events:
            coupled = {key for one in chosen for key in self._keys(one)}
            if len(chosen) < most and self._free(event) and not coupled & {*self._keys(event)}:
                chosen.append(event)
        if not chosen:
            return []
        style = style or self._style(chosen[0].kind)
        when = self.calendar.naming(chosen[0].time, self.chance, self.anchor, style)
        made = [self._stating(event, when) for event in chosen]
        for one in made:
            one.shares_time = True
        return made if self._kept(chosen, made, when) is not None else []

    def trend(self, kind: Kind, item: str) -> Statement | None:
        """A statement that something rose or fell between two days."""
        events = self.record.about(kind, item)
        if self.calendar.today is not None:
            events = [one for one in events if one.time[:10] <= str(self.calendar.today)]
        days = sorted({one.time[:10] for one in events})
        if len(days) < 2 or (kind, "trend", item) in self._told:
            return None
        first, last = sorted(
            (self.chance.whole(0, len(days) - 1), self.chance.whole(0, len(days) - 1))
        )
        if first == last:
            first, last = 0, len(days) - 1
        start = on_day(date.fromisoformat(days[first]), self.chance)
        end = on_day(date.fromisoformat(days[last]), self.chance)
        made = Statement(kind, item, {}, start, end, trend="rise")
        values = [
            float(str(one.cells["valuenum"]))
            for when in (start, end)
            for one in [one for one in events if when.holds(one.time)][
                :: 1 if when is start else -1
            ][:1]
        ]
        if abs(values[0] - values[1]) < LEAST_TREND * max(map(abs, values)):
            return None
        if values[1] < values[0]:
            made = replace(made, trend="fall")
        if self._kept([], [made], start) is None:
            return None
        self._told.add((kind, "trend", item))
        return made

    def panels(self, kind: Kind, events: Iterable[Event]) -> list[list[Event]]:
        """Events by their time, those of a time with the most first."""
        times: defaultdict[str, list[Event]] = defaultdict(list)
        for event in events:
            times[event.time].append(event)
        return sorted(times.values(), key=lambda one: (-len(one), one[0].time))

    def shuffled(self, items: Sequence[Event]) -> list[Event]:
        """Events in an order of chance."""
        keyed = [(self.chance.random(), number) for number in range(len(items))]
        return [items[number] for _, number in sorted(keyed)]
