"""One stay reads the same in every rendering."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from taskkit.ehr import clock
from taskkit.ehr.course import Hospital
from taskkit.ehr.rendering import coding, fhir, meds, mimic_iii, mimic_iv
from taskkit.ehr.rendering.identity import Identity

DOMAINS = Path(__file__).parents[2] / "domains"
PATIENTS, SEED = 12, 5
TABLES = {
    "patients": "subject_id, gender, dob, dod",
    "admissions": "subject_id, hadm_id, admittime, dischtime, age",
    "icustays": "subject_id, hadm_id, icustay_id, intime, outtime",
    "transfers": "subject_id, hadm_id, intime, eventtype, outtime",
    "labevents": "hadm_id, itemid, charttime, valuenum, valueuom",
    "inputevents_cv": "icustay_id, charttime, amount",
    "outputevents": "icustay_id, charttime, value",
    "microbiologyevents": "hadm_id, charttime, spec_type_desc, org_name",
    "prescriptions": "hadm_id, startdate, drug, route",
}
"""What MIMIC-III and MIMIC-IV say alike."""


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    path = tmp_path_factory.mktemp("renderings") / "mimic.sqlite"
    mimic_iii.generate(path, domain=DOMAINS / "mimic", patients=PATIENTS, seed=SEED)
    connection = sqlite3.connect(path)
    yield connection
    connection.close()


@pytest.fixture(scope="module")
def fourth(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    path = tmp_path_factory.mktemp("renderings") / "mimic_iv.sqlite"
    mimic_iv.generate_mimic_iv(path, domain=DOMAINS / "mimic-iv", patients=PATIENTS, seed=SEED)
    connection = sqlite3.connect(path)
    yield connection
    connection.close()


@pytest.fixture(scope="module")
def events() -> list[meds.Event]:
    return list(meds.events(SEED, PATIENTS))


@pytest.fixture(scope="module")
def resources() -> list[coding.Resource]:
    return list(fhir.resources(SEED, PATIENTS))


def test_ids_are_distinct() -> None:
    identity = Identity(3)
    subjects = {identity.subject(number) for number in range(1000)}
    stays = {identity.admission(number, place) for number in range(1000) for place in range(5)}
    units = {identity.unit_stay(n, s, u) for n in range(300) for s in range(5) for u in range(2)}
    assert (len(subjects), len(stays), len(units)) == (1000, 5000, 3000)


def test_events_are_in_order_and_complete(events: list[meds.Event]) -> None:
    subjects = [event["subject_id"] for event in events]
    assert len(set(subjects)) == PATIENTS
    for subject in set(subjects):
        own = [event for event in events if event["subject_id"] == subject]
        times = [event["time"] or datetime.min for event in own]
        assert times == sorted(times)
        codes = Counter(event["code"] for event in own)
        assert codes["MEDS_BIRTH"] == 1
        assert codes["HOSPITAL_ADMISSION"] >= codes["HOSPITAL_DISCHARGE"]
        assert codes["ICU_ADMISSION"] >= 1


def test_sodium_is_the_same_everywhere(
    database: sqlite3.Connection, events: list[meds.Event], resources: list[coding.Resource]
) -> None:
    rows = database.execute(
        "select subject_id, charttime, valuenum from labevents join d_labitems using (itemid)"
        " where label = 'sodium' order by subject_id, charttime"
    ).fetchall()
    assert len(rows) > 50
    as_events = [
        (event["subject_id"], str(event["time"]), event["numeric_value"])
        for event in events
        if event["code"] == "LOINC/2951-2"
    ]
    as_resources = [
        (
            int(one["subject"]["reference"].split("/")[1]),
            one["effectiveDateTime"][:19].replace("T", " "),
            one["valueQuantity"]["value"] if "valueQuantity" in one else None,
        )
        for one in resources
        if one["resourceType"] == "Observation" and one["code"].get("text") == "sodium"
    ]
    key = str
    assert sorted(as_events, key=key) == sorted(as_resources, key=key) == sorted(rows, key=key)


def test_mimic_iv_is_mimic_iii_five_years_earlier(
    database: sqlite3.Connection, fourth: sqlite3.Connection
) -> None:
    other = {"inputevents_cv": "inputevents"}
    for table, columns in TABLES.items():
        rows = database.execute(f"select {columns} from {table}").fetchall()
        moved = columns.replace("icustay_id", "stay_id").replace("startdate", "starttime")
        if table in other:
            moved = moved.replace("charttime", "starttime").replace("amount", "totalamount")
        query = f"select {moved} from {other.get(table, table)}"
        found = [tuple(map(_later, row)) for row in fourth.execute(query)]
        assert len(rows) >= PATIENTS, table
        assert found == rows, table


def test_dates_of_mimic_iv_are_as_its_document_says(fourth: sqlite3.Connection) -> None:
    latest, first = fourth.execute(
        "select max(charttime), min(charttime) from labevents"
    ).fetchone()
    assert "2095-01-01" <= first < latest <= "2100-12-31 23:59:00"
    assert fourth.execute(
        "select count(*) from diagnoses_icd left join d_icd_diagnoses using (icd_code)"
        " where long_title is null or icd_code not like 'icd9|%'"
    ).fetchone() == (0,)
    assert fourth.execute(
        "select count(*) from procedures_icd p join admissions a using (hadm_id)"
        " where p.charttime not between a.admittime and a.dischtime"
    ).fetchone() == (0,)


def _later(value: str | float | None) -> str | float | None:
    """A time of MIMIC-IV in the years of MIMIC-III; other values as they are."""
    if not isinstance(value, str) or not value.startswith(("20", "21")):
        return value
    return str(datetime.fromisoformat(value) + timedelta(days=1826))


def test_stays_and_deaths_are_the_same_everywhere(
    database: sqlite3.Connection, resources: list[coding.Resource]
) -> None:
    stays = database.execute("select hadm_id, admittime, dischtime from admissions").fetchall()
    found = [
        (int(one["id"]), one["period"]["start"], one["period"].get("end"))
        for one in resources
        if one["resourceType"] == "Encounter"
    ]
    written = [(hadm, _stamp(start), _stamp(end)) for hadm, start, end in stays]
    assert sorted(found) == sorted(written)


def test_diagnoses_are_the_same_everywhere(
    database: sqlite3.Connection, resources: list[coding.Resource]
) -> None:
    known = Hospital(SEED).catalogue.conditions
    rows = database.execute("select hadm_id, icd9_code from diagnoses_icd order by row_id")
    written: dict[str, list[str]] = {}
    for hadm, code in rows:
        written.setdefault(str(hadm), []).append(known[code].icd10)
    by_key = {f"{one['resourceType']}/{one['id']}": one for one in resources}
    found = {
        one["id"]: [
            by_key[said["condition"]["reference"]]["code"]["coding"][-1]["code"]
            for said in sorted(one["diagnosis"], key=lambda said: int(said["rank"]))
        ]
        for one in resources
        if one["resourceType"] == "Encounter"
    }
    assert found == written
    over = [one for one in resources if "abatementDateTime" in one]
    assert over
    assert all(one["clinicalStatus"]["coding"][0]["code"] == "resolved" for one in over)


def test_what_lasts_for_life_is_on_the_problem_list_once(resources: list[coding.Resource]) -> None:
    lasting = Counter(
        (one["subject"]["reference"], one["code"]["text"])
        for one in resources
        if one["resourceType"] == "Condition" and "encounter" not in one
    )
    assert len(lasting) > 50
    assert set(lasting.values()) == {1}


def test_codes_of_the_tables_are_of_what_the_hospital_has() -> None:
    catalogue = Hospital(SEED).catalogue
    assert set(coding.snomed()) <= set(catalogue.conditions)
    assert set(coding.rxnorm()) <= set(catalogue.drugs)
    assert set(coding.organisms()) <= {one.name for one in catalogue.organisms}
    assert len(coding.rxnorm()) > 0.9 * len(catalogue.drugs)


def _stamp(text: str | None) -> str | None:
    return None if text is None else text.replace(" ", "T") + "+00:00"


def test_references_point_to_what_came_before(resources: list[coding.Resource]) -> None:
    seen: set[str] = set()
    for one in resources:
        for name in ("subject", "encounter"):
            if name in one:
                assert one[name]["reference"] in seen
        key = f"{one['resourceType']}/{one['id']}"
        assert key not in seen
        seen.add(key)


def test_resources_are_valid_r4(resources: list[coding.Resource]) -> None:
    models = pytest.importorskip("fhir.resources.R4B")
    kinds: Counter[str] = Counter()
    for one in resources:
        kinds[one["resourceType"]] += 1
        if kinds[one["resourceType"]] <= 60:
            models.get_fhir_model_class(one["resourceType"]).model_validate_json(json.dumps(one))
    assert set(kinds) == {
        "Patient", "Encounter", "Condition", "Observation", "MedicationRequest", "Procedure",
        "Location",
    }  # fmt: skip


def test_more_patients_leave_the_earlier_as_they_are() -> None:
    few, many = list(meds.events(2, 2)), list(meds.events(2, 3))
    assert many[: len(few)] == few


def test_nobody_knows_the_future(events: list[meds.Event]) -> None:
    now = meds.moment(clock.NOW)
    assert all(event["time"] is None or event["time"] <= now for event in events)
    current = [n for n in range(PATIENTS) if Hospital(SEED).patient(n).stays[-1].current]
    assert len(current) in (1, 2)
