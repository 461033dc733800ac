"""The MIMIC-IV tables of EHRSQL-2024 as FHIR R4, after MIMIC-IV on FHIR (Bennett et al., 2023).

Each column has its element, so that the rows can be read back. What MIMIC-IV on FHIR leaves out
(costs, the age at admission) stands where R4 has a place for it: in ChargeItem, in an extension.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from typing import Any

from taskkit.fhir.index import Resource

Column = tuple[str, str]
"""The path of an element (`[]`: the first item of a list), and the kind of value."""
EXTENSION = "extension[].valueInteger"
SUBJECT, CONTEXT = ("subject.reference", "key"), ("encounter.reference", "key")
ROW: Column = ("id", "key")
VALUE: Column = ("valueQuantity.value", "number")
UNIT: Column = ("valueQuantity.unit", "text")
WHEN: Column = ("effectiveDateTime", "time")
ITEM: Column = ("code.coding[].code", "integer")
STAY: Column = ("extension[].valueReference.reference", "key")
TERMS = "CodeSystem"


def events(**more: Column) -> dict[str, Column]:
    """The columns that most tables begin with, and more."""
    return {"row_id": ROW, "subject_id": SUBJECT, "hadm_id": CONTEXT, **more}


TABLES: Mapping[str, tuple[str, dict[str, str], dict[str, Column]]] = {
    "patients": (
        "Patient",
        {},
        {
            "row_id": ("identifier[].value", "integer"),
            "subject_id": ROW,
            "gender": ("gender", "gender"),
            "dob": ("birthDate", "day"),
            "dod": ("deceasedDateTime", "time"),
        },
    ),
    "admissions": (
        "Encounter",
        {"type": "admissions"},
        {
            "row_id": ("identifier[].value", "integer"),
            "subject_id": SUBJECT,
            "hadm_id": ROW,
            "admittime": ("period.start", "time"),
            "dischtime": ("period.end", "time"),
            "admission_type": ("serviceType.text", "text"),
            "admission_location": ("hospitalization.admitSource.text", "text"),
            "discharge_location": ("hospitalization.dischargeDisposition.text", "text"),
            "insurance": ("hospitalization.preAdmissionIdentifier.value", "text"),
            "language": ("language", "text"),
            "marital_status": ("hospitalization.specialCourtesy[].text", "text"),
            "age": (EXTENSION, "integer"),
        },
    ),
    "icustays": (
        "Encounter",
        {"type": "icustays"},
        {
            "row_id": ("identifier[].value", "integer"),
            "subject_id": SUBJECT,
            "hadm_id": ("partOf.reference", "key"),
            "stay_id": ROW,
            "first_careunit": ("location[].location.display", "text"),
            "last_careunit": ("serviceType.text", "text"),
            "intime": ("period.start", "time"),
            "outtime": ("period.end", "time"),
        },
    ),
    "transfers": (
        "Encounter",
        {"type": "transfers"},
        {
            "row_id": ROW,
            "subject_id": SUBJECT,
            "hadm_id": ("partOf.reference", "key"),
            "transfer_id": ("identifier[].value", "integer"),
            "eventtype": ("serviceType.text", "text"),
            "careunit": ("location[].location.display", "text"),
            "intime": ("period.start", "time"),
            "outtime": ("period.end", "time"),
        },
    ),
    "diagnoses_icd": (
        "Condition",
        {},
        events(icd_code=("code.coding[].code", "text"), charttime=("recordedDate", "time")),
    ),
    "procedures_icd": (
        "Procedure",
        {},
        events(icd_code=("code.coding[].code", "text"), charttime=("performedDateTime", "time")),
    ),
    "labevents": (
        "Observation",
        {"category": "labevents"},
        events(itemid=ITEM, charttime=WHEN, valuenum=VALUE, valueuom=UNIT),
    ),
    "prescriptions": (
        "MedicationRequest",
        {},
        events(
            starttime=("authoredOn", "time"),
            stoptime=("dispenseRequest.validityPeriod.end", "time"),
            drug=("medicationCodeableConcept.text", "text"),
            dose_val_rx=("dosageInstruction[].doseAndRate[].doseQuantity.value", "number"),
            dose_unit_rx=("dosageInstruction[].doseAndRate[].doseQuantity.unit", "text"),
            route=("dosageInstruction[].route.text", "text"),
        ),
    ),
    "chartevents": (
        "Observation",
        {"category": "chartevents"},
        events(
            stay_id=STAY, itemid=ITEM, charttime=WHEN, valuenum=VALUE,
            valueuom=UNIT,
        ),
    ),
    "inputevents": (
        "MedicationAdministration",
        {},
        {
            "row_id": ROW,
            "subject_id": SUBJECT,
            "hadm_id": ("context.reference", "key"),
            "stay_id": STAY,
            "starttime": WHEN,
            "itemid": ("medicationCodeableConcept.coding[].code", "integer"),
            "totalamount": ("dosage.dose.value", "number"),
            "totalamountuom": ("dosage.dose.unit", "text"),
        },
    ),
    "outputevents": (
        "Observation",
        {"category": "outputevents"},
        events(
            stay_id=STAY, charttime=WHEN, itemid=ITEM, value=VALUE,
            valueuom=UNIT,
        ),
    ),
    "microbiologyevents": (
        "Observation",
        {"category": "microbiologyevents"},
        events(
            charttime=WHEN, spec_type_desc=("specimen.display", "text"),
            test_name=("code.text", "text"), org_name=("valueCodeableConcept.text", "text"),
        ),
    ),
    "cost": (
        "ChargeItem",
        {},
        {
            "row_id": ROW,
            "subject_id": SUBJECT,
            "hadm_id": ("context.reference", "key"),
            "event_type": ("code.text", "text"),
            "event_id": ("identifier[].value", "integer"),
            "chargetime": ("occurrenceDateTime", "time"),
            "cost": ("priceOverride.value", "number"),
        },
    ),
}  # fmt: skip
DICTIONARIES: Mapping[str, dict[str, Column]] = {
    "d_icd_diagnoses": {"icd_code": ("code", "text"), "long_title": ("display", "text")},
    "d_icd_procedures": {"icd_code": ("code", "text"), "long_title": ("display", "text")},
    "d_labitems": {"itemid": ("code", "integer"), "label": ("display", "text")},
    "d_items": {
        "itemid": ("code", "integer"),
        "label": ("display", "text"),
        "abbreviation": ("designation[].value", "text"),
        "linksto": ("definition", "text"),
    },
}
"""Tables of terms, each a CodeSystem whose concepts are the rows."""
ACT = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
CLINICAL = "http://terminology.hl7.org/CodeSystem/condition-clinical"
CONSTANT: Mapping[str, dict[str, Any]] = {
    "Patient": {},
    "Encounter": {"status": "finished"},
    "Condition": {"clinicalStatus": {"coding": [{"system": CLINICAL, "code": "active"}]}},
    "Procedure": {"status": "completed"},
    "Observation": {"status": "final"},
    "MedicationRequest": {"status": "completed", "intent": "order"},
    "MedicationAdministration": {"status": "completed"},
    "ChargeItem": {"status": "billable"},
}
REFERS: Mapping[str, str] = {
    "subject.reference": "Patient/patients",
    "encounter.reference": "Encounter/admissions",
    "context.reference": "Encounter/admissions",
    "partOf.reference": "Encounter/admissions",
    "extension[].valueReference.reference": "Encounter/icustays",
}
"""What a reference stands for, before the number."""


def tables() -> dict[str, tuple[str, dict[str, str], dict[str, Column]]]:
    """All tables with the search that finds their rows, and the element of each column."""
    terms = {
        name: (TERMS, {"name": name}, {"row_id": ("property[].valueInteger", "integer"), **columns})
        for name, columns in DICTIONARIES.items()
    }
    return {**TABLES, **terms}


def resources(connection: sqlite3.Connection) -> Iterator[Resource]:
    """The rows of a database of EHRSQL-2024's schema as resources."""
    for table, (kind, criteria, columns) in TABLES.items():
        names = ", ".join(columns)
        for row in connection.execute(f"SELECT {names} FROM {table} ORDER BY row_id"):
            yield resource(table, kind, criteria, dict(zip(columns, row, strict=True)))
    for table, columns in DICTIONARIES.items():
        names = ", ".join(("row_id", *columns))
        found = connection.execute(f"SELECT {names} FROM {table} ORDER BY row_id").fetchall()
        yield terms(table, columns, found)


def resource(table: str, kind: str, criteria: dict[str, str], row: dict[str, Any]) -> Resource:
    """One row as a resource."""
    made: dict[str, Any] = {"resourceType": kind, **CONSTANT[kind]}
    for name, (path, form) in TABLES[table][2].items():
        value = row[name]
        if value is not None:
            put(made, path, element(table, path, form, value))
    concept = {"coding": [{"system": "urn:mimic-iv:table", "code": table}], "text": table}
    if "type" in criteria:
        made["type"] = [concept]
        made["class"] = {"system": ACT, "code": "IMP"}
    elif "category" in criteria:
        made["category"] = [concept]
    if "extension" in made:
        made["extension"][0]["url"] = f"urn:mimic-iv:{'age' if table == 'admissions' else 'stay'}"
    return made


def element(table: str, path: str, form: str, value: Any) -> Any:
    """A column's value as its element has it."""
    if path == "id":
        return f"{table}-{value}".replace("_", "-")
    if form == "day":
        return str(value)[:10]
    if path in REFERS:
        return f"{REFERS[path]}-{value}"
    if form == "time":
        return f"{str(value)[:19].replace(' ', 'T')}+00:00"
    if form == "gender":
        return {"m": "male", "f": "female"}[str(value)]
    if form == "integer":
        return value if path == EXTENSION else str(value)
    return value


def put(document: dict[str, Any], path: str, value: Any) -> None:
    """Set the element at a path; lists get one item."""
    *parents, last = path.split(".")
    for name in parents:
        if name.endswith("[]"):
            document = document.setdefault(name[:-2], [{}])[0]
        else:
            document = document.setdefault(name, {})
    if last.endswith("[]"):
        document[last[:-2]] = [value]
    else:
        document[last] = value


def terms(table: str, columns: dict[str, Column], rows: list[tuple[Any, ...]]) -> Resource:
    """A table of terms as a CodeSystem."""
    concepts: list[Any] = []
    for number, *row in rows:
        made: dict[str, Any] = {"property": [{"code": "row", "valueInteger": number}]}
        for (path, form), value in zip(columns.values(), row, strict=True):
            if value is not None:
                put(made, path, str(value) if form == "integer" else value)
        concepts.append(made)
    return {
        "resourceType": TERMS,
        "id": table.replace("_", "-"),
        "url": f"urn:mimic-iv:{table}",
        "name": table,
        "status": "active",
        "content": "complete",
        "concept": concepts,
    }
