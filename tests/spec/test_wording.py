"""The form of an answer is said in full, in one plain sentence."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import TypeAdapter

from taskkit.spec.answer import AnswerSpec, NumberAnswer
from taskkit.spec.wording import describe

DAY = {"kind": "date", "precision": "day"}
NUMBER = {"kind": "number", "unit": "mL/min", "decimals": 1}


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ({"kind": "integer"}, "Answer with one whole number."),
        ({"kind": "number"}, "Answer with one number."),
        (NUMBER, "Answer with one number in mL/min rounded to 1 decimal."),
        ({"kind": "string"}, "Answer with one text."),
        ({"kind": "boolean"}, "Answer with true or false."),
        (DAY, "Answer with one date as YYYY-MM-DD."),
        ({"kind": "date"}, "Answer with one date with time as YYYY-MM-DD HH:MM:SS."),
        (
            {"kind": "set", "item": {"kind": "string"}},
            "Answer with a list of texts; the order does not matter, repeats do not count.",
        ),
        (
            {"kind": "multiset", "item": {"kind": "integer"}, "nullable": True},
            "Answer with a list of whole numbers; the order does not matter, repeats count; "
            "null stands for a missing value.",
        ),
        (
            {"kind": "list", "item": DAY},
            "Answer with a list of dates as YYYY-MM-DD; the order counts.",
        ),
        (
            {"kind": "table", "ordered": True, "columns": [
                {"name": "drug", "type": {"kind": "string"}},
                {"name": "dose", "type": NUMBER, "nullable": True}]},
            "Answer with a list of rows, each a list of 2 values: drug (text) and dose (number in "
            "mL/min rounded to 1 decimal, or null); the order of the rows counts, repeated rows "
            "count.",
        ),
        (
            {"kind": "table"},
            "Answer with a list of rows, each a list of the values asked for, in the order asked; "
            "the rows may be in any order, repeated rows count, null stands for a missing value.",
        ),
        (
            {"kind": "file", "path": "model.bin"},
            "Leave your answer in the file /workspace/model.bin.",
        ),
        ({"kind": "none"}, "No answer is asked for: what you do is judged."),
    ],
)  # fmt: skip
def test_the_form_is_said(answer: Any, sentence: str) -> None:
    assert describe(TypeAdapter[AnswerSpec](AnswerSpec).validate_python(answer)) == sentence


def test_a_unit_of_time_is_said_in_words() -> None:
    age = NumberAnswer(kind="number", unit="a", decimals=1)
    assert describe(age) == "Answer with one number in years rounded to 1 decimal."
