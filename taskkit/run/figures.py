"""Figures of several attempts at each of many tasks, with intervals by resampling the tasks."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import comb

RESAMPLES = 1000
LEVEL = 0.95

Outcomes = Mapping[str, Sequence[float]]
"""Reward of each attempt by task."""


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate with its bounds at `LEVEL`."""

    value: float
    low: float
    high: float


def interval(values: Sequence[float], seed: int = 0) -> Interval | None:
    """Give the mean of one value per task, bounds by the percentile bootstrap over tasks.

    Returns:
        None where there is no task.
    """
    if not values:
        return None
    ordered = sorted(values)  # the same whatever order they came in
    mean = sum(ordered) / len(ordered)
    if ordered[0] == ordered[-1]:
        return Interval(mean, mean, mean)
    draw, n = random.Random(seed), len(ordered)
    means = sorted(sum(draw.choices(ordered, k=n)) / n for _ in range(RESAMPLES))
    tail = (1 - LEVEL) / 2
    low, high = (means[round(share * (RESAMPLES - 1))] for share in (tail, 1 - tail))
    return Interval(mean, low, high)


def success(outcomes: Outcomes) -> list[float]:
    """Give each task's share of attempts that were rewarded."""
    return [sum(found) / len(found) for found in outcomes.values() if found]


def pass_at(k: int, right: int, attempts: int) -> float:
    """Give the chance that one of k attempts is right, estimated without bias from more.

    Source:
        Chen et al., Evaluating Large Language Models Trained on Code (2021), arXiv 2107.03374.
    """
    return 1.0 - comb(attempts - right, k) / comb(attempts, k)


def pass_hat(k: int, right: int, attempts: int) -> float:
    """Give the chance that all of k attempts are right, estimated without bias from more.

    Source:
        Yao et al., tau-bench (2024), arXiv 2406.12045.
    """
    return comb(right, k) / comb(attempts, k)


@dataclass(frozen=True, slots=True)
class Passes:
    """pass@k and pass^k over the tasks that have k attempts."""

    k: int
    tasks: int
    at: float
    hat: float


def passes(outcomes: Outcomes) -> list[Passes]:
    """Give pass@k and pass^k for k of 1, 2, 4 and so on, and the most attempts that a task has."""
    most = max((len(found) for found in outcomes.values()), default=0)
    powers = [2**power for power in range(most.bit_length()) if 2**power <= most]
    made = []
    for k in sorted({*powers, most} - {0}):
        counted = [
            (sum(one >= 1.0 for one in found), len(found))
            for found in outcomes.values()
            if len(found) >= k
        ]
        at = sum(pass_at(k, right, n) for right, n in counted) / len(counted)
        hat = sum(pass_hat(k, right, n) for right, n in counted) / len(counted)
        made.append(Passes(k, len(counted), at, hat))
    return made


@dataclass(frozen=True, slots=True)
class Difference:
    """One run against another, over the tasks that both have played."""

    tasks: int
    change: Interval | None
    """Mean of each task's difference in success."""
    better: int
    """Tasks at which it is better than the other."""
    worse: int


def difference(one: Outcomes, other: Outcomes, seed: int = 0) -> Difference:
    """Compare ``one`` with ``other``, task by task."""
    both = sorted(task for task in one if one[task] and other.get(task))
    changes = [
        sum(one[task]) / len(one[task]) - sum(other[task]) / len(other[task]) for task in both
    ]
    return Difference(
        len(both),
        interval(changes, seed),
        sum(change > 0 for change in changes),
        sum(change < 0 for change in changes),
    )
