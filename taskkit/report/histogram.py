"""How often values of each size occur."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from math import floor
from statistics import median

MOST = 10  # bars fit a phone


@dataclass(frozen=True)
class Bin:
    """The values from `start` to below `end`."""

    start: int
    end: int
    count: int


@dataclass(frozen=True)
class Histogram:
    """The bins of some values, from the least to the largest without a gap."""

    title: str
    n: int
    median: float
    bins: Sequence[Bin]

    @classmethod
    def of(cls, title: str, values: Sequence[float]) -> Histogram:
        """Sort values, at least one, into bins of 1, 2 or 5 times a power of ten."""
        width = _width(max(values) - min(values))
        counts = Counter(floor(value / width) for value in values)
        bins = [
            Bin(at * width, (at + 1) * width, counts[at])
            for at in range(min(counts), max(counts) + 1)
        ]
        return cls(title, len(values), float(median(values)), bins)

    @property
    def highest(self) -> int:
        """The largest count."""
        return max(one.count for one in self.bins)


def _width(span: float) -> int:
    """The least width that needs about `MOST` bins."""
    widths = (step * int(10**power) for power in count() for step in (1, 2, 5))
    return next(width for width in widths if span < MOST * width)
