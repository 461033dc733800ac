"""An oracle that cannot judge its answer is told before anything runs."""

from __future__ import annotations

from typing import Any

import pytest

from taskkit.oracles.judge import faults
from tests.play.hospital import task

KILO = {"kind": "number", "unit": "kg", "decimals": 1}
DAY = {"kind": "date", "precision": "day"}
WEIGHT = {"kind": "numeric", "expected": 70.25, "unit": "kg", "decimals": 1}
BIRTH = {"kind": "date", "expected": "2024-02-29"}


def told(answer: dict[str, Any], oracle: dict[str, Any]) -> list[str]:
    spec = task("0" * 64, answer=answer, oracle=oracle)
    found = faults(spec)
    return [".".join(map(str, one.place)) + f": {one.message}" for one in found]


@pytest.mark.parametrize(
    ("answer", "oracle"),
    [
        (KILO, WEIGHT),
        ({**KILO, "units": ["g", "[lb_av]"]}, WEIGHT),
        ({**DAY, "also": ["MM/DD/YYYY"]}, BIRTH),
        (KILO, {"kind": "exact", "expected": 70.25}),
    ],
)
def test_what_goes_together_is_left_alone(answer: dict[str, Any], oracle: dict[str, Any]) -> None:
    assert told(answer, oracle) == []


@pytest.mark.parametrize(
    ("answer", "oracle", "expected"),
    [
        ({"kind": "integer"}, {"kind": "numeric", "expected": 1}, ["oracle.kind: numeric"]),
        ({**KILO, "unit": "g"}, WEIGHT, ["oracle.unit: 'kg'"]),
        ({**KILO, "decimals": 2}, WEIGHT, ["oracle.decimals: 1"]),
        ({**KILO, "units": ["cm"]}, WEIGHT, ["answer.units.0: cm: has not the dimension"]),
        ({**KILO, "units": ["mmol"]}, WEIGHT, ["answer.units.0: mmol: has not the dimension"]),
        ({**KILO, "units": ["grains of sand"]}, WEIGHT, ["answer.units.0: unit 'grains"]),
        ({**KILO, "units": ["kgs"]}, WEIGHT, ["answer.units.0: 'kgs' is kg"]),
        ({**KILO, "units": ["g"]}, {"kind": "exact", "expected": 70}, ["answer: other units"]),
        (
            {"kind": "list", "item": {**KILO, "units": ["g"]}},
            {"kind": "exact", "expected": [70]},
            ["answer: other units"],
        ),
        ({"kind": "string"}, BIRTH, ["oracle.kind: date"]),
        (DAY, {"kind": "date", "expected": "2023-02-29"}, ["oracle.expected: the text"]),
        (
            {**DAY, "also": ["MM/DD/YYYY"]},
            {"kind": "exact", "expected": "2024-02-29"},
            ["answer: other forms"],
        ),
        (
            {"kind": "date", "also": ["MM/DD/YYYY"]},
            {"kind": "date", "expected": "2024-02-29 10:00:00"},
            ["answer.also: a day's form"],
        ),
        (DAY, {"kind": "abstain"}, ["oracle.kind: abstain"]),
    ],
)
def test_what_cannot_be_judged_is_told(
    answer: dict[str, Any], oracle: dict[str, Any], expected: list[str]
) -> None:
    found = told(answer, oracle)
    assert len(found) == len(expected)
    assert all(one.startswith(start) for one, start in zip(found, expected, strict=True))
