"""The hospital as MEDS events (Medical Event Data Standard 0.3): one dict for each.

Codes: LOINC for tests and vital signs, ICD-10-CM for diagnoses, ICD-9-CM for procedures (both as
written, with the dot), the drug's name with its route for orders.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TypedDict

from taskkit.ehr.clock import DAY, FIRST_DAY, NOW
from taskkit.ehr.course import Hospital, Patient, Stay
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


def events(seed: int, patients: int) -> Iterator[Event]:
    """The events of the first ``patients`` of a hospital, by patient and time; static ones first.

    A result that could not be reported has neither a number nor a text.
    """
    hospital, identity = Hospital(seed), Identity(seed)
    for number in range(patients):
        patient = hospital.patient(number)
        subject = identity.subject(number)
        found = [*_person(patient, subject)]
        for place, stay in enumerate(patient.stays):
            found += _stay(hospital, stay, (subject, identity.admission(number, place)))
        yield from sorted(found, key=lambda event: event["time"] or datetime.min)


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


def _event(
    key: Key,
    minute: int | None,
    code: str,
    value: float | None = None,
    text: str | None = None,
    unit: str | None = None,
) -> Event:
    return {
        "subject_id": key[0],
        "time": None if minute is None else moment(minute),
        "code": code,
        "numeric_value": value,
        "text_value": text,
        "unit": unit,
        "hadm_id": key[1],
    }


def _person(patient: Patient, subject: int) -> Iterator[Event]:
    key = subject, None
    yield _event(key, None, f"GENDER//{patient.sex.upper()}")
    yield _event(key, None, f"RACE//{(patient.details['ethnicity'] or 'unknown').upper()}")
    yield _event(key, patient.birth_day * DAY, BIRTH)
    if patient.death is not None:
        yield _event(key, patient.death, DEATH)


def _stay(hospital: Hospital, stay: Stay, key: Key) -> Iterator[Event]:
    yield _event(key, stay.admitted, "HOSPITAL_ADMISSION", text=stay.details["admission_type"])
    for part in stay.places:
        if part.number is not None:
            yield _event(key, part.start, "ICU_ADMISSION", text=part.unit)
            if part.end <= NOW:
                yield _event(key, part.end, "ICU_DISCHARGE", text=part.unit)
    for result in stay.results:
        code = f"LOINC/{result.analyte.loinc}"
        yield _event(key, result.minute, code, result.value, unit=result.analyte.unit)
    for signs in stay.signs:
        for name, value in signs.values.items():
            code, unit = SIGNS[name]
            yield _event(key, signs.minute, code, value, unit=unit)
    for order in stay.orders:
        code = f"DRUG//{order.drug}//{order.route}"
        yield _event(key, order.start, code, float(order.dose), unit=order.unit)
    for culture in stay.cultures:
        code = f"MICROBIOLOGY//{culture.specimen}"
        yield _event(key, culture.minute, code, text=culture.organism or "no growth")
    yield from _coded(hospital, stay, key)
    if not stay.current:
        where = "died" if stay.died else stay.details["discharge_location"]
        yield _event(key, stay.discharged, "HOSPITAL_DISCHARGE", text=where)


def _coded(hospital: Hospital, stay: Stay, key: Key) -> Iterator[Event]:
    """Procedures when they were done; diagnoses on admission or, if later, when they began."""
    for done in stay.procedures:
        if done.minute <= NOW:
            yield _event(key, done.minute, f"ICD9PROC/{done.code[:2]}.{done.code[2:]}")
    for finding in stay.findings:
        if finding.onset <= NOW:
            icd10 = hospital.catalogue.conditions[finding.code].icd10
            yield _event(key, finding.onset, f"ICD10CM/{icd10}")
