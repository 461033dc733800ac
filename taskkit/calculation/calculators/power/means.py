"""Comparing means: t tests, analysis of variance, non-inferiority, equivalence, clusters."""

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
    effect,
    positive,
    proportion,
    t_power,
)

QUANTILES = 4000  # of the standard deviation, over which equivalence is averaged: exact to 1e-6


@dataclass(frozen=True, kw_only=True)
class OneSampleT(Design):
    """One mean against a fixed value, or the mean of paired differences against 0.

    Source:
        Cohen, Statistical Power Analysis for the Behavioral Sciences, 2nd ed. (1988), by the
        noncentral t.
    """

    difference: float
    """True mean less the fixed value."""
    deviation: float
    """Standard deviation; of the differences, where they are paired."""

    def __post_init__(self) -> None:
        super().__post_init__()
        effect("difference", self.difference)
        positive("deviation", self.deviation)

    def power_at(self, size: int) -> float:
        shift = self.difference / self.deviation * math.sqrt(size)
        return t_power(shift, size - 1, self.alpha, self.sides)

    def rejections(self, size: int, trials: int, chance: np.random.Generator) -> int:
        data = chance.normal(abs(self.difference), self.deviation, (trials, size))
        t = data.mean(1) / (data.std(1, ddof=1) / math.sqrt(size))
        return count_t(t, size - 1, self)


@dataclass(frozen=True, kw_only=True)
class PairedT(OneSampleT):
    """The mean of paired differences against 0."""

    unit: ClassVar[str] = "pairs"


@dataclass(frozen=True, kw_only=True)
class TwoSampleT(Design):
    """Two means with one standard deviation.

    Source:
        As `OneSampleT`.
    """

    unit: ClassVar[str] = "participants in the first group"
    difference: float
    deviation: float
    """Standard deviation in each group."""
    ratio: float = 1.0
    """Size of the second group over the first; rounded up to a whole participant."""

    def __post_init__(self) -> None:
        super().__post_init__()
        effect("difference", self.difference)
        positive("deviation", self.deviation)
        positive("ratio", self.ratio)

    def groups(self, size: int) -> tuple[int, int]:
        """Both sizes."""
        return size, math.ceil(round(size * self.ratio, 9))

    def power_at(self, size: int) -> float:
        first, second = self.groups(size)
        shift = self.difference / (self.deviation * math.sqrt(1 / first + 1 / second))
        return t_power(shift, first + second - 2, self.alpha, self.sides)

    def rejections(self, size: int, trials: int, chance: np.random.Generator) -> int:
        first, second = self.groups(size)
        one = chance.normal(abs(self.difference), self.deviation, (trials, first))
        other = chance.normal(0, self.deviation, (trials, second))
        return count_t(pooled_t(one, other), first + second - 2, self)


@dataclass(frozen=True, kw_only=True)
class NoninferiorMean(TwoSampleT):
    """A mean that is no worse than another by a margin; one-sided, groups of one size.

    Source:
        Julious, Stat Med 23:1921-1986 (2004).
    """

    unit: ClassVar[str] = "participants in each group"
    sides: Sides = 1
    margin: float
    """Above 0: the loss that is still accepted. `difference` is true new less old, in the better
    direction, and may be 0."""

    def __post_init__(self) -> None:
        Design.__post_init__(self)
        positive("margin", self.margin)
        positive("deviation", self.deviation)
        if self.sides != 1 or self.ratio != 1:
            raise ValueError("non-inferiority: need 1 side and groups of one size")
        if self.difference < TINY - self.margin:
            raise ValueError(f"difference {self.difference:g}: need above -{self.margin:g}")

    def power_at(self, size: int) -> float:
        shift = (self.difference + self.margin) / (self.deviation * math.sqrt(2 / size))
        return t_power(shift, 2 * size - 2, self.alpha, 1)

    def rejections(self, size: int, trials: int, chance: np.random.Generator) -> int:
        new = chance.normal(self.difference + self.margin, self.deviation, (trials, size))
        old = chance.normal(0, self.deviation, (trials, size))
        return count_t(pooled_t(new, old), 2 * size - 2, self)


@dataclass(frozen=True, kw_only=True)
class EquivalentMean(TwoSampleT):
    """Two means that differ by less than a margin: two one-sided tests, each at `alpha`.

    Source:
        Schuirmann, J Pharmacokinet Biopharm 15:657-680 (1987); the power is exact, the normal
        averaged over the distribution of the standard deviation.
    """

    unit: ClassVar[str] = "participants in each group"
    sides: Sides = 1
    margin: float
    """Above 0, and above the true `difference`, which may be 0."""

    def __post_init__(self) -> None:
        Design.__post_init__(self)
        positive("margin", self.margin)
        positive("deviation", self.deviation)
        if self.sides != 1 or self.ratio != 1:
            raise ValueError("equivalence: need 1 side for each test and groups of one size")
        if abs(self.difference) > self.margin - TINY:
            raise ValueError(f"difference {self.difference:g}: need within {self.margin:g}")

    def power_at(self, size: int) -> float:
        freedom = 2 * size - 2
        error = self.deviation * math.sqrt(2 / size)
        levels = (np.arange(QUANTILES) + 0.5) / QUANTILES
        spread = np.sqrt(stats.chi2.ppf(levels, freedom) / freedom)
        limit = stats.t.isf(self.alpha, freedom) * spread
        upper = stats.norm.cdf((self.margin - self.difference) / error - limit)
        lower = stats.norm.cdf(limit - (self.margin + self.difference) / error)
        return float(np.maximum(upper - lower, 0).mean())

    def rejections(self, size: int, trials: int, chance: np.random.Generator) -> int:
        one = chance.normal(self.difference, self.deviation, (trials, size))
        other = chance.normal(0, self.deviation, (trials, size))
        limit = stats.t.isf(self.alpha, 2 * size - 2)
        above = pooled_t(one + self.margin, other) > limit
        below = pooled_t(one - self.margin, other) < -limit
        return int((above & below).sum())


@dataclass(frozen=True, kw_only=True)
class Anova(Design):
    """Several means with one standard deviation: one-way analysis of variance.

    Source:
        Cohen (1988): the effect is the standard deviation of the means, over their number, by the
        deviation within; the noncentral F.
    """

    unit: ClassVar[str] = "participants in each group"
    means: Sequence[float]
    deviation: float
    """Standard deviation within each group."""

    def __post_init__(self) -> None:
        super().__post_init__()
        positive("deviation", self.deviation)
        if len(self.means) < 2 or len(set(self.means)) < 2:
            raise ValueError(f"means {list(self.means)}: need two or more that differ")

    def power_at(self, size: int) -> float:
        groups = len(self.means)
        between, within = groups - 1, groups * (size - 1)
        shift = size * groups * float(np.var(self.means)) / self.deviation**2
        limit = stats.f.isf(self.alpha, between, within)
        return float(stats.ncf.sf(limit, between, within, shift))

    def rejections(self, size: int, trials: int, chance: np.random.Generator) -> int:
        groups = len(self.means)
        data = chance.normal(0, self.deviation, (trials, groups, size))
        data += np.asarray(self.means)[None, :, None]
        between = size * data.mean(2).var(1, ddof=1)
        within = data.var(2, ddof=1).mean(1)
        limit = stats.f.isf(self.alpha, groups - 1, groups * (size - 1))
        return int((between / within > limit).sum())


@dataclass(frozen=True, kw_only=True)
class ClusterMeans(Design):
    """Two means where whole clusters are allocated; a t test of the cluster means.

    Source:
        Donner & Klar, Design and Analysis of Cluster Randomization Trials (2000).
    """

    unit: ClassVar[str] = "clusters in each arm"
    difference: float
    deviation: float
    """Standard deviation of persons."""
    correlation: float
    """Of persons within a cluster."""
    members: int
    """Persons in each cluster."""

    def __post_init__(self) -> None:
        super().__post_init__()
        effect("difference", self.difference)
        positive("deviation", self.deviation)
        proportion("correlation", self.correlation)
        positive("members", self.members)

    @property
    def design_effect(self) -> float:
        """How many times the variance is that of persons allocated one by one."""
        return 1 + (self.members - 1) * self.correlation

    def power_at(self, size: int) -> float:
        variance = 2 * self.deviation**2 * self.design_effect / (size * self.members)
        shift = self.difference / math.sqrt(variance)
        return t_power(shift, 2 * size - 2, self.alpha, self.sides)

    def rejections(self, size: int, trials: int, chance: np.random.Generator) -> int:
        spread = self.deviation * math.sqrt(self.correlation)
        inside = self.deviation * math.sqrt((1 - self.correlation) / self.members)
        arms = [
            chance.normal(mean, spread, (trials, size)) + chance.normal(0, inside, (trials, size))
            for mean in (abs(self.difference), 0.0)
        ]
        return count_t(pooled_t(arms[0], arms[1]), 2 * size - 2, self)


def pooled_t(one: Values, other: Values) -> Values:
    """Give the two-sample t of each row.

    Args:
        one: (trials, participants).
        other: (trials, participants of the other group).
    """
    first, second = one.shape[1], other.shape[1]
    squares = one.var(1, ddof=1) * (first - 1) + other.var(1, ddof=1) * (second - 1)
    error = np.sqrt(squares / (first + second - 2) * (1 / first + 1 / second))
    t: Values = (one.mean(1) - other.mean(1)) / error
    return t


def count_t(t: Values, freedom: int, design: Design) -> int:
    """Count the t values that a design rejects; its one side is the upper."""
    limit = stats.t.isf(design.alpha / design.sides, freedom)
    return int(((np.abs(t) if design.sides == 2 else t) > limit).sum())
