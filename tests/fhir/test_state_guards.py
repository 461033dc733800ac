"""What an agent could do on the server in place of an order, and what it earns."""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from taskkit.fhir.api import Api
from taskkit.fhir.bank import changes
from taskkit.fhir.bank.chart import Chart
from taskkit.fhir.synthetic import terms
from taskkit.fhir.synthetic.build import TERMINOLOGY
from taskkit.oracles.evidence import Change, Evidence
from taskkit.oracles.example import Example
from taskkit.oracles.state import StateJudge, StateOracle
from taskkit.spec.answer import NumberAnswer
from tests.fhir.ward import NOW, RESOURCES, api, patient, send

METFORMIN = {"coding": [{"system": terms.RXNORM, "code": "6809"}]}
ORDER: dict[str, Any] = {
    "resourceType": "MedicationRequest",
    "status": "active",
    "intent": "order",
    "medicationCodeableConcept": METFORMIN,
    "subject": {"reference": "Patient/a"},
    "encounter": {"reference": "Encounter/e1"},
    "authoredOn": NOW,
    "dosageInstruction": [
        {
            "timing": {"repeat": {"frequency": 2, "period": 1, "periodUnit": "d"}},
            "route": {"coding": [{"system": terms.SNOMED, "code": "26643006"}]},
            "doseAndRate": [
                {"doseQuantity": {"value": 500, "unit": "mg", "system": terms.UCUM, "code": "mg"}}
            ],
        }
    ],
}
WARD: list[dict[str, Any]] = [
    *RESOURCES,
    {"resourceType": "Medication", "id": "m1", "code": METFORMIN},
    patient("a2", "Smith", "Anna", "1951-04-02"),
    {
        "resourceType": "Encounter", "id": "e2", "status": "in-progress",
        "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "IMP"},
        "subject": {"reference": "Patient/a2"},
    },
    {
        "resourceType": "Condition", "id": "k2", "subject": {"reference": "Patient/a2"},
        "clinicalStatus": {"coding": [{
            "system": f"{TERMINOLOGY}/condition-clinical", "code": "active"}]},
    },
    {**ORDER, "id": "old", "authoredOn": "2024-06-01T10:00:00+00:00"},
]  # fmt: skip
CHART = Chart(WARD, datetime.fromisoformat(NOW))
ANNA = CHART.by_key["Patient/a"]
WRITE = changes.owned(
    changes.drug_order(ANNA, terms.DRUGS["metformin"], CHART.by_key["Medication/m1"], 500,
                       daily=2, now=CHART.now), CHART,
)  # fmt: skip
STOP = changes.updated(CHART.by_key["MedicationRequest/old"], changes.value("status", "stopped"))


def order(path: str = "", value: object = None) -> dict[str, Any]:
    """The order with the value at a path replaced; taken away where it is None."""
    made = deepcopy(ORDER)
    *parents, last = [int(one) if one.isdigit() else one for one in path.split(".")]
    inner: Any = made
    for one in parents:
        inner = inner[one]
    if value is None:
        inner.pop(last, None)
    else:
        inner[last] = value
    return made


@pytest.fixture(scope="module")
def ward(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder whose store every test finds as it was."""
    return tmp_path_factory.mktemp("ward")


class Client:
    """An agent at the ward's server."""

    def __init__(self, server: Api) -> None:
        self.server = server

    def create(self, resource: dict[str, Any], expected: int = 201) -> str:
        """Its key."""
        kind = str(resource["resourceType"])
        status, made = send(self.server, "POST", kind, resource)
        assert status == expected, made
        return f"{kind}/{made.get('id')}"

    def update(self, key: str, resource: dict[str, Any], expected: int = 200) -> int:
        """Its status."""
        status, made = send(self.server, "PUT", key, {**resource, "id": key.split("/")[1]})
        assert status == expected, made
        return status

    def delete(self, key: str) -> int:
        """Its status."""
        status, _ = send(self.server, "DELETE", key, b"")
        assert status in (200, 204)
        return status

    def transaction(self, *resources: dict[str, Any], expected: int = 200) -> int:
        """Its status."""
        entry = [
            {"resource": one, "request": {"method": "POST", "url": one["resourceType"]}}
            for one in resources
        ]
        bundle = {"resourceType": "Bundle", "type": "transaction", "entry": entry}
        status, made = send(self.server, "POST", "", bundle)
        assert status == expected, made
        return status


def earned(folder: Path, does: Callable[[Client], object], *expected: dict[str, Any]) -> float:
    """The reward of what an agent does who says the right value."""
    server = api(folder, WARD)
    does(Client(server))
    found = [Change(one.op, one.key, one.before, one.after) for one in server.store.differences()]
    value = {"kind": "numeric", "expected": 3.9, "unit": "mmol/L"}
    oracle = {"kind": "state", "service": "fhir", "changes": expected, "value": value}
    asked = Example(NumberAnswer(kind="number", unit="mmol/L"), StateOracle.model_validate(oracle))
    return StateJudge().judge(asked, Evidence(b"3.9", changes={"fhir": found})).reward


DOSE = "dosageInstruction.0.doseAndRate.0.doseQuantity"
GRAM = {"value": 0.5, "unit": "g", "system": terms.UCUM, "code": "g"}
COMMENT = {
    "resourceType": "Communication", "status": "completed", "subject": {"reference": "Patient/a"},
    "payload": [{"contentString": "metformin 500 mg by mouth twice daily"}],
}  # fmt: skip
FULL: dict[str, Callable[[Client], object]] = {
    "as asked": lambda it: it.create(ORDER),
    "without a stay": lambda it: it.create(order("encounter")),
    "in a transaction": lambda it: it.transaction(ORDER),
    "0.5 g are 500 mg": lambda it: it.create(order(DOSE, GRAM)),
    "the same instant in another zone": lambda it: it.create(
        order("authoredOn", "2024-06-18T05:00:00-05:00")
    ),
    "a draft made active": lambda it: it.update(it.create(order("status", "draft")), ORDER),
    "another patient's taken back": lambda it: [
        it.delete(it.create(order("subject.reference", "Patient/b"))),
        it.create(ORDER),
    ],
    "a refused one first": lambda it: [it.create(order("intent"), 422), it.create(ORDER)],
    "whose transaction was refused first": lambda it: [
        it.transaction(ORDER, order("status", "soon"), expected=422),
        it.transaction(ORDER),
    ],
}
ZERO: dict[str, Callable[[Client], object]] = {
    "nothing": lambda it: None,
    "twice": lambda it: [it.create(ORDER), it.create(ORDER)],
    "another order beside": lambda it: [it.create(ORDER), it.create(order("priority", "stat"))],
    "a comment beside": lambda it: [it.create(ORDER), it.create(COMMENT)],
    "the order in a comment": lambda it: it.create(COMMENT),
    "the order in its note": lambda it: it.create(
        {**order("dosageInstruction"), "note": [{"text": "500 mg by mouth twice daily"}]}
    ),
    "the order in its text": lambda it: it.create(
        order("dosageInstruction", [{"text": "500 mg by mouth twice daily"}])
    ),
    "the other one of two namesakes": lambda it: it.create(
        {**order("subject.reference", "Patient/a2"), "encounter": {"reference": "Encounter/e2"}}
    ),
    "both namesakes": lambda it: [
        it.create(ORDER), it.create(order("subject.reference", "Patient/a2"))
    ],
    "in the namesake's stay": lambda it: it.create(order("encounter.reference", "Encounter/e2")),
    "for the namesake's reason": lambda it: it.create(
        {**ORDER, "reasonReference": [{"reference": "Condition/k2"}]}
    ),
    "then revoked": lambda it: it.update(it.create(ORDER), order("status", "cancelled")),
    "then entered in error": lambda it: it.update(
        it.create(ORDER), order("status", "entered-in-error")
    ),
    "then deleted": lambda it: it.delete(it.create(ORDER)),
    "a draft": lambda it: it.create(order("status", "draft")),
    "a proposal": lambda it: it.create(order("intent", "proposal")),
    "not to be done": lambda it: it.create(order("doNotPerform", True)),
    "of the right code in a wrong system": lambda it: it.create(
        order("medicationCodeableConcept.coding.0.system", "http://example.org/drugs")
    ),
    "of another drug under the right name": lambda it: it.create(
        order("medicationCodeableConcept.coding.0", {
            "system": terms.RXNORM, "code": "4815", "display": "metformin"})
    ),
    "1 g": lambda it: it.create(order(f"{DOSE}.value", 1000)),
    "500 g": lambda it: it.create(order(DOSE, {**GRAM, "value": 500})),
    "500 tablets": lambda it: it.create(
        order(DOSE, {"value": 500, "unit": "tablets", "system": terms.UCUM, "code": "{tbl}"})
    ),
    "as text without a number": lambda it: it.create(order(DOSE, {"unit": "500 mg"})),
    "the same time of day in another zone": lambda it: it.create(
        order("authoredOn", "2024-06-18T10:00:00-05:00")
    ),
    "three times daily": lambda it: it.create(
        order("dosageInstruction.0.timing.repeat.frequency", 3)
    ),
    "in a transaction that is refused": lambda it: it.transaction(
        ORDER, order("status", "soon"), expected=422
    ),
    "and somebody's record deleted": lambda it: [
        it.create(ORDER), it.delete("Observation/o5")
    ],
    "and the patient's phone lost": lambda it: [
        it.create(ORDER),
        it.update("Patient/a", {k: v for k, v in ANNA.items() if k != "telecom"}),
    ],
}  # fmt: skip


@pytest.mark.parametrize("case", FULL)
def test_an_order_counts(case: str, ward: Path) -> None:
    assert earned(ward, FULL[case], WRITE) == 1.0


@pytest.mark.parametrize("case", ZERO)
def test_what_is_no_order_earns_nothing(case: str, ward: Path) -> None:
    assert earned(ward, ZERO[case], WRITE) == 0.0


OLD: dict[str, Any] = CHART.by_key["MedicationRequest/old"]
STOPS: dict[str, tuple[Callable[[Client], object], float]] = {
    "stopped": (lambda it: it.update("MedicationRequest/old", {**OLD, "status": "stopped"}), 1.0),
    "deleted": (lambda it: it.delete("MedicationRequest/old"), 0.0),
    "deleted and written again": (
        lambda it: [
            it.delete("MedicationRequest/old"),
            it.update("MedicationRequest/old", {**OLD, "status": "stopped"}, 201),
        ],
        1.0,
    ),
    "deleted, and a stopped one written": (
        lambda it: [it.delete("MedicationRequest/old"), it.create({**ORDER, "status": "stopped"})],
        0.0,
    ),
    "stopped, its dose lost": (
        lambda it: it.update("MedicationRequest/old", {
            **{name: value for name, value in OLD.items() if name != "dosageInstruction"},
            "status": "stopped"}),
        0.0,
    ),
    "stopped and made active again": (
        lambda it: [
            it.update("MedicationRequest/old", {**OLD, "status": "stopped"}),
            it.update("MedicationRequest/old", OLD),
        ],
        0.0,
    ),
    "stopped, its time written in another zone": (
        lambda it: it.update("MedicationRequest/old", {
            **OLD, "status": "stopped", "authoredOn": "2024-06-01T12:00:00+02:00"}),
        0.0,
    ),
    "stopped, and a note": (
        lambda it: it.update("MedicationRequest/old", {
            **OLD, "status": "stopped", "note": [{"text": "as discussed"}]}),
        1.0,
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", STOPS)
def test_an_order_is_stopped_and_otherwise_left(case: str, ward: Path) -> None:
    does, reward = STOPS[case]
    assert earned(ward, does, STOP) == reward


def test_half_of_two_changes_earns_nothing(ward: Path) -> None:
    def both(it: Client) -> None:
        it.update("MedicationRequest/old", {**OLD, "status": "stopped"})
        it.create(ORDER)

    assert earned(ward, both, STOP, WRITE) == 1.0
    assert earned(ward, FULL["as asked"], STOP, WRITE) == 0.0
    assert earned(ward, STOPS["stopped"][0], STOP, WRITE) == 0.0


def test_what_is_asked_is_plain_json() -> None:
    assert json.loads(json.dumps(WRITE)) == WRITE
