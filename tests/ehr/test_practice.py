"""A practice of its own for predictions: the same people, and supports that follow the illness."""

from __future__ import annotations

import sqlite3
from collections import Counter
from hashlib import sha256
from pathlib import Path
from statistics import mean

import pytest

from taskkit.ehr.clock import NOW
from taskkit.ehr.course import Hospital, Patient, Stay
from taskkit.ehr.course.practice import INTENSIVE, USUAL
from taskkit.ehr.course.reading import read_catalogue
from taskkit.ehr.course.weaning import FAILURES
from taskkit.ehr.rendering import meds, mimic_iii

DOMAINS = Path(__file__).parents[2] / "domains"
SEED, PATIENTS = 7, 400


@pytest.fixture(scope="module")
def patients() -> list[Patient]:
    hospital = Hospital(SEED, INTENSIVE)
    return [hospital.patient(number) for number in range(PATIENTS)]


@pytest.fixture(scope="module")
def stays(patients: list[Patient]) -> list[Stay]:
    return [stay for patient in patients for stay in patient.stays]


def test_releases_show_the_usual_practice_byte_for_byte(tmp_path: Path) -> None:
    path = tmp_path / "mimic.sqlite"
    mimic_iii.generate(path, domain=DOMAINS / "mimic", patients=50, seed=SEED)
    with sqlite3.connect(path) as connection:
        dump = "\n".join(connection.iterdump())
    digest = sha256(dump.encode()).hexdigest()
    # a change of the usual course, or of how MIMIC-III shows it, needs another digest here
    assert digest == "cb94da87cb33f2d26d26d1297dbe5b58d972b94b353f101baaebc1a16a02eaf3"


def test_who_comes_and_who_dies_is_the_same_in_every_practice(patients: list[Patient]) -> None:
    hospital = Hospital(SEED, USUAL)
    for number in range(40):
        usual, other = hospital.patient(number), patients[number]
        for one, two in zip(usual.stays, other.stays, strict=True):
            assert (one.admitted, one.discharged, one.died) == (
                two.admitted,
                two.discharged,
                two.died,
            )
            assert one.findings == two.findings


def test_every_effect_of_a_practice_is_of_a_trait_that_can_be_had() -> None:
    usual, other = read_catalogue(), read_catalogue(usual=False)
    known = {failure.trait for failure in FAILURES.values()}
    known |= {trait for s in (*usual.states, *usual.signs) for trait in s.effects}
    known |= {support.name for support in usual.supports}
    assert {trait for s in (*other.states, *other.signs) for trait in s.effects} - known == set()


def test_a_third_is_supported_some_of_them_only_after_hours(stays: list[Stay]) -> None:
    units = [stay for stay in stays if any(part.number == 0 for part in stay.places)]
    waits = []
    for stay in units:
        arrived = min(part.start for part in stay.places if part.number == 0)
        waits += [span.start - arrived for span in stay.spans if span.name == "pressors"]
    assert 0.2 < len(waits) / len(units) < 0.5
    assert 0.3 < sum(wait > 6 * 60 for wait in waits) / len(waits) < 0.9


def test_the_milder_the_illness_the_sooner_a_patient_is_weaned(stays: list[Stay]) -> None:
    lengths: dict[bool, list[int]] = {True: [], False: []}
    for stay in stays:
        for span in stay.spans:
            if span.name == "ventilated" and not stay.died:
                lengths[stay.severity > 0.55].append(span.end - span.start)
    assert mean(lengths[True]) > 1.5 * mean(lengths[False])


def test_pressure_falls_before_a_vasopressor_is_begun(stays: list[Stay]) -> None:
    before, calm = [], []
    for stay in stays:
        failing = stay.onsets.get("failing-pressure")
        start = next((span.start for span in stay.spans if span.name == "pressors"), None)
        for signs in stay.signs:
            if "mean" not in signs.values:
                continue
            if failing is None and start is None:
                calm.append(signs.values["mean"])
            elif failing and start and (failing + start) // 2 < signs.minute < start:
                before.append(signs.values["mean"])
    assert mean(before) < mean(calm) - 6


def test_some_die_on_a_ward_after_intensive_care(stays: list[Stay]) -> None:
    died = [stay for stay in stays if stay.died]
    moved = [stay for stay in died if stay.places[-1].number is None]
    assert 0.1 < len(moved) / len(died) < 0.5


def test_nothing_happens_after_now(stays: list[Stay]) -> None:
    for stay in stays:
        times = [
            *(result.minute for result in stay.results),
            *(signs.minute for signs in stay.signs),
            *(order.start for order in stay.orders),
            *(volume.minute for volume in stay.volumes),
        ]
        assert all(stay.admitted <= minute <= stay.until <= NOW for minute in times)


def test_events_have_one_stay_in_intensive_care_whatever_the_units() -> None:
    rows = list(meds.rows(SEED, 60))
    codes = Counter(row.code for row in rows)
    hospital = Hospital(SEED)
    expected = sum(
        len({part.number for part in stay.places if part.number is not None})
        for number in range(60)
        for stay in hospital.patient(number).stays
    )
    assert codes["ICU_ADMISSION"] == expected
    assert codes["TREATMENT//ventilation//start"] >= codes["TREATMENT//ventilation//end"] > 5
    assert all(row.minute is None or row.minute <= NOW for row in rows)
