"""Spread a number of questions over the templates of a bank."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice

from taskkit.build.rejection import Rejection
from taskkit.sql.questions.fill import Check, Filler
from taskkit.sql.questions.question import Question

SHARE_SIZE = 100  # questions of one unit of work
STRETCH = 4  # times the mean that one template may be asked for; bounds the counting
PILOT = 16  # questions made to learn how many of a template's instances are worth asking
PATIENCE = 4  # instances tried for each of them


@dataclass(frozen=True, slots=True)
class Share:
    """A piece of work that depends on no other: `count` questions of every `parts`-th instance."""

    template: str
    part: int
    parts: int
    count: int


@dataclass(frozen=True, slots=True)
class Pilot:
    """What the first instances of a template came to."""

    results: tuple[Question | Rejection, ...]
    """In the order of the instances."""

    @property
    def questions(self) -> list[Question]:
        """Give those that can be asked."""
        return [one for one in self.results if isinstance(one, Question)]

    @classmethod
    def of(cls, filler: Filler, template: str) -> Pilot:
        """Try instances until there are enough questions, or too many instances were tried."""
        results: list[Question | Rejection] = []
        made = 0
        for result in islice(filler.results(template), PATIENCE * PILOT):
            results.append(result)
            made += isinstance(result, Question)
            if made == PILOT:
                break
        return cls(tuple(results))


def plan(capacities: Mapping[str, int], total: int) -> list[Share]:
    """Give the work that makes about ``total`` questions, as evenly as the templates allow.

    A template has at most as many as it can fill; what it lacks is spread over the others.
    """
    shares: list[Share] = []
    for template, count in level(capacities, total).items():
        parts = -(-count // SHARE_SIZE)
        sizes = (count // parts + (part < count % parts) for part in range(parts))
        shares += [Share(template, part, parts, size) for part, size in enumerate(sizes)]
    return shares


def ceiling(total: int, templates: int) -> int:
    """Give how many of ``total`` questions one template may be asked for."""
    return min(total, STRETCH * -(-total // templates))


def capacity(
    filler: Filler, template: str, pilot: Pilot, *, ceiling: int, check: Check | None = None
) -> int:
    """Estimate how many questions a template can make: its instances by the share of a pilot."""
    tried = len(pilot.results)
    found = islice(filler.fill(template, PILOT, known=pilot.results, check=check), tried)
    made = sum(isinstance(one, Question) for one in found)
    if filler.known(template, tried + 1) <= tried:
        return made
    need = -(-ceiling * tried // max(1, made))
    return min(ceiling, filler.known(template, need) * made // tried)


def level(capacities: Mapping[str, int], total: int) -> dict[str, int]:
    """Give each name as many as the others, or its capacity where that is less.

    What does not go round falls to names by their digest: in the order of the alphabet, a small
    set would leave out the categories whose templates begin with late letters.
    """
    counts: dict[str, int] = {}
    left = total
    order: Sequence[str] = sorted(capacities, key=lambda name: (capacities[name], _digest(name)))
    for done, name in enumerate(order):
        counts[name] = min(capacities[name], -(-left // (len(order) - done)))
        left -= counts[name]
    return {name: counts[name] for name in capacities if counts[name]}


def _digest(name: str) -> str:
    return sha256(name.encode()).hexdigest()
