"""A share of a number of cases, with its interval."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

Z = 1.959964  # two-sided 95 % of the normal distribution


@dataclass(frozen=True)
class Share:
    """What part of `n` cases had something."""

    hits: int
    n: int
    """At least 1."""

    def __str__(self) -> str:
        """The share in per cent."""
        return f"{self.hits / self.n:.1%}"

    @property
    def interval(self) -> tuple[float, float]:
        """Ends of the 95 % score interval, as shares of 1.

        Source:
            Wilson, J Am Stat Assoc 22:209-212 (1927), doi:10.1080/01621459.1927.10502953.
        """
        share, weight = self.hits / self.n, Z * Z / self.n
        middle = (share + weight / 2) / (1 + weight)
        half = Z * sqrt(share * (1 - share) / self.n + weight / self.n / 4) / (1 + weight)
        return max(0.0, middle - half), min(1.0, middle + half)

    @property
    def note(self) -> str:
        """The counts and the interval, in words."""
        low, high = self.interval
        return f"{self.hits:,} of {self.n:,}, 95 %: {100 * low:.1f} to {100 * high:.1f} %"
