"""What the judge of state accepts and refuses, element by element."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

import pytest

from taskkit.oracles.evidence import Change, Evidence
from taskkit.oracles.example import Example
from taskkit.oracles.state import StateJudge, StateOracle
from taskkit.spec.answer import NumberAnswer

RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
EXPECTED = {
    "op": "created",
    "type": "MedicationRequest",
    "free": ["id", "note", "requester"],
    "elements": [
        {"kind": "value", "path": "status", "values": ["active"]},
        {
            "kind": "either",
            "options": [
                [
                    {
                        "kind": "code",
                        "path": "medicationCodeableConcept",
                        "codes": ["8591"],
                        "system": RXNORM,
                    }
                ],
                [
                    {
                        "kind": "reference",
                        "path": "medicationReference",
                        "targets": ["Medication/kcl"],
                    }
                ],
            ],
        },
        {"kind": "reference", "path": "subject", "targets": ["Patient/a"]},
        {
            "kind": "moment",
            "path": "authoredOn",
            "at": "2024-06-18T10:00:00+00:00",
            "tolerance_s": 60,
        },
        {"kind": "count", "path": "dosageInstruction", "items": 1},
        {
            "kind": "quantity",
            "path": "dosageInstruction.doseAndRate.doseQuantity",
            "value": 500,
            "unit": "mg",
        },
        {"kind": "timing", "path": "dosageInstruction.timing", "daily": 2},
    ],
}
ORDER: dict[str, Any] = {
    "resourceType": "MedicationRequest",
    "id": "1",
    "status": "active",
    "medicationCodeableConcept": {"coding": [{"system": RXNORM, "code": "8591"}]},
    "subject": {"reference": "Patient/a", "display": "Anna"},
    "authoredOn": "2024-06-18T10:00:30+00:00",
    "dosageInstruction": [
        {
            "timing": {"repeat": {"frequency": 2, "period": 1, "periodUnit": "d"}},
            "doseAndRate": [{"doseQuantity": {"value": 500, "unit": "mg", "code": "mg"}}],
        }
    ],
}


def asked(*changes: dict[str, Any]) -> Example:
    oracle = StateOracle.model_validate(
        {
            "kind": "state",
            "service": "fhir",
            "changes": list(changes),
            "value": {"kind": "numeric", "expected": 3.1, "unit": "mmol/L"},
        }
    )
    return Example(NumberAnswer(kind="number", unit="mmol/L"), oracle)


def reward(question: Example, *changes: Change, document: bytes = b"3.1") -> float:
    return StateJudge().judge(question, Evidence(document, changes={"fhir": changes})).reward


def order(path: str = "", value: object = None) -> Change:
    """The order with the value at a path replaced; taken away where it is None."""
    made = deepcopy(ORDER)
    if path:
        *parents, last = [int(one) if one.isdigit() else one for one in path.split(".")]
        inner: Any = made
        for one in parents:
            inner = inner[one]
        if value is None:
            del inner[last]
        else:
            inner[last] = value
    return Change("created", f"MedicationRequest/{made.get('id', 1)}", None, made)


DOSE = "dosageInstruction.0.doseAndRate.0.doseQuantity"
REPEAT = "dosageInstruction.0.timing.repeat"
ACCEPTED = {
    "as written": ("", None),
    "another id": ("id", "2"),
    "a note": ("note", [{"text": "take with food"}]),
    "another unit": (DOSE, {"value": 0.5, "unit": "g", "code": "g"}),
    "a unit without a code": (DOSE, {"value": 500, "unit": "MG"}),
    "every twelve hours": (REPEAT, {"frequency": 1, "period": 12, "periodUnit": "h"}),
    "by a code": ("dosageInstruction.0.timing", {"code": {"coding": [{"code": "BID"}]}}),
    "a whole address": ("subject.reference", "http://127.0.0.1:8080/fhir/Patient/a"),
    "another zone": ("authoredOn", "2024-06-18T12:00:00+02:00"),
    "a second system": (
        "medicationCodeableConcept.coding",
        [{"system": RXNORM, "code": "8591"}, {"system": "urn:own", "code": "KCL"}],
    ),
}
REFUSED = {
    "draft": ("status", "draft"),
    "nobody": ("subject", None),
    "another patient": ("subject.reference", "Patient/b"),
    "half the dose": (f"{DOSE}.value", 250),
    "grams for milligrams": (DOSE, {"value": 500, "unit": "g", "code": "g"}),
    "at least": (f"{DOSE}.comparator", ">="),
    "three times": (f"{REPEAT}.frequency", 3),
    "for a while": (f"{REPEAT}.boundsDuration", {"value": 3}),
    "another drug": ("medicationCodeableConcept.coding.0.code", "8592"),
    "another system": ("medicationCodeableConcept.coding.0.system", "urn:own"),
    "two drugs": (
        "medicationCodeableConcept.coding",
        [{"system": RXNORM, "code": "8591"}, {"system": RXNORM, "code": "6585"}],
    ),
    "the next day": ("authoredOn", "2024-06-19T10:00:00+00:00"),
    "a day only": ("authoredOn", "2024-06-18"),
    "not to be done": ("doNotPerform", True),
    "as needed": ("dosageInstruction.0.asNeededBoolean", True),
    "two instructions": ("dosageInstruction", [*ORDER["dosageInstruction"], {"text": "more"}]),
    "only in a comment": ("dosageInstruction", [{"text": "500 mg twice daily"}]),
}


@pytest.mark.parametrize("case", ACCEPTED)
def test_what_says_the_same_is_accepted(case: str) -> None:
    assert reward(asked(EXPECTED), order(*ACCEPTED[case])) == 1.0


@pytest.mark.parametrize("case", REFUSED)
def test_what_says_something_else_is_refused(case: str) -> None:
    assert reward(asked(EXPECTED), order(*REFUSED[case])) == 0.0


def test_the_drug_may_be_a_reference() -> None:
    made = deepcopy(ORDER)
    del made["medicationCodeableConcept"]
    made["medicationReference"] = {"reference": "Medication/kcl"}
    assert reward(asked(EXPECTED), Change("created", "MedicationRequest/1", None, made)) == 1.0


def test_each_change_is_made_once_and_no_other() -> None:
    other = Change("created", "Flag/1", None, {"resourceType": "Flag"})
    again = Change("created", "MedicationRequest/9", None, ORDER)
    assert reward(asked(EXPECTED)) == 0.0
    assert reward(asked(EXPECTED), order(), again) == 0.0
    assert reward(asked(EXPECTED), order(), other) == 0.0
    assert reward(asked(EXPECTED, EXPECTED), order(), again) == 1.0
    assert reward(asked(), other) == 0.0
    assert reward(asked()) == 1.0


def test_the_value_counts_as_well() -> None:
    assert reward(asked(EXPECTED), order(), document=b"3.2") == 0.0


UPDATE = {
    "op": "updated",
    "type": "Patient",
    "id": "a",
    "free": ["meta"],
    "elements": [{"kind": "value", "path": "telecom.value", "values": ["2"]}],
}
BEFORE: dict[str, Any] = {
    "resourceType": "Patient",
    "id": "a",
    "telecom": [{"value": "1"}],
    "birthDate": "1950",
}


@pytest.mark.parametrize(
    ("key", "changed", "earned"),
    [
        ("Patient/a", {"telecom": [{"value": "2"}]}, 1.0),
        ("Patient/b", {"telecom": [{"value": "2"}]}, 0.0),
        ("Patient/a", {"telecom": [{"value": "3"}]}, 0.0),
        ("Patient/a", {"telecom": [{"value": "2"}], "birthDate": "1951"}, 0.0),
        ("Patient/a", {"telecom": [{"value": "2"}], "active": True}, 0.0),
        ("Patient/a", {"telecom": [{"value": "2", "use": "home"}]}, 0.0),
    ],
    ids=["right", "another patient", "wrong", "more changed", "added", "added inside"],
)
def test_an_update_changes_nothing_else(key: str, changed: dict[str, Any], earned: float) -> None:
    change = Change("updated", key, BEFORE, {**BEFORE, **changed})
    assert reward(asked(UPDATE), change) == earned


def test_digests_do_not_depend_on_ids() -> None:
    question = asked(EXPECTED)
    digests = {
        StateJudge().digest(question, Evidence(b"3.1", changes={"fhir": (order("id", one),)}))
        for one in ("1", "2")
    }
    assert len(digests) == 1


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"op": "updated", "type": "Patient", "elements": UPDATE["elements"]}, "need an id"),
        ({"op": "created", "type": "Patient"}, "need what it has to have"),
        (
            {**EXPECTED, "elements": [{"kind": "value", "path": "a..b", "values": [1]}]},
            "need such a path",
        ),
    ],
    ids=["no id", "no elements", "no path"],
)
def test_oracles_that_cannot_judge_are_named(change: dict[str, Any], said: str) -> None:
    faults = list(StateJudge().faults(asked(change)))
    assert [said in one.remedy for one in faults] == [True], json.dumps(str(faults))


def test_tasks_that_write_for_others_expect_something_else() -> None:
    judge = StateJudge()
    assert judge.key(asked()) == 3.1
    assert judge.key(asked(EXPECTED)) == judge.key(asked(EXPECTED))
    assert judge.key(asked(EXPECTED)) != judge.key(asked(UPDATE)) != judge.key(asked())
