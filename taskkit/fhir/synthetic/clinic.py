"""The clinic itself: departments, staff, formulary, and hours that can be booked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from taskkit.ehr.rendering.naming import person
from taskkit.fhir.index import Resource
from taskkit.fhir.synthetic import terms
from taskkit.fhir.synthetic.build import concept, key, stamp, to

DOCTORS = 24
STAFF = 1_000_000  # numbers that no patient has
SLOTS = 10  # for each department


@dataclass(frozen=True)
class Clinic:
    """What all patients share."""

    organization: Resource
    doctors: list[Resource]
    services: list[Resource]
    rest: list[Resource]
    """Locations, schedules, slots and the formulary."""

    def resources(self) -> list[Resource]:
        """All of them."""
        return [self.organization, *self.doctors, *self.services, *self.rest]


def clinic(seed: int, now: datetime) -> Clinic:
    """Draw the clinic."""
    chance = Random(f"{seed}:hospital")
    organization: Resource = {
        "resourceType": "Organization",
        "id": key(seed, "organization"),
        "active": True,
        "name": "Riverside General Hospital",
    }
    doctors = [doctor(seed, number, chance) for number in range(DOCTORS)]
    services, rest = [], []
    for number, (name, code, specialty) in enumerate(terms.SERVICES):
        location: Resource = {
            "resourceType": "Location",
            "id": key(seed, "location", name),
            "status": "active",
            "name": f"{name} clinic",
            "managingOrganization": to(organization),
        }
        service: Resource = {
            "resourceType": "HealthcareService",
            "id": key(seed, "service", name),
            "active": True,
            "providedBy": to(organization),
            "name": name,
            "specialty": [concept(terms.SNOMED, code, specialty.capitalize())],
            "location": [to(location)],
        }
        services.append(service)
        rest += [location, *hours(seed, name, service, doctors[number], now, chance)]
    rest += [formulary(seed, drug) for drug in terms.DRUGS.values()]
    return Clinic(organization, doctors, services, rest)


def doctor(seed: int, number: int, chance: Random) -> Resource:
    """A member of the staff."""
    female = chance.random() < 0.5
    given, family = person(seed, STAFF + number, "f" if female else "m")
    return {
        "resourceType": "Practitioner",
        "id": key(seed, "doctor", number),
        "active": True,
        "identifier": [{"system": "urn:oid:2.999.1.2", "value": f"D{4100 + number * 7}"}],
        "name": [
            {
                "family": family,
                "given": [given],
                "prefix": ["Dr."],
            }
        ],
        "gender": "female" if female else "male",
    }


def hours(
    seed: int, name: str, service: Resource, holder: Resource, now: datetime, chance: Random
) -> list[Resource]:
    """The schedule of a department, with free and busy slots in the next weeks."""
    schedule: Resource = {
        "resourceType": "Schedule",
        "id": key(seed, "schedule", name),
        "active": True,
        "specialty": service["specialty"],
        "actor": [to(service), to(holder)],
    }
    slots: list[Resource] = []
    for number in range(SLOTS):
        days = 1 + number * 2 + chance.randrange(2)
        start = (now + timedelta(days=days)).replace(
            hour=8 + chance.randrange(8), minute=chance.choice((0, 30)), second=0
        )
        slots.append(
            {
                "resourceType": "Slot",
                "id": key(seed, "slot", name, number),
                "schedule": to(schedule),
                "specialty": service["specialty"],
                "status": "free" if chance.random() < 0.6 else "busy",
                "start": stamp(start),
                "end": stamp(start + timedelta(minutes=30)),
            }
        )
    return [schedule, *slots]


def formulary(seed: int, drug: terms.Drug) -> Resource:
    """A drug of the formulary."""
    return {
        "resourceType": "Medication",
        "id": key(seed, "medication", drug.key),
        "status": "active",
        "code": concept(terms.RXNORM, drug.rxnorm, drug.name),
    }
