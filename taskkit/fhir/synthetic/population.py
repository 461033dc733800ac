"""The whole population: hospital and patients."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from taskkit.fhir.index import Resource
from taskkit.fhir.synthetic import terms
from taskkit.fhir.synthetic.build import day, key, to
from taskkit.fhir.synthetic.course import Course, allergies, illnesses, levels, treatment
from taskkit.fhir.synthetic.events import bookings, orders, procedures, vaccines
from taskkit.fhir.synthetic.hospital import Hospital, hospital
from taskkit.fhir.synthetic.visits import retractions, stay, visits

INPATIENT = 0.4  # of patients: in hospital now
NAMESAKES = 0.12  # of patients: given and family name of an earlier one


def population(patients: int, *, seed: int, now: datetime) -> list[Resource]:
    """The resources of a hospital, in the order of their ids, which say nothing.

    Args:
        patients: How many.
        now: The frozen time of the episodes; nothing on record is later, but what is planned.
    """
    house = hospital(seed, now)
    found = house.resources()
    names: list[tuple[str, str, bool]] = []
    for number in range(patients):
        course = admission(house, number, names, seed=seed, now=now)
        found += [course.patient, *record(course)]
    return sorted(found, key=lambda one: (str(one["resourceType"]), str(one["id"])))


def admission(
    house: Hospital, number: int, names: list[tuple[str, str, bool]], *, seed: int, now: datetime
) -> Course:
    """A patient with an empty record."""
    chance = Random(f"{seed}:patient:{number}")
    if names and chance.random() < NAMESAKES:
        given, family, female = chance.choice(names)
    else:
        female = chance.random() < 0.52
        given = chance.choice(terms.WOMEN if female else terms.MEN)
        family = chance.choice(terms.FAMILIES)
    names.append((given, family, female))
    age = min(94, max(19, round(chance.gauss(61, 17))))
    born = now - timedelta(days=age * 365.25 + chance.uniform(3, 360))
    city, state = chance.choice(terms.CITIES)
    patient: Resource = {
        "resourceType": "Patient",
        "id": key(seed, "patient", number),
        "identifier": [{"system": terms.MRN, "value": mrn(seed, number)}],
        "active": True,
        "name": [{"use": "official", "family": family, "given": [given]}],
        "telecom": [
            {
                "system": "phone",
                "value": f"555-{chance.randrange(100, 999)}-{chance.randrange(1000, 9999)}",
            }
        ],
        "gender": "female" if female else "male",
        "birthDate": day(born),
        "address": [
            {
                "line": [f"{chance.randrange(1, 980)} {chance.choice(terms.FAMILIES)} Street"],
                "city": city,
                "state": state,
                "postalCode": f"{chance.randrange(15000, 47000)}",
            }
        ],
        "generalPractitioner": [to(chance.choice(house.doctors))],
        "managingOrganization": to(house.organization),
    }
    return Course(seed, number, house, now, patient, age, female, chance)


def mrn(seed: int, number: int) -> str:
    """The medical record number of a patient."""
    return f"M{1_000_000 + (int(key(seed, 'mrn', number), 16) % 9_000) * 1000 + number}"


def record(course: Course) -> list[Resource]:
    """Draw the whole record of a patient."""
    illnesses(course)
    levels(course)
    allergies(course)
    for disease in course.diseases:
        treatment(course, disease)
    visits(course)
    vaccines(course)
    procedures(course)
    if course.chance.random() < INPATIENT:
        stay(course)
    retractions(course)
    orders(course)
    bookings(course)
    return course.written
