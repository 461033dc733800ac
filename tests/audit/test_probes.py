"""What every probe, ours or a plug-in's, has to keep to."""

from __future__ import annotations

from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any, get_args

import pytest

from taskkit.audit.attack import right
from taskkit.audit.auditor import version
from taskkit.audit.finding import ExploitCode
from taskkit.audit.probe import (
    GROUP,
    Answer,
    Guess,
    Pace,
    Probe,
    Session,
    Subject,
    Submission,
    probes,
    probes_of,
    turns,
)
from taskkit.audit.probes.guesses import shaped
from taskkit.audit.probes.shape import TypeProbe
from taskkit.errors import SpecError
from tests.audit.test_bad_tasks import crews_here
from tests.audit.ward import audited, build
from tests.spec.example import task
from tests.taskset.building import step

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


OWN = """
from taskkit.audit.probe import Answer

class DozenProbe:
    \"\"\"Always says twelve.\"\"\"

    name, code, pace = "dozen", "passes_among_others", "every"

    def attempts(self, subject):
        yield Answer.value("a dozen", 12)
"""


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A domain with a probe of its own, found by the search path."""
    folder = tmp_path / "domains" / "ward"
    folder.mkdir(parents=True)
    (folder / "domain.yaml").write_text(
        "schema: taskkit/domain/1\nname: ward\ntitle: T\ndescription: D\nimage: sql\n"
        "builder: ./none.py:None\nprobes: [./dozen.py:DozenProbe]\n"
    )
    (folder / "dozen.py").write_text(OWN)
    monkeypatch.setenv("TASKKIT_DOMAINS", str(tmp_path / "domains"))
    return folder


def test_a_probe_of_a_domain_is_tried_on_its_tasks_only(own: Path) -> None:
    assert "dozen" in {probe.name for probe in probes_of("ward")}
    assert "dozen" not in {probe.name for probe in probes_of("mimic")}
    assert " dozen" in version("ward"), "other probes, another audit"


def test_what_a_probe_of_a_domain_is_paid_for_is_a_finding(
    own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    crews_here(monkeypatch)
    twelve = {
        "instruction": "How many mg of insulin did patient 4 get?",
        "oracle": {"kind": "exact", "expected": 12},
        "sql": "select dose from prescriptions where subject_id = 4",
    }
    summary, records = audited(build(tmp_path / "set", [twelve]))
    records.close()
    assert dict(summary.exploits) == {"dozen": 1}


def test_a_probe_that_is_not_there_is_named(own: Path) -> None:
    (own / "dozen.py").write_text("")
    with pytest.raises(SpecError, match=r"domain\.yaml: probes './dozen.py:DozenProbe'"):
        probes_of("ward")


def test_a_probe_of_a_user_comes_by_entry_point(monkeypatch: pytest.MonkeyPatch) -> None:
    theirs = EntryPoint("zero", "taskkit.audit.probes.dump:DumpProbe", GROUP)
    monkeypatch.setattr("taskkit.audit.probe.entry_points", lambda group: [theirs])
    probes.cache_clear()
    try:
        assert [type(probe).__name__ for probe in probes()] == ["DumpProbe"]
    finally:
        probes.cache_clear()


def test_every_turn_of_a_dialogue_is_a_task_of_its_own() -> None:
    later = {
        "instruction": "And how many men?",
        "answer": {"kind": "integer"},
        "oracle": {"kind": "exact", "expected": 8},
        "reference": {"steps": [step("select 8")]},
    }
    first, second = turns(task(turns=[later]))
    assert (first.instruction, second.instruction) == (task().instruction, "And how many men?")
    assert Subject.of(second).expected == 8
    assert not second.turns


def test_an_enumeration_until_told_right_is_judged_by_its_tries(tmp_path: Path) -> None:
    """Four answers among eight tasks: one guess pays for two, four tries for all."""
    asked = [
        {
            "instruction": f"What is {n} modulo 4, plus 30?",
            "oracle": {"kind": "exact", "expected": n % 4 + 30},
            "sql": f"select {n} % 4 + 30",
            "max_submissions": 4,
            "feedback": "each",
        }
        for n in range(8)
    ]
    summary, records = audited(build(tmp_path / "set", asked))
    records.close()
    (rate,) = [r for r in summary.whole.paying if r.scope == "count" and r.code == "majority"]
    assert (rate.hits, rate.size) == (8, 8)


@pytest.mark.parametrize(("units", "passes"), [(["g"], False), (["kgs"], True), ([], False)])
def test_the_number_of_one_unit_under_the_name_of_another_is_tried(
    units: list[str], passes: bool
) -> None:
    answer = {"kind": "number", "unit": "kg", "decimals": 1, "units": units}
    oracle = {"kind": "numeric", "expected": 70.2, "unit": "kg", "decimals": 1}
    subject = Subject.of(task(answer=answer, oracle=oracle))
    attempts = list(TypeProbe().attempts(subject))
    assert any(isinstance(one, Answer) and right(subject.spec, one) for one in attempts) == passes
