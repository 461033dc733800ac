"""The threshold of a task: between the best trivial predictor and the reference."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from taskkit.oracles.metric import Figure, MetricName
from taskkit.prediction.bootstrap import RESAMPLES, Floats, resampled, weights
from taskkit.prediction.candidate import Threshold

REFERENCE_SHARE = 0.99  # of the bootstraps the reference passes
TRIVIAL_SHARE = 0.01  # of the bootstraps at most a trivial predictor passes
DIGITS = 4


class NoThresholdError(ValueError):
    """No threshold parts the reference from every trivial predictor."""


def threshold(
    metric: MetricName,
    truth: dict[str, Any],
    reference: NDArray[Any],
    trivial: Iterable[tuple[str, NDArray[Any]]],
    *,
    program: str = "reference",
) -> Threshold:
    """Find the threshold.

    Args:
        metric: Which one.
        truth: Outcome of the hidden rows.
        reference: Predictions, (columns, rows).
        trivial: Name and predictions of each trivial predictor.
        program: What the reference is called.

    Raises:
        NoThresholdError: a trivial predictor comes too near, or the metric cannot be had.
    """
    rows = reference.shape[1]
    drawn = weights(rows)
    best = values(metric, truth, reference, drawn)
    others = {name: values(metric, truth, column, drawn) for name, column in trivial}
    high = float(np.quantile(best[1], 1 - REFERENCE_SHARE, method="lower"))
    low, nearest = max(
        (float(np.quantile(draws, 1 - TRIVIAL_SHARE, method="higher")), name)
        for name, (_, draws) in others.items()
    )
    at = round((low + high) / 2, 3)
    if not low < at <= high:
        raise NoThresholdError(
            f"{metric}: the reference stays above {high:.3f} in {REFERENCE_SHARE:.0%} of the "
            f"bootstraps, {nearest!r} reaches {low:.3f}: no threshold between them"
        )
    return Threshold(
        at,
        figure(program, best, at),
        tuple(figure(name, both, at) for name, both in others.items()),
        RESAMPLES,
    )


def values(
    metric: MetricName, truth: dict[str, Any], predicted: NDArray[Any], drawn: Floats
) -> tuple[float, Floats]:
    """The metric on all rows, and on every resample.

    Raises:
        NoThresholdError: on the rows, or on a resample, there is no such metric.
    """
    whole = resampled(metric, truth, predicted, np.ones_like(drawn[:1]))
    draws = resampled(metric, truth, predicted, drawn)
    if np.isnan(whole).any() or np.isnan(draws).any():
        raise NoThresholdError(f"{metric}: too few hidden rows with the outcome")
    return float(whole[0]), draws


def figure(name: str, both: tuple[float, Floats], at: float) -> Figure:
    """What a predictor reaches, for the specification."""
    value, draws = both
    passes = float(np.mean(draws >= at))
    return Figure(predictor=name, value=round(value, DIGITS), passes=round(passes, DIGITS))
