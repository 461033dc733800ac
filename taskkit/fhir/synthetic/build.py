"""Parts of resources: concepts, references, quantities."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

from pydantic import JsonValue

from taskkit.fhir.index import Resource
from taskkit.fhir.synthetic import terms

TERMINOLOGY = "http://terminology.hl7.org/CodeSystem"


def key(*words: object) -> str:
    """An id that says nothing of what it stands for."""
    return hashlib.sha256("\0".join(map(str, words)).encode()).hexdigest()[:12]


def concept(system: str, code: str, name: str) -> dict[str, JsonValue]:
    """A CodeableConcept of one coding."""
    return {"coding": [{"system": system, "code": code, "display": name}], "text": name}


def status(system: str, code: str) -> dict[str, JsonValue]:
    """A CodeableConcept of HL7's own terminology."""
    return {"coding": [{"system": f"{TERMINOLOGY}/{system}", "code": code}]}


def to(resource: Resource) -> dict[str, JsonValue]:
    """A reference to a resource."""
    return {"reference": f"{resource['resourceType']}/{resource['id']}"}


def quantity(value: float, unit: str, decimals: int = 6) -> dict[str, JsonValue]:
    """A Quantity in UCUM."""
    number = round(value, decimals)
    whole = (
        int(number) if decimals == 0 or (float(number).is_integer() and decimals == 6) else number
    )
    return {"value": whole, "unit": unit, "system": terms.UCUM, "code": unit}


def stamp(moment: datetime) -> str:
    """A dateTime in UTC."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+00:00")


def day(moment: datetime) -> str:
    """A date."""
    return moment.strftime("%Y-%m-%d")
