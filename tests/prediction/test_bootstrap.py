"""Metrics on resamples equal those of the resampled rows, one after another."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from taskkit.oracles import scores
from taskkit.prediction.bootstrap import resampled, weights

ROWS, RESAMPLES = 40, 25


@pytest.fixture
def drawn() -> Any:
    return weights(ROWS, resamples=RESAMPLES, seed=3)


@pytest.fixture
def chance() -> np.random.Generator:
    return np.random.default_rng(7)


def repeated(column: Any, counts: Any) -> list[Any]:
    return list(np.repeat(column, counts.astype(int)).tolist())


def test_every_resample_has_as_many_rows(drawn: Any) -> None:
    assert drawn.shape == (RESAMPLES, ROWS)
    assert (drawn.sum(axis=1) == ROWS).all()


@pytest.mark.parametrize("metric", ["auroc", "auprc"])
def test_ranking_metrics_equal_those_of_repeated_rows(
    metric: Any, drawn: Any, chance: np.random.Generator
) -> None:
    marks = chance.random(ROWS) < 0.4
    ranked = np.round(chance.normal(marks, 1), 1)
    values = resampled(metric, {"marks": marks[None]}, ranked[None], drawn)
    single = {"auroc": scores.auroc, "auprc": scores.auprc}[metric]
    for value, counts in zip(values, drawn, strict=True):
        assert value == pytest.approx(single(repeated(marks, counts), repeated(ranked, counts)))


def test_several_columns_give_their_mean(drawn: Any, chance: np.random.Generator) -> None:
    marks = chance.random((2, ROWS)) < 0.4
    ranked = chance.normal(marks, 1)
    both = resampled("auroc", {"marks": marks}, ranked, drawn)
    parts = [
        resampled("auroc", {"marks": m[None]}, r[None], drawn)
        for m, r in zip(marks, ranked, strict=True)
    ]
    assert both == pytest.approx((parts[0] + parts[1]) / 2)


@pytest.mark.parametrize("metric", ["f1", "accuracy"])
def test_decision_metrics_equal_those_of_repeated_rows(
    metric: Any, drawn: Any, chance: np.random.Generator
) -> None:
    labels = np.where(chance.random(ROWS) < 0.4, "1", "0")
    guess = np.where(chance.random(ROWS) < 0.5, labels, "0")
    truth = {"marks": (labels == "1")[None], "labels": labels}
    values = resampled(metric, truth, guess[None], drawn)
    for value, counts in zip(values, drawn, strict=True):
        a, b = repeated(labels, counts), repeated(guess, counts)
        right = (
            scores.accuracy(a, b)
            if metric == "accuracy"
            else scores.f1([x == "1" for x in a], [x == "1" for x in b])
        )
        assert value == pytest.approx(right)


def test_concordance_equals_that_of_repeated_rows(drawn: Any, chance: np.random.Generator) -> None:
    times = np.round(chance.exponential(5, ROWS))
    events = chance.random(ROWS) < 0.6
    risks = np.round(-times + chance.normal(0, 4, ROWS))
    values = resampled("concordance", {"times": times, "events": events}, risks[None], drawn)
    for value, counts in zip(values, drawn, strict=True):
        rows = [repeated(column, counts) for column in (times, events, risks)]
        assert value == pytest.approx(scores.concordance(*rows))
