"""Spread a number of questions over the templates of a bank."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from taskkit.questions.fill import Filler
from taskkit.questions.question import Question

SHARE_SIZE = 100  # questions of one unit of work
STRETCH = 4  # times the mean that one template may be asked for; bounds the counting
PILOT = 12  # questions made to learn how many of a template's instances are worth asking
PATIENCE = 4  # instances tried for each of them


@dataclass(frozen=True, slots=True)
class Share:
    """A piece of work that depends on no other: `count` questions of every `parts`-th instance."""

    template: str
    part: int
    parts: int
    count: int


def plan(filler: Filler, total: int) -> list[Share]:
    """Give the work that makes about ``total`` questions, as evenly as the templates allow.

    A template has at most as many as it can fill; what it lacks is spread over the others. Shares
    of a template stand together, so that a worker draws its instances once.
    """
    counts = level(capacities(filler, total), total)
    shares: list[Share] = []
    for template, count in counts.items():
        parts = -(-count // SHARE_SIZE)
        sizes = (count // parts + (part < count % parts) for part in range(parts))
        shares += [Share(template, part, parts, size) for part, size in enumerate(sizes)]
    return shares


def capacities(filler: Filler, total: int) -> dict[str, int]:
    """Estimate how many of ``total`` questions each template can make."""
    entries = filler.bank.entries
    ceiling = min(total, STRETCH * -(-total // len(entries)))
    return {template: capacity(filler, template, ceiling=ceiling) for template in entries}


def capacity(filler: Filler, template: str, *, ceiling: int) -> int:
    """Estimate how many questions a template can make: its instances by the share of a pilot."""
    results = list(islice(filler.fill(template, PILOT), PATIENCE * PILOT))
    made = sum(isinstance(result, Question) for result in results)
    if made < PILOT and len(results) < PATIENCE * PILOT:
        return made
    need = -(-ceiling * len(results) // max(1, made))
    return min(ceiling, filler.known(template, need) * made // len(results))


def level(capacities: Mapping[str, int], total: int) -> dict[str, int]:
    """Give each name as many as the others, or its capacity where that is less."""
    counts: dict[str, int] = {}
    left = total
    order: Sequence[str] = sorted(capacities, key=lambda name: (capacities[name], name))
    for done, name in enumerate(order):
        counts[name] = min(capacities[name], -(-left // (len(order) - done)))
        left -= counts[name]
    return {name: counts[name] for name in capacities if counts[name]}
