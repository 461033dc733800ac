"""Each design's size and power beside a simulation of them: `make power`.

Data are drawn under what the design assumes, the test is done on each, and what it rejects is
counted. `errors` is how far that is from the computed power, in standard errors of the simulation:
within 3 for a power that is exact; a large-sample formula is off by a little more.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

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

TABLE = ((0.15, 0.20, 0.15), (0.25, 0.15, 0.10))
DESIGNS: Sequence[tuple[Design, int]] = (
    (OneSampleT(difference=4, deviation=10), 50),
    (OneSampleT(difference=4, deviation=10, sides=1), 40),
    (PairedT(difference=-3, deviation=8), 60),
    (TwoSampleT(difference=5, deviation=10), 60),
    (TwoSampleT(difference=5, deviation=10, ratio=2), 45),
    (Anova(means=(10, 12, 15), deviation=6), 25),
    (OneProportion(null=0.3, true=0.42), 130),
    (TwoProportions(first=0.6, second=0.45), 170),
    (TwoProportions(first=0.3, second=0.45, ratio=1.5), 140),
    (ChiSquare(table=TABLE), 200),
    (Correlation(true=0.35), 60),
    (Regression(effect=0.12, tested=2, others=3), 85),
    (LogRank(hazard_ratio=0.65, events=0.7), 240),
    (LogRank(hazard_ratio=0.65, events=0.7, rule="Freedman"), 240),
    (Cox(hazard_ratio=1.4, deviation=0.8, events=0.6), 180),
    (Cox(hazard_ratio=1.5, deviation=0.8, events=0.7, explained=0.3), 150),
    (McNemar(gained=0.22, lost=0.1), 180),
    (NoninferiorMean(difference=0, deviation=10, margin=5, alpha=0.025), 65),
    (NoninferiorProportion(first=0.8, second=0.8, margin=0.12, alpha=0.025), 180),
    (EquivalentMean(difference=0.5, deviation=10, margin=5), 75),
    (EquivalentProportion(first=0.7, second=0.7, margin=0.15), 180),
    (ClusterMeans(difference=4, deviation=10, correlation=0.05, members=20), 12),
    (ClusterProportions(first=0.5, second=0.4, correlation=0.03, members=40), 25),
)
"""One or more of each family, at a size of middling power."""
EXACT = (OneSampleT, TwoSampleT, Anova, Regression, EquivalentMean, ClusterMeans)
"""Families whose power is exact; the others are large-sample approximations."""
LOOPED = (LogRank, Cox)
"""Families whose test is done on one data set after the other."""
WANTED = 0.8
SEED = 20_240_101


@dataclass(frozen=True)
class Line:
    """A size with its power, computed and simulated."""

    design: Design
    size: int
    trials: int
    power: float
    simulated: float

    @property
    def errors(self) -> float:
        """The difference in standard errors of the simulation."""
        return (self.simulated - self.power) / math.sqrt(
            self.power * (1 - self.power) / self.trials
        )


def line(design: Design, size: int, trials: int) -> Line:
    """Simulate one size of a design; a tenth of the trials where each takes its own loop."""
    count = trials // 10 if isinstance(design, LOOPED) else trials
    found = design.rejections(size, count, np.random.default_rng(SEED))
    return Line(design, size, count, design.power(size), found / count)


def lines(trials: int) -> Iterator[Line]:
    """Give two lines for each design: a size that is given, and the size for a power."""
    for design, size in DESIGNS:
        yield line(design, size, trials)
        yield line(design, design.size(WANTED), trials)


def main() -> None:
    """Print the table as Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=100_000)
    trials = parser.parse_args().trials
    print("| design | sides | size | power | simulated | trials | errors | formula |")  # noqa: T201
    print("|---|---|---|---|---|---|---|---|")  # noqa: T201
    for one in lines(trials):
        name, sides = type(one.design).__name__, one.design.sides
        kind = "exact" if isinstance(one.design, EXACT) else "large-sample"
        values = f"{one.power:.4f} | {one.simulated:.4f} | {one.trials:,} | {one.errors:+.1f}"
        print(f"| {name} | {sides} | {one.size} | {values} | {kind} |", flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
