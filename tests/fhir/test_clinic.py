"""The clinic of the embedded hospital: rendered courses, and what is laid over them."""

from __future__ import annotations

import re
from collections import Counter
from datetime import datetime, timedelta
from statistics import median
from typing import Any

import pytest

from taskkit.ehr.clock import NOW
from taskkit.ehr.course import Hospital
from taskkit.ehr.rendering import coding
from taskkit.ehr.rendering.fhir import Renderer
from taskkit.fhir.synthetic import terms
from taskkit.fhir.synthetic.population import SINCE, population
from taskkit.fhir.synthetic.record import CALENDAR, TODAY
from taskkit.fhir.synthetic.roster import roster

PATIENTS, SEED = 40, 4
PLANNED = ("Slot", "Appointment", "ServiceRequest")


@pytest.fixture(scope="module")
def records() -> list[dict[str, Any]]:
    return population(PATIENTS, seed=SEED)


def of(records: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [one for one in records if one["resourceType"] == kind]


def times(document: object) -> list[str]:
    """All times and dates in a resource."""
    if isinstance(document, dict):
        return [text for value in document.values() for text in times(value)]
    if isinstance(document, list):
        return [text for value in document for text in times(value)]
    found = isinstance(document, str) and re.match(r"20\d\d-\d\d-\d\d", document)
    return [document] if found else []  # type: ignore[list-item]


def test_the_living_are_kept_and_four_in_ten_are_in_hospital() -> None:
    hospital = Hospital(SEED)
    kept = roster(hospital, PATIENTS)
    assert len({one.number for one in kept}) == PATIENTS
    assert all(one.death is None for one in kept)
    assert sum(one.stays[-1].current for one in kept) == 16
    assert [one.number for one in roster(hospital, 20)][:5] == [one.number for one in kept][:5]


def test_what_the_hospital_found_and_gave_is_left_as_it_is(records: list[dict[str, Any]]) -> None:
    renderer = Renderer(SEED, CALENDAR)
    by_key = {(one["resourceType"], one["id"]): one for one in records}
    added = {"requester", "serviceProvider"}
    kinds: Counter[str] = Counter()
    for patient in roster(renderer.hospital, PATIENTS):
        _, *rendered = renderer.patient(patient, since=SINCE)
        for one in rendered:
            kept = by_key[one["resourceType"], one["id"]]
            assert {name: kept[name] for name in kept.keys() - added} == one
            kinds[one["resourceType"]] += 1
    assert min(kinds[kind] for kind in ("Encounter", "Condition", "Procedure")) > 50
    assert kinds["Observation"] > 8_000


def test_a_stay_lies_in_the_years_to_2024_at_the_same_time_of_day() -> None:
    (patient,) = roster(Hospital(SEED), 1)
    moved, usual = Renderer(SEED, CALENDAR), Renderer(SEED)
    minute = patient.stays[-1].results[0].minute
    at = datetime.fromisoformat(moved.stamp(minute))
    assert at - TODAY == timedelta(minutes=minute - NOW)
    assert moved.stamp(minute)[10:] == usual.stamp(minute)[10:]


def test_nothing_but_what_is_planned_lies_ahead(records: list[dict[str, Any]]) -> None:
    today = TODAY.isoformat()
    late = {one["resourceType"] for one in records for text in times(one) if text > today}
    assert late == set(PLANNED)


def test_visits_show_the_body_of_the_same_patient(records: list[dict[str, Any]]) -> None:
    sick = {
        one["subject"]["reference"]
        for one in of(records, "Condition")
        if {"709044004", "433144002", "431857002", "46177005"}
        & {code["code"] for code in one["code"]["coding"]}
    }
    visits = {f"Encounter/{one['id']}" for one in of(records, "Encounter")
              if one["class"]["code"] == "AMB"}  # fmt: skip
    creatinine: dict[bool, list[float]] = {True: [], False: []}
    for one in of(records, "Observation"):
        code = one["code"]["coding"][0]["code"]
        number = one.get("valueQuantity", {})
        counts = one["status"] == "final" and number.get("unit") == "mg/dL"
        if code == "2160-0" and counts and one["encounter"]["reference"] in visits:
            creatinine[one["subject"]["reference"] in sick].append(number["value"])
    assert min(map(len, creatinine.values())) > 8
    assert median(creatinine[True]) > 1.3 * median(creatinine[False])


def test_what_is_taken_at_home_is_on_hold_in_hospital(records: list[dict[str, Any]]) -> None:
    inside = {
        one["subject"]["reference"]
        for one in of(records, "Encounter")
        if one["status"] == "in-progress"
    }
    states: Counter[tuple[bool, str]] = Counter()
    for one in of(records, "MedicationRequest"):
        if one["category"][0]["coding"][0]["code"] == "community":
            assert one["dosageInstruction"][0]["timing"]["repeat"]["frequency"] >= 1
            states[one["subject"]["reference"] in inside, one["status"]] += 1
    assert states[True, "on-hold"] > 10
    assert states[False, "active"] > 20
    assert states[False, "stopped"] > 5
    assert not states[True, "active"] + states[False, "on-hold"]


def test_people_of_the_same_name_come_last(records: list[dict[str, Any]]) -> None:
    patients = of(records, "Patient")
    owners = {one["subject"]["reference"] for one in records if "subject" in one}
    seen = [f"Patient/{one['id']}" in owners for one in patients]
    assert seen == [True] * PATIENTS + [False] * (len(patients) - PATIENTS)
    names = Counter(str(one["name"]) for one in patients)
    assert len(patients) > PATIENTS
    assert all(names[str(one["name"])] > 1 for one in patients[PATIENTS:])


def test_the_formulary_is_coded_as_the_hospital_codes() -> None:
    names = dict(coding.rxnorm().values())
    own = {one.rxnorm for one in terms.DRUGS.values()} - names.keys()
    assert own == {"1364430", "723", "2670"}  # apixaban, amoxicillin, codeine: never given there
    assert all(names.get(one.rxnorm, one.name) == one.name for one in terms.DRUGS.values())
