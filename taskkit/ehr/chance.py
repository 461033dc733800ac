"""Random draws that are the same on every platform: only `random()`, sums and comparisons."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterable, Sequence
from itertools import accumulate
from random import Random
from typing import Generic, TypeVar

Item = TypeVar("Item")
UNIT_SPREAD = 3**0.5  # four uniforms have a variance of 4/12


class Chance:
    """A stream of draws that a text seeds; another text gives an unrelated stream."""

    def __init__(self, seed: str) -> None:
        """Start the stream."""
        self.random = Random(seed).random

    def normal(self) -> float:
        """Give about a standard normal, within 3.5: a sum of uniforms, free of `exp` and `log`."""
        draw = self.random
        return (draw() + draw() + draw() + draw() - 2) * UNIT_SPREAD

    def between(self, low: float, high: float) -> float:
        """Give a number from ``low`` up to ``high``."""
        return low + (high - low) * self.random()

    def whole(self, low: int, high: int) -> int:
        """Give a whole number from ``low`` to ``high``, both possible."""
        return low + int((high - low + 1) * self.random())

    def one(self, items: Sequence[Item]) -> Item:
        """Give one of the items, each as likely."""
        return items[int(len(items) * self.random())]


class Weighted(Generic[Item]):
    """Items, each with a weight to be drawn by."""

    def __init__(self, pairs: Iterable[tuple[Item, float]]) -> None:
        """Keep the items in their order."""
        kept = [(item, weight) for item, weight in pairs if weight > 0]
        self.items = [item for item, _ in kept]
        self._bounds = list(accumulate(weight for _, weight in kept))

    def draw(self, chance: Chance) -> Item:
        """Give one item."""
        return self.items[bisect(self._bounds, chance.random() * self._bounds[-1])]

    def several(self, chance: Chance, count: int) -> list[Item]:
        """Give the distinct items among ``count`` draws, in the order of drawing."""
        return list(dict.fromkeys(self.draw(chance) for _ in range(count)))
