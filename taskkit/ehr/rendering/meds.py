"""The hospital as MEDS events (Medical Event Data Standard 0.3): one dict for each.

Codes: LOINC for tests and vital signs, ICD-10-CM for diagnoses, ICD-9-CM for procedures (both as
written, with the dot), the drug's name with its route for orders.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple, TypedDict

from taskkit.ehr.clock import DAY, FIRST_DAY, NOW
from taskkit.ehr.course import Hospital, Patient, Stay
from taskkit.ehr.course.practice import USUAL, Practice
from taskkit.ehr.rendering.identity import Identity

EPOCH = datetime(FIRST_DAY.year, FIRST_DAY.month, FIRST_DAY.day)
BIRTH, DEATH = "MEDS_BIRTH", "MEDS_DEATH"
SIGNS = {
    "temperature": ("LOINC/8310-5", "Cel"),
    "saturation": ("LOINC/59408-5", "%"),
    "heart rate": ("LOINC/8867-4", "/min"),
    "respiratory rate": ("LOINC/9279-1", "/min"),
    "systolic": ("LOINC/8480-6", "mm[Hg]"),
    "diastolic": ("LOINC/8462-4", "mm[Hg]"),
    "mean": ("LOINC/8478-0", "mm[Hg]"),
}
"""Code and UCUM unit of each vital sign."""
SUPPORTS = {"ventilated": "TREATMENT//ventilation", "pressors": "TREATMENT//vasopressor"}
"""Code of each support of intensive care, before `//start` and `//end`."""
Key = tuple[int, int | None]
"""Patient and stay."""


class Event(TypedDict):
    """A row of MEDS, with the unit and the stay besides."""

    subject_id: int
    time: datetime | None
    code: str
    numeric_value: float | None
    text_value: str | None
    unit: str | None
    hadm_id: int | None


class Row(NamedTuple):
    """An event as its minute since the hospital's first day."""

    subject: int
    stay: int | None
    minute: int | None
    """None for what has no time, such as the sex."""
    code: str
    value: float | None = None
    text: str | None = None
    unit: str | None = None


def events(seed: int, patients: int, practice: Practice = USUAL) -> Iterator[Event]:
    """The events of the first ``patients`` of a hospital, by patient and time; static ones first.

    A result that could not be reported has neither a number nor a text.
    """
    for row in rows(seed, patients, practice):
        yield {
            "subject_id": row.subject,
            "time": None if row.minute is None else moment(row.minute),
            "code": row.code,
            "numeric_value": row.value,
            "text_value": row.text,
            "unit": row.unit,
            "hadm_id": row.stay,
        }


def rows(seed: int, patients: int, practice: Practice = USUAL) -> Iterator[Row]:
    """The same events, before they are written as dicts and times: for large cohorts."""
    hospital, identity = Hospital(seed, practice), Identity(seed)
    for number in range(patients):
        patient = hospital.patient(number)
        subject = identity.subject(number)
        found = [*_person(patient, subject)]
        for place, stay in enumerate(patient.stays):
            found += _stay(hospital, stay, (subject, identity.admission(number, place)))
        yield from sorted(found, key=_order)


def names() -> dict[str, str]:
    """A short name of each code of tests and vital signs."""
    analytes = Hospital(0).catalogue.analytes.values()
    return {
        **{f"LOINC/{analyte.loinc}": analyte.name for analyte in analytes},
        **{code: name for name, (code, _) in SIGNS.items()},
    }


def moment(minute: int) -> datetime:
    """The time of a minute of the hospital."""
    return EPOCH + timedelta(minutes=minute)


def _order(row: Row) -> float:
    return float("-inf") if row.minute is None else row.minute


def _person(patient: Patient, subject: int) -> Iterator[Row]:
    key = subject, None
    yield Row(*key, None, f"GENDER//{patient.sex.upper()}")
    yield Row(*key, None, f"RACE//{(patient.details['ethnicity'] or 'unknown').upper()}")
    yield Row(*key, patient.birth_day * DAY, BIRTH)
    if patient.death is not None:
        yield Row(*key, patient.death, DEATH)


def _stay(hospital: Hospital, stay: Stay, key: Key) -> Iterator[Row]:
    yield Row(*key, stay.admitted, "HOSPITAL_ADMISSION", text=stay.details["admission_type"])
    yield from _intensive(stay, key)
    for result in stay.results:
        code = f"LOINC/{result.analyte.loinc}"
        yield Row(*key, result.minute, code, result.value, unit=result.analyte.unit)
    for signs in stay.signs:
        for name, value in signs.values.items():
            code, unit = SIGNS[name]
            yield Row(*key, signs.minute, code, value, unit=unit)
    for order in stay.orders:
        code = f"DRUG//{order.drug}//{order.route}"
        yield Row(*key, order.start, code, float(order.dose), unit=order.unit)
    for culture in stay.cultures:
        code = f"MICROBIOLOGY//{culture.specimen}"
        yield Row(*key, culture.minute, code, text=culture.organism or "no growth")
    yield from _coded(hospital, stay, key)
    if not stay.current:
        where = "died" if stay.died else stay.details["discharge_location"]
        yield Row(*key, stay.discharged, "HOSPITAL_DISCHARGE", text=where)


def _intensive(stay: Stay, key: Key) -> Iterator[Row]:
    """Stays in intensive care, whatever the units, and the supports there."""
    parts = [part for part in stay.places if part.number is not None]
    for number in sorted({part.number for part in parts if part.number is not None}):
        own = [part for part in parts if part.number == number]
        yield Row(*key, own[0].start, "ICU_ADMISSION", text=own[0].unit)
        if own[-1].end <= NOW:
            yield Row(*key, own[-1].end, "ICU_DISCHARGE", text=own[-1].unit)
    for span in stay.spans:
        if span.name in SUPPORTS and span.start <= NOW:
            yield Row(*key, span.start, f"{SUPPORTS[span.name]}//start")
            if span.end <= NOW:
                yield Row(*key, span.end, f"{SUPPORTS[span.name]}//end")


def _coded(hospital: Hospital, stay: Stay, key: Key) -> Iterator[Row]:
    """Procedures when they were done; diagnoses on admission or, if later, when they began."""
    for done in stay.procedures:
        if done.minute <= NOW:
            yield Row(*key, done.minute, f"ICD9PROC/{done.code[:2]}.{done.code[2:]}")
    for finding in stay.findings:
        if finding.onset <= NOW:
            icd10 = hospital.catalogue.conditions[finding.code].icd10
            yield Row(*key, finding.onset, f"ICD10CM/{icd10}")
