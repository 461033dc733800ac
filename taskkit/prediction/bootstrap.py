"""Metrics on many resamples of the hidden rows at once.

A resample is a weight for each row: how often it was drawn. Sorting is done once for all.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from taskkit.oracles.metric import POSITIVE, RANKING, MetricName, Target
from taskkit.oracles.predictions import Sheet

Floats: TypeAlias = NDArray[np.floating[Any]]
RESAMPLES = 1000  # 1 % of them is ten: a share of 99 % can be told from one of 98 %


def weights(rows: int, *, resamples: int = RESAMPLES, seed: int = 0) -> Floats:
    """How often each row is drawn.

    Returns:
        (resamples, rows); every line sums to `rows`.
    """
    chance = np.random.Generator(np.random.PCG64(seed))
    drawn = chance.integers(0, rows, (resamples, rows)) + np.arange(resamples)[:, None] * rows
    counts = np.bincount(drawn.ravel(), minlength=resamples * rows).reshape(resamples, rows)
    return counts.astype(np.float32)  # whole numbers far below 2^24


def outcome(hidden: Sheet, target: Target, outputs: tuple[str, ...]) -> dict[str, Any]:
    """The hidden labels as arrays: `marks` (columns, rows), or `times` and `events`; `names`."""
    if target == "survival":
        return {
            "times": np.array(hidden.column("time"), dtype=float),
            "events": np.array(hidden.column("event")) == POSITIVE,
        }
    if target == "findings":
        return {"marks": np.array([np.array(hidden.column(n)) == POSITIVE for n in outputs])}
    labels = np.array(hidden.column("label"))
    names = outputs if target == "classes" and len(outputs) > 1 else (POSITIVE,)
    return {"marks": np.array([labels == name for name in names]), "labels": labels}


def resampled(
    metric: MetricName, truth: dict[str, Any], predicted: NDArray[Any], drawn: Floats
) -> Floats:
    """The metric of predictions on every resample.

    Args:
        metric: Which one.
        truth: As `outcome` gives it.
        predicted: (columns, rows); scores, or one column of labels as text.
        drawn: (resamples, rows).

    Returns:
        (resamples); NaN where a resample allows no metric.
    """
    if metric == "concordance":
        return concordance(truth["times"], truth["events"], predicted[0], drawn)
    if metric == "accuracy":
        right = (truth["labels"] == predicted[0]).astype(np.float32)
        return np.asarray(drawn @ right / drawn.sum(1))
    if metric == "f1":
        return f1(truth["marks"][0], predicted[0] == POSITIVE, drawn)
    assert metric in RANKING
    single = auroc if metric == "auroc" else auprc
    columns = [single(m, p, drawn) for m, p in zip(truth["marks"], predicted, strict=True)]
    return np.asarray(np.mean(columns, axis=0))


def tied(scores: Floats) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]:
    """Rows by ascending score, and of each in that order the first and last with its score."""
    order = np.argsort(scores, kind="stable")
    new = np.r_[True, np.diff(scores[order]) > 0]
    starts = np.flatnonzero(new)
    ends = np.r_[starts[1:], len(order)] - 1
    group = np.cumsum(new) - 1
    return order, starts[group], ends[group]


def auroc(marks: NDArray[np.bool_], scores: Floats, drawn: Floats) -> Floats:
    """AUROC on every resample."""
    order, first, last = tied(scores)
    hit = np.flatnonzero(marks[order])
    misses = np.take(drawn, order, axis=1)
    hits = misses[:, hit]
    misses[:, hit] = 0
    below = np.zeros((len(drawn), len(order) + 1), dtype=misses.dtype)
    np.cumsum(misses, axis=1, out=below[:, 1:])
    near = below[:, first[hit]] + below[:, last[hit] + 1]
    area = np.einsum("ij,ij->i", hits, near, dtype=float) / 2
    with np.errstate(invalid="ignore"):
        return np.asarray(area / (hits.sum(1, dtype=float) * below[:, -1]))


def auprc(marks: NDArray[np.bool_], scores: Floats, drawn: Floats) -> Floats:
    """Average precision on every resample."""
    order, _, last = tied(-scores)
    hit = np.flatnonzero(marks[order])
    ranked = np.take(drawn, order, axis=1)
    taken = np.cumsum(ranked, axis=1)[:, last[hit]]
    hits = ranked[:, hit]
    right = np.cumsum(hits, axis=1)[:, np.searchsorted(hit, last[hit], side="right") - 1]
    with np.errstate(invalid="ignore", divide="ignore"):
        precision = np.nan_to_num(right / taken)
        area = np.einsum("ij,ij->i", hits, precision, dtype=float)
        return np.asarray(area / hits.sum(1, dtype=float))


def f1(marks: NDArray[np.bool_], predicted: NDArray[np.bool_], drawn: Floats) -> Floats:
    """F1 on every resample."""
    either = drawn @ (marks.astype(np.float32) + predicted)
    both = drawn @ (marks & predicted).astype(np.float32)
    return np.asarray(2 * both / np.maximum(either, 1.0))


def concordance(times: Floats, events: NDArray[np.bool_], risks: Floats, drawn: Floats) -> Floats:
    """Harrell's C on every resample."""
    first = np.flatnonzero(events)
    t, r = times[first, None], risks[first, None]
    pairs = ((t < times) | ((t == times) & ~events)).astype(np.float32)
    right = pairs * ((r > risks) + np.float32(0.5) * (r == risks))
    early = drawn[:, first]
    total = np.einsum("ij,ij->i", early, drawn @ pairs.T, dtype=float)
    with np.errstate(invalid="ignore"):
        return np.asarray(np.einsum("ij,ij->i", early, drawn @ right.T, dtype=float) / total)
