"""Leakage: a feature that is the label, or that was not known when the prediction is made."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from taskkit.prediction.bootstrap import Floats
from taskkit.prediction.trivial import Ground

TOO_GOOD = 0.97  # AUROC of one feature; the best sign at the bedside stays below it
FEWEST = 10  # rows of either label that have the feature; fewer are parted by chance


class LeakError(ValueError):
    """A feature that gives the label away; the message names it."""


def require_no_leak(ground: Ground) -> None:
    """Refuse training data in which one feature is the label.

    Raises:
        LeakError: a feature parts the training rows almost without error, or where it is missing
            does.
    """
    marks = ground.truth.get("marks")
    if marks is None:
        marks = ground.truth["events"][None]
    for name, column in zip(ground.names, ground.train.T, strict=True):
        missing = np.isnan(column).astype(float)
        for values, what in ((column, "its value"), (missing, "where it is missing")):
            worst = apart(marks, values)
            if worst >= TOO_GOOD:
                raise LeakError(
                    f"feature {name!r}: {what} parts the labels with AUROC {worst:.3f}: "
                    f"need below {TOO_GOOD}: it may be the label, or recorded after it"
                )


def apart(marks: NDArray[np.bool_], values: Floats) -> float:
    """The best AUROC of a feature in its better direction, over the rows that have it.

    Args:
        marks: (columns, rows); the best of the columns counts.
        values: (rows); NaN where missing.
    """
    there = ~np.isnan(values)
    marks = marks[:, there]
    hits = marks.sum(1)
    rows = int(there.sum())
    usable = (hits >= FEWEST) & (rows - hits >= FEWEST)
    if not usable.any():
        return 0.5
    hits = hits[usable]
    sums = marks[usable] @ pl.Series(values[there]).rank().to_numpy()
    areas = (sums - hits * (hits + 1) / 2) / (hits * (rows - hits))
    return float(np.maximum(areas, 1 - areas).max())
