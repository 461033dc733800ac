"""A number is right when it is near enough in a unit that the task allows, a date in its forms."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskkit.errors import SpecError
from taskkit.oracles.evidence import Evidence
from taskkit.oracles.judge import expected, judge
from taskkit.spec.task import TaskSpec
from taskkit.spec.units import rescale
from taskkit.spec.wording import describe
from tests.play.hospital import task

GLUCOSE = {"kind": "number", "unit": "mg/dL", "decimals": 1, "units": ["g/L"]}
RATIO = {"kind": "number", "decimals": 2}
DAY = {"kind": "date", "precision": "day"}
EITHER = {**DAY, "also": ["MM/DD/YYYY"]}


def numeric(answer: dict[str, Any], expected: float, **more: Any) -> TaskSpec:
    oracle = {
        "kind": "numeric",
        "expected": expected,
        "tolerance": {"absolute": 1e-9, "relative": 0.0},
    }
    oracle |= {name: answer[name] for name in ("unit", "decimals") if name in answer}
    return task("0" * 64, answer=answer, oracle=oracle | more)


def dated(answer: dict[str, Any], expected: str) -> TaskSpec:
    return task("0" * 64, answer=answer, oracle={"kind": "date", "expected": expected})


def code(spec: TaskSpec, value: Any) -> str:
    return judge(spec, Evidence(json.dumps(value).encode(), "python")).code


def quantity(value: Any, unit: Any) -> dict[str, Any]:
    return {"value": value, "unit": unit}


SUGAR = numeric(GLUCOSE, 93.25)
DUE = dated(EITHER, "2024-03-07")


@pytest.mark.parametrize(
    ("spec", "value"),
    [
        (SUGAR, 93.25),
        (SUGAR, 93.2),
        (SUGAR, 93.3),
        (SUGAR, quantity(93.3, "mg/dL")),
        (SUGAR, quantity(0.9325, "g/L")),
        (SUGAR, quantity(0.933, "g/L")),
        (numeric(RATIO, 2.0), 2),
        (numeric({"kind": "number"}, 10, interval={"low": 9.5, "high": 11}), 11),
        (DUE, "2024-03-07"),
        (DUE, " 03/07/2024 "),
        (DUE, "3/7/2024"),
        (dated({"kind": "date"}, "2024-03-07 10:00:00"), "2024-03-07T10:00:00"),
    ],
)
def test_what_is_as_near_as_asked_is_right(spec: TaskSpec, value: Any) -> None:
    assert code(spec, value) == "right"


@pytest.mark.parametrize(
    ("spec", "value"),
    [
        (SUGAR, 0),
        (SUGAR, 93.1),
        (SUGAR, -93.25),
        (SUGAR, quantity(93.25, "g/L")),
        (SUGAR, quantity(0.93, "g/L")),
        (numeric(RATIO, 2.0), 2.006),
        (numeric({"kind": "number"}, 10, interval={"low": 9.5, "high": 11}), 9.4),
        (DUE, "07/03/2024"),
        (DUE, "2024-03-08"),
    ],
)
def test_another_value_earns_nothing(spec: TaskSpec, value: Any) -> None:
    assert code(spec, value) == "wrong"


@pytest.mark.parametrize(
    ("spec", "value"),
    [
        (SUGAR, "93.25"),
        (SUGAR, "93.25 mg/dL"),
        (SUGAR, True),
        (SUGAR, None),
        (SUGAR, [93.25]),
        (SUGAR, quantity(0.9325, "g/l")),
        (SUGAR, quantity(5.18, "mmol/L")),
        (SUGAR, quantity("0.9325", "g/L")),
        (SUGAR, quantity(0.9325, ["g/L"])),
        (SUGAR, {"value": 0.9325, "unit": "g/L", "or": 93.25}),
        (SUGAR, {"value": 93.25}),
        (numeric(RATIO, 2.0), quantity(2.0, "1")),
        (numeric(RATIO, 2.0), quantity(2.0, None)),
        (dated(DAY, "2024-03-07"), "03/07/2024"),
        (DUE, "7 March 2024"),
        (DUE, "03/07/24"),
        (DUE, "13/07/2024"),
        (DUE, 20240307),
        (DUE, ["2024-03-07"]),
    ],
)
def test_another_type_or_a_unit_not_allowed_is_no_answer(spec: TaskSpec, value: Any) -> None:
    assert code(spec, value) == "wrong_type"


@pytest.mark.parametrize("document", [b"", b"93.25 93.25", b"NaN", b"1e999", b'{"value": 1'])
def test_a_malformed_document_earns_nothing(document: bytes) -> None:
    assert judge(SUGAR, Evidence(document, "python")).code == "malformed"
    assert judge(DUE, Evidence(document, "python")).code == "malformed"


@pytest.mark.parametrize("spec", [SUGAR, DUE], ids=["numeric", "date"])
def test_the_same_document_is_judged_the_same_again(spec: TaskSpec) -> None:
    document = json.dumps(expected(spec)).encode()
    assert {judge(spec, Evidence(document, "shell")).code for _ in range(3)} == {"right"}


def test_a_query_gives_a_number_or_a_date_too() -> None:
    rows = json.dumps({"columns": ["x"], "rows": [[93.2]]}).encode()
    assert judge(SUGAR, Evidence(rows, "sql")).code == "right"
    rows = json.dumps({"columns": ["x"], "rows": [["2024-03-07"]]}).encode()
    assert judge(DUE, Evidence(rows, "sql")).code == "right"


NUMBERS = st.floats(-1e6, 1e6, allow_nan=False)


@given(NUMBERS, st.integers(0, 6))
def test_the_rounded_value_is_right_and_a_unit_beside_it_is_not(value: float, digits: int) -> None:
    spec = numeric({"kind": "number", "decimals": digits}, value)
    unit = 10.0**-digits
    assert code(spec, round(value, digits)) == "right"
    assert code(spec, value + 1.01 * unit) == "wrong"
    assert code(spec, value - 1.01 * unit) == "wrong"


@given(NUMBERS, NUMBERS)
def test_both_units_are_judged_alike(expected: float, given: float) -> None:
    answer = {"kind": "number", "unit": "mm[Hg]", "decimals": 1, "units": ["kPa"]}
    spec = numeric(answer, expected)
    if abs(abs(given - expected) - 0.05) > 1e-6:  # rounding at the very bound
        there = rescale(given, "mm[Hg]", "kPa")
        assert code(spec, quantity(there, "kPa")) == code(spec, given)


@given(st.dates(), st.dates())
def test_a_date_is_right_where_it_is_the_same_day(expected: Any, given: Any) -> None:
    spec = dated(EITHER, expected.isoformat())
    written = f"{given.month:02}/{given.day:02}/{given.year:04}"
    assert (code(spec, written) == "right") == (given == expected)


def test_the_agent_is_told_the_units_and_forms_it_may_use() -> None:
    assert describe(SUGAR.answer) == (
        "Answer with one number in mg/dL rounded to 1 decimal, or as precisely in another unit, as "
        '{"value": number, "unit": "g/L"}.'
    )
    assert describe(DUE.answer) == "Answer with one date as YYYY-MM-DD or MM/DD/YYYY."


@pytest.mark.parametrize(
    ("answer", "oracle"),
    [
        ({"kind": "integer"}, {"kind": "numeric", "expected": 1}),
        (GLUCOSE, {"kind": "numeric", "expected": 1, "unit": "g/L", "decimals": 1}),
        ({"kind": "string"}, {"kind": "date", "expected": "2024-01-01"}),
        (DAY, {"kind": "date", "expected": "soon"}),
    ],
    ids=["integer", "unit", "text", "no date"],
)
def test_an_oracle_of_another_kind_of_answer_is_refused(
    answer: dict[str, Any], oracle: dict[str, Any]
) -> None:
    spec = task("0" * 64, answer=answer, oracle=oracle)
    with pytest.raises(SpecError, match=r"^oracle"):
        judge(spec, Evidence(b"1", "python"))
