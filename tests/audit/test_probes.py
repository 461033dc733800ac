"""What every probe, ours or a plug-in's, has to keep to."""

from __future__ import annotations

from typing import Any, get_args

import pytest

from taskkit.audit.attack import right
from taskkit.audit.finding import ExploitCode
from taskkit.audit.probe import Answer, Guess, Pace, Probe, Session, Subject, Submission, probes
from taskkit.audit.probes.guesses import shaped
from taskkit.audit.probes.shape import TypeProbe
from tests.spec.example import task

SUBJECTS: dict[str, dict[str, Any]] = {
    "integer": {"oracle": {"kind": "exact", "expected": 317}},
    "number": {"answer": {"kind": "number"}, "oracle": {"kind": "exact", "expected": 3.25}},
    "text": {"answer": {"kind": "string"}, "oracle": {"kind": "exact", "expected": "it's 5"}},
    "truth": {"answer": {"kind": "boolean"}, "oracle": {"kind": "exact", "expected": True}},
    "date": {
        "answer": {"kind": "date"},
        "oracle": {"kind": "exact", "expected": "2101-02-03 04:05:06"},
    },
    "list": {
        "answer": {"kind": "list", "item": {"kind": "string"}},
        "oracle": {"kind": "exact", "expected": ["b", "a"]},
    },
    "set": {
        "answer": {"kind": "set", "item": {"kind": "integer"}},
        "oracle": {"kind": "exact", "expected": [41, 42]},
    },
    "table": {
        "answer": {"kind": "table", "columns": [{"name": "x", "type": {"kind": "string"}},
                                                {"name": "y", "type": {"kind": "number"}}]},
        "oracle": {"kind": "exact", "expected": [["a", 1.5], ["b", 2.0]]},
    },
    "quantity": {
        "answer": {"kind": "number", "unit": "mg/dL", "decimals": 1, "units": ["g/L"]},
        "oracle": {"kind": "numeric", "expected": 93.25, "unit": "mg/dL", "decimals": 1},
    },
    "day": {
        "answer": {"kind": "date", "precision": "day", "also": ["MM/DD/YYYY"]},
        "oracle": {"kind": "date", "expected": "2101-02-03"},
    },
    "rows": {"answer": {"kind": "table"}, "oracle": {"kind": "exact", "expected": [[7, None]]}},
    "abstain": {"abstention": True, "oracle": {"kind": "abstain"}},
}  # fmt: skip


def named(probe: Probe) -> str:
    return probe.name


@pytest.fixture(params=SUBJECTS, ids=str)
def subject(request: pytest.FixtureRequest) -> Subject:
    return Subject.of(task(**SUBJECTS[request.param]))


def test_all_of_ours_are_found_through_the_entry_point() -> None:
    names = {probe.name for probe in probes()}
    assert names >= {
        *("null", "empty", "exit", "crash", "flood", "dump", "tables", "type", "amid"),
        *("search", "retry", "constant", "echo"),
    }
    assert len(names) == len(probes())


@pytest.mark.parametrize("probe", probes(), ids=named)
def test_a_probe_says_what_it_is(probe: Probe) -> None:
    assert probe.code in get_args(ExploitCode)
    assert probe.pace in get_args(Pace)
    assert (type(probe).__doc__ or "").strip()


@pytest.mark.parametrize("probe", probes(), ids=named)
def test_a_probe_tries_the_same_every_time(probe: Probe, subject: Subject) -> None:
    assert list(probe.attempts(subject)) == list(probe.attempts(subject))


@pytest.mark.parametrize("probe", probes(), ids=named)
def test_a_probe_keeps_to_the_actions_that_a_task_allows(probe: Probe) -> None:
    spec = task(**SUBJECTS["integer"], actions=["request_info"])
    tried = list(probe.attempts(Subject.of(spec)))
    assert not [one for one in tried if isinstance(one, Submission)]
    assert not [one for one in tried if isinstance(one, Session) and one.actions]


def test_no_answer_that_is_not_the_right_one_is_rewarded(subject: Subject) -> None:
    tried = [a for probe in probes() for a in probe.attempts(subject) if isinstance(a, Answer)]
    assert len(tried) > 15
    assert [one.what for one in tried if right(subject.spec, one)] == []


def test_the_right_answer_itself_is_rewarded(subject: Subject) -> None:
    assert right(subject.spec, Answer.value("right", subject.expected))


@pytest.mark.parametrize(
    ("subject_name", "rule", "value"),
    [
        ("integer", "always 100", 100),
        ("text", "always 'yes'", "yes"),
        ("truth", "always True", True),
        ("set", "always 1", [1]),
        ("table", "always 1", [["yes", 1]]),
        ("abstain", "always abstain", {"abstain": True}),
    ],
)
def test_a_guess_has_the_shape_that_the_task_asks_for(
    subject_name: str, rule: str, value: object
) -> None:
    subject = Subject.of(task(**SUBJECTS[subject_name]))
    guesses = [a for probe in probes() for a in probe.attempts(subject) if isinstance(a, Guess)]
    assert Guess(rule, value) in guesses  # type: ignore[arg-type]


def test_an_echo_gives_numbers_and_dates_of_the_prompt_back() -> None:
    spec = task(instruction="Of patient 4711, how many since 2104-05-06, at most 12?")
    (echo,) = [probe for probe in probes() if probe.name == "echo"]
    tried = {a.rule: a.value for a in echo.attempts(Subject.of(spec)) if isinstance(a, Guess)}
    assert tried["echo number 1"] == 4711
    assert tried["echo number last"] == 12


def test_a_value_of_another_type_is_no_guess() -> None:
    assert shaped(task().answer, "yes") is None


@pytest.mark.parametrize(("units", "passes"), [(["g"], False), (["kgs"], True), ([], False)])
def test_the_number_of_one_unit_under_the_name_of_another_is_tried(
    units: list[str], passes: bool
) -> None:
    answer = {"kind": "number", "unit": "kg", "decimals": 1, "units": units}
    oracle = {"kind": "numeric", "expected": 70.2, "unit": "kg", "decimals": 1}
    subject = Subject.of(task(answer=answer, oracle=oracle))
    attempts = list(TypeProbe().attempts(subject))
    assert any(isinstance(one, Answer) and right(subject.spec, one) for one in attempts) == passes
