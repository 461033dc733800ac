"""The entries of a table that some trait of a patient speaks for."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Generic, Protocol, TypeVar

from taskkit.ehr.course.rule import Rule, probability


class Ruled(Protocol):
    """An entry with a rule."""

    @property
    def given(self) -> Rule:
        """What brings it about."""
        ...


Entry = TypeVar("Entry", bound=Ruled)


class Table(Generic[Entry]):
    """Entries in the order of their file, found by trait: most have nothing to do with a stay."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        """Sort the entries."""
        self._entries = list(entries)
        self._places: dict[str, list[int]] = {}
        for place, entry in enumerate(self._entries):
            for trait, _ in entry.given:
                self._places.setdefault(trait, []).append(place)

    def likely(self, traits: Collection[str]) -> Iterator[tuple[Entry, float]]:
        """The entries that may come about, in order, each with its probability."""
        places: set[int] = set()
        for trait in traits:
            places.update(self._places.get(trait, ()))
        for place in sorted(places):
            entry = self._entries[place]
            yield entry, probability(entry.given, traits)
