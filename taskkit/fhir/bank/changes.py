"""What has to change, written for the oracle `state`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import JsonValue

from taskkit.fhir.bank.chart import Chart
from taskkit.fhir.index import Resource
from taskkit.fhir.synthetic import terms
from taskkit.fhir.synthetic.build import TERMINOLOGY, stamp

Part = dict[str, Any]
OWNED: Mapping[str, tuple[str, ...]] = {
    "encounter": ("Encounter",),
    "reasonReference": ("Condition", "Observation"),
}
"""References that may be left out: what they lead to is the patient's own, and of which type."""
SUBJECTS = ("subject", "patient")
ALWAYS_FREE = ("id", "meta", "text", "identifier", "language", "implicitRules", "note")
FREE: Mapping[str, tuple[str, ...]] = {
    "Observation": ("issued", "performer", "encounter", "method", "device", "referenceRange",
                    "interpretation", "category"),
    "MedicationRequest": ("requester", "encounter", "category", "reasonCode", "reasonReference",
                          "recorder", "dosageInstruction.text", "dosageInstruction.sequence",
                          "dosageInstruction.patientInstruction", "priority", "reportedBoolean",
                          "dosageInstruction.doseAndRate.type", "dispenseRequest"),
    "ServiceRequest": ("requester", "encounter", "category", "reasonCode", "reasonReference",
                       "performer", "patientInstruction", "orderDetail", "performerType",
                       "requisition"),
    "Condition": ("recorder", "asserter", "encounter", "severity", "category", "recordedDate"),
    "AllergyIntolerance": ("recorder", "asserter", "recordedDate", "type", "category",
                           "reaction.description", "encounter", "reaction.onset"),
    "Appointment": ("description", "comment", "serviceType", "serviceCategory", "specialty",
                    "created", "minutesDuration", "appointmentType", "reasonCode",
                    "participant.type", "participant.required"),
    "Encounter": ("serviceProvider", "type", "participant", "serviceType", "priority", "location",
                  "reasonCode", "reasonReference", "hospitalization"),
}  # fmt: skip
"""Elements that may have anything: they do not change what is ordered, for whom or when."""


def created(kind: str, *elements: Part, free: tuple[str, ...] = ()) -> Part:
    """A resource that has to be created."""
    open_ = [*ALWAYS_FREE, *FREE.get(kind, ()), *free]
    covered = {str(one.get("path", "")) for one in elements}
    return {
        "op": "created",
        "type": kind,
        "elements": list(elements),
        "free": [one for one in open_ if one not in covered],
    }


def updated(resource: Resource, *elements: Part, free: tuple[str, ...] = ()) -> Part:
    """A resource that has to be changed, and in nothing else."""
    kind = str(resource["resourceType"])
    return {
        "op": "updated",
        "type": kind,
        "id": str(resource["id"]),
        "elements": list(elements),
        "free": ["meta", "text", "note", *free],
    }


def owned(change: Part, chart: Chart) -> Part:
    """A created resource that refers to nothing of another patient's."""
    targets = (one["targets"] for one in change["elements"] if one.get("path") in SUBJECTS)
    keys = [key for found in targets for key in found]
    if change["op"] != "created" or not keys:
        return change
    patient = chart.by_key[keys[0]]
    elements, free = [*change["elements"]], [*change["free"]]
    for path in sorted(OWNED.keys() & set(free)):
        free.remove(path)
        own = [one for kind in OWNED[path] for one in chart.of(patient, kind)]
        elements.append(either([count(path, 0)], [reference(path, *own)] if own else []))
    return {**change, "elements": elements, "free": free}


def code(path: str, *codes: str, system: str | None = None) -> Part:
    """A concept, coding or code that has one of some codes."""
    part: Part = {"kind": "code", "path": path, "codes": list(codes)}
    if system is not None:
        part["system"] = system
    return part


def value(path: str, *accepted: JsonValue) -> Part:
    """A text, number or truth value."""
    return {"kind": "value", "path": path, "values": list(accepted)}


def quantity(path: str, amount: float, unit: str, *, slack: float = 0.0) -> Part:
    """A quantity; the unit may be another one of the same dimension."""
    return {"kind": "quantity", "path": path, "value": amount, "unit": unit, "tolerance": slack}


def reference(path: str, *targets: Resource | str) -> Part:
    """A reference to one of some resources, which may be given by their keys."""
    keys = [
        one if isinstance(one, str) else f"{one['resourceType']}/{one['id']}" for one in targets
    ]
    return {"kind": "reference", "path": path, "targets": keys}


def moment(path: str, at: datetime | str, *, slack_s: int = 0) -> Part:
    """A date or time."""
    text = at if isinstance(at, str) else stamp(at)
    return {"kind": "moment", "path": path, "at": text, "tolerance_s": slack_s}


def either(*options: list[Part]) -> Part:
    """One of some groups of elements."""
    return {"kind": "either", "options": [one for one in options if one]}


def timing(path: str, daily: int | None) -> Part:
    """How often a drug is given: so many times a day, or once in all."""
    part: Part = {"kind": "timing", "path": path}
    part |= {"once": True} if daily is None else {"daily": float(daily)}
    return part


def count(path: str, items: int) -> Part:
    """How many values a path has."""
    return {"kind": "count", "path": path, "items": items}


def drug_order(
    patient: Resource, drug: terms.Drug, medication: Resource, dose: float, *,
    daily: int | None, now: datetime, slack: float = 0.0,
) -> Part:  # fmt: skip
    """An order of a drug that has to be created."""
    route, _ = terms.ROUTES[drug.route]
    dosage = "dosageInstruction"
    return created(
        "MedicationRequest",
        value("status", "active"),
        value("intent", "order"),
        either(
            [code("medicationCodeableConcept", drug.rxnorm, system=terms.RXNORM)],
            [reference("medicationReference", medication)],
        ),
        reference("subject", patient),
        moment("authoredOn", now, slack_s=60),
        count(dosage, 1),
        quantity(f"{dosage}.doseAndRate.doseQuantity", dose, drug.unit, slack=slack),
        code(f"{dosage}.route", route, system=terms.SNOMED),
        timing(f"{dosage}.timing", daily),
    )


def laboratory_order(
    patient: Resource, analyte: terms.Analyte, *, now: datetime, due: str | None = None
) -> Part:
    """An order of a laboratory test that has to be created."""
    parts = [
        value("status", "active"),
        value("intent", "order"),
        code("code", analyte.loinc, system=terms.LOINC),
        reference("subject", patient),
        moment("authoredOn", now, slack_s=60),
    ]
    if due is not None:
        parts.append(moment("occurrenceDateTime", due))
    return created("ServiceRequest", *parts, free=("priority",))


def hl7(path: str, system: str, *codes: str) -> Part:
    """A code of HL7's own terminology."""
    return code(path, *codes, system=f"{TERMINOLOGY}/{system}")
