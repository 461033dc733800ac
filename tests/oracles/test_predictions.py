"""What is no table of predictions is malformed, with a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from taskkit.errors import SpecError
from taskkit.oracles.document import MalformedError
from taskkit.oracles.metric import Figure, MetricOracle, value
from taskkit.oracles.predictions import Sheet, read_csv, read_labels

REFERENCE = Figure(predictor="reference", value=0.8, passes=1.0)
NAMES = [str(number) for number in range(1, 13)]
LABELS = {name: ("1" if int(name) % 3 == 0 else "0",) for name in NAMES}
HIDDEN = Sheet(("label",), LABELS)


def oracle(**changes: object) -> MetricOracle:
    fields: dict[str, object] = {
        "kind": "metric",
        "metric": "auroc",
        "target": "binary",
        "labels": "hidden.csv",
        "key": "patient_id",
        "outputs": ("score",),
        "threshold": 0.7,
        "reference": REFERENCE,
    }
    return MetricOracle.model_validate(fields | changes)


def given(text: str) -> Sheet:
    return read_csv(text.encode(), "patient_id", ["score"])


def table(scores: Mapping[str, object]) -> str:
    return "patient_id,score\n" + "".join(f"{name},{score}\n" for name, score in scores.items())


RIGHT: dict[str, object] = {name: int(name) / 100 + (int(name) % 3 == 0) for name in NAMES}


def test_perfect_scores_reach_one_in_any_order_of_rows_and_columns() -> None:
    lines = [f"{score},{name}\n" for name, score in reversed(RIGHT.items())]
    assert value(oracle(), HIDDEN, given("score,patient_id\n" + "".join(lines))) == 1.0


@pytest.mark.parametrize(
    ("scores", "message"),
    [
        (
            {name: score for name, score in RIGHT.items() if name not in ("4", "5")},
            r"2 rows \(patient_id 4, 5\) missing: need a prediction for all 12 rows",
        ),
        (
            RIGHT | {"99": 0.3},
            r"1 row \(patient_id 99\) unknown: need the rows asked for, no others",
        ),
        (RIGHT | {"7": "nan"}, r"column 'score': 'nan': need a finite number"),
        (RIGHT | {"7": "inf"}, r"column 'score': 'inf': need a finite number"),
        (RIGHT | {"7": ""}, r"column 'score': '': need a finite number"),
        (RIGHT | {"7": "high"}, r"column 'score': 'high': need a finite number"),
        (
            {name: int(name) % 2 for name in NAMES},
            r"column 'score': 2 different values in 12 rows, labels or a constant in place of "
            r"scores: need scores that rank the rows",
        ),
        (
            dict.fromkeys(NAMES, 0.5),
            r"column 'score': 1 different value in 12 rows, labels or a constant in place of "
            r"scores: need scores that rank the rows",
        ),
    ],
    ids=["missing", "unknown", "nan", "infinite", "blank", "text", "labels", "constant"],
)
def test_malformed_predictions_are_named(scores: dict[str, object], message: str) -> None:
    with pytest.raises(MalformedError, match=f"^{message}$"):
        value(oracle(), HIDDEN, given(table(scores)))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (table(RIGHT) + "3,0.1\n", r"1 row \(patient_id 3\) twice: need every row once"),
        ("", "an empty file: need the columns patient_id, score"),
        (
            "patient_id,prediction\n1,0.1\n",
            "columns patient_id, prediction: need patient_id, score",
        ),
        ("patient_id,score\n1\n", "row 1: 1 values, need 2"),
    ],
    ids=["doubled", "empty", "other column", "short row"],
)
def test_file_that_is_no_table_of_predictions_is_named(text: str, message: str) -> None:
    with pytest.raises(MalformedError, match=f"^{message}$"):
        given(text)


def test_bytes_that_are_no_text_are_named() -> None:
    with pytest.raises(MalformedError, match=r"^no CSV file in UTF-8: "):
        read_csv(b"\xff\xfe\x00", "patient_id", ["score"])


def test_decisions_must_be_known_labels() -> None:
    decided = {name: int(int(name) % 3 == 0) for name in NAMES}
    wanted = oracle(metric="f1", outputs=("score",))
    assert value(wanted, HIDDEN, given(table(decided))) == 1.0
    with pytest.raises(MalformedError, match=r"^column 'score': '0\.3': need one of 0, 1$"):
        value(wanted, HIDDEN, given(table(decided | {"1": 0.3})))


def test_classes_are_scored_by_their_mean() -> None:
    labels = ["a", "b", "c"] * 4
    hidden = Sheet(("label",), {name: (one,) for name, one in zip(NAMES, labels, strict=True)})
    cells = {
        name: tuple(str((one == place) + int(name) / 100) for place in "abc")
        for name, one in zip(NAMES, labels, strict=True)
    }
    wanted = oracle(target="classes", outputs=("a", "b", "c"))
    assert value(wanted, hidden, Sheet(("a", "b", "c"), cells)) == 1.0
    swapped = {name: (b, a, c) for name, (a, b, c) in cells.items()}
    assert value(wanted, hidden, Sheet(("a", "b", "c"), swapped)) < 0.7


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"metric": "concordance"}, "metric concordance with target binary: need target survival"),
        (
            {"metric": "f1", "target": "classes"},
            "metric f1 with target classes: need target binary",
        ),
        ({"outputs": ("a", "b")}, "2 outputs: need one for auroc"),
    ],
)
def test_oracle_that_makes_no_sense_is_refused(changes: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        oracle(**changes)


def test_labels_of_another_key_are_an_error_of_the_author(tmp_path: Path) -> None:
    path = tmp_path / "hidden.csv"
    path.write_text("row,label\n1,0\n")
    with pytest.raises(SpecError, match=r"^hidden\.csv: no labels can be read: first column 'row'"):
        read_labels(path, "patient_id")
