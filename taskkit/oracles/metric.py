"""Predictions for every row of a hidden set, scored against a threshold."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import ClassVar, Literal, Self

from pydantic import Field, model_validator

from taskkit.errors import SpecError
from taskkit.oracles import scores
from taskkit.oracles.document import MalformedError, parse
from taskkit.oracles.evidence import Evidence
from taskkit.oracles.example import Example
from taskkit.oracles.kind import Asked, Case, Fault, Fixtures, Judge
from taskkit.oracles.predictions import (
    Sheet,
    classes,
    numbers,
    read_csv,
    read_labels,
    require_rows,
    sheet,
)
from taskkit.oracles.value import unwrapped
from taskkit.oracles.verdict import Verdict
from taskkit.spec.answer import (
    Column,
    FileAnswer,
    IntegerAnswer,
    NumberAnswer,
    TableAnswer,
)
from taskkit.spec.base import Many, Name, Spec
from taskkit.spec.fit import MisfitError, normal
from taskkit.spec.oracle import Oracle

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


class MetricOracle(Oracle):
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


class MetricJudge(Judge[MetricOracle]):
    """Scores predictions against hidden labels."""

    model: ClassVar[type[Oracle]] = MetricOracle

    def judge(self, asked: Asked, evidence: Evidence) -> Verdict:
        """Score the predictions.

        Raises:
            SpecError: the hidden labels cannot be read, or allow no such metric.
        """
        oracle: MetricOracle = asked.oracle
        if evidence.document is None:
            return Verdict("missing", "no predictions were left")
        hidden = read_labels(evidence.asset(oracle.labels), oracle.key)
        try:
            given = predictions(asked, evidence)
            reached = value(oracle, hidden, given)
        except MalformedError as error:
            return Verdict("malformed", str(error))
        except MisfitError as error:
            return Verdict("wrong_type", str(error))
        except ValueError as error:
            raise SpecError(f"{oracle.labels}: {error}") from None
        return verdict(oracle, reached, len(hidden.rows))

    def digest(self, asked: Asked, evidence: Evidence) -> str:
        """Digest the predictions, whatever the order of their rows."""
        try:
            given = predictions(asked, evidence)
        except (MalformedError, MisfitError):
            return super().digest(asked, evidence)
        rows = sorted((name, *cells) for name, cells in given.rows.items())
        return hashlib.sha256(json.dumps(rows).encode()).hexdigest()

    def faults(self, asked: Asked) -> Iterator[Fault]:
        """Check that the answer is a table of the oracle's columns, or a file."""
        oracle, answer = asked.oracle, asked.answer
        wanted = (oracle.key, *oracle.outputs)
        if isinstance(answer, TableAnswer):
            held = tuple(column.name for column in answer.columns or ())
            if held != wanted:
                message = f"columns {', '.join(held) or 'not given'}"
                yield Fault(("answer", "columns"), message, f"need {', '.join(wanted)}")
        elif not isinstance(answer, FileAnswer):
            message = f"predictions in an answer of kind {answer.kind!r}"
            yield Fault(("answer", "kind"), message, "need a table or a file")
        best = oracle.best_trivial
        if best is not None and best.value >= oracle.threshold:
            message = f"{oracle.threshold}, which {best.predictor!r} reaches with {best.value}"
            yield Fault(("oracle", "threshold"), message, "need more than any trivial predictor")

    def fixtures(self) -> Fixtures:
        """Twelve rows, of which every third is positive."""
        asked = Example(FileAnswer(kind="file", path="predictions.csv"), EXAMPLE)
        table = Example(EXAMPLE_TABLE, EXAMPLE)
        right = {number: number / 100 + (number % 3 == 0) for number in range(12)}
        wrong = {number: float(number) for number in right}
        some = dict(list(right.items())[1:])
        constant = dict.fromkeys(right, 0.5)
        return Fixtures(
            full=[case(asked, csv_of(right), 1.0), case(table, json_of(right), 1.0)],
            zero=[case(asked, csv_of(wrong), 0.0), case(table, json_of(wrong), 0.0)],
            malformed=[
                case(asked, csv_of(some), 0.0),
                case(asked, csv_of(right) + b"0,0.1\n", 0.0),
                case(asked, csv_of(right) + b"99,0.1\n", 0.0),
                case(asked, csv_of(right | {4: float("nan")}), 0.0),
                case(table, json_of(constant), 0.0),
                case(table, b"0.8", 0.0),
            ],
        )


def predictions(asked: Asked, evidence: Evidence) -> Sheet:
    """Read the predictions of an answer.

    Raises:
        MalformedError: it is no table, or a row stands twice.
        MisfitError: a value is of another type.
    """
    oracle, answer, document = asked.oracle, asked.answer, evidence.document or b""
    if isinstance(answer, FileAnswer):
        return read_csv(document, oracle.key, oracle.outputs)
    rows = normal(answer, unwrapped(answer, parse(document), evidence.origin))
    if not isinstance(rows, list):
        raise MisfitError(f"an answer of kind {answer.kind!r}, need a table")
    lines = ([str(cell) for cell in row] if isinstance(row, list) else [str(row)] for row in rows)
    return sheet(lines, oracle.outputs, oracle.key)


def verdict(oracle: MetricOracle, reached: float, rows: int) -> Verdict:
    """Compare a metric with the threshold; the partial share begins at the best trivial one."""
    told = (
        f"{oracle.metric} {reached:.4f} on {rows:,} rows, threshold {oracle.threshold:g}, "
        f"reference {oracle.reference.value:g}"
    )
    if reached >= oracle.threshold:
        return Verdict("right", told)
    floor = oracle.best_trivial.value if oracle.best_trivial else 0.0
    share = (reached - floor) / (oracle.threshold - floor) if oracle.threshold > floor else 0.0
    return Verdict("wrong", told, min(max(share, 0.0), 1.0))


EXAMPLE = MetricOracle(
    kind="metric",
    metric="auroc",
    target="binary",
    labels="hidden.csv",
    key="patient_id",
    outputs=("score",),
    threshold=0.7,
    reference=Figure(predictor="reference", value=1.0, passes=1.0),
    trivial=(Figure(predictor="majority", value=0.5, passes=0.0),),
)
EXAMPLE_TABLE = TableAnswer(
    kind="table",
    columns=(
        Column(name="patient_id", type=IntegerAnswer(kind="integer")),
        Column(name="score", type=NumberAnswer(kind="number")),
    ),
)
_FOLDER: list[TemporaryDirectory[str]] = []  # gone with the process


def hidden_example(_: str) -> Path:
    """The hidden labels of the fixtures."""
    if not _FOLDER:
        _FOLDER.append(TemporaryDirectory(prefix="taskkit-metric-"))
        lines = [f"{number},{int(number % 3 == 0)}\n" for number in range(12)]
        text = "patient_id,label\n" + "".join(lines)
        (Path(_FOLDER[0].name) / "hidden.csv").write_text(text)
    return Path(_FOLDER[0].name) / "hidden.csv"


def case(asked: Example, document: bytes, reward: float) -> Case:
    """A document over the hidden labels of the fixtures."""
    return Case(asked, Evidence(document, asset=hidden_example), reward)


def csv_of(scored: dict[int, float]) -> bytes:
    """Scores as a file."""
    lines = [f"{row},{score}\n" for row, score in scored.items()]
    return ("patient_id,score\n" + "".join(lines)).encode()


def json_of(scored: dict[int, float]) -> bytes:
    """Scores as a table."""
    return json.dumps([[row, score] for row, score in scored.items()]).encode()
