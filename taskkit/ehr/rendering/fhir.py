"""The hospital as FHIR R4 resources (HL7 FHIR 4.0.1): one dict for each."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from taskkit.ehr.clock import NOW
from taskkit.ehr.course import Hospital, Patient, Stay
from taskkit.ehr.course.catalogue import Analyte
from taskkit.ehr.course.stay import Culture, Order, Signs
from taskkit.ehr.rendering import meds, ucum
from taskkit.ehr.rendering.identity import Identity
from taskkit.ehr.rendering.naming import person, titles

Resource = dict[str, Any]
LOINC, UCUM = "http://loinc.org", "http://unitsofmeasure.org"
ICD10, ICD9_PROCEDURES = "http://hl7.org/fhir/sid/icd-10-cm", "http://hl7.org/fhir/sid/icd-9-cm"
TERMINOLOGY = "http://terminology.hl7.org/CodeSystem"
MRN = "urn:taskkit:mrn"
PRESSURES = ("systolic", "diastolic", "mean")


def resources(seed: int, patients: int) -> Iterator[Resource]:
    """The resources of the first ``patients`` of a hospital, each after those it refers to."""
    hospital, identity = Hospital(seed), Identity(seed)
    for number in range(patients):
        patient = hospital.patient(number)
        subject = str(identity.subject(number))
        yield _patient(patient, subject, person(seed, number, patient.sex))
        for place, stay in enumerate(patient.stays):
            yield from _stay(hospital, stay, subject, str(identity.admission(number, place)))


def stamp(minute: int) -> str:
    """A minute of the hospital as a FHIR dateTime."""
    return meds.moment(minute).isoformat() + "+00:00"


def _patient(patient: Patient, subject: str, name: tuple[str, str]) -> Resource:
    born = meds.EPOCH + timedelta(days=patient.birth_day)
    found: Resource = {
        "resourceType": "Patient",
        "id": subject,
        "identifier": [{"system": MRN, "value": f"S{subject}"}],
        "name": [{"use": "official", "family": name[1], "given": [name[0]]}],
        "gender": "male" if patient.sex == "m" else "female",
        "birthDate": born.date().isoformat(),
    }
    if patient.death is not None:
        found["deceasedDateTime"] = stamp(patient.death)
    return found


def _stay(hospital: Hospital, stay: Stay, subject: str, encounter: str) -> Iterator[Resource]:
    yield _encounter(stay, subject, encounter)
    said = {
        "subject": {"reference": f"Patient/{subject}"},
        "encounter": {"reference": f"Encounter/{encounter}"},
    }
    for place, resource in enumerate(_contents(hospital, stay)):
        kind = resource.pop("resourceType")
        yield {"resourceType": kind, "id": f"{encounter}-{place}", **resource, **said}


def _contents(hospital: Hospital, stay: Stay) -> Iterator[Resource]:
    names, procedures = titles("diagnoses"), titles("procedures")
    for finding in stay.findings:
        if finding.onset <= NOW:
            icd10 = hospital.catalogue.conditions[finding.code].icd10
            yield _condition(icd10, names[finding.code], finding.onset, chronic=finding.chronic)
    for result in stay.results:
        yield _laboratory(result.analyte, result.minute, result.value)
    for signs in stay.signs:
        yield from _vital_signs(signs)
    yield from map(_culture, stay.cultures)
    yield from map(_request, stay.orders)
    for done in stay.procedures:
        if done.minute <= NOW:
            code = f"{done.code[:2]}.{done.code[2:]}"
            yield {
                "resourceType": "Procedure",
                "status": "completed",
                "code": _concept(ICD9_PROCEDURES, code, procedures[done.code]),
                "performedDateTime": stamp(done.minute),
            }


def _encounter(stay: Stay, subject: str, encounter: str) -> Resource:
    found: Resource = {
        "resourceType": "Encounter",
        "id": encounter,
        "status": "in-progress" if stay.current else "finished",
        "class": {"system": f"{TERMINOLOGY}/v3-ActCode", "code": "IMP"},
        "subject": {"reference": f"Patient/{subject}"},
        "period": {"start": stamp(stay.admitted)},
        "reasonCode": [{"text": titles("diagnoses")[stay.principal]}],
    }
    if not stay.current:
        found["period"]["end"] = stamp(stay.discharged)
        where = "dead/expired" if stay.died else stay.details["discharge_location"]
        found["hospitalization"] = {"dischargeDisposition": {"text": where}}
    return found


def _concept(system: str, code: str, name: str) -> Resource:
    return {"coding": [{"system": system, "code": code, "display": name}], "text": name}


def _status(system: str, code: str) -> Resource:
    return {"coding": [{"system": f"{TERMINOLOGY}/{system}", "code": code}]}


def _condition(icd10: str, name: str, onset: int, *, chronic: bool) -> Resource:
    kind = "problem-list-item" if chronic else "encounter-diagnosis"
    found: Resource = {
        "resourceType": "Condition",
        "clinicalStatus": _status("condition-clinical", "active"),
        "category": [_status("condition-category", kind)],
        "code": _concept(ICD10, icd10, name),
        "recordedDate": stamp(onset),
    }
    if not chronic:
        found["onsetDateTime"] = stamp(onset)
    return found


def _quantity(value: float, unit: str) -> Resource:
    code = ucum.UNITS.get(unit, unit)
    return {"value": value, "unit": code, "system": UCUM, "code": code}


def _laboratory(analyte: Analyte, minute: int, value: float | None) -> Resource:
    found: Resource = {
        "resourceType": "Observation",
        "status": "final" if value is not None else "cancelled",
        "category": [_status("observation-category", "laboratory")],
        "code": _concept(LOINC, analyte.loinc, analyte.name),
        "effectiveDateTime": stamp(minute),
    }
    if value is None:
        found["dataAbsentReason"] = _status("data-absent-reason", "error")
        return found
    low, high = analyte.low, analyte.high
    found["valueQuantity"] = _quantity(value, analyte.unit)
    found["referenceRange"] = [
        {"low": _quantity(low, analyte.unit), "high": _quantity(high, analyte.unit)}
    ]
    code = "L" if value < low else "H" if value > high else "N"
    found["interpretation"] = [_status("v3-ObservationInterpretation", code)]
    return found


def _vital_signs(signs: Signs) -> Iterator[Resource]:
    shared: Resource = {
        "resourceType": "Observation",
        "status": "final",
        "category": [_status("observation-category", "vital-signs")],
        "effectiveDateTime": stamp(signs.minute),
    }
    components = []
    for name, value in signs.values.items():
        code, unit = meds.SIGNS[name]
        read = {
            "code": _concept(LOINC, code.removeprefix("LOINC/"), ucum.SIGNS[name]),
            "valueQuantity": _quantity(value, unit),
        }
        if name in PRESSURES:
            components.append(read)
        else:
            yield {**shared, **read}
    if components:
        panel = _concept(LOINC, "85354-9", "Blood pressure panel with all children optional")
        yield {**shared, "code": panel, "component": components}


def _culture(culture: Culture) -> Resource:
    name = "Microorganism identified in Specimen by Culture"
    return {
        "resourceType": "Observation",
        "status": "final",
        "category": [_status("observation-category", "laboratory")],
        "code": _concept(LOINC, "11475-1", name),
        "effectiveDateTime": stamp(culture.minute),
        "bodySite": {"text": culture.specimen},
        "valueCodeableConcept": {"text": culture.organism or "no growth"},
    }


def _request(order: Order) -> Resource:
    ended = order.end <= NOW
    period = {"start": stamp(order.start), **({"end": stamp(order.end)} if ended else {})}
    dosage = {
        "timing": {"repeat": {"boundsPeriod": period}},
        "route": {"text": ucum.ROUTES[order.route]},
        "doseAndRate": [{"doseQuantity": _quantity(float(order.dose), order.unit)}],
    }
    return {
        "resourceType": "MedicationRequest",
        "status": "completed" if ended else "active",
        "intent": "order",
        "medicationCodeableConcept": {"text": order.drug},
        "authoredOn": stamp(order.start),
        "reasonCode": [{"text": order.indication}],
        "dosageInstruction": [dosage],
    }
