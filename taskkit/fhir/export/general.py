"""Templates that fit the records of any FHIR R4 server: they ask for nothing but what R4 says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import TypeVar

from taskkit.fhir.bank import changes
from taskkit.fhir.bank.question import Question, UnfitError, date, integer, names, number
from taskkit.fhir.element import each, values
from taskkit.fhir.export.records import (
    COUNTED,
    Coding,
    Records,
    codings,
    is_searchable,
    when,
)
from taskkit.fhir.index import Resource
from taskkit.fhir.moment import EPOCH
from taskkit.fhir.synthetic.terms import UCUM

Item = TypeVar("Item")
MOST_DECIMALS = 3
CODED = {
    "Condition": ("subject", "code"),
    "Procedure": ("subject", "code"),
    "MedicationRequest": ("subject", "medicationCodeableConcept"),
    "Immunization": ("patient", "vaccineCode"),
    "AllergyIntolerance": ("patient", "code"),
}
"""Types with the elements that name the patient and what it is."""
DATED = {
    "Encounter": ("subject", "period.start"),
    "Procedure": ("subject", "performedDateTime"),
    "MedicationRequest": ("subject", "authoredOn"),
    "Immunization": ("patient", "occurrenceDateTime"),
    "DiagnosticReport": ("subject", "effectiveDateTime"),
    "ServiceRequest": ("subject", "authoredOn"),
}
"""Types with the elements that name the patient and the time."""


@dataclass
class Pick:
    """What a template draws from."""

    records: Records
    chance: Random
    act: bool
    """For a question with two sides: which one."""

    def one(self, items: list[Item]) -> Item:
        """One of some items.

        Raises:
            UnfitError: there is none.
        """
        if not items:
            raise UnfitError("nothing to choose from")
        return self.chance.choice(items)

    def who(self, patient: str) -> tuple[str, dict[str, str]]:
        """How a question names a patient, and how a search finds just that one."""
        resource = self.records.get("Patient", patient)
        ways = [*by_identifier(resource), *by_name(resource)]
        self.chance.shuffle(ways)
        for phrase, criteria in ways:
            if self.records.names_one("Patient", criteria):
                return phrase, criteria
        return f"Patient/{patient}", {"_id": patient}

    def called(self, coding: Coding, name: str | None = None) -> str:
        """What a code is called; now and then, or where that is not plain, the code itself."""
        label = name or self.records.labels.get(coding)
        if label and self.chance.random() < 0.6:
            return f"{label!r}"
        return f"code {coding[1]} of {coding[0]}"


Template = Callable[[Pick], Question]


def by_identifier(patient: Resource) -> list[tuple[str, dict[str, str]]]:
    """A patient by each identifier."""
    found = [one for one in each(patient.get("identifier")) if isinstance(one, dict)]
    pairs = [(one.get("system"), one.get("value")) for one in found]
    return [
        (f"the patient with identifier {value} ({system})", {"identifier": f"{system}|{value}"})
        for system, value in pairs
        if is_searchable(system) and is_searchable(value)
    ]


def by_name(patient: Resource) -> list[tuple[str, dict[str, str]]]:
    """A patient by name and date of birth."""
    given, family = values(patient, "name.given")[:1], values(patient, "name.family")[:1]
    born = patient.get("birthDate")
    words = [*given, *family, born]
    if len(words) != 3 or not all(map(is_searchable, words)) or len(str(born)) != 10:
        return []
    criteria = {"family:exact": str(family[0]), "given:exact": str(given[0])}
    return [(f"{given[0]} {family[0]}, born {born}", {**criteria, "birthdate": str(born)})]


def series(pick: Pick, patient: str, least: int) -> tuple[Coding, list[tuple[int, float, str]]]:
    """A code that a patient has some numbers of: time, number and unit, the earliest first.

    Raises:
        UnfitError: there is none, or they cannot be compared.
    """
    found: dict[Coding, list[Resource]] = {}
    for one in pick.records.of(patient, "Observation"):
        for coding in codings(one.get("code")):
            found.setdefault(coding, []).append(one)
    coding = pick.one([one for one, group in sorted(found.items()) if len(group) >= least])
    counted = [one for one in found[coding] if one["status"] in COUNTED]
    points = sorted((when(one, "effectiveDateTime"), *measure(one)) for one in counted)
    if len(points) < least or len({unit for _, _, unit in points}) != 1:
        raise UnfitError("too few values, or of several units")
    return coding, points


def measure(observation: Resource) -> tuple[float, str]:
    """Number and unit of an Observation.

    Raises:
        UnfitError: it has none.
    """
    value = observation.get("valueQuantity")
    amount = value.get("value") if isinstance(value, dict) else None
    if not isinstance(value, dict) or "comparator" in value or not isinstance(amount, int | float):
        raise UnfitError("no number")
    unit = value.get("code") if value.get("system") == UCUM else value.get("unit")
    if not isinstance(unit, str) or not unit:
        raise UnfitError("no unit")
    return float(amount), unit


def decimals(points: list[tuple[int, float, str]]) -> int:
    """The most decimals that a number of a series is written with."""
    written = [f"{value:.9f}".rstrip("0").partition(".")[2] for _, value, _ in points]
    return min(MOST_DECIMALS, max(map(len, written)))


def apart(one: float, other: float, points: list[tuple[int, float, str]]) -> bool:
    """Whether two numbers differ by more than an answer may be off."""
    return abs(one - other) > 10.0 ** -decimals(points)


def slots_of(pick: Pick, patient: str, coding: Coding) -> tuple[dict[str, str], dict[str, object]]:
    """What a question on a patient and a code says, and what its reference knows."""
    phrase, criteria = pick.who(patient)
    slots = {"who": phrase, "what": pick.called(coding)}
    return slots, {"criteria": criteria, "code": "|".join(coding)}


def newest_value(pick: Pick) -> Question:
    """The last number of a code."""
    patient = pick.one(pick.records.patients)
    coding, points = series(pick, patient, 2)
    (before, _, _), (at, last, unit) = points[-2:]
    if at == before or not apart(last, points[0][1], points):
        raise UnfitError("two at once, or the last like the first")
    slots, given = slots_of(pick, patient, coding)
    answer = number(last, unit, decimals(points))
    return Question({**slots, "unit": unit}, given, answer, patients=(patient,))


def extreme_value(pick: Pick) -> Question:
    """The highest or the lowest number of a code."""
    patient = pick.one(pick.records.patients)
    coding, points = series(pick, patient, 3)
    found = [value for _, value, _ in points]
    best, unit = (max if pick.act else min)(found), points[0][2]
    if not apart(max(found), min(found), points):
        raise UnfitError("nearly always the same")
    slots, given = slots_of(pick, patient, coding)
    slots |= {"unit": unit, "extreme": "highest" if pick.act else "lowest"}
    answer = number(best, unit, decimals(points))
    return Question(slots, {**given, "highest": pick.act}, answer, patients=(patient,))


def mean_value(pick: Pick) -> Question:
    """The mean of all numbers of a code."""
    patient = pick.one(pick.records.patients)
    coding, points = series(pick, patient, 3)
    unit = points[0][2]
    mean = sum(value for _, value, _ in points) / len(points)
    slots, given = slots_of(pick, patient, coding)
    answer = number(round(mean, 6), unit, 2, slack=1e-6)
    return Question({**slots, "unit": unit}, given, answer, patients=(patient,))


def times_measured(pick: Pick) -> Question:
    """How many Observations of a code there are."""
    patient = pick.one(pick.records.patients)
    coding, points = series(pick, patient, 2)
    slots, given = slots_of(pick, patient, coding)
    return Question(slots, given, integer(len(points)), patients=(patient,))


def newest_day(pick: Pick) -> Question:
    """The day of the last resource of a type."""
    kind = pick.one(sorted(pick.records.types & DATED.keys()))
    member, path = DATED[kind]
    patient = pick.one(pick.records.patients)
    found = pick.records.of(patient, kind, member)
    if len(found) < 2:
        raise UnfitError("too few")
    top, _, below = path.partition(".")
    moments = []
    for one in found:
        holder = one.get(top) if below else one
        moments.append(when(holder if isinstance(holder, dict) else {}, below or path))
    phrase, criteria = pick.who(patient)
    day = EPOCH + timedelta(milliseconds=max(moments))
    given = {"criteria": criteria, "kind": kind, "path": path}
    slots = {"who": phrase, "kind": kind, "path": path}
    return Question(slots, given, date(day), patients=(patient,))


def codes_on_record(pick: Pick) -> Question:
    """The codes of one system that a patient's resources of a type have."""
    kind = pick.one(sorted(pick.records.types & CODED.keys()))
    member, path = CODED[kind]
    patient = pick.one(pick.records.patients)
    found = [
        coding
        for one in pick.records.of(patient, kind, member)
        for coding in codings(one.get(path))
    ]
    system = pick.one(sorted({system for system, _ in found}))
    listed = {code for place, code in found if place == system}
    if not 2 <= len(listed) <= 20:
        raise UnfitError("too few codes, or too many")
    phrase, criteria = pick.who(patient)
    slots = {"who": phrase, "kind": kind, "path": path, "system": system}
    given = {"criteria": criteria, "kind": kind, "path": path, "system": system}
    return Question(slots, given, names(listed), patients=(patient,))


def patients_with(pick: Pick) -> Question:
    """How many patients have a Condition of a code."""
    owners: dict[Coding, set[str]] = {}
    for one in conditions(pick.records):
        for coding in codings(one.get("code")):
            for target in values(one, "subject.reference"):
                owners.setdefault(coding, set()).add(str(target))
    most = len(pick.records.patients)
    coding = pick.one([one for one, group in sorted(owners.items()) if 2 <= len(group) < most])
    given = {"code": "|".join(coding)}
    return Question({"what": pick.called(coding)}, given, integer(len(owners[coding])))


def patients_of(pick: Pick) -> Question:
    """How many patients of a gender were born in some years."""
    found = [pick.records.get("Patient", id_) for id_ in pick.records.patients]
    known = [(one.get("gender"), str(one["birthDate"])[:4]) for one in found if "birthDate" in one]
    gender = pick.one(sorted({str(gender) for gender, _ in known if gender}))
    years = sorted({year for _, year in known})
    first, last = sorted((pick.one(years), pick.one(years)))
    number_ = sum(1 for one in known if one[0] == gender and first <= one[1] <= last)
    if number_ < 2 or number_ == len(known):
        raise UnfitError("too few, or all")
    given = {"gender": gender, "first": first, "last": last}
    return Question(given, given, integer(number_))


def conditions(records: Records) -> list[Resource]:
    """All Conditions of patients."""
    if "Condition" not in records.types:
        raise UnfitError("no Condition")
    return [
        one
        for one in records.every("Condition")
        if str(values(one, "subject.reference")[:1]).startswith("['Patient/")
    ]


def record_value(pick: Pick) -> Question:
    """A new number to record, and the last one before."""
    patient = pick.one(pick.records.patients)
    coding, points = series(pick, patient, 2)
    (before, _, _), (at, last, unit) = points[-2:]
    sample = next(
        one
        for one in pick.records.of(patient, "Observation")
        if coding in codings(one.get("code")) and one["status"] in COUNTED
    )
    quantity = sample["valueQuantity"]
    assert isinstance(quantity, dict)
    if at == before or quantity.get("system") != UCUM or not apart(last, points[0][1], points):
        raise UnfitError("two at once, no UCUM, or the last like the first")
    taken = round(last * pick.chance.uniform(0.9, 1.1), decimals(points))
    if not apart(taken, last, points):
        raise UnfitError("nearly the same value")
    made = changes.created(
        "Observation",
        changes.value("status", "final"),
        changes.code("code", coding[1], system=coding[0]),
        {"kind": "reference", "path": "subject", "targets": [f"Patient/{patient}"]},
        changes.moment("effectiveDateTime", pick.records.now, slack_s=59),
        changes.quantity("valueQuantity", taken, unit),
    )
    slots, given = slots_of(pick, patient, coding)
    slots |= {"unit": unit, "value": f"{taken!r} {unit}", "code": coding[1], "system": coding[0]}
    given |= {"taken": taken, "unit": unit}
    answer = number(last, unit, decimals(points))
    return Question(slots, given, answer, (made,), (patient,))


GENERAL: Mapping[str, tuple[str, Template]] = {
    "newest-value": ("value", newest_value),
    "extreme-value": ("value", extreme_value),
    "mean-value": ("trend", mean_value),
    "times-measured": ("value", times_measured),
    "newest-day": ("record", newest_day),
    "codes-on-record": ("record", codes_on_record),
    "patients-with": ("cohort", patients_with),
    "patients-of": ("cohort", patients_of),
    "record-value": ("entry", record_value),
}
"""Category and template by name."""
