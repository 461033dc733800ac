"""Statistics of cohorts: survival, discrimination, multiple testing, tables."""

from __future__ import annotations

import math
from random import Random
from typing import Literal

from taskkit.code.draw import numbers
from taskkit.code.family import Arguments, family


def _followed(chance: Random) -> Arguments:
    size = chance.randint(0, 9)
    return [
        [[chance.randint(0, 8), chance.randint(0, 1)] for _ in range(size)],
        chance.randint(0, 9),
    ]


@family(
    _followed,
    edges=[
        [[], 3],
        [[[5, 1]], 5],
        [[[5, 0]], 4],
        [[[2, 1], [2, 0], [3, 1]], 2],
        [[[1, 1], [2, 1]], 1],
        [[[0, 1], [4, 0]], 0],
    ],
    compare="float",
)
def kaplan_meier(
    people: list[list[int]],
    time: int,
    *,
    estimator: Literal["kaplan_meier", "nelson_aalen"],
    ties: Literal["events_first", "censored_first"],
    report: Literal["curve", "at_time", "median", "restricted_mean"],
    at: Literal["at_or_before", "before"],
) -> object:
    """The survival of a cohort."""
    at_risk = len(people)
    value = 1.0
    hazard = 0.0
    steps: list[tuple[int, float]] = []
    for now in sorted({one[0] for one in people}):
        events = sum(one[0] == now and one[1] == 1 for one in people)
        censored = sum(one[0] == now and one[1] == 0 for one in people)
        risk = at_risk - censored if ties == "censored_first" else at_risk
        if events:
            if estimator == "kaplan_meier":
                value *= 1 - events / risk
            else:
                hazard += events / risk
                value = math.exp(-hazard)
            steps.append((now, value))
        at_risk -= events + censored
    if report == "curve":
        return [[now, one] for now, one in steps]
    if report == "median":
        return next((now for now, one in steps if one <= 0.5 + 1e-12), None)
    if report == "at_time":
        known = [one for now, one in steps if (now <= time if at == "at_or_before" else now < time)]
        return known[-1] if known else 1.0
    area, level, last = 0.0, 1.0, 0
    for now, one in steps:
        if now >= time:
            break
        area += level * (now - last)
        level, last = one, now
    return area + level * (time - last)


def _arms(chance: Random) -> Arguments:
    return [
        [[chance.randint(1, 6), chance.randint(0, 1)] for _ in range(chance.randint(0, 7))]
        for _ in range(2)
    ]


@family(
    _arms,
    edges=[
        [[], []],
        [[[1, 1]], [[2, 1]]],
        [[[1, 0]], [[2, 0]]],
        [[[3, 1], [3, 1]], [[3, 1]]],
        [[[1, 1], [2, 1]], [[3, 0], [4, 1]]],
    ],
    compare="float",
)
def log_rank(
    first: list[list[int]],
    second: list[list[int]],
    *,
    weights: Literal["log_rank", "gehan", "tarone_ware"],
    variance: Literal["hypergeometric", "expected"],
    report: Literal["chi_square", "observed_expected", "hazard_ratio", "z"],
    undefined: Literal["none", "zero"],
) -> object:
    """The comparison of two survival curves."""
    observed = wanted = other_wanted = score = spread = 0.0
    for now in sorted({one[0] for one in first + second if one[1]}):
        n1 = sum(one[0] >= now for one in first)
        n2 = sum(one[0] >= now for one in second)
        d1 = sum(one[0] == now and one[1] == 1 for one in first)
        d = d1 + sum(one[0] == now and one[1] == 1 for one in second)
        n = n1 + n2
        weight = 1.0 if weights == "log_rank" else float(n) if weights == "gehan" else math.sqrt(n)
        expected = d * n1 / n
        observed += d1
        wanted += expected
        other_wanted += d * n2 / n
        score += weight * (d1 - expected)
        if variance == "expected":
            spread += weight * weight * d * n1 * n2 / (n * n)
        elif n > 1:
            spread += weight * weight * d * n1 * n2 * (n - d) / (n * n * (n - 1))
    if report == "observed_expected":
        return [observed, wanted]
    if report == "hazard_ratio":
        other = sum(one[1] for one in second)
        if wanted == 0 or other_wanted == 0 or other == 0:
            return None if undefined == "none" else 0.0
        return (observed / wanted) / (other / other_wanted)
    if spread == 0:
        return None if undefined == "none" else 0.0
    return score / math.sqrt(spread) if report == "z" else score * score / spread


def _scored(chance: Random) -> Arguments:
    size = chance.randint(0, 9)
    return [
        [chance.choice([0.1, 0.2, 0.3, 0.5, 0.5, 0.7, 0.9]) for _ in range(size)],
        [chance.randint(0, 1) for _ in range(size)],
        chance.choice([0.2, 0.5, 0.7]),
    ]


@family(
    _scored,
    edges=[
        [[], [], 0.5],
        [[0.5], [1], 0.5],
        [[0.5, 0.5], [0, 1], 0.5],
        [[0.1, 0.9], [0, 1], 0.5],
        [[0.1, 0.9], [1, 0], 0.9],
    ],
    compare="float",
)
def discrimination(
    scores: list[float],
    labels: list[int],
    cut: float,
    *,
    measure: Literal["auc", "youden", "f1", "average_precision", "mcc"],
    direction: Literal["high_positive", "low_positive"],
    ties: Literal["at_cut_positive", "at_cut_negative"],
    undefined: Literal["none", "zero"],
) -> float | None:
    """How well scores tell positives from negatives."""
    sign = 1 if direction == "high_positive" else -1
    ranked = [sign * score for score in scores]
    limit = sign * cut
    positives = [score for score, label in zip(ranked, labels, strict=True) if label]
    negatives = [score for score, label in zip(ranked, labels, strict=True) if not label]
    empty = None if undefined == "none" else 0.0
    if measure == "average_precision":
        if not positives:
            return empty
        total = 0.0
        for score in positives:
            above = sum(one >= score for one in ranked)
            total += sum(one >= score for one in positives) / above
        return total / len(positives)
    if measure == "auc":
        if not positives or not negatives:
            return empty
        won = sum((one > other) + 0.5 * (one == other) for one in positives for other in negatives)
        return won / (len(positives) * len(negatives))
    called = [score >= limit if ties == "at_cut_positive" else score > limit for score in ranked]
    tp = sum(call and label == 1 for call, label in zip(called, labels, strict=True))
    fp = sum(call and label == 0 for call, label in zip(called, labels, strict=True))
    fn, tn = len(positives) - tp, len(negatives) - fp
    if measure == "f1":
        return 2 * tp / (2 * tp + fp + fn) if tp + fp + fn else empty
    if measure == "youden":
        if not positives or not negatives:
            return empty
        return tp / len(positives) - fp / len(negatives)
    product = (tp + fp) * (tp + fn) * (tn + fp) * (tn + fn)
    return (tp * tn - fp * fn) / math.sqrt(product) if product else empty


def _p_values(chance: Random) -> Arguments:
    pool: list[float | None] = [0.001, 0.01, 0.012, 0.02, 0.03, 0.04, 0.05, 0.2, 0.5, 1.0, None]
    return [[chance.choice(pool) for _ in range(chance.randint(0, 8))], chance.choice([0.05, 0.1])]


@family(
    _p_values,
    edges=[
        [[], 0.05],
        [[0.05], 0.05],
        [[0.01, 0.02, 0.03], 0.05],
        [[None], 0.05],
        [[0.04, 0.04, 0.01], 0.05],
        [[0.5, None, 0.001], 0.1],
    ],
    compare="float",
)
def adjust_p_values(
    values: list[float | None],
    alpha: float,
    *,
    method: Literal["bonferroni", "holm", "benjamini_hochberg", "sidak"],
    missing: Literal["left_out", "counted"],
    report: Literal["adjusted", "rejected", "number"],
    bound: Literal["at_most", "below"],
) -> object:
    """P-values adjusted for multiple testing."""
    known = [at for at, value in enumerate(values) if value is not None]
    m = len(values) if missing == "counted" else len(known)
    order = sorted(known, key=lambda at: (values[at] or 0.0, at))
    made: list[float | None] = [None] * len(values)
    running = 0.0
    if method == "benjamini_hochberg":
        running = 1.0
        for rank in range(len(order), 0, -1):
            running = min(running, (values[order[rank - 1]] or 0.0) * m / rank)
            made[order[rank - 1]] = running
    else:
        for rank, at in enumerate(order):
            p = values[at] or 0.0
            if method == "holm":
                running = max(running, min(1.0, p * (m - rank)))
                made[at] = running
            elif method == "bonferroni":
                made[at] = min(1.0, p * m)
            else:
                made[at] = 1 - (1 - p) ** m
    if report == "adjusted":
        return made
    limit = alpha + 1e-12 if bound == "at_most" else alpha - 1e-12
    rejected = [at for at, value in enumerate(made) if value is not None and value <= limit]
    return rejected if report == "rejected" else len(rejected)


def _table(chance: Random) -> Arguments:
    top = chance.choice([3, 15])
    return [[chance.randint(0, top) for _ in range(4)]]


@family(
    _table,
    edges=[[[0, 0, 0, 0]], [[1, 0, 0, 1]], [[3, 1, 1, 3]], [[10, 20, 5, 40]], [[0, 5, 5, 0]]],
    compare="float",
)
def association(
    table: list[int],
    *,
    measure: Literal["odds_ratio", "risk_ratio", "risk_difference", "fisher"],
    zeros: Literal["none", "half_if_zero", "always_half"],
    scale: Literal["plain", "log"],
    interval: Literal["estimate", "lower", "upper"],
) -> float | None:
    """The association of an exposure with an outcome."""
    a, b, c, d = (float(one) for one in table)
    if measure == "fisher":
        row, column, whole = table[0] + table[1], table[0] + table[2], sum(table)
        if whole == 0:
            return None
        low, high = max(0, row + column - whole), min(row, column)
        ways = {
            x: math.comb(column, x) * math.comb(whole - column, row - x)
            for x in range(low, high + 1)
        }
        seen = ways[table[0]]
        if interval == "lower":
            count = sum(way for x, way in ways.items() if x <= table[0])
        elif interval == "upper":
            count = sum(way for x, way in ways.items() if x >= table[0])
        else:
            count = sum(way for way in ways.values() if way <= seen)
        p = count / math.comb(whole, row)
        return math.log(p) if scale == "log" else p
    if zeros == "always_half" or (zeros == "half_if_zero" and 0 in table):
        a, b, c, d = a + 0.5, b + 0.5, c + 0.5, d + 0.5
    if a + b == 0 or c + d == 0:
        return None
    if measure == "risk_difference":
        p, q = a / (a + b), c / (c + d)
        error = math.sqrt(p * (1 - p) / (a + b) + q * (1 - q) / (c + d))
        shift = 0.0 if interval == "estimate" else 1.96 * error
        return p - q - shift if interval == "lower" else p - q + shift
    if measure == "odds_ratio":
        if 0 in (a, b, c, d):
            return None
        value, error = a * d / (b * c), math.sqrt(1 / a + 1 / b + 1 / c + 1 / d)
    else:
        if 0 in (a, c):
            return None
        value = a / (a + b) / (c / (c + d))
        error = math.sqrt(max(0.0, 1 / a - 1 / (a + b) + 1 / c - 1 / (c + d)))
    logarithm = math.log(value)
    if interval == "lower":
        logarithm -= 1.96 * error
    elif interval == "upper":
        logarithm += 1.96 * error
    return logarithm if scale == "log" else math.exp(logarithm)


def _two_lists(chance: Random) -> Arguments:
    return [numbers(chance, 0, 7, 0, 5), numbers(chance, 0, 7, 0, 5)]


@family(
    _two_lists,
    edges=[
        [[], []],
        [[1.0], [1.0]],
        [[1.0, 2.0], [3.0, 4.0]],
        [[1.0, 1.0], [1.0, 1.0]],
        [[1.0, 2.0, 3.0], [2.0]],
    ],
    compare="float",
)
def rank_sum(
    first: list[float],
    second: list[float],
    *,
    statistic: Literal["u", "z", "effect", "median_shift"],
    ties: Literal["mid_ranks", "low_ranks"],
    correction: Literal["plain", "continuity"],
    direction: Literal["first_higher", "smaller_of_both"],
) -> float | None:
    """The rank sum test of two samples."""
    n, m = len(first), len(second)
    if n == 0 or m == 0:
        return None
    whole = first + second
    if statistic == "median_shift":
        shifts = sorted(one - other for one in first for other in second)
        middle = len(shifts) // 2
        if ties == "low_ranks":
            return shifts[(len(shifts) - 1) // 2]
        return (shifts[middle] + shifts[-middle - 1]) / 2
    ranks = 0.0
    for value in first:
        below = sum(one < value for one in whole)
        same = sum(one == value for one in whole)
        ranks += below + ((same + 1) / 2 if ties == "mid_ranks" else 1)
    u = ranks - n * (n + 1) / 2
    if direction == "smaller_of_both":
        u = min(u, n * m - u)
    if statistic == "u":
        return u
    if statistic == "effect":
        return 2 * u / (n * m) - 1
    off = u - n * m / 2
    if correction == "continuity":
        off = math.copysign(max(0.0, abs(off) - 0.5), off)
    return off / math.sqrt(n * m * (n + m + 1) / 12) + 0.0
