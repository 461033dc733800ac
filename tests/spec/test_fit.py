"""An expected value either has the answer's type, or the reason why not is said."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from taskkit.spec.answer import AnswerSpec
from taskkit.spec.fit import fits

ADAPTER = TypeAdapter[AnswerSpec](AnswerSpec)
ROWS = {
    "kind": "table",
    "columns": [{"name": "drug", "type": {"kind": "string"}}],
}


@pytest.mark.parametrize(
    ("answer", "value", "reason"),
    [
        ({"kind": "integer"}, 5, None),
        ({"kind": "integer"}, 5.5, "the number 5.5, need a whole number"),
        ({"kind": "integer"}, True, "the boolean true, need a whole number"),
        ({"kind": "number"}, "5", "the text '5', need a number"),
        ({"kind": "number"}, float("nan"), "nan, need a finite number"),
        ({"kind": "number"}, 10**400, "a number out of range"),
        ({"kind": "string"}, None, "null, need a text"),
        ({"kind": "date"}, "2100-01-01", "the date '2100-01-01', need its time to the second"),
        (
            {"kind": "date", "precision": "day"},
            "2100-02-30",
            "the text '2100-02-30', need a day of the calendar: day is out of range for month",
        ),
        ({"kind": "set", "item": {"kind": "integer"}}, 5, "a number, need a set as a JSON list"),
        ({"kind": "list", "item": {"kind": "number"}}, [1, None], "item 2: null, need a number"),
        (ROWS, [["a"], ["b", 1]], "row 2: 2 values, need 1"),
        (ROWS, [[1]], "row 1, column 'drug': a number, need a text"),
        ({"kind": "table"}, [["a", [1]]], "row 1, column 2: a list of 1, need a single value"),
        ({"kind": "none"}, 1, "an answer of kind 'none' has no value to compare"),
    ],
)  # fmt: skip
def test_the_reason_says_where_and_what(answer: Any, value: Any, reason: str | None) -> None:
    assert fits(ADAPTER.validate_python(answer), value) == reason


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=8,
    ),
    st.sampled_from([{"kind": "date"}, {"kind": "number"}, {"kind": "table"}, ROWS]),
)
def test_no_value_raises(value: Any, answer: Any) -> None:
    reason = fits(ADAPTER.validate_python(answer), value)
    assert reason is None or reason
