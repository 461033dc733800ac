"""Rows become the canonical answer of their type, or are refused with a reason."""

from __future__ import annotations

import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue, TypeAdapter

from taskkit.spec.answer import AnswerSpec
from taskkit.sql.questions.expected import UnfitError, expected, tolerance
from taskkit.sql.questions.rendering import literal, put, sentence
from taskkit.sqlite import Rows

ANSWER: TypeAdapter[AnswerSpec] = TypeAdapter(AnswerSpec)
PAIR = {
    "kind": "table",
    "columns": [
        {"name": "a", "type": {"kind": "integer"}},
        {"name": "b", "type": {"kind": "number", "decimals": 2}},
    ],
}


def answer(**fields: object) -> AnswerSpec:
    return ANSWER.validate_python(fields)


@pytest.mark.parametrize(
    ("fields", "rows", "value"),
    [
        ({"kind": "integer"}, [(7,)], 7),
        ({"kind": "number"}, [(0.1 + 0.2,)], 0.3),
        ({"kind": "number", "decimals": 1}, [(3.14159,)], 3.1),
        ({"kind": "string"}, [("micu",)], "micu"),
        ({"kind": "boolean"}, [(1,)], True),
        ({"kind": "date"}, [("2104-01-01 10:00:00",)], "2104-01-01 10:00:00"),
        ({"kind": "set", "item": {"kind": "integer"}}, [(2,), (1,)], [2, 1]),
        (PAIR, [(1, 2.004), (3, 4)], [[1, 2.0], [3, 4.0]]),
    ],
)
def test_rows_become_the_answer(
    fields: dict[str, object], rows: list[tuple[str | int | float | None, ...]], value: JsonValue
) -> None:
    found = expected(Rows(("x",), rows), answer(**fields), max_rows=20, zero=False)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("fields", "rows", "code"),
    [
        ({"kind": "integer"}, [], "empty_answer"),
        ({"kind": "integer"}, [(None,)], "empty_answer"),
        ({"kind": "integer"}, [(0,)], "degenerate_answer"),
        ({"kind": "integer"}, [(1,), (2,)], "ambiguous_order"),
        ({"kind": "integer"}, [("one",)], "missing_value"),
        ({"kind": "integer"}, [(1, 2)], "sql_error"),
        ({"kind": "date"}, [("soon",)], "missing_value"),
        ({"kind": "set", "item": {"kind": "string"}}, [("a",), (None,)], "missing_value"),
        ({"kind": "set", "item": {"kind": "integer"}}, [(n,) for n in range(21)], "too_many_rows"),
        (PAIR, [(1, None)], "missing_value"),
        (PAIR, [(None, None)], "empty_answer"),
        (PAIR, [(1,)], "sql_error"),
    ],
)
def test_rows_that_are_no_answer_are_refused(
    fields: dict[str, object], rows: list[tuple[str | int | float | None, ...]], code: str
) -> None:
    with pytest.raises(UnfitError) as error:
        expected(Rows(("x",), rows), answer(**fields), max_rows=20, zero=False)
    assert error.value.code == code


def test_a_lone_zero_is_an_answer_where_the_template_says_so() -> None:
    assert expected(Rows(("x",), [(0,)]), answer(kind="integer"), max_rows=1, zero=True) == 0


def test_two_rows_where_one_is_asked_for_are_ambiguous() -> None:
    with pytest.raises(UnfitError) as error:
        expected(Rows(("a", "b"), [(1, 2.0), (3, 4.0)]), answer(**PAIR), max_rows=1, zero=False)
    assert error.value.code == "ambiguous_order"


def test_tolerance_is_one_unit_of_the_last_decimal() -> None:
    assert tolerance(answer(**PAIR)).absolute == pytest.approx(0.0101)
    assert tolerance(answer(kind="number", decimals=1)).absolute == pytest.approx(0.101)


def test_without_decimals_only_noise_is_tolerated() -> None:
    assert tolerance(answer(kind="number")).absolute == 0


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0")))
def test_any_text_survives_as_an_sql_literal(text: str) -> None:
    with sqlite3.connect(":memory:") as connection:
        assert connection.execute(f"select {literal(text)}").fetchone()[0] == text


@given(st.floats(-1e6, 1e6).map(lambda value: round(value, 4)) | st.integers(-(2**62), 2**62))
def test_a_clinical_number_survives_as_an_sql_literal(number: float) -> None:
    with sqlite3.connect(":memory:") as connection:
        assert connection.execute(f"select {literal(number)}").fetchone()[0] == number


def test_braces_inside_a_value_are_no_slot() -> None:
    assert put("{a} {b}", {"a": "{b}", "b": "x"}) == "{b} x"


def test_a_sentence_starts_with_a_capital_and_is_one_line() -> None:
    put_in = sentence("{who}'s\n  solution?", {"who": "o'brien"})
    assert put_in == "O'brien's solution?"


def test_the_blanks_inside_a_value_stay() -> None:
    assert (
        sentence("is  {drug}\ngiven?", {"drug": "nacl 0.9%  flush"}) == "Is nacl 0.9%  flush given?"
    )
