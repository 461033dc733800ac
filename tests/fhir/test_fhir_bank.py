"""Every template: its reference solves it over TCP, and nothing less or more does."""

from __future__ import annotations

import json
import socket
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count as numbers
from pathlib import Path
from random import Random
from typing import Any

import pytest

from taskkit.build.draft import Desk
from taskkit.build.origin import Origin
from taskkit.build.rejection import Rejection
from taskkit.fhir import validation
from taskkit.fhir.bank.making import (
    BASE,
    STORE,
    Site,
    answer_of,
    best,
    chart,
    paired,
    program,
    questions,
    rehearsal,
    task,
    texts,
)
from taskkit.fhir.bank.question import BANK, Question, draw, named, number
from taskkit.fhir.moment import interval
from taskkit.fhir.mutants import read, traced, written
from taskkit.fhir.rehearsal import Fates, Rehearsal
from taskkit.fhir.schema import write
from taskkit.fhir.service import FhirParent, FhirService
from taskkit.fhir.synthetic.population import population
from taskkit.fhir.synthetic.record import TODAY as NOW
from taskkit.oracles.evidence import Change, Evidence
from taskkit.oracles.judge import judge
from taskkit.spec.task import TaskSpec

FOLDER = Path(__file__).parents[2] / "domains" / "fhir"


@dataclass
class Hospital:
    """A small hospital, and a warm server of it."""

    site: Site
    parent: FhirParent

    def task(self, name: str, *, act: bool) -> TaskSpec:
        chance = Random(f"{name}:{act}")
        question = draw(BANK[name], chart(self.site.store, NOW), chance, act=act)
        return task(self.site, name, BANK[name].category, question, chance, f"{name}:{act}")

    def play(self, code: str) -> tuple[Any, list[Change]]:
        """The answer of a program, and what it changed."""
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        base = f"http://127.0.0.1:{listener.getsockname()[1]}/fhir"
        running = self.parent.start(listener)
        scope: dict[str, Any] = {}
        try:
            exec(code.replace(BASE, base), scope)  # noqa: S102 # our own reference
            return scope["answer"], running.changes()
        finally:
            running.close()


@pytest.fixture(scope="module")
def hospital(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hospital]:
    store = tmp_path_factory.mktemp("hospital") / STORE
    write(store, population(60, seed=3), updated=interval(NOW.isoformat())[0])
    desk = Desk("fhir", "fhir", Origin("test", "CC0-1.0", "open", "0" * 64))
    options = {"now": NOW.isoformat(), "page": 10, "most": 100}
    parent = FhirService().prepare(store, options)
    yield Hospital(Site(desk, FOLDER, store, "0" * 64, NOW, 3), parent)
    parent.close()


def reward(spec: TaskSpec, answer: object, changes: list[Change] | tuple[Change, ...]) -> float:
    evidence = Evidence(json.dumps(answer).encode(), changes={"fhir": changes})
    return judge(spec, evidence).reward


CASES = [
    (name, act) for name, one in BANK.items() for act in ((True, False) if one.decides else (True,))
]


@pytest.mark.parametrize(("name", "act"), CASES, ids=[f"{name}-{act}" for name, act in CASES])
def test_the_reference_and_nothing_else_solves_a_template(
    name: str, act: bool, hospital: Hospital
) -> None:
    spec = hospital.task(name, act=act)
    (step,) = spec.reference.steps
    answer, changes = hospital.play(step.code)  # type: ignore[union-attr]
    assert reward(spec, answer, changes) == 1.0
    assert len(changes) == len(spec.oracle.changes)  # type: ignore[attr-defined]
    if changes:
        assert reward(spec, answer, []) == 0.0
    for other in written(changes):
        assert reward(spec, answer, other.changes) == 0.0, other.change


def test_decisions_go_both_ways() -> None:
    assert sum(one.decides for one in BANK.values()) >= 14
    assert len(BANK) >= 60


def test_every_template_has_wordings_a_program_and_known_rules() -> None:
    wordings, rules = texts(FOLDER)
    assert set(wordings) == set(BANK)
    for name, entry in wordings.items():
        assert len(entry["wordings"]) >= 2, name
        assert set(entry.get("rules", ())) <= set(rules), name
        compile(program(FOLDER, name), name, "exec")


def test_careless_readers_are_told_apart(hospital: Hospital) -> None:
    made = (best(hospital.site, BANK["last-value"], one) for one in numbers())
    spec = next(
        one
        for one in made
        if isinstance(one, TaskSpec) and "2823-3" in one.reference.steps[0].code  # type: ignore[union-attr]
    )
    (step,) = spec.reference.steps
    code = traced(step.code)  # type: ignore[union-attr]
    assert {one.about for one in read(code)} == {"page", "unit", "status", "patient", "last"}
    answer, _ = hospital.play(code)
    stage = rehearsal(hospital.site.store, NOW)
    played = {one.about: stage.play(one.code) for one in read(code)}
    rewards = {about: judge(spec, one.evidence).reward for about, one in played.items() if one}
    assert reward(spec, answer, []) == 1.0
    assert rewards["last"] == rewards["patient"] == 0.0
    assert played["status"] is None  # what was cancelled has no value to read


def told(hospital: Hospital, loinc: str, values: list[float]) -> Fates:
    """What becomes of careless readers of the last value of a patient who has such values."""
    records = chart(hospital.site.store, NOW)
    patient = next(
        one
        for one in records.patients
        if [value for _, value in records.observed(one, loinc)] == values
    )
    slots = dict.fromkeys(("who", "analyte", "unit"), "")
    given = {**named(patient), "loinc": loinc}
    question = Question(slots, given, number(values[-1], "cm", 0))
    spec = task(hospital.site, "last-value", "value", question, Random(0), "planted")
    (step,) = spec.reference.steps
    found = rehearsal(hospital.site.store, NOW).fates(spec, step.code)  # type: ignore[union-attr]
    assert found is not None
    return found


def test_one_value_alone_does_not_tell_the_first_from_the_last(hospital: Hospital) -> None:
    records = chart(hospital.site.store, NOW)
    every = [[v for _, v in records.observed(one, "8302-2")] for one in records.patients]
    alone = next(one for one in every if len(one) == 1)
    assert "last" in told(hospital, "8302-2", alone).idle
    weights = [[v for _, v in records.observed(one, "29463-7")] for one in records.patients]
    differ = next(one for one in weights if len(one) > 1 and round(one[0]) != round(one[-1]))
    assert "last" not in told(hospital, "29463-7", differ).idle


@pytest.mark.parametrize("name", ["last-procedure", "extreme", "potassium", "correct-value"])
def test_questions_are_drawn_that_careless_readers_fail(name: str, hospital: Hospital) -> None:
    for count in (0, 1):
        made = best(hospital.site, BANK[name], count)
        assert not isinstance(made, Rejection)
        (step,) = made.reference.steps
        stage = rehearsal(hospital.site.store, NOW)
        found = stage.fates(made, step.code)  # type: ignore[union-attr]
        assert found is not None
        assert found.idle == []


def test_what_no_records_tell_becomes_no_task(
    hospital: Hospital, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Rehearsal, "fates", lambda *_: Fates(["page", "last"], []))
    made = best(hospital.site, BANK["last-value"], 0)
    assert isinstance(made, Rejection)
    assert (made.code, made.detail) == ("indistinct", "page, last")


def test_no_more_than_two_of_a_dozen_have_the_same_answer(hospital: Hospital) -> None:
    found = list(questions(hospital.site, "harmful-order", range(12)))
    answers = Counter(answer_of(one) for one in found if isinstance(one, TaskSpec))
    assert max(answers.values()) == 2
    oracles = [one.oracle for one in found if isinstance(one, TaskSpec)]
    branches = Counter(bool(one.changes) for one in oracles)  # type: ignore[attr-defined]
    assert abs(branches[True] - branches[False]) <= 1


def test_a_decision_without_its_other_branch_becomes_no_task(hospital: Hospital) -> None:
    act, leave = (hospital.task("potassium", act=one) for one in (True, False))
    none = Rejection("r", "indistinct", "last")
    assert list(paired([act, leave])) == [act, leave]
    kept, dropped = paired([none, leave])
    assert (kept, getattr(dropped, "code", "")) == (none, "unbalanced")
    assert list(paired([act, leave, act])) == [act, leave, act]


def test_a_reference_that_fails_becomes_no_task(
    hospital: Hospital, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Rehearsal, "play", lambda *_: None)
    made = best(hospital.site, BANK["last-value"], 0)
    assert isinstance(made, Rejection)
    assert made.code == "not_computable"


def test_the_population_is_valid_and_the_same_every_time() -> None:
    one, two = (population(8, seed=5) for _ in range(2))
    assert one == two
    assert one != population(8, seed=6)
    keys = {(str(each["resourceType"]), str(each["id"])) for each in one}
    assert len(keys) == len(one)
    for resource in one:
        validation.validate(resource, lambda kind, id_: (kind, id_) in keys)


def test_nobody_gets_what_an_allergy_forbids() -> None:
    records = population(60, seed=1)
    allergic = {
        str(one["patient"]["reference"])  # type: ignore[index,call-overload]
        for one in records
        if one["resourceType"] == "AllergyIntolerance"
        and "ibuprofen" in json.dumps(one["code"])
        and '"active"' in json.dumps(one["clinicalStatus"])
    }
    takers = {
        str(one["subject"]["reference"])  # type: ignore[index,call-overload]
        for one in records
        if one["resourceType"] == "MedicationRequest"
        and any(drug in json.dumps(one) for drug in ("ibuprofen", "naproxen"))
    }
    assert allergic
    assert not allergic & takers
