"""Comparing proportions: z tests, McNemar, chi-square, non-inferiority, equivalence, clusters."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from scipy import stats  # type: ignore[import-untyped]

from taskkit.calculation.calculators.power.design import (
    TINY,
    Design,
    Sides,
    Values,
    normal,
    positive,
    proportion,
)


@dataclass(frozen=True, kw_only=True)
class OneProportion(Design):
    """One proportion against a fixed value: the z test with the variance of the fixed value.

    Source:
        Fleiss, Levin & Paik, Statistical Methods for Rates and Proportions, 3rd ed. (2003).
    """

    null: float
    true: float

    def __post_init__(self) -> None:
        super().__post_init__()
        proportion("null", self.null)
        proportion("true", self.true)
        unlike(self.null, self.true)

    def power_at(self, size: int) -> float:
        shift = abs(self.true - self.null) * math.sqrt(size)
        limit = self.critical * math.sqrt(self.null * (1 - self.null))
        return normal((shift - limit) / math.sqrt(self.true * (1 - self.true)))

    def rejections(self, size: int, trials: int, chance: np.random.Generator) -> int:
        seen = chance.binomial(size, self.true, trials) / size
        z = (seen - self.null) / math.sqrt(self.null * (1 - self.null) / size)
        return count_z(z * math.copysign(1, self.true - self.null), self)


@dataclass(frozen=True, kw_only=True)
class TwoProportions(Design):
    """Two proportions: the z test with pooled variance, without correction for continuity.

    Source:
        Fleiss, Levin & Paik (2003).
    """

    unit: ClassVar[str] = "participants in the first group"
    first: float
    second: float
    ratio: float = 1.0
    """Size of the second group over the first; rounded up to a whole participant."""

    def __post_init__(self) -> None:
        super().__post_init__()
        proportion("first", self.first)
        proportion("second", self.second)
        positive("ratio", self.ratio)
        self.check()

    def check(self) -> None:
        """Refuse proportions that there is nothing to find in."""
        unlike(self.first, self.second)

    def groups(self, size: int) -> tuple[int, int]:
        """Both sizes."""
        return size, math.ceil(round(size * self.ratio, 9))

    def error(self, size: int) -> float:
        """Standard error of the difference."""
        one, other = self.groups(size)
        return math.sqrt(
            self.first * (1 - self.first) / one + self.second * (1 - self.second) / other
        )

    def power_at(self, size: int) -> float:
        one, other = self.groups(size)
        mean = (one * self.first + other * self.second) / (one + other)
        pooled = math.sqrt(mean * (1 - mean) * (1 / one + 1 / other))
        shift = abs(self.first - self.second)
        return normal((shift - self.critical * pooled) / self.error(size))

    def draw(self, size: int, trials: int, chance: np.random.Generator) -> tuple[Values, Values]:
        """Both proportions as seen in each trial."""
        one, other = self.groups(size)
        return (
            chance.binomial(one, self.first, trials) / one,
            chance.binomial(other, self.second, trials) / other,
        )

    def rejections(self, size: int, trials: int, chance: np.random.Generator) -> int:
        one, other = self.groups(size)
        first, second = self.draw(size, trials, chance)
        mean = (one * first + other * second) / (one + other)
        pooled = np.sqrt(mean * (1 - mean) * (1 / one + 1 / other))
        z = np.divide(first - second, pooled, out=np.zeros(trials), where=pooled > 0)
        return count_z(z * math.copysign(1, self.first - self.second), self)


@dataclass(frozen=True, kw_only=True)
class NoninferiorProportion(TwoProportions):
    """A proportion of success (`first`) no lower than another by a margin; one-sided, unpooled.

    Source:
        Chow, Shao & Wang, Sample Size Calculations in Clinical Research, 2nd ed. (2008).
    """

    unit: ClassVar[str] = "participants in each group"
    sides: Sides = 1
    margin: float

    def check(self) -> None:
        """Refuse a margin that is none, or that the truth lies beyond."""
        proportion("margin", self.margin)
        if self.sides != 1 or self.ratio != 1:
            raise ValueError("non-inferiority: need 1 side and groups of one size")
        if self.first - self.second < TINY - self.margin:
            raise ValueError(f"first {self.first:g}: need above {self.second - self.margin:g}")

    def power_at(self, size: int) -> float:
        shift = self.first - self.second + self.margin
        return normal(shift / self.error(size) - self.critical)

    def rejections(self, size: int, trials: int, chance: np.random.Generator) -> int:
        first, second = self.draw(size, trials, chance)
        return int((wald(first, second, size, self.margin) > self.critical).sum())


@dataclass(frozen=True, kw_only=True)
class EquivalentProportion(TwoProportions):
    """Two proportions that differ by less than a margin: two one-sided tests, unpooled.

    Source:
        Chow, Shao & Wang (2008).
    """

    unit: ClassVar[str] = "participants in each group"
    sides: Sides = 1
    margin: float

    def check(self) -> None:
        """Refuse a margin that is none, or that the truth lies beyond."""
        proportion("margin", self.margin)
        if self.sides != 1 or self.ratio != 1:
            raise ValueError("equivalence: need 1 side for each test and groups of one size")
        if abs(self.first - self.second) > self.margin - TINY:
            raise ValueError(f"first {self.first:g}: need within {self.margin:g} of the second")

    def power_at(self, size: int) -> float:
        difference = self.first - self.second
        upper = normal((self.margin - difference) / self.error(size) - self.critical)
        lower = normal((self.margin + difference) / self.error(size) - self.critical)
        return upper + lower - 1

    def rejections(self, size: int, trials: int, chance: np.random.Generator) -> int:
        first, second = self.draw(size, trials, chance)
        above = wald(first, second, size, self.margin) > self.critical
        below = wald(first, second, size, -self.margin) < -self.critical
        return int((above & below).sum())


@dataclass(frozen=True, kw_only=True)
class McNemar(Design):
    """Two proportions of the same pairs, by those pairs whose answers differ.

    Source:
        Connor, Biometrics 43:207-211 (1987).
    """

    unit: ClassVar[str] = "pairs"
    gained: float
    """Probability of a pair that is no first and yes second."""
    lost: float
    """Probability of the contrary."""

    def __post_init__(self) -> None:
        super().__post_init__()
        proportion("gained", self.gained)
        proportion("lost", self.lost)
        proportion("gained and lost", self.gained + self.lost)
        unlike(self.gained, self.lost)

    def power_at(self, size: int) -> float:
        differ, shift = self.gained + self.lost, abs(self.gained - self.lost)
        limit = self.critical * math.sqrt(differ)
        return normal((shift * math.sqrt(size) - limit) / math.sqrt(differ - shift**2))

    def rejections(self, size: int, trials: int, chance: np.random.Generator) -> int:
        same = 1 - self.gained - self.lost
        seen = chance.multinomial(size, (self.gained, self.lost, same), trials)
        differ = np.sqrt(seen[:, 0] + seen[:, 1])
        shift = (seen[:, 0] - seen[:, 1]).astype(np.float64)
        z = np.divide(shift, differ, out=np.zeros(trials), where=differ > 0)
        return count_z(z * math.copysign(1, self.gained - self.lost), self)


@dataclass(frozen=True, kw_only=True)
class ChiSquare(Design):
    """Independence of the rows and columns of a table.

    Source:
        Cohen (1988): the noncentral chi-square.
    """

    table: Sequence[Sequence[float]]
    """(rows, columns) of true probabilities; they sum to 1."""

    def __post_init__(self) -> None:
        super().__post_init__()
        cells = np.asarray(self.table, dtype=float)
        if cells.ndim != 2 or min(cells.shape) < 2 or (cells < 0).any():
            raise ValueError("table: need two or more rows and columns of probabilities")
        if abs(cells.sum() - 1) > 1e-6:
            raise ValueError(f"table: sums to {cells.sum():g}: need 1")
        if self.effect < 1e-9:
            raise ValueError("table: rows and columns are independent: need that they are not")

    @property
    def effect(self) -> float:
        """Cohen's w."""
        cells = np.asarray(self.table, dtype=float)
        expected = np.outer(cells.sum(1), cells.sum(0))
        return math.sqrt(float(((cells - expected) ** 2 / expected).sum()))

    @property
    def freedom(self) -> int:
        """Degrees of freedom."""
        return (len(self.table) - 1) * (len(self.table[0]) - 1)

    def power_at(self, size: int) -> float:
        limit = stats.chi2.isf(self.alpha, self.freedom)
        return float(stats.ncx2.sf(limit, self.freedom, size * self.effect**2))

    def rejections(self, size: int, trials: int, chance: np.random.Generator) -> int:
        cells = np.asarray(self.table, dtype=float)
        seen = chance.multinomial(size, cells.ravel() / cells.sum(), trials)
        seen = seen.reshape(trials, *cells.shape).astype(np.float64)
        expected = seen.sum(2)[:, :, None] * seen.sum(1)[:, None, :] / size
        parts = np.divide(
            (seen - expected) ** 2, expected, out=np.zeros_like(seen), where=expected > 0
        )
        limit = stats.chi2.isf(self.alpha, self.freedom)
        return int((parts.sum((1, 2)) > limit).sum())


@dataclass(frozen=True, kw_only=True)
class ClusterProportions(Design):
    """Two proportions where whole clusters are allocated; the z test, unpooled.

    Source:
        Donner & Klar (2000).
    """

    unit: ClassVar[str] = "clusters in each arm"
    first: float
    second: float
    correlation: float
    """Of persons within a cluster."""
    members: int
    """Persons in each cluster."""

    def __post_init__(self) -> None:
        super().__post_init__()
        proportion("first", self.first)
        proportion("second", self.second)
        proportion("correlation", self.correlation)
        positive("members", self.members)
        unlike(self.first, self.second)

    def power_at(self, size: int) -> float:
        inflation = (1 + (self.members - 1) * self.correlation) / (size * self.members)
        variance = self.first * (1 - self.first) + self.second * (1 - self.second)
        shift = abs(self.first - self.second) / math.sqrt(variance * inflation)
        return normal(shift - self.critical)

    def rejections(self, size: int, trials: int, chance: np.random.Generator) -> int:
        arms = []
        spread = 1 / self.correlation - 1  # of the beta whose binomial has this correlation
        for true in (self.first, self.second):
            rates = chance.beta(true * spread, (1 - true) * spread, (trials, size))
            arms.append(chance.binomial(self.members, rates) / self.members)
        error = np.sqrt((arms[0].var(1, ddof=1) + arms[1].var(1, ddof=1)) / size)
        z = (arms[0].mean(1) - arms[1].mean(1)) / error
        return count_z(z * math.copysign(1, self.first - self.second), self)


def unlike(one: float, other: float) -> None:
    """Refuse two that are equal."""
    if one == other:
        raise ValueError(f"proportions {one:g} and {other:g}: need two that differ")


def wald(first: Values, second: Values, size: int, margin: float) -> Values:
    """Give the unpooled z of each trial's difference and a margin."""
    error = np.sqrt((first * (1 - first) + second * (1 - second)) / size)
    shift = first - second + margin
    sure = np.where(shift > 0, np.inf, -np.inf)
    z: Values = np.divide(shift, error, out=sure, where=error > 0)
    return z


def count_z(z: Values, design: Design) -> int:
    """Count the z values that a design rejects; its one side is the upper."""
    return int(((np.abs(z) if design.sides == 2 else z) > design.critical).sum())
