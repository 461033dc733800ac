"""The record of one patient at the clinic: the rendered course, and what the clinic adds."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

from taskkit.ehr.clock import DAY, NOW, Calendar
from taskkit.ehr.course import Patient
from taskkit.ehr.course.patient import DAYS_PER_YEAR
from taskkit.ehr.rendering.fhir import Renderer
from taskkit.fhir.index import Resource
from taskkit.fhir.synthetic import terms
from taskkit.fhir.synthetic.build import key, to
from taskkit.fhir.synthetic.clinic import Clinic

TODAY = datetime(2024, 6, 18, 23, 59, tzinfo=UTC)
"""The frozen clock: the last minute of the hospital's years, in the year 2024."""
CALENDAR = Calendar(TODAY.date() - timedelta(days=NOW // DAY))


@dataclass
class Record:
    """One patient while their record is written."""

    seed: int
    clinic: Clinic
    renderer: Renderer
    course: Patient
    person: Resource
    chance: Random
    written: list[Resource] = field(default_factory=list)

    @property
    def age(self) -> int:
        """In whole years, today."""
        born = date.fromisoformat(str(self.person["birthDate"]))
        return int((TODAY.date() - born).days / DAYS_PER_YEAR)

    @property
    def female(self) -> bool:
        """Whether the patient is a woman."""
        return self.course.sex == "f"

    @property
    def inside(self) -> bool:
        """Whether the patient is in hospital now."""
        return bool(self.course.stays) and self.course.stays[-1].current

    def traits(self, age: float) -> set[str]:
        """What the conditions for life bring about that have begun by an age."""
        known = self.renderer.hospital.catalogue.conditions
        return {trait for code in self.course.chronic_codes(age) for trait in known[code].traits}

    def add(self, type_: str, **members: Any) -> Resource:
        """Write a resource of the patient."""
        id_ = key(self.seed, self.course.number, type_, len(self.written))
        resource: Resource = {"resourceType": type_, "id": id_}
        resource.update((name, value) for name, value in members.items() if value is not None)
        self.written.append(resource)
        return resource

    def doctor(self) -> Resource:
        """A member of the staff."""
        return self.chance.choice(self.clinic.doctors)

    def ago(self, low: float, high: float) -> datetime:
        """A time between so many days ago."""
        moment = TODAY - timedelta(days=self.chance.uniform(low, high))
        return moment.replace(second=0, minute=self.chance.randrange(60))


def when(minute: int) -> datetime:
    """A minute of the course as a time."""
    return TODAY + timedelta(minutes=minute - NOW)


def register(record: Record) -> None:
    """Add to a person what a reception asks for."""
    chance = record.chance
    city, state = chance.choice(terms.CITIES)
    record.person |= {
        "active": True,
        "telecom": [
            {
                "system": "phone",
                "value": f"555-{chance.randrange(100, 999)}-{chance.randrange(1000, 9999)}",
            }
        ],
        "address": [
            {
                "line": [f"{chance.randrange(1, 980)} {chance.choice(terms.STREETS)} Street"],
                "city": city,
                "state": state,
                "postalCode": f"{chance.randrange(15000, 47000)}",
            }
        ],
        "generalPractitioner": [to(record.doctor())],
        "managingOrganization": to(record.clinic.organization),
    }


def stays(record: Record, since: int) -> None:
    """Write the rendered course, with who ordered, and where."""
    _, *resources = record.renderer.patient(record.course, since=since)
    for one in resources:
        if one["resourceType"] == "MedicationRequest":
            one["requester"] = to(record.doctor())
        elif one["resourceType"] == "Encounter":
            one["serviceProvider"] = to(record.clinic.organization)
        record.written.append(one)
