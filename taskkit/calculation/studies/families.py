"""The numbers of a study, drawn by the family of its design."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

from taskkit.calculation.calculators.power.association import Correlation, Cox, LogRank, Regression
from taskkit.calculation.calculators.power.design import Design
from taskkit.calculation.calculators.power.means import (
    Anova,
    ClusterMeans,
    EquivalentMean,
    NoninferiorMean,
    OneSampleT,
    PairedT,
    TwoSampleT,
)
from taskkit.calculation.calculators.power.proportions import (
    ChiSquare,
    ClusterProportions,
    EquivalentProportion,
    McNemar,
    NoninferiorProportion,
    OneProportion,
    TwoProportions,
)

Numbers = dict[str, Any]
ALPHAS = (0.01, 0.02, 0.025, 0.05, 0.05, 0.1)


@dataclass(frozen=True)
class Family:
    """One kind of design."""

    design: Callable[..., Design]
    draw: Callable[[Random], Numbers]
    """Gives the design's arguments, alpha and sides apart, as decimals a question can print."""
    sided: bool = True
    """The number of sides may be chosen."""
    hidden: tuple[str, ...] = ()
    """Arguments of the text that are none of the design."""


def pick(chance: Random, low: float, high: float, digits: int) -> float:
    """Draw a decimal."""
    return round(chance.uniform(low, high), digits)


def one_sample(chance: Random) -> Numbers:
    """Draw a mean and the fixed value it is held against."""
    deviation, null = pick(chance, 4, 25, 1), pick(chance, 80, 140, 0)
    difference = round(deviation * pick(chance, 0.35, 1.0, 3), 1) * chance.choice((1, -1))
    mean = round(null + difference, 1)
    return {"difference": round(mean - null, 1), "deviation": deviation, "null": null, "mean": mean}


def shifted(chance: Random, low: float = 0.35, high: float = 1.0) -> Numbers:
    """Draw a difference and a standard deviation."""
    deviation = pick(chance, 4, 25, 1)
    return {
        "difference": max(0.1, round(deviation * chance.uniform(low, high), 1)),
        "deviation": deviation,
    }


def grouped(chance: Random) -> Numbers:
    """Draw the means of three to five groups."""
    deviation, base = pick(chance, 4, 25, 1), chance.uniform(30, 90)
    count = chance.choice((3, 4, 4, 5))
    spread = deviation * chance.uniform(0.35, 0.8)
    means = [round(base + spread * chance.gauss(0, 1), 1) for _ in range(count)]
    means[0] = round(means[1] + spread, 1)
    return {"means": means, "deviation": deviation}


def rates(chance: Random, least: float = 0.06, most: float = 0.25) -> tuple[float, float]:
    """Draw two proportions that differ."""
    first = pick(chance, 0.15, 0.85, 2)
    second = round(first + chance.choice((-1, 1)) * chance.uniform(least, most), 2)
    second = min(max(second, 0.05), 0.95)
    return (first, second) if first != second else (first, round(1 - first - 0.01, 2))


def crossed(chance: Random) -> Numbers:
    """Draw the joint probabilities of two rows, in ten-thousandths that sum to 1."""
    columns = chance.choice((2, 3, 4))
    weights = [chance.uniform(1, 4) for _ in range(2 * columns)]
    whole = sum(weights)
    cells = [round(10_000 * weight / whole) for weight in weights]
    cells[0] += 10_000 - sum(cells)
    values = [cell / 10_000 for cell in cells]
    return {"table": [values[:columns], values[columns:]]}


def hazards(chance: Random) -> float:
    """Draw a hazard ratio."""
    return chance.choice((pick(chance, 0.45, 0.8, 2), pick(chance, 1.25, 2.2, 2)))


def discordant(chance: Random) -> Numbers:
    """Draw the two ways in which a pair can differ."""
    gained, lost = pick(chance, 0.12, 0.3, 3), pick(chance, 0.02, 0.09, 3)
    return (
        {"gained": gained, "lost": lost}
        if chance.random() < 0.5
        else {"gained": lost, "lost": gained}
    )


def margin_of_means(chance: Random) -> Numbers:
    """Draw a margin, and a difference well within it, other than 0."""
    deviation = pick(chance, 4, 25, 1)
    margin = round(deviation * chance.uniform(0.7, 1.4), 1)
    difference = max(0.1, round(margin * chance.uniform(0.05, 0.2), 1))
    return {
        "difference": difference * chance.choice((1, -1)),
        "deviation": deviation,
        "margin": margin,
    }


def margin_of_rates(chance: Random) -> Numbers:
    """Draw success rates that differ, and by far less than a margin."""
    second, margin = pick(chance, 0.5, 0.9, 2), pick(chance, 0.08, 0.2, 2)
    apart = max(0.01, round(chance.uniform(0.05, 0.2) * margin, 2))
    first = round(second + chance.choice((1, -1)) * apart, 2)
    return {"first": first, "second": second, "margin": margin}


def ratio(chance: Random) -> float:
    """Draw the size of a second group over the first."""
    return chance.choice((1, 1, 1.5, 1.5, 2, 3))


def clusters(chance: Random) -> Numbers:
    """Draw the size of clusters and how alike their members are."""
    return {"correlation": pick(chance, 0.01, 0.12, 3), "members": chance.randint(8, 60)}


def pair_of_rates(chance: Random) -> Numbers:
    """Draw two proportions by name."""
    first, second = rates(chance)
    return {"first": first, "second": second}


def against_null(chance: Random) -> Numbers:
    """Draw a proportion and the fixed one."""
    null, true = rates(chance)
    return {"null": null, "true": true}


FAMILIES: Mapping[str, Family] = {
    "one_sample_t": Family(OneSampleT, one_sample, hidden=("null", "mean")),
    "paired_t": Family(PairedT, shifted),
    "two_sample_t": Family(TwoSampleT, lambda c: {**shifted(c, 0.5, 1.2), "ratio": ratio(c)}),
    "anova": Family(Anova, grouped, sided=False),
    "one_proportion": Family(OneProportion, against_null),
    "two_proportions": Family(TwoProportions, lambda c: {**pair_of_rates(c), "ratio": ratio(c)}),
    "chi_square": Family(ChiSquare, crossed, sided=False),
    "correlation": Family(Correlation, lambda c: {"true": pick(c, 0.12, 0.6, 2)}),
    "regression": Family(
        Regression,
        lambda c: {
            "effect": pick(c, 0.08, 0.4, 3),
            "tested": c.randint(1, 5),
            "others": c.randint(1, 6),
        },
        sided=False,
    ),
    "log_rank": Family(
        LogRank,
        lambda c: {
            "hazard_ratio": hazards(c),
            "events": pick(c, 0.25, 0.9, 2),
            "rule": c.choice(("Schoenfeld", "Freedman")),
        },
    ),
    "cox": Family(
        Cox,
        lambda c: {
            "hazard_ratio": hazards(c),
            "deviation": pick(c, 0.4, 1.5, 2),
            "events": pick(c, 0.25, 0.9, 2),
            "explained": pick(c, 0.05, 0.4, 2),
        },
    ),
    "mcnemar": Family(McNemar, discordant),
    "noninferior_mean": Family(NoninferiorMean, margin_of_means, sided=False),
    "equivalent_mean": Family(EquivalentMean, margin_of_means, sided=False),
    "noninferior_proportion": Family(NoninferiorProportion, margin_of_rates, sided=False),
    "equivalent_proportion": Family(EquivalentProportion, margin_of_rates, sided=False),
    "cluster_means": Family(ClusterMeans, lambda c: {**shifted(c, 0.15, 0.5), **clusters(c)}),
    "cluster_proportions": Family(
        ClusterProportions, lambda c: {**pair_of_rates(c), **clusters(c)}
    ),
}


def shown(value: object) -> str:
    """Write a number, a list or a table as a question does."""
    if isinstance(value, list) and value and isinstance(value[0], list):
        return "; ".join(", ".join(f"{cell:g}" for cell in row) for row in value)
    if isinstance(value, list):
        return ", ".join(f"{cell:g}" for cell in value)
    return f"{value:g}" if isinstance(value, float) else str(value)
