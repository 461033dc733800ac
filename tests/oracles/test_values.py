"""Named values are each judged by their own type and tolerance, and all must be right."""

from __future__ import annotations

import json
from typing import Any

import pytest

from taskkit.oracles.evidence import Evidence
from taskkit.oracles.example import Example
from taskkit.oracles.values import NamedValue, ValuesJudge, ValuesOracle, example
from taskkit.spec.answer import (
    BooleanAnswer,
    CollectionAnswer,
    Column,
    DateAnswer,
    IntegerAnswer,
    Member,
    NumberAnswer,
    ObjectAnswer,
    StringAnswer,
    TableAnswer,
)
from taskkit.spec.oracle import Tolerance

JUDGE = ValuesJudge()
RIGHT: dict[str, Any] = {"mean": 63.04, "count": 12, "genes": ["KRAS", "TP53"]}


def judged(given: object, asked: Example | None = None) -> float:
    return JUDGE.judge(asked or example(), Evidence(json.dumps(given).encode())).reward


@pytest.mark.parametrize("kind", ["full", "zero", "malformed"])
def test_fixtures_earn_what_they_say(kind: str) -> None:
    for case in getattr(JUDGE.fixtures(), kind):
        assert JUDGE.judge(case.asked, case.evidence).reward == case.reward


@pytest.mark.parametrize("name", list(RIGHT))
def test_one_wrong_value_earns_nothing_and_its_share_is_told(name: str) -> None:
    wrong = {**RIGHT, name: {"mean": 70.0, "count": 13, "genes": ["KRAS"]}[name]}
    verdict = JUDGE.judge(example(), Evidence(json.dumps(wrong).encode()))
    assert (verdict.code, verdict.reward) == ("wrong", 0.0)
    assert verdict.share == pytest.approx(2 / 3)
    assert verdict.explanation.startswith(f"{name}: ")


@pytest.mark.parametrize(("mean", "reward"), [(63.089, 1.0), (62.991, 1.0), (63.091, 0.0)])
def test_a_number_is_as_near_as_its_own_tolerance(mean: float, reward: float) -> None:
    assert judged({**RIGHT, "mean": mean}) == reward


def test_a_tolerance_does_not_reach_another_value() -> None:
    assert judged({**RIGHT, "count": 12.04}) == 0.0


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"mean": 63.04, "count": 12}, "missing: 'genes'"),
        ({**RIGHT, "more": 1}, "not asked for: 'more'"),
        ({**RIGHT, "count": "12"}, "'count': the text '12', need a whole number"),
        ({**RIGHT, "mean": {"value": 1, "unit": "kg"}}, "'mean': the unit 'kg', need one of a, mo"),
        ({**RIGHT, "mean": None}, "'mean': null, need a number"),
        ([1], "a list of 1, need an object of named values"),
    ],
    ids=["missing", "more", "text", "unit", "null", "list"],
)
def test_what_is_no_such_object_is_of_the_wrong_type(given: object, message: str) -> None:
    verdict = JUDGE.judge(example(), Evidence(json.dumps(given).encode()))
    assert (verdict.code, verdict.explanation) == ("wrong_type", message)


def test_a_number_in_another_unit_is_converted() -> None:
    assert judged({**RIGHT, "mean": {"value": 756.48, "unit": "mo"}}) == 1.0
    assert judged({**RIGHT, "mean": {"value": 63.04, "unit": "mo"}}) == 0.0


def every_type() -> Example:
    number = NumberAnswer(kind="number", decimals=2)
    text = StringAnswer(kind="string")
    columns = (Column(name="gene", type=text), Column(name="share", type=number))
    types: dict[str, tuple[Any, Any]] = {
        "table": (TableAnswer(kind="table", columns=columns), [["TP53", 0.51], ["KRAS", 0.2]]),
        "matrix": (TableAnswer(kind="table", ordered=True), [[1.5, 2.0], [3.0, 4.5]]),
        "list": (CollectionAnswer(kind="list", item=number), [1.25, 2.5]),
        "multiset": (CollectionAnswer(kind="multiset", item=text), ["a", "a", "b"]),
        "truth": (BooleanAnswer(kind="boolean"), True),
        "day": (DateAnswer(kind="date", precision="day"), "2014-02-03"),
        "text": (text, "TP53"),
        "count": (IntegerAnswer(kind="integer"), 3),
    }
    near = Tolerance(absolute=0.005, relative=0.0)
    members = tuple(Member(name=name, type=kind) for name, (kind, _) in types.items())
    values = tuple(
        NamedValue(name=name, expected=value, tolerance=near) for name, (_, value) in types.items()
    )
    answer = ObjectAnswer(kind="object", members=members)
    return Example(answer, ValuesOracle(kind="values", values=values))


@pytest.mark.parametrize(
    ("name", "value", "reward"),
    [
        ("table", [["KRAS", 0.204], ["TP53", 0.51]], 1.0),
        ("table", [["KRAS", 0.21], ["TP53", 0.51]], 0.0),
        ("table", [["KRAS", 0.51], ["TP53", 0.2]], 0.0),
        ("matrix", [[1.504, 2.0], [3.0, 4.5]], 1.0),
        ("matrix", [[3.0, 4.5], [1.5, 2.0]], 0.0),
        ("list", [2.5, 1.25], 0.0),
        ("multiset", ["b", "a", "a"], 1.0),
        ("multiset", ["b", "a"], 0.0),
        ("truth", 1, 0.0),
        ("day", "2014-02-04", 0.0),
        ("text", "tp53", 0.0),
        ("count", 3.004, 0.0),
    ],
)
def test_every_type_keeps_its_own_rules(name: str, value: object, reward: float) -> None:
    asked = every_type()
    right = {one.name: one.expected for one in asked.oracle.values}  # type: ignore[attr-defined]
    assert judged(right, asked) == 1.0
    assert judged({**right, name: value}, asked) == reward


def test_a_table_may_be_left_as_a_data_frame() -> None:
    asked = every_type()
    right = {one.name: one.expected for one in asked.oracle.values}  # type: ignore[attr-defined]
    frame = {"columns": ["a", "b"], "rows": [["KRAS", 0.2], ["TP53", 0.51]]}
    assert judged({**right, "table": frame}, asked) == 1.0
    assert judged({**right, "table": {**frame, "rows": [["KRAS", 0.2]]}}, asked) == 0.0
    broken = {"columns": ["a"], "rows": [["KRAS", 0.2]]}
    verdict = JUDGE.judge(asked, Evidence(json.dumps({**right, "table": broken}).encode()))
    assert verdict.code == "malformed"


def test_the_same_values_have_one_digest_and_others_another() -> None:
    def digest(value: object) -> str:
        return JUDGE.digest(example(), Evidence(json.dumps(value).encode()))

    assert digest(RIGHT) == digest({**RIGHT, "genes": ["TP53", "KRAS", "KRAS"]})
    assert digest(RIGHT) == digest(dict(reversed(RIGHT.items())))
    assert digest(RIGHT) != digest({**RIGHT, "count": 13})


def test_a_missing_value_is_right_only_where_it_is_expected() -> None:
    member = Member(name="median", type=NumberAnswer(kind="number"), nullable=True)
    answer = ObjectAnswer(kind="object", members=(member,))
    for expected, given, reward in ((None, None, 1.0), (None, 0.0, 0.0), (2.0, None, 0.0)):
        values = (NamedValue(name="median", expected=expected),)
        asked = Example(answer, ValuesOracle(kind="values", values=values))
        assert judged({"median": given}, asked) == reward


def test_faults_name_what_does_not_go_together() -> None:
    asked = example()
    values = (NamedValue(name="mean", expected="63"), NamedValue(name="sum", expected=1))
    told = [
        (fault.place, fault.message)
        for fault in JUDGE.faults(Example(asked.answer, ValuesOracle(kind="values", values=values)))
    ]
    assert told == [
        (("oracle", "values"), "'count' is without an expected value"),
        (("oracle", "values"), "'genes' is without an expected value"),
        (("oracle", "values"), "'sum' is not in the answer"),
        (("oracle", "values", 0, "expected"), "the text '63', need a number"),
    ]
    assert not list(JUDGE.faults(asked))


def test_a_name_stands_once() -> None:
    twice = NamedValue(name="mean", expected=1)
    with pytest.raises(ValueError, match="'mean' stands twice: need each name once"):
        ValuesOracle(kind="values", values=(twice, twice))


def test_guesses_earn_nothing() -> None:
    guesses = list(JUDGE.guesses(example()))
    assert [rule for rule, _ in guesses] == ["no values", "neutral values", "ones"]
    assert not any(JUDGE.judge(example(), Evidence(made)).reward for _, made in guesses)
