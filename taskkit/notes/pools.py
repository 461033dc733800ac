"""What other patients of a database have: donors of values and things for planted faults."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from dataclasses import dataclass
from functools import cache

from taskkit.ehr.chance import Chance
from taskkit.notes.lexicon import Lexicon
from taskkit.notes.record import SOURCES, VALUES, Event, Kind, Record, read_record, stays

STAYS = 300  # whose events stand for all others'
MOST = 400  # donors of one item


@dataclass(frozen=True)
class Pools:
    """Events of a sample of stays."""

    events: dict[Kind, list[Event]]
    values: dict[tuple[Kind, str], list[object]]

    def value(self, chance: Chance, kind: Kind, item: str) -> object | None:
        """A value that another patient has of an item; None where no other has it."""
        values = self.values.get((kind, item))
        return chance.one(values) if values else None

    def other(self, chance: Chance, kind: Kind, record: Record) -> Event | None:
        """An event of another patient, about something that this one has nothing like."""
        events = self.events.get(kind)
        if not events:
            return None
        own = {one.item for one in record.events[kind]}
        for _ in range(20):
            event = chance.one(events)
            if event.item not in own and not any(
                alike(kind, event, other) for other in record.events[kind]
            ):
                return event
        return None


def alike(kind: Kind, one: Event, other: Event) -> bool:
    """Whether two things could be taken for one another."""
    if kind in ("diagnosis", "procedure"):
        codes = str(one.cells["icd9_code"])[:3], str(other.cells["icd9_code"])[:3]
        return codes[0] == codes[1] or bool(_words(one.item) & _words(other.item))
    return bool(_words(one.item) & _words(other.item))


@cache
def _words(text: str) -> frozenset[str]:
    """The words of a name that tell what it is."""
    cut = text.replace("-", " ").replace(",", " ").replace("(", " ").replace("/", " ").split()
    return frozenset(word[:6] for word in cut if len(word) >= 4) - COMMON


COMMON = {
    word[:6]
    for word in (
        *("unspecified", "without", "other", "mention", "disease", "acute", "chronic", "with"),
        *("urine", "sodium", "serum", "sulfate", "potassium", "specified", "elsewhere", "total"),
        *("insertion", "injection", "infusion", "type", "stated", "classified", "status"),
    )
}


def read_pools(connection: sqlite3.Connection, lexicon: Lexicon) -> Pools:
    """Read the events of stays spread over the database."""
    every = stays(connection)
    step = max(1, len(every) // STAYS)
    events: defaultdict[Kind, list[Event]] = defaultdict(list)
    values: defaultdict[tuple[Kind, str], list[object]] = defaultdict(list)
    for hadm in every[::step]:
        record = read_record(connection, hadm)
        for kind in SOURCES:
            for event in record.events[kind]:
                if lexicon.term(kind, event.item) is None:
                    continue
                pool = values[kind, event.item]
                if kind in VALUES and len(pool) < MOST:
                    pool.append(event.cells[VALUES[kind]])
            seen: set[str] = set()
            for event in record.events[kind]:
                if event.item not in seen and lexicon.term(kind, event.item) is not None:
                    seen.add(event.item)
                    events[kind].append(event)
    return Pools(dict(events), dict(values))
