"""The mutants that earned the reward, by domain and kind, beside those that did not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from taskkit.audit.record import Record

JUDGED = ("killed", "weak", "idle", "undecided")
"""Fates that count; a mutant that is equivalent, or was not run to its end, says nothing."""


@dataclass(frozen=True, slots=True)
class Survivor:
    """A mutant that earned the reward and is not known to be equivalent."""

    id: str
    """Of the instance."""
    change: str
    fate: str
    """`weak`, `idle` or `undecided`."""


@dataclass
class Kind:
    """What became of the mutants of one kind, in the tasks of one domain."""

    domain: str
    name: str
    fates: Counter[str] = field(default_factory=Counter)
    survivors: list[Survivor] = field(default_factory=list)

    @property
    def judged(self) -> int:
        """How many count."""
        return sum(self.fates[fate] for fate in JUDGED)

    @property
    def kill_rate(self) -> float | None:
        """The share killed of those that count; None where none does."""
        return kill_rate(self.fates)

    def left(self, *fates: str) -> list[Survivor]:
        """Give the survivors with one of some fates."""
        return [one for one in self.survivors if one.fate in fates]


def kill_rate(fates: Counter[str]) -> float | None:
    """Give the share killed of the mutants that are judged and not equivalent."""
    judged = sum(fates[fate] for fate in JUDGED)
    return fates["killed"] / judged if judged else None


def by_kind(records: Iterable[Record]) -> list[Kind]:
    """Sort the mutants of instances by domain and kind; most survivors first in each domain."""
    found: dict[tuple[str, str], Kind] = {}

    def of(domain: str, name: str) -> Kind:
        return found.setdefault((domain, name), Kind(domain, name))

    for one in records:
        for name, fate, *_ in one.loaded("fates"):
            of(one.domain, name).fates[fate] += 1
        for left in one.loaded("survivors"):
            survivor = Survivor(one.id, left["change"], left["fate"])
            of(one.domain, left["kind"]).survivors.append(survivor)
    return sorted(found.values(), key=lambda one: (one.domain, -len(one.survivors), one.name))
