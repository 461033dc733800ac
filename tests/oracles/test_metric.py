"""The judge of predictions keeps what it shows, and names what does not go together."""

from __future__ import annotations

from pathlib import Path

import pytest

from taskkit.errors import SpecError
from taskkit.oracles.evidence import Evidence
from taskkit.oracles.example import Example
from taskkit.oracles.judge import digest, faults, judge
from taskkit.oracles.kind import Case
from taskkit.oracles.metric import (
    EXAMPLE,
    EXAMPLE_TABLE,
    Figure,
    MetricJudge,
    case,
    csv_of,
    json_of,
)
from taskkit.spec.answer import FileAnswer, StringAnswer

FILE = Example(FileAnswer(kind="file", path="predictions.csv"), EXAMPLE)
TABLE = Example(EXAMPLE_TABLE, EXAMPLE)
SHOWN = MetricJudge().fixtures()


@pytest.mark.parametrize("shown", [*SHOWN.full, *SHOWN.zero, *SHOWN.malformed])
def test_fixture_earns_what_it_shows(shown: Case) -> None:
    assert judge(shown.asked, shown.evidence).reward == shown.reward
    assert judge(shown.asked, shown.evidence).reward == shown.reward  # and again


@pytest.mark.parametrize("shown", SHOWN.malformed)
def test_malformed_fixture_is_told_apart_from_a_wrong_one(shown: Case) -> None:
    assert judge(shown.asked, shown.evidence).code in ("malformed", "wrong_type")


def test_nothing_left_is_missing() -> None:
    assert judge(FILE, Evidence(None)).code == "missing"


def test_wrong_predictions_get_a_share_between_trivial_and_threshold() -> None:
    scores = {number: number / 100 + (number in (0, 3)) for number in range(12)}
    verdict = judge(TABLE, case(TABLE, json_of(scores), 0.0).evidence)
    # 32 pairs: rows 0 and 3 win 8 each; 6 beats 4 negatives, 9 beats 6
    assert verdict.explanation.startswith("auroc 0.8125 on 12 rows, threshold 0.7")
    worse = {number: float(number) for number in range(12)}
    wrong = judge(TABLE, case(TABLE, json_of(worse), 0.0).evidence)
    assert (wrong.code, wrong.share) == ("wrong", 0.0)


def test_order_of_rows_does_not_change_the_digest() -> None:
    scores = {number: number / 7 for number in range(12)}
    back = dict(reversed(scores.items()))
    first = digest(FILE, Evidence(csv_of(scores)))
    assert first == digest(FILE, Evidence(csv_of(back)))
    assert first != digest(FILE, Evidence(csv_of(scores | {3: 0.5})))


def test_answer_of_another_kind_is_a_fault() -> None:
    [fault] = faults(Example(StringAnswer(kind="string"), EXAMPLE))
    assert fault.message == "predictions in an answer of kind 'string'"


def test_table_of_other_columns_is_a_fault() -> None:
    other = EXAMPLE.model_copy(update={"outputs": ("risk",)})
    [fault] = faults(Example(EXAMPLE_TABLE, other))
    assert (fault.message, fault.remedy) == ("columns patient_id, score", "need patient_id, risk")


def test_threshold_that_a_trivial_predictor_reaches_is_a_fault() -> None:
    easy = (Figure(predictor="age", value=0.71, passes=0.6),)
    [fault] = faults(Example(EXAMPLE_TABLE, EXAMPLE.model_copy(update={"trivial": easy})))
    assert fault.message == "0.7, which 'age' reaches with 0.71"


def test_hidden_labels_of_one_kind_are_an_error_of_the_author(tmp_path: Path) -> None:
    path = tmp_path / "hidden.csv"
    path.write_text("patient_id,label\n" + "".join(f"{i},0\n" for i in range(12)))
    scores = csv_of({number: number / 7 for number in range(12)})
    with pytest.raises(SpecError, match=r"^hidden\.csv: AUROC: all labels are the same"):
        judge(FILE, Evidence(scores, asset=lambda _: path))
