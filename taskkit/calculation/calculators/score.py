"""A score and the items it is the sum of."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import NamedTuple


class Item(NamedTuple):
    """One line of a score."""

    name: str
    points: float


@dataclass(frozen=True)
class Score:
    """Points by item; items that give none are kept, so that a reader sees them judged."""

    items: tuple[Item, ...]

    @property
    def total(self) -> float:
        """Sum of the points; a whole number unless the score has half points."""
        return sum(item.points for item in self.items)

    def points(self, name: str) -> float:
        """Points of one item."""
        return dict(self.items)[name]


def score(points: Mapping[str, float]) -> Score:
    """Give the score of named points, in their order."""
    return Score(tuple(Item(name, value) for name, value in points.items()))


def tally(weights: Mapping[str, float], findings: Collection[str]) -> dict[str, float]:
    """Give each item its weight where found, else 0."""
    return {name: weight if name in findings else 0 for name, weight in weights.items()}


def band(value: float, steps: Mapping[float, float], below: float) -> float:
    """Points of the highest lower bound that `value` reaches.

    Args:
        value: The measurement.
        steps: Lower bound, included, to points.
        below: Points of a value under every bound.
    """
    reached = [bound for bound in steps if value >= bound]
    return steps[max(reached)] if reached else below
