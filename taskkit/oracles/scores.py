"""Metrics of predictions: AUROC, AUPRC, F1, accuracy and concordance.

In plain Python, so that a judge needs no other package; tests compare them with scikit-learn and
lifelines.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from operator import itemgetter


def auroc(labels: Sequence[bool], scores: Sequence[float]) -> float:
    """Area under the ROC curve: how often a positive row has the higher score, ties half.

    Raises:
        ValueError: all labels are the same.
    """
    positives = sum(labels)
    negatives = len(labels) - positives
    if not positives or not negatives:
        raise ValueError("AUROC: all labels are the same: need both")
    area, below = 0.0, 0
    for hits, size in tied(labels, scores, descending=False):
        misses = size - hits
        area += hits * (below + misses / 2)
        below += misses
    return area / (positives * negatives)


def auprc(labels: Sequence[bool], scores: Sequence[float]) -> float:
    """Average precision: precision at each threshold, weighted by the recall that it adds.

    Raises:
        ValueError: no label is true.
    """
    positives = sum(labels)
    if not positives:
        raise ValueError("AUPRC: no label is true: need one or more")
    area, taken, right = 0.0, 0, 0
    for hits, size in tied(labels, scores, descending=True):
        taken, right = taken + size, right + hits
        area += hits / positives * right / taken
    return area


def tied(
    labels: Sequence[bool], scores: Sequence[float], *, descending: bool
) -> Iterator[tuple[int, int]]:
    """Positives and rows of each distinct score, in the order of the scores."""
    pairs = sorted(zip(scores, labels, strict=True), key=itemgetter(0), reverse=descending)
    for _, group in groupby(pairs, key=itemgetter(0)):
        marks = [mark for _, mark in group]
        yield sum(marks), len(marks)


def f1(labels: Sequence[bool], predicted: Sequence[bool]) -> float:
    """Harmonic mean of precision and recall; 0 where nothing is found."""
    both = sum(a and b for a, b in zip(labels, predicted, strict=True))
    either = sum(labels) + sum(predicted)
    return 2 * both / either if either else 0.0


def accuracy(labels: Sequence[str], predicted: Sequence[str]) -> float:
    """Share of rows with the right label.

    Raises:
        ValueError: there are no rows.
    """
    if not labels:
        raise ValueError("accuracy: no rows: need one or more")
    return sum(a == b for a, b in zip(labels, predicted, strict=True)) / len(labels)


def concordance(times: Sequence[float], events: Sequence[bool], risks: Sequence[float]) -> float:
    """Harrell's C: how often who has the event earlier has the higher risk, ties half.

    A pair counts where the earlier time is an event, or both times are the same and one is.

    Raises:
        ValueError: no two rows can be compared.
    """
    right, pairs = 0.0, 0
    rows = list(zip(times, events, risks, strict=True))
    for time, event, risk in rows:
        if not event:
            continue
        for other, ended, lower in rows:
            if time < other or (time == other and not ended):
                pairs += 1
                right += 1.0 if risk > lower else 0.5 if risk == lower else 0.0
    if not pairs:
        raise ValueError("concordance: no two rows can be compared: need events before other times")
    return right / pairs


def macro(
    metric: Callable[[Sequence[bool], Sequence[float]], float],
    labels: Sequence[Sequence[bool]],
    scores: Sequence[Sequence[float]],
) -> float:
    """Mean of a metric over the columns: one for each class or finding.

    Args:
        metric: Of one column.
        labels: (columns, rows).
        scores: (columns, rows).
    """
    values = [metric(mark, score) for mark, score in zip(labels, scores, strict=True)]
    return sum(values) / len(values)
