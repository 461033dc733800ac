"""The records of all patients in memory: where a template computes its answer from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from functools import cached_property

from pydantic import JsonValue

from taskkit.fhir.element import each, values
from taskkit.fhir.index import Resource
from taskkit.fhir.moment import EPOCH, interval
from taskkit.fhir.synthetic import terms

COUNTED = ("final", "amended", "corrected")
"""States of an Observation that count."""
FACTORS = {("2345-7", "mmol/L"): 18.016, ("2160-0", "umol/L"): 1 / 88.42}
"""From another laboratory's unit to the usual one."""


class Chart:
    """Resources by type and patient."""

    def __init__(self, resources: Iterable[Resource], now: datetime) -> None:
        self.now = now
        self.by_key: dict[str, Resource] = {}
        self.by_type: dict[str, list[Resource]] = defaultdict(list)
        self.by_patient: dict[tuple[str, str], list[Resource]] = defaultdict(list)
        for resource in resources:
            kind = str(resource["resourceType"])
            self.by_key[f"{kind}/{resource['id']}"] = resource
            self.by_type[kind].append(resource)
            for owner in owners(resource):
                self.by_patient[owner, kind].append(resource)

    @cached_property
    def patients(self) -> list[Resource]:
        """All patients, in the order of their ids."""
        return sorted(self.by_type["Patient"], key=lambda one: str(one["id"]))

    def of(self, patient: Resource, kind: str, **wanted: str) -> list[Resource]:
        """A patient's resources of a type whose members have the values wanted."""
        found = self.by_patient[f"Patient/{patient['id']}", kind]
        return [
            one for one in found if all(one.get(name) == value for name, value in wanted.items())
        ]

    def observed(
        self, patient: Resource, loinc: str, *, within: timedelta | None = None
    ) -> list[tuple[datetime, float]]:
        """Times and values, in the usual unit, of what counts, the earliest first."""
        since = self.now - within if within is not None else None
        found = []
        for one in self.of(patient, "Observation"):
            if one["status"] not in COUNTED or not coded(one, "code", loinc):
                continue
            at = moment(str(one["effectiveDateTime"]))
            if since is None or since <= at <= self.now:
                found.append((at, measure(one, loinc)))
        return sorted(found)

    def last(
        self, patient: Resource, loinc: str, *, within: timedelta | None = None
    ) -> tuple[datetime, float] | None:
        """Time and value of the last one; None where there is none."""
        found = self.observed(patient, loinc, within=within)
        return found[-1] if found else None

    def problems(self, patient: Resource, *, state: str = "active") -> list[Resource]:
        """Conditions of a clinical status, without those in error."""
        return [one for one in self.of(patient, "Condition") if coded(one, "clinicalStatus", state)]

    def allergies(self, patient: Resource) -> list[Resource]:
        """Allergies that are active and not refuted."""
        return [
            one
            for one in self.of(patient, "AllergyIntolerance")
            if coded(one, "clinicalStatus", "active")
            and not coded(one, "verificationStatus", "refuted")
        ]

    def drugs(self, patient: Resource, *, state: str = "active") -> list[Resource]:
        """Drug orders of a status."""
        return self.of(patient, "MedicationRequest", status=state)

    def procedures(self, patient: Resource, snomed: str) -> list[Resource]:
        """Completed procedures of a kind, the earliest first."""
        found = self.of(patient, "Procedure", status="completed")
        return latest(
            [one for one in found if code_of(one, "code", terms.SNOMED) == snomed],
            "performedDateTime",
        )

    def stay(self, patient: Resource) -> Resource | None:
        """The stay in hospital that goes on."""
        found = [
            one
            for one in self.of(patient, "Encounter", status="in-progress")
            if values(one, "class.code") == ["IMP"]
        ]
        return found[0] if found else None

    def get(self, reference: JsonValue) -> Resource:
        """The resource that a Reference names."""
        assert isinstance(reference, dict)
        return self.by_key[str(reference["reference"])]


def owners(resource: Resource) -> set[str]:
    """The patients that a resource is about."""
    paths = ("subject.reference", "patient.reference", "participant.actor.reference")
    found = {str(value) for path in paths for value in values(resource, path)}
    return {one for one in found if one.startswith("Patient/")}


def coded(resource: JsonValue, path: str, code: str, system: str | None = None) -> bool:
    """Whether a concept at a path has a code."""
    for concept in values(resource, path):
        for coding in each(concept.get("coding") if isinstance(concept, dict) else None):
            if isinstance(coding, dict) and coding.get("code") == code:
                return system in (None, coding.get("system"))
    return False


def code_of(resource: JsonValue, path: str, system: str) -> str | None:
    """The code of a system in a concept at a path."""
    for concept in values(resource, path):
        for coding in each(concept.get("coding") if isinstance(concept, dict) else None):
            if isinstance(coding, dict) and coding.get("system") == system:
                return str(coding["code"])
    return None


def measure(observation: Resource, loinc: str) -> float:
    """The value of an Observation in the usual unit of its analyte."""
    value = observation["valueQuantity"]
    assert isinstance(value, dict)
    number = value["value"]
    assert isinstance(number, (int, float))
    return float(number) * FACTORS.get((loinc, str(value["code"])), 1.0)


def moment(text: str) -> datetime:
    """The time that a dateTime begins at, in UTC."""
    return EPOCH + timedelta(milliseconds=interval(text)[0])


def latest(found: list[Resource], member: str) -> list[Resource]:
    """Resources by a time of theirs, the earliest first."""
    key: Callable[[Resource], datetime] = lambda one: moment(str(one[member]))  # noqa: E731
    return sorted(found, key=key)


def name_of(patient: Resource) -> tuple[str, str]:
    """Given and family name."""
    return str(values(patient, "name.given")[0]), str(values(patient, "name.family")[0])


def mrn_of(patient: Resource) -> str:
    """Medical record number."""
    (found,) = (
        one
        for one in each(patient["identifier"])
        if isinstance(one, dict) and one["system"] == terms.MRN
    )
    return str(found["value"])


def staff_number(practitioner: Resource) -> str:
    """The number that a member of the staff is known by."""
    return str(values(practitioner, "identifier.value")[0])
