"""All that the server of a clinic keeps: the clinic itself, and the records of its patients."""

from __future__ import annotations

from random import Random

from taskkit.ehr.clock import DAY, NOW
from taskkit.ehr.course import Patient
from taskkit.ehr.rendering.fhir import Renderer
from taskkit.ehr.rendering.identity import MAX_PATIENTS
from taskkit.fhir.index import Resource
from taskkit.fhir.synthetic.clinic import Clinic, clinic
from taskkit.fhir.synthetic.events import allergies, bookings, orders, procedures, vaccines
from taskkit.fhir.synthetic.mistakes import mistakes
from taskkit.fhir.synthetic.prescriptions import prescriptions
from taskkit.fhir.synthetic.record import CALENDAR, TODAY, Record, register, stays
from taskkit.fhir.synthetic.roster import roster
from taskkit.fhir.synthetic.visits import visits

SINCE = NOW - 2 * 365 * DAY  # stays that ended before are in an older system
NAMESAKES = 0.12  # of patients: somebody else of the same name is registered


def population(patients: int, *, seed: int) -> list[Resource]:
    """The resources of a clinic, by type and id; nothing on record is later than `TODAY`.

    Those who are registered and have no record come last: the first patient is one to read of.

    Args:
        patients: How many have a record.
        seed: Of the hospital whose patients they are.
    """
    house, renderer = clinic(seed, TODAY), Renderer(seed, CALENDAR)
    found, unseen = [*house.resources(), *renderer.locations()], []
    for course in roster(renderer.hospital, patients):
        record = opened(house, renderer, course, seed)
        found += [record.person, *filled(record)]
        if record.chance.random() < NAMESAKES:
            unseen.append(namesake(record))
    return [*sorted(found, key=lambda one: (str(one["resourceType"]), str(one["id"]))), *unseen]


def opened(house: Clinic, renderer: Renderer, course: Patient, seed: int) -> Record:
    """The record of a patient with nothing in it but who they are."""
    chance = Random(f"{seed}:patient:{course.number}")
    record = Record(seed, house, renderer, course, renderer.person(course), chance)
    register(record)
    return record


def filled(record: Record) -> list[Resource]:
    """The whole record of a patient."""
    stays(record, SINCE)
    visited = visits(record)
    prescriptions(record)
    allergies(record)
    vaccines(record)
    procedures(record)
    mistakes(record, visited)
    orders(record)
    bookings(record)
    return record.written


def namesake(record: Record) -> Resource:
    """Somebody who is registered under the name of a patient, and has no record yet."""
    other = record.course
    day = other.birth_day + record.chance.randrange(-9_000, 9_000)
    course = Patient(MAX_PATIENTS - 1 - other.number, other.sex, min(day, SINCE // DAY))
    made = opened(record.clinic, record.renderer, course, record.seed)
    return {**made.person, "name": record.person["name"]}
