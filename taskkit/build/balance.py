"""Choose tasks so that no answer is right too often."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from taskkit.build.protocol import Balance

Turn = tuple[int, str]
"""Which turn of a dialogue, from 0, and the key of its answer."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A task that could be chosen."""

    id: str
    category: str
    answer: str
    """Key of its answer, equal for equal answers; of a dialogue the keys of its turns' answers,
    parted by spaces: each turn is held to the balance."""


def largest(counts: Iterable[int], share: float) -> int:
    """Give the largest set that these answers allow when each may hold ``share`` of it.

    Args:
        counts: How often each answer occurs.
        share: Above 0, at most 1; one occurrence is always allowed.
    """
    ordered = sorted(counts, reverse=True)
    size = sum(ordered)
    while True:
        cap = max(1, int(share * size))
        fitting = sum(min(count, cap) for count in ordered)
        if fitting >= size:
            return size
        size = fitting


def spread(available: dict[str, int], total: int) -> dict[str, int]:
    """Divide a total over categories as evenly as their supplies allow."""
    given: dict[str, int] = {}
    left = total
    for position, name in enumerate(sorted(available, key=lambda name: (available[name], name))):
        given[name] = min(available[name], left // (len(available) - position))
        left -= given[name]
    return given


def _take(
    candidates: Sequence[Candidate], quota: dict[str, int], total: int, balance: Balance
) -> list[Candidate]:
    chosen: list[Candidate] = []
    in_category: Counter[str] = Counter()
    answers: Counter[tuple[str, Turn]] = Counter()
    everywhere: Counter[Turn] = Counter()
    set_cap = max(1, int(balance.set_share * total))
    caps = {name: max(1, int(balance.category_share * size)) for name, size in quota.items()}
    for one in candidates:
        turns = list(enumerate(one.answer.split(" ")))
        if in_category[one.category] < quota[one.category] and all(
            answers[one.category, turn] < caps[one.category] and everywhere[turn] < set_cap
            for turn in turns
        ):
            chosen.append(one)
            in_category[one.category] += 1
            answers.update((one.category, turn) for turn in turns)
            everywhere.update(turns)
    return chosen


def choose(candidates: Iterable[Candidate], balance: Balance, limit: int | None) -> list[Candidate]:
    """Choose at most ``limit`` candidates within the balance, spread over the categories.

    The outcome depends on the candidates, not on their order. Caps are shares of what is
    chosen in the end: the choice is repeated on its own sizes until it holds.
    """
    ordered = sorted(candidates, key=lambda one: one.id)
    supply: dict[str, Counter[str]] = defaultdict(Counter)
    for one in ordered:
        supply[one.category][one.answer.partition(" ")[0]] += 1
    available = {
        name: largest(answers.values(), balance.category_share) for name, answers in supply.items()
    }
    while True:
        quota = spread(available, min(limit or len(ordered), sum(available.values())))
        chosen = _take(ordered, quota, sum(quota.values()), balance)
        reached = Counter(one.category for one in chosen)
        short = {name: reached[name] for name in quota if reached[name] < quota[name]}
        if not short:
            return chosen
        available |= short
