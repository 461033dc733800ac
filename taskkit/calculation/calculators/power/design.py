"""What every design shares: its risk of error, its power, and the search for a size."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
from scipy import stats  # type: ignore[import-untyped]

Sides = Literal[1, 2]
Values = np.ndarray[Any, np.dtype[np.float64]]
MAX_SIZE = 10_000_000  # of a unit; a design that needs more is not planned
TINY = 1e-9  # by which a power may miss its target, as arithmetic does


@dataclass(frozen=True, kw_only=True)
class Design(ABC):
    """A test that is planned: what is assumed to be true, and the error it is allowed."""

    unit: ClassVar[str] = "participants"
    """What a size counts."""
    alpha: float = 0.05
    """Probability of an error of the first kind, over all sides."""
    sides: Sides = 2

    def __post_init__(self) -> None:
        """Refuse a probability that is none."""
        proportion("alpha", self.alpha)
        if self.sides not in (1, 2):
            raise ValueError(f"sides {self.sides!r}: need 1 or 2")

    @property
    def smallest(self) -> int:
        """Least size that the test can be done with."""
        return 2

    @abstractmethod
    def power_at(self, size: int) -> float:
        """Give the probability to reject at a size that has been checked."""

    @abstractmethod
    def rejections(self, size: int, trials: int, chance: np.random.Generator) -> int:
        """Simulate the data, do the test on each, and count what it rejects."""

    def power(self, size: int) -> float:
        """Give the probability to find what is assumed to be true.

        Args:
            size: Whole, in the design's `unit`.

        Raises:
            ValueError: Less than the test can be done with.
        """
        if isinstance(size, bool) or not isinstance(size, int) or size < self.smallest:
            raise ValueError(f"size {size!r}: need a whole number from {self.smallest}")
        return min(max(self.power_at(size), 0.0), 1.0)

    def size(self, power: float) -> int:
        """Give the smallest size whose power is no less than wanted.

        Args:
            power: Between 0 and 1.

        Raises:
            ValueError: No probability, or not reached by `MAX_SIZE`.
        """
        proportion("power", power)
        low, high = self.smallest - 1, self.smallest
        while self.power(high) < power - TINY:
            low, high = high, 2 * high
            if high > MAX_SIZE:
                raise ValueError(f"power {power:g}: not reached by {MAX_SIZE:,} {self.unit}")
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if self.power(middle) >= power - TINY else (middle, high)
        return high

    @property
    def critical(self) -> float:
        """The standard normal value that the test statistic must pass."""
        return float(stats.norm.isf(self.alpha / self.sides))


def proportion(name: str, value: float) -> None:
    """Refuse what is not strictly between 0 and 1."""
    if not 0 < value < 1:
        raise ValueError(f"{name} {value!r}: need between 0 and 1")


def positive(name: str, value: float) -> None:
    """Refuse what is not above 0 and finite."""
    if not (math.isfinite(value) and value > 0):
        raise ValueError(f"{name} {value!r}: need above 0")


def effect(name: str, value: float) -> None:
    """Refuse no effect at all, for which no size is enough."""
    if not math.isfinite(value) or value == 0:
        raise ValueError(f"{name} {value!r}: need other than 0")


def t_power(shift: float, freedom: float, alpha: float, sides: Sides) -> float:
    """Give the power of a t test.

    Args:
        shift: Noncentrality; the expected t.
        freedom: Degrees of freedom.
        alpha: Over all sides.
        sides: 1 is the side of the shift.
    """
    limit = float(stats.t.isf(alpha / sides, freedom))
    upper = tail(limit, freedom, abs(shift))
    lower = tail(limit, freedom, -abs(shift)) if sides == 2 else 0.0
    return upper + lower


def tail(limit: float, freedom: float, shift: float) -> float:
    """Give the probability that a noncentral t is above a limit.

    scipy gives NaN where the shift is large; there Johnson and Kramer's normal holds to 1e-3, and
    what it is used for is 0 or 1 to more digits than that.
    """
    value = float(stats.nct.sf(limit, freedom, shift))
    if math.isfinite(value):
        return value
    spread = math.sqrt(1 + limit**2 / (2 * freedom))
    return float(stats.norm.sf((limit * (1 - 1 / (4 * freedom)) - shift) / spread))


def normal(value: float) -> float:
    """Give the standard normal distribution function."""
    return float(stats.norm.cdf(value))
