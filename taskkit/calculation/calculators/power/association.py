"""Association and survival: correlation, regression, log-rank, Cox."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
from scipy import stats  # type: ignore[import-untyped]

from taskkit.calculation.calculators.power.design import (
    Design,
    Values,
    effect,
    normal,
    positive,
    proportion,
)
from taskkit.calculation.calculators.power.proportions import count_z

Marks = np.ndarray[Any, np.dtype[np.bool_]]


@dataclass(frozen=True, kw_only=True)
class Correlation(Design):
    """A correlation against 0, by Fisher's z.

    Source:
        Cohen (1988); R's pwr.r.test refines it and differs by at most about one participant.
    """

    true: float

    def __post_init__(self) -> None:
        super().__post_init__()
        effect("true", self.true)
        proportion("absolute correlation", abs(self.true))

    @property
    def smallest(self) -> int:
        """One more than Fisher's z leaves out."""
        return 4

    def power_at(self, size: int) -> float:
        shift = math.atanh(abs(self.true)) * math.sqrt(size - 3)
        opposite = normal(-shift - self.critical) if self.sides == 2 else 0.0
        return normal(shift - self.critical) + opposite

    def rejections(self, size: int, trials: int, chance: np.random.Generator) -> int:
        one = chance.normal(size=(trials, size))
        noise = chance.normal(size=(trials, size))
        other = abs(self.true) * one + math.sqrt(1 - self.true**2) * noise
        one -= one.mean(1, keepdims=True)
        other -= other.mean(1, keepdims=True)
        r = (one * other).sum(1) / np.sqrt((one**2).sum(1) * (other**2).sum(1))
        return count_z(np.arctanh(r) * math.sqrt(size - 3), self)


@dataclass(frozen=True, kw_only=True)
class Regression(Design):
    """Whether some predictors of a linear regression explain anything, beside the others.

    Source:
        Cohen (1988): f squared is what the tested explain over what all leave; the noncentral F.
    """

    effect: float
    """Cohen's f squared."""
    tested: int
    """Predictors tested."""
    others: int = 0
    """Predictors that are kept."""

    def __post_init__(self) -> None:
        super().__post_init__()
        positive("effect", self.effect)
        positive("tested", self.tested)
        if self.others < 0:
            raise ValueError(f"others {self.others}: need 0 or more")

    @property
    def smallest(self) -> int:
        """That which leaves the residuals a degree of freedom."""
        return self.tested + self.others + 2

    def left(self, size: int) -> int:
        """Degrees of freedom of the residuals."""
        return size - self.tested - self.others - 1

    def power_at(self, size: int) -> float:
        limit = stats.f.isf(self.alpha, self.tested, self.left(size))
        return float(stats.ncf.sf(limit, self.tested, self.left(size), self.effect * size))

    def rejections(self, size: int, trials: int, chance: np.random.Generator) -> int:
        count = self.tested + self.others
        limit = stats.f.isf(self.alpha, self.tested, self.left(size))
        design = fixed_predictors(size, count, chance)
        slope = math.sqrt(self.effect / self.tested)
        mean = slope * design[:, : self.tested].sum(1)
        y = mean[None, :] + chance.normal(size=(trials, size))
        y -= y.mean(1, keepdims=True)
        fitted = y @ design / size  # the predictors are orthogonal, of mean square 1
        explained = (fitted[:, : self.tested] ** 2).sum(1) * size
        residual = (y**2).sum(1) - (fitted**2).sum(1) * size
        ratio = (explained / self.tested) / (residual / self.left(size))
        return int((ratio > limit).sum())


def fixed_predictors(size: int, count: int, chance: np.random.Generator) -> Values:
    """Give predictors of mean 0 and mean square 1 that are orthogonal: (participants, predictors).

    With them the noncentrality is the effect times the size, as the analytic power has it.
    """
    raw = np.column_stack([np.ones(size), chance.normal(size=(size, count))])
    basis = np.linalg.qr(raw)[0][:, 1:]
    scaled: Values = basis * math.sqrt(size)
    return scaled


@dataclass(frozen=True, kw_only=True)
class LogRank(Design):
    """Two survival curves with proportional hazards.

    Source:
        Schoenfeld, Biometrics 39:499-503 (1983); or Freedman, Stat Med 1:121-129 (1982), who
        asks for more where the hazards are far apart.
    """

    unit: ClassVar[str] = "participants in all"
    hazard_ratio: float
    events: float
    """Probability that a participant has the event in the study, over both groups."""
    share: float = 0.5
    """Of participants in the first group, whose hazard the ratio is of."""
    rule: Literal["Schoenfeld", "Freedman"] = "Schoenfeld"

    def __post_init__(self) -> None:
        super().__post_init__()
        positive("hazard ratio", self.hazard_ratio)
        effect("log hazard ratio", math.log(self.hazard_ratio))
        proportion("share", self.share)
        if not 0 < self.events <= 1:
            raise ValueError(f"events {self.events!r}: need above 0, at most 1")

    def power_at(self, size: int) -> float:
        events = size * self.events
        if self.rule == "Schoenfeld":
            shift = abs(math.log(self.hazard_ratio)) * math.sqrt(self.share * (1 - self.share))
        else:
            odds = self.share / (1 - self.share)
            shift = abs(1 - self.hazard_ratio) * math.sqrt(odds) / (1 + odds * self.hazard_ratio)
        return normal(shift * math.sqrt(events) - self.critical)

    def rejections(self, size: int, trials: int, chance: np.random.Generator) -> int:
        first = round(size * self.share)
        group = np.arange(size) < first
        rate = np.where(group, self.hazard_ratio, 1.0)
        found = 0
        for _ in range(trials):
            time = chance.exponential(1 / rate)
            end = np.quantile(time, self.events)
            z = log_rank_z(np.minimum(time, end), time <= end, group)
            found += count_z(np.asarray([z * math.copysign(1, math.log(self.hazard_ratio))]), self)
        return found


def log_rank_z(time: Values, event: Marks, group: Marks) -> float:
    """Give the log-rank statistic as a z; above 0 where the group has more events.

    Args:
        time: (participants,), no two events at once.
        event: (participants,), true where it ended with the event.
        group: (participants,), true in the first group.
    """
    order = np.argsort(time, kind="stable")
    happened, member = event[order], group[order].astype(float)
    at_risk = np.arange(len(time), 0, -1)
    members_at_risk = member[::-1].cumsum()[::-1]
    expected = members_at_risk / at_risk
    variance = float((expected * (1 - expected))[happened].sum())
    return float((member - expected)[happened].sum()) / math.sqrt(variance) if variance else 0.0


@dataclass(frozen=True, kw_only=True)
class Cox(Design):
    """One covariate of a proportional hazards regression.

    Source:
        Hsieh & Lavori, Control Clin Trials 21:552-560 (2000).
    """

    unit: ClassVar[str] = "participants in all"
    hazard_ratio: float
    """For one unit of the covariate."""
    deviation: float
    """Of the covariate; of a share p with it, the root of p (1 - p)."""
    events: float
    """Probability that a participant has the event in the study."""
    explained: float = 0.0
    """Share of the covariate's variance that the other covariates explain."""

    def __post_init__(self) -> None:
        super().__post_init__()
        positive("hazard ratio", self.hazard_ratio)
        effect("log hazard ratio", math.log(self.hazard_ratio))
        positive("deviation", self.deviation)
        if not 0 < self.events <= 1:
            raise ValueError(f"events {self.events!r}: need above 0, at most 1")
        if not 0 <= self.explained < 1:
            raise ValueError(f"explained {self.explained!r}: need from 0 to below 1")

    def power_at(self, size: int) -> float:
        information = size * self.events * self.deviation**2 * (1 - self.explained)
        return normal(abs(math.log(self.hazard_ratio)) * math.sqrt(information) - self.critical)

    def rejections(self, size: int, trials: int, chance: np.random.Generator) -> int:
        slope = abs(math.log(self.hazard_ratio))
        found = 0
        for _ in range(trials):
            common = chance.normal(size=size)
            own = chance.normal(size=size)
            share = math.sqrt(self.explained)
            covariate = self.deviation * (share * common + math.sqrt(1 - self.explained) * own)
            time = chance.exponential(np.exp(-slope * covariate))
            end = np.quantile(time, self.events)
            others = common[:, None] if self.explained else None
            found += count_z(np.asarray([cox_score_z(time, time <= end, covariate, others)]), self)
        return found


def cox_score_z(time: Values, event: Marks, covariate: Values, other: Values | None) -> float:
    """Give the score statistic of a covariate as a z, adjusted for others without effect."""
    order = np.argsort(time, kind="stable")
    columns = [covariate] if other is None else [covariate, *other.T]
    x = np.column_stack(columns)[order]
    happened = event[order]
    at_risk = np.arange(len(time), 0, -1)[:, None]
    mean = x[::-1].cumsum(0)[::-1] / at_risk
    score = (x - mean)[happened].sum(0)
    products = (x[:, :, None] * x[:, None, :])[::-1].cumsum(0)[::-1] / at_risk[:, :, None]
    information = (products - mean[:, :, None] * mean[:, None, :])[happened].sum(0)
    if len(columns) == 1:
        return float(score[0] / math.sqrt(information[0, 0]))
    inner = np.linalg.solve(information[1:, 1:], np.column_stack([score[1:], information[1:, 0]]))
    adjusted = score[0] - information[0, 1:] @ inner[:, 0]
    variance = information[0, 0] - information[0, 1:] @ inner[:, 1]
    return float(adjusted / math.sqrt(variance))
