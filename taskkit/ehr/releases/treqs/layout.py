"""The rows of the five MIMICSQL tables, whatever they are made from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from taskkit.ehr.tables.spool import Row

SHIFTED = 150  # years; MIMIC-III moves the birth of patients above 89 to 300 years before admission
SHIFT = 211  # from such an age back to one above 89, as TREQS does


@dataclass(frozen=True, slots=True)
class Person:
    """What the table `demographic` says of a patient."""

    subject: int
    name: str
    gender: str
    born: str
    died: str | None
    expired: int


@dataclass(frozen=True, slots=True)
class Stay:
    """What the table `demographic` says of a stay."""

    hadm: int
    admitted: str
    discharged: str
    admission_type: str
    admission_location: str
    discharge_location: str | None
    insurance: str
    language: str | None
    religion: str | None
    marital_status: str | None
    ethnicity: str
    diagnosis: str | None


def demographic(person: Person, stay: Stay) -> Row:
    """Give the row of a stay.

    TREQS takes 211 off every age above 89; here only off those that the source has shifted, so
    that nobody is younger than 0.
    """
    year, born = int(stay.admitted[:4]), int(person.born[:4])
    age = year - born
    length = datetime.fromisoformat(stay.discharged) - datetime.fromisoformat(stay.admitted)
    return (
        person.subject, stay.hadm, person.name, stay.marital_status,
        age - SHIFT if age > SHIFTED else age,
        person.born, person.gender, stay.language, stay.religion, stay.admission_type, length.days,
        stay.insurance, stay.ethnicity, person.expired, stay.admission_location,
        stay.discharge_location, stay.diagnosis, person.died, born,
        None if person.died is None else int(person.died[:4]),
        stay.admitted, stay.discharged, year,
    )  # fmt: skip
