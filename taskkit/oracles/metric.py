"""Predictions for every row of a hidden set, scored against a threshold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Self

from pydantic import Field, model_validator

from taskkit.oracles import scores
from taskkit.oracles.predictions import Sheet, classes, numbers, require_rows
from taskkit.spec.base import Many, Name, Spec

MetricName = Literal["auroc", "auprc", "f1", "accuracy", "concordance"]
Target = Literal["binary", "classes", "findings", "survival"]
RANKING: tuple[MetricName, ...] = ("auroc", "auprc", "concordance")
POSITIVE = "1"


class Figure(Spec):
    """What a predictor reaches on the hidden rows."""

    predictor: str
    """What it does."""
    value: float
    """The metric on all hidden rows."""
    passes: float = Field(ge=0, le=1)
    """Share of the bootstraps in which it reaches the threshold."""


class MetricOracle(Spec):
    """Accept predictions for exactly the hidden rows whose metric reaches the threshold."""

    kind: Literal["metric"]
    metric: MetricName
    """`auroc`, `auprc` and `concordance` take scores, `f1` and `accuracy` labels."""
    target: Target
    """`binary`: labels 0 and 1; `classes`: one of several; `findings`: several at once, each 0 or
    1; `survival`: a time, and whether it ended in the event."""
    labels: Name
    """The asset with the hidden labels, a CSV table that only the judge reads. After the key:
    `label` (binary, classes), a column for each finding, or `time` and `event`."""
    key: str
    """The column that names a row, in the labels and in the answer; the first of a table answer."""
    outputs: Many[str] = Field(min_length=1)
    """The other columns of the answer: one score or label; for scores of `classes` and `findings`
    one for each, under its name. The metric is their mean then."""
    classes: Many[str] = ()
    """The labels that may be predicted, where labels are."""
    threshold: float
    """The lowest metric that earns the reward."""
    reference: Figure
    """The reference solution."""
    trivial: Many[Figure] = ()
    """Predictors that need no work; the threshold lies above the best of them."""
    bootstraps: int = Field(default=0, ge=0)
    """Resamples of the hidden rows behind each share."""

    @model_validator(mode="after")
    def _coherent(self) -> Self:
        if self.metric == "concordance" and self.target != "survival":
            raise ValueError(f"metric concordance with target {self.target}: need target survival")
        if self.target == "survival" and self.metric != "concordance":
            raise ValueError(f"metric {self.metric} with target survival: need metric concordance")
        if self.metric == "f1" and self.target != "binary":
            raise ValueError(f"metric f1 with target {self.target}: need target binary")
        several = self.target in ("classes", "findings") and self.metric in RANKING
        if not several and len(self.outputs) != 1:
            raise ValueError(f"{len(self.outputs)} outputs: need one for {self.metric}")
        if self.metric == "accuracy" and self.target not in ("binary", "classes"):
            raise ValueError(f"metric accuracy with target {self.target}: need binary or classes")
        return self

    @property
    def best_trivial(self) -> Figure | None:
        """The trivial predictor with the highest metric."""
        return max(self.trivial, key=lambda figure: figure.value, default=None)


def value(oracle: MetricOracle, hidden: Sheet, given: Sheet) -> float:
    """The metric of predictions.

    Raises:
        MalformedError: they do not cover exactly the hidden rows, or are not what is asked for.
        ValueError: the hidden labels allow no such metric.
    """
    require_rows(given, hidden, oracle.key)
    ordered = Sheet(given.columns, {name: given.rows[name] for name in hidden.rows})
    if oracle.metric in RANKING:
        columns = [numbers(ordered.column(name), name) for name in oracle.outputs]
        return ranking(oracle, hidden, columns)
    known = oracle.classes or ("0", POSITIVE)
    predicted = classes(ordered.column(oracle.outputs[0]), oracle.outputs[0], known)
    right = hidden.column("label")
    if oracle.metric == "accuracy":
        return scores.accuracy(right, predicted)
    return scores.f1(truths(right, POSITIVE), truths(predicted, POSITIVE))


def ranking(oracle: MetricOracle, hidden: Sheet, columns: Sequence[Sequence[float]]) -> float:
    """The metric of scores; of several columns the mean."""
    if oracle.metric == "concordance":
        times = [float(cell) for cell in hidden.column("time")]
        return scores.concordance(times, truths(hidden.column("event"), POSITIVE), columns[0])
    metric = scores.auroc if oracle.metric == "auroc" else scores.auprc
    if oracle.target == "binary":
        labels = [truths(hidden.column("label"), POSITIVE)]
    elif oracle.target == "classes":
        labels = [truths(hidden.column("label"), name) for name in oracle.outputs]
    else:
        labels = [truths(hidden.column(name), POSITIVE) for name in oracle.outputs]
    return scores.macro(metric, labels, columns)


def truths(cells: Sequence[str], positive: str) -> list[bool]:
    """Where a label is the one that counts."""
    return [cell == positive for cell in cells]
