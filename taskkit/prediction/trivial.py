"""Predictors that need no work: what a threshold must lie above."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from taskkit.oracles.metric import POSITIVE, RANKING, MetricName, Target
from taskkit.prediction.bootstrap import Floats, resampled

SEED = 20_260_101
QUANTILES = np.linspace(0.05, 0.95, 19)  # cuts of one feature that are tried for a decision


@dataclass(frozen=True)
class Ground:
    """What a trivial predictor may know: training data, and the features of the hidden rows."""

    metric: MetricName
    target: Target
    truth: dict[str, Any]
    """Outcome of the training rows, as `bootstrap.outcome` gives it."""
    train: Floats
    """(rows, features); NaN where missing."""
    hidden: Floats
    """(rows, features)."""
    names: tuple[str, ...]
    """Of the features."""

    @property
    def columns(self) -> int:
        """Scores for each row."""
        return len(self.truth["marks"]) if "marks" in self.truth else 1


def predictors(ground: Ground, reference: NDArray[Any]) -> Iterator[tuple[str, NDArray[Any]]]:
    """Every trivial predictor with its predictions for the hidden rows.

    Args:
        ground: What is known.
        reference: Predictions of the reference, (columns, rows); permuted, they are trivial too.
    """
    chance = np.random.Generator(np.random.PCG64(SEED))
    rows = len(ground.hidden)
    scored = ground.metric in RANKING
    yield from scores(ground, chance) if scored else decisions(ground, chance)
    yield "rows permuted", reference[:, chance.permutation(rows)]
    name, column = one_feature(ground)
    yield f"one feature: {name}", column


def scores(ground: Ground, chance: np.random.Generator) -> Iterator[tuple[str, NDArray[Any]]]:
    """Constant, random and ordered scores, and training labels copied."""
    rows, columns = len(ground.hidden), ground.columns
    yield "majority", np.zeros((columns, rows))
    yield "prevalence", chance.random((columns, rows))
    order = np.arange(rows, dtype=float)
    yield "order of rows", np.tile(order, (columns, 1))
    yield "order of rows, reversed", np.tile(-order, (columns, 1))
    labels = ground.truth.get("marks", -ground.truth.get("times", np.zeros(1))[None])
    copied = np.resize(labels.astype(float), (columns, rows)) if columns == 1 else None
    if copied is None:
        copied = np.array([np.resize(mark.astype(float), rows) for mark in labels])
    yield "training labels copied", copied + 1e-6 * chance.random((columns, rows))


def decisions(ground: Ground, chance: np.random.Generator) -> Iterator[tuple[str, NDArray[Any]]]:
    """One label for all, random labels, and training labels copied."""
    labels, rows = ground.truth["labels"], len(ground.hidden)
    kinds, counts = np.unique(labels, return_counts=True)
    yield "majority", np.full((1, rows), kinds[np.argmax(counts)])
    if ground.metric == "f1":
        yield "all positive", np.full((1, rows), POSITIVE)
    yield "prevalence", chance.choice(kinds, size=(1, rows), p=counts / counts.sum())
    yield "order of rows", np.sort(chance.choice(kinds, size=rows, p=counts / counts.sum()))[None]
    yield "training labels copied", np.resize(labels, (1, rows))


def one_feature(ground: Ground) -> tuple[str, NDArray[Any]]:
    """The best single feature on the training rows, for each column of scores its own."""
    known, asked = filled(ground)
    if ground.metric not in RANKING:
        return one_cut(ground, known, asked)
    names, columns = [], []
    for place in range(ground.columns):
        truth = column_truth(ground, place)
        best = int(np.argmax(fits(ground.metric, truth, known)))
        sign = direction(ground.metric, truth, known[:, best])
        names.append(ground.names[best])
        columns.append(sign * asked[:, best])
    return ", ".join(sorted(set(names))[:3]), np.array(columns)


def filled(ground: Ground) -> tuple[Floats, Floats]:
    """Both feature tables with the medians of the training rows where a value is missing."""
    with np.errstate(all="ignore"):
        median = np.nan_to_num(np.nanmedian(ground.train, axis=0))
    fill = [np.where(np.isnan(part), median, part) for part in (ground.train, ground.hidden)]
    return fill[0], fill[1]


def column_truth(ground: Ground, place: int) -> dict[str, Any]:
    """The outcome of one column of scores."""
    if "marks" not in ground.truth:
        return ground.truth
    return {"marks": ground.truth["marks"][place : place + 1]}


def measure(metric: MetricName, truth: dict[str, Any], values: Floats) -> float:
    """The metric of one column on the training rows."""
    once = np.ones((1, len(values)), dtype=np.float32)
    return float(resampled(metric, truth, values[None], once)[0])


def fits(metric: MetricName, truth: dict[str, Any], known: Floats) -> Floats:
    """How well each feature does alone, in its better direction."""
    if metric == "auroc":
        return areas(truth["marks"][0], known)
    both = [
        max(measure(metric, truth, column), measure(metric, truth, -column)) for column in known.T
    ]
    return np.array(both)


def areas(marks: NDArray[np.bool_], known: Floats) -> Floats:
    """AUROC of each feature in its better direction, by the sum of the ranks."""
    hits = int(marks.sum())
    ranks = pl.from_numpy(known).select(pl.all().rank()).to_numpy()
    area = (marks @ ranks - hits * (hits + 1) / 2) / (hits * (len(marks) - hits))
    return np.asarray(np.maximum(area, 1 - area))


def direction(metric: MetricName, truth: dict[str, Any], values: Floats) -> float:
    """1 where a higher value is a higher score, else -1."""
    better = measure(metric, truth, values) >= measure(metric, truth, -values)
    return 1.0 if better else -1.0


def one_cut(ground: Ground, known: Floats, asked: Floats) -> tuple[str, NDArray[Any]]:
    """The best cut of one feature into two labels."""
    labels = ground.truth["labels"]
    kinds, counts = np.unique(labels, return_counts=True)
    common = kinds[np.argsort(-counts, kind="stable")]
    once = np.ones((1, len(labels)), dtype=np.float32)
    best: tuple[float, int, float, Any, Any] = (-1.0, 0, 0.0, common[0], common[0])
    for i in range(known.shape[1]):
        for cut in np.unique(np.quantile(known[:, i], QUANTILES)):
            for low, high in ((common[0], common[1]), (common[1], common[0])):
                guess = np.where(known[:, i] > cut, high, low)
                value = float(resampled(ground.metric, ground.truth, guess[None], once)[0])
                if value > best[0]:
                    best = (value, i, float(cut), low, high)
    _, place, cut, low, high = best
    return ground.names[place], np.where(asked[:, place] > cut, high, low)[None]
