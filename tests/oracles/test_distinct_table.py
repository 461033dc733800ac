"""A table that is asked for without repeats is compared without them, and only then."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import ValidationError

from taskkit.oracles.exact import compare
from taskkit.spec.answer import Column, NumberAnswer, StringAnswer, TableAnswer
from taskkit.spec.oracle import ExactOracle
from taskkit.spec.wording import describe

COLUMNS = (
    Column(name="drug", type=StringAnswer(kind="string")),
    Column(name="dose", type=NumberAnswer(kind="number")),
)
EXPECTED: Any = [["aspirin", 81.0], ["heparin", 5000.0]]


def judged(rows: Any, *, distinct: bool) -> str:
    answer = TableAnswer(kind="table", columns=COLUMNS, distinct=distinct)
    return compare(answer, ExactOracle(kind="exact", expected=EXPECTED), rows).code


@pytest.mark.parametrize(
    ("rows", "distinct", "verdict"),
    [
        ([["heparin", 5000], ["aspirin", 81], ["aspirin", 81]], True, "right"),
        ([["heparin", 5000], ["aspirin", 81], ["aspirin", 81]], False, "wrong"),
        ([["aspirin", 81], ["aspirin", 81]], True, "wrong"),
        ([["aspirin", 81], ["heparin", 5000], ["insulin", 5]], True, "wrong"),
        ([["aspirin", 82], ["heparin", 5000]], True, "wrong"),
        ([], True, "wrong"),
    ],
    ids=["repeated", "repeats count", "missing", "too many", "another value", "empty"],
)
def test_repeats_of_a_row_count_only_where_they_are_asked_for(
    rows: Any, distinct: bool, verdict: str
) -> None:
    assert judged(rows, distinct=distinct) == verdict


def test_the_task_says_whether_repeats_count() -> None:
    once = describe(TableAnswer(kind="table", columns=COLUMNS, distinct=True))
    often = describe(TableAnswer(kind="table", columns=COLUMNS))
    assert once.endswith("any order, repeated rows do not count.")
    assert often.endswith("any order, repeated rows count.")


def test_rows_cannot_have_an_order_and_no_repeats() -> None:
    with pytest.raises(ValidationError, match="ordered and distinct"):
        TableAnswer.model_validate_json(
            json.dumps({"kind": "table", "ordered": True, "distinct": True})
        )
