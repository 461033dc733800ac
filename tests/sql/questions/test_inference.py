"""The form of an answer follows its rows and its question."""

from __future__ import annotations

import pytest
from pydantic import JsonValue

from taskkit.spec.answer import CollectionAnswer, DateAnswer, TableAnswer
from taskkit.sql.questions.inference import ANY_ROWS, Answer, MixedTypesError, as_rows, infer
from taskkit.sql.questions.shape import shape_of

PLAIN = "select v from t"


def answer(rows: list[tuple[object, ...]], sql: str = PLAIN, text: str = "What is it?") -> Answer:
    return infer(rows, shape_of(sql, text))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("value", "kind"),
    [(3, "integer"), (3.0, "number"), ("m", "string"), ("2105", "string"), ("500", "string")],
)
def test_one_value_is_a_scalar_of_its_type(value: object, kind: str) -> None:
    found = answer([(value,)])
    assert (found.form.kind, found.expected) == (kind, value)


@pytest.mark.parametrize(
    ("value", "precision"), [("2105-01-02", "day"), ("2105-01-02 03:04:05", "second")]
)
def test_a_time_is_a_date_of_its_precision(value: str, precision: str) -> None:
    form = answer([(value,)]).form
    assert isinstance(form, DateAnswer)
    assert form.precision == precision


@pytest.mark.parametrize(
    ("rows", "sql", "text", "kind", "expected"),
    [
        ([("b",), ("a",), ("b",)], PLAIN, "What drugs?", "set", ["a", "b"]),
        ([(7,), (7,)], "select subject_id from t", "Which?", "set", [7]),
        ([(2.5,), (1.5,), (2.5,)], PLAIN, "Which?", "multiset", [1.5, 2.5, 2.5]),
        ([(2.5,), (1.5,)], "select distinct v from t", "Which?", "set", [1.5, 2.5]),
        ([(2,), (2,)], "select count(*) from t group by w", "Which?", "multiset", [2, 2]),
        ([("a",)], PLAIN, "List the drugs.", "set", ["a"]),
        ([("b",), ("a",)], "select v from t order by w", "List in order of w.", "list", ["b", "a"]),
    ],
)
def test_several_values_are_a_collection(
    rows: list[tuple[object, ...]], sql: str, text: str, kind: str, expected: JsonValue
) -> None:
    found = answer(rows, sql, text)
    assert (found.form.kind, found.expected) == (kind, expected)


def test_missing_values_are_allowed_where_there_are_some() -> None:
    found = answer([("a",), (None,)])
    assert isinstance(found.form, CollectionAnswer)
    assert found.form.nullable
    assert found.expected == ["a", None]


def test_wide_rows_are_a_table_with_columns() -> None:
    found = answer([(2, "b"), (1, None)], "select subject_id, drug from t")
    assert isinstance(found.form, TableAnswer)
    assert found.form.columns is not None
    assert [(c.name, c.type.kind, c.nullable) for c in found.form.columns] == [
        ("subject id", "integer", False),
        ("drug", "string", True),
    ]
    assert found.expected == [[1, None], [2, "b"]]


def test_columns_of_one_name_are_numbered() -> None:
    form = answer([(1, 2)], "select a, a from t").form
    assert isinstance(form, TableAnswer)
    assert form.columns is not None
    assert [column.name for column in form.columns] == ["a", "a 2"]


def test_texts_and_numbers_in_one_column_are_refused() -> None:
    with pytest.raises(MixedTypesError):
        answer([("a",), (1,)])


def test_any_rows_tell_nothing_of_the_answer() -> None:
    assert as_rows([(1,)]).form == as_rows([("a", 2.5), ("b", 1.5)]).form == ANY_ROWS
    assert as_rows([("b",), ("a",), ("a",)]).expected == [["a"], ["a"], ["b"]]


def test_rows_that_a_join_repeats_are_expected_once() -> None:
    found = answer([(1, "a"), (1, "a"), (2, "b")], "select t.id, t.drug from t join u using (id)")
    assert isinstance(found.form, TableAnswer)
    assert found.form.distinct
    assert found.expected == [[1, "a"], [2, "b"]]


def test_rows_of_counts_keep_their_repeats() -> None:
    found = answer([(1, 2), (1, 2)], "select ward, count(*) from t group by ward, day")
    assert isinstance(found.form, TableAnswer)
    assert not found.form.distinct
    assert found.expected == [[1, 2], [1, 2]]
