"""An answer is right when it is the expected value of the expected type, and never otherwise."""

from __future__ import annotations

import json
import random
import sys
from typing import Any

import pytest

from taskkit.errors import SpecError
from taskkit.oracles.evidence import Evidence
from taskkit.oracles.judge import judge
from tests.oracles.asking import (
    ANY_TABLE,
    BOOLEAN,
    DAY,
    DRUGS,
    INTEGER,
    MINUTE,
    NUMBER,
    SECOND,
    STRING,
    asks,
    code,
    collection,
    sql,
)
from tests.play.hospital import task

RIGHT = [
    (INTEGER, 5, 5),
    (INTEGER, 5, 5.0),
    (INTEGER, 0, -0.0),
    (NUMBER, 5.5, 5.5),
    (NUMBER, 5, 5.0000001),
    (NUMBER, 0.1 + 0.2, 0.3),
    (STRING, "aspirin", " aspirin\n"),
    (STRING, "caf\u00e9", "cafe\u0301"),
    (STRING, "", "  "),
    (BOOLEAN, True, True),
    (SECOND, "2100-01-01 10:00:00", "2100-01-01T10:00:00"),
    (SECOND, "2100-01-01 10:00:00", "2100-01-01 10:00:00.000"),
    (MINUTE, "2100-01-01 10:00:00", "2100-01-01 10:00"),
    (DAY, "2100-01-01", "2100-01-01 23:59:59"),
    (DAY, "2104-02-29", "2104-02-29"),
    (collection("list"), [1, 2, 2], [1, 2, 2]),
    (collection("multiset"), [1, 2, 2], [2, 1, 2.0]),
    (collection("set"), [1, 2], [2, 2, 1]),
    (collection("set", nullable=True), [1, None], [None, 1]),
    (collection("multiset", NUMBER), [1.0, 2.0], [2.0000001, 1.0]),
    (collection("list"), [], []),
    (DRUGS, [["aspirin", 81.0], ["d5w", None]], [["d5w", None], ["aspirin", 81]]),
    (DRUGS | {"ordered": True}, [["a", 1], ["b", 2]], [["a", 1], ["b", 2]]),
    (ANY_TABLE, [["f", 2], [None, 1]], [[None, 1.0], ["f", 2]]),
    (ANY_TABLE, [["f", 2.5]], [["f", 2.5000001]]),
    (ANY_TABLE, [[1], [1, 2]], [[1, 2], [1]]),
]
WRONG = [
    (INTEGER, 5, 6),
    (INTEGER, 20_000_001, 20_000_002),
    (NUMBER, 5.5, 5.51),
    (NUMBER, 0, 1e-12),
    (STRING, "aspirin", "Aspirin"),
    (STRING, "aspirin", "aspirin, insulin"),
    (STRING, "a b", "a  b"),
    (BOOLEAN, True, False),
    (SECOND, "2100-01-01 10:00:00", "2100-01-01 10:00:01"),
    (MINUTE, "2100-01-01 10:00:00", "2100-01-01 10:01:00"),
    (DAY, "2100-01-01", "2100-01-02"),
    (collection("list"), [1, 2], [2, 1]),
    (collection("list"), [1, 2], [1, 2, 3]),
    (collection("multiset"), [1, 2, 2], [1, 1, 2]),
    (collection("multiset"), [1, 2], [1, 2, 2]),
    (collection("set"), [1, 2], [1]),
    (collection("set"), [1, 2], [1, 2, 3]),
    (collection("set"), [1, 2], []),
    (collection("set", nullable=True), [1, None], [1]),
    (collection("set", nullable=True), [0], [None]),
    (DRUGS, [["a", 1], ["b", 2]], [["a", 2], ["b", 1]]),
    (DRUGS, [["a", 1]], [["a", 1], ["a", 1]]),
    (DRUGS, [["a", None]], [["a", 0]]),
    (DRUGS | {"ordered": True}, [["a", 1], ["b", 2]], [["b", 2], ["a", 1]]),
    (ANY_TABLE, [["f", 2]], [[2, "f"]]),
    (ANY_TABLE, [[5]], [["5"]]),
    (ANY_TABLE, [[1]], [[True]]),
    (ANY_TABLE, [[1]], [[None]]),
    (ANY_TABLE, [[20_000_001]], [[20_000_002]]),
    (ANY_TABLE, [[1.5]], [["1.5"]]),
    (ANY_TABLE, [[1.0]], [[True]]),
    (ANY_TABLE, [[1, 2]], [[1]]),
    (ANY_TABLE, [[1]], []),
    (ANY_TABLE, [], [[1]]),
]
WRONG_TYPE = [
    (INTEGER, 5, "5"),
    (INTEGER, 1, True),
    (INTEGER, 5, 5.5),
    (INTEGER, 5, [5]),
    (INTEGER, 5, None),
    (INTEGER, 5, {"answer": 5}),
    (NUMBER, 1, True),
    (NUMBER, 5.5, "5.5"),
    (NUMBER, 5.5, "5.5 mL/min"),
    (STRING, "5", 5),
    (STRING, "a", ["a", "b"]),
    (STRING, "true", True),
    (BOOLEAN, True, 1),
    (BOOLEAN, True, "true"),
    (BOOLEAN, False, None),
    (SECOND, "2100-01-01 10:00:00", "2100-01-01"),
    (SECOND, "2100-01-01 10:00:00", "2100-01-01 10:00"),
    (SECOND, "2100-01-01 10:00:00", "2100-01-01 10:00:00Z"),
    (SECOND, "2100-01-01 10:00:00", 4102480800),
    (DAY, "2100-02-28", "2100-02-29"),
    (DAY, "2100-02-28", "28.02.2100"),
    (DAY, "2100-02-28", "2100-2-28"),
    (DAY, "2100-02-28", "\u0662100-02-28"),
    (collection("list"), [1], 1),
    (collection("list"), [1], [[1]]),
    (collection("set"), [1], {"1": 1}),
    (collection("set"), [1], [1, None]),
    (DRUGS, [["a", 1]], ["a", 1]),
    (DRUGS, [["a", 1]], [["a", 1, 2]]),
    (DRUGS, [["a", 1]], [{"drug": "a", "dose": 1}]),
    (DRUGS, [["a", 1]], [[None, 1]]),
    (ANY_TABLE, [[1]], [1]),
    (ANY_TABLE, [[1]], [[[1]]]),
    (ANY_TABLE, [[1]], "1"),
]


@pytest.mark.parametrize(("answer", "expected", "given"), RIGHT)
def test_the_expected_value_is_right(answer: dict[str, Any], expected: Any, given: Any) -> None:
    assert code(asks(answer, expected), given) == "right"


@pytest.mark.parametrize(("answer", "expected", "given"), WRONG)
def test_another_value_is_wrong(answer: dict[str, Any], expected: Any, given: Any) -> None:
    assert code(asks(answer, expected), given) == "wrong"


@pytest.mark.parametrize(("answer", "expected", "given"), WRONG_TYPE)
def test_another_type_is_told_apart(answer: dict[str, Any], expected: Any, given: Any) -> None:
    assert code(asks(answer, expected), given) == "wrong_type"


def test_no_document_is_missing() -> None:
    assert judge(asks(INTEGER, 5), Evidence(None, "sql")).code == "missing"


@pytest.mark.parametrize("document", [b"", b"5 6", b"NaN", b"\xff"])
def test_no_json_is_malformed(document: bytes) -> None:
    assert judge(asks(INTEGER, 5), Evidence(document, "python")).code == "malformed"


def test_the_same_answer_twice_is_judged_the_same() -> None:
    spec = asks(INTEGER, 5)
    assert [code(spec, 5), code(spec, 6), code(spec, 5)] == ["right", "wrong", "right"]


def test_an_expected_value_of_another_type_is_the_authors_mistake() -> None:
    with pytest.raises(SpecError, match=r"^oracle\.expected: the text 'x', need a whole number$"):
        code(asks(INTEGER, "x"), 5)


# Tolerance


@pytest.mark.parametrize(
    ("given", "verdict"), [(10.5, "right"), (9.5, "right"), (10.51, "wrong"), (9.49, "wrong")]
)
def test_absolute_tolerance_includes_its_bounds(given: float, verdict: str) -> None:
    assert code(asks(NUMBER, 10, absolute=0.5), given) == verdict


@pytest.mark.parametrize(("given", "verdict"), [(-110, "right"), (-90, "right"), (-111, "wrong")])
def test_relative_tolerance_is_of_the_expected_value(given: float, verdict: str) -> None:
    assert code(asks(NUMBER, -100, relative=0.1), given) == verdict


def test_either_bound_suffices() -> None:
    assert code(asks(NUMBER, 0, absolute=0.1, relative=0.5), 0.1) == "right"
    assert code(asks(NUMBER, 100, absolute=0.1, relative=0.5), 150) == "right"


def test_no_tolerance_joins_whole_numbers() -> None:
    assert code(asks(INTEGER, 10, absolute=5), 11) == "wrong"
    assert code(asks(ANY_TABLE, [[10, 1.5]], absolute=5), [[11, 1.5]]) == "wrong"


def test_rows_are_paired_even_where_sorting_does_not_pair_them() -> None:
    # by either column, the first of one side stands against the one it is not near to
    answer = {"kind": "table", "columns": [{"name": n, "type": NUMBER} for n in "ab"]}
    spec = asks(answer, [[0.0, 0.0], [0.09, -0.09]], absolute=0.1)
    assert code(spec, [[0.02, -0.15], [0.08, 0.05]]) == "right"
    assert code(spec, [[0.02, -0.15], [0.08, -0.15]]) == "wrong"


def test_pairing_is_one_to_one() -> None:
    spec = asks(collection("multiset", NUMBER), [1.0, 1.1, 5.0], absolute=0.2)
    assert code(spec, [1.05, 5.0, 1.0]) == "right"
    assert code(spec, [1.05, 5.0, 5.1]) == "wrong"


@pytest.mark.parametrize("spread", [0.0, 1e-9], ids=["equal", "near"])
def test_a_thousand_rows_of_like_numbers_are_not_paired_by_trying_all(spread: float) -> None:
    answer = {"kind": "table", "columns": [{"name": n, "type": NUMBER} for n in "ab"]}
    noise = random.Random(1)
    rows = [[1.0 + noise.uniform(-spread, spread), float(i)] for i in range(1000)]
    given = [[1.0 + noise.uniform(-spread, spread), b] for _, b in rows]
    noise.shuffle(given)
    spec, calls = asks(answer, rows), 0

    def count(*_: object) -> None:
        nonlocal calls
        calls += 1

    sys.setprofile(count)
    try:
        assert code(spec, given) == "right"
    finally:
        sys.setprofile(None)
    assert calls < 300 * len(rows)  # trying all looks at 500 pairs a row


# SQL


def test_one_row_of_one_column_is_a_scalar() -> None:
    assert sql(asks(INTEGER, 5), [5]) == "right"
    assert sql(asks(INTEGER, 5), [5.0]) == "right"
    assert sql(asks(INTEGER, 5), [6]) == "wrong"


@pytest.mark.parametrize(
    ("rows", "shape"),
    [
        ([], "0 rows of 1 column, need exactly one row"),
        ([[5], [6]], "2 rows of 1 column, need exactly one row"),
        ([[5], [5]], "2 rows of 1 column, need exactly one row"),
    ],
)
def test_another_number_of_rows_is_no_scalar(rows: list[Any], shape: str) -> None:
    document = json.dumps({"columns": ["a"], "rows": rows}).encode()
    verdict = judge(asks(INTEGER, 5), Evidence(document, "sql"))
    assert (verdict.code, verdict.explanation) == ("wrong_type", shape)


def test_another_number_of_columns_is_no_scalar() -> None:
    assert sql(asks(INTEGER, 5), [5, 6]) == "wrong_type"


def test_null_is_no_scalar() -> None:
    assert sql(asks(INTEGER, 0), [None]) == "wrong_type"


def test_one_column_is_a_collection() -> None:
    assert sql(asks(collection("set"), [1, 2]), [2], [1], [2]) == "right"
    assert sql(asks(collection("multiset"), [1, 2]), [2], [1], [2]) == "wrong"
    assert sql(asks(collection("list"), [1, 2]), [2], [1]) == "wrong"
    assert sql(asks(collection("set"), [1, 2]), [1, 2]) == "wrong_type"
    assert sql(asks(collection("set"), []), columns=1) == "right"


def test_rows_are_a_table() -> None:
    assert sql(asks(DRUGS, [["a", 1], ["b", None]]), ["b", None], ["a", 1]) == "right"
    assert sql(asks(DRUGS, [["a", 1]]), ["a"]) == "wrong_type"
    assert sql(asks(ANY_TABLE, [["a", 1]]), ["a", 1]) == "right"


def test_sql_has_0_and_1_for_booleans_and_python_has_not() -> None:
    assert sql(asks(BOOLEAN, True), [1]) == "right"
    assert sql(asks(BOOLEAN, True), [0]) == "wrong"
    assert sql(asks(BOOLEAN, True), [2]) == "wrong_type"
    assert sql(asks(collection("list", BOOLEAN), [True, False]), [1], [0]) == "right"
    assert code(asks(BOOLEAN, True), 1) == "wrong_type"
    assert code(asks(BOOLEAN, True), {"columns": ["a"], "rows": [[1]]}) == "wrong_type"


def test_a_data_frame_counts_as_its_rows() -> None:
    frame = {"columns": ["drug", "dose"], "rows": [["a", 1]]}
    assert code(asks(DRUGS, [["a", 1]]), frame) == "right"


@pytest.mark.parametrize(
    "document",
    [b"5", b"[]", b'{"columns": ["a"]}', b'{"columns": ["a"], "rows": [[1, 2]]}',
     b'{"columns": 1, "rows": []}', b'{"columns": ["a"], "rows": [1]}',
     b'{"columns": ["a"], "rows": [[1]], "more": 1}'],
)  # fmt: skip
def test_sql_leaves_rows_and_nothing_else(document: bytes) -> None:
    assert judge(asks(INTEGER, 5), Evidence(document, "sql")).code == "malformed"


# Abstention


def test_to_abstain_is_right_where_nothing_is_to_be_answered() -> None:
    spec = task("0" * 64, oracle={"kind": "abstain"}, abstention=True)
    assert code(spec, {"abstain": True}) == "right"


@pytest.mark.parametrize(
    "given",
    [{"abstain": 1}, {"abstain": "true"}, {"abstain": True, "answer": 5}, {"abstain": False}, [],
     None, "", 0, True, "abstain", [{"abstain": True}]],
)  # fmt: skip
def test_nothing_else_is_to_abstain(given: Any) -> None:
    spec = task("0" * 64, oracle={"kind": "abstain"}, abstention=True)
    assert code(spec, given) == "wrong"


def test_to_abstain_from_what_can_be_answered_is_wrong() -> None:
    assert code(asks(INTEGER, 5, abstention=True), {"abstain": True}) == "wrong"
    assert code(asks(INTEGER, 5), {"abstain": True}) == "wrong_type"
