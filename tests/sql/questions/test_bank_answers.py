"""Questions of the mimic bank have the answers that a person finds by hand in a tiny clinic."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import replace

import pytest
from pydantic import JsonValue

from taskkit.build.rejection import Rejection
from taskkit.sql.questions.bank import Bank
from taskkit.sql.questions.draw import Instance
from taskkit.sql.questions.fill import Filler
from taskkit.sql.questions.question import Question
from taskkit.sql.questions.template import Wording
from tests.sql.questions.clinic import DOMAIN, ask, clinic

IN_MARCH_2104 = "in March 2104", "strftime('%Y-%m', {column}) = '2104-03'"
IN_2105 = "in 2105", "strftime('%Y', {column}) = '2105'"
LAST_3_DAYS = "in the last 3 days", "{column} >= datetime('2105-12-31 23:59:00', '-3 days')"
SINCE_2104 = "since January 2104", "{column} >= '2104-01-01 00:00:00'"
FIRST, SECOND = "2104-03-01 08:00:00", "2105-05-10 10:00:00"
STAY = {"patient": 10, "admitted": FIRST}
OTHER = {"patient": 20, "admitted": "2105-05-15 00:00:00"}
ICU = {"patient": 10, "entered": "2104-03-01 12:00:00"}

CASES: dict[str, list[tuple[dict[str, object], JsonValue]]] = {
    "patient-sex-and-birth": [({"patient": 20}, [["m", "2040-07-01"]])],
    "patient-death": [({"patient": 20}, [["2105-06-20", 64]])],
    "stay-discharge-details": [({**STAY}, [["2104-03-05 20:00:00", "home"]])],
    "diagnosis-title-to-code": [({"diagnosis": "alzheimer's disease"}, "3310")],
    "stay-diagnoses": [(STAY, ["hypertension", "pneumonia"])],
    "count-lab-results-in-window": [
        ({"patient": 10, "lab": "potassium", "window": IN_MARCH_2104}, 3),
        ({"patient": 10, "lab": "potassium", "window": IN_2105}, 1),
    ],
    "count-lab-kinds-in-stay": [(STAY, 2), (OTHER, 1)],
    "count-patients-on-drug-in-window": [({"drug": "aspirin", "window": IN_2105}, 2)],
    "count-patients-with-diagnosis": [({"diagnosis": "hypertension", "window": SINCE_2104}, 2)],
    "count-prescriptions-in-stay": [(STAY, [[3, 2]])],
    "first-last-lab-value": [
        ({"patient": 10, "lab": "potassium", "order": "last"}, [[5.0, "2105-05-10 12:00:00"]]),
        ({"patient": 10, "lab": "sodium", "order": "first"}, [[140.0, "2104-03-01 09:00:00"]]),
    ],
    "first-last-drugs": [
        (
            {"patient": 10, "order": "first"},
            [["2104-03-01 10:00:00", "aspirin"], ["2104-03-01 10:00:00", "heparin"]],
        )
    ],
    "second-lab-value-in-stay": [
        ({**STAY, "lab": "potassium", "nth": "second"}, 4.5),
        ({**STAY, "lab": "potassium", "nth": "second to last"}, 4.5),
        ({**STAY, "lab": "potassium", "nth": "third"}, 4.0),
    ],
    "top-drugs-in-window": [
        (
            {"n": 3, "window": SINCE_2104},
            [["aspirin", 4], ["heparin", 2], ["o'brien's solution", 1]],
        )
    ],
    "top-longest-stays": [
        ({"n": 2, "window": SINCE_2104}, [[20, "2105-05-15 00:00:00", 10.5], [10, FIRST, 4.5]])
    ],
    "top-labs-of-patient": [({**STAY, "n": 2}, [["potassium", 3], ["sodium", 2]])],
    "lab-extreme-in-window": [
        ({"patient": 10, "lab": "potassium", "extreme": "lowest", "window": IN_MARCH_2104}, 3.0)
    ],
    "lab-extreme-with-time": [
        (
            {"patient": 20, "lab": "potassium", "extreme": "lowest"},
            [[3.6, "2105-05-15 06:00:00"], [3.6, "2105-05-16 06:00:00"]],
        )
    ],
    "lab-range-in-stay": [({**OTHER, "lab": "potassium"}, [[3.6, 6.1]])],
    "lab-change-over-stay": [({**STAY, "lab": "potassium"}, [[3.0, 4.0, 1.0]])],
    "lab-change-latest": [({"patient": 10, "lab": "potassium"}, 1.0)],
    "lab-largest-rise": [
        ({**STAY, "lab": "potassium", "direction": "rise"}, 1.5),
        ({**STAY, "lab": "potassium", "direction": "drop"}, 0.5),
    ],
    "lab-time-between-extremes": [({**STAY, "lab": "potassium"}, 24.0)],
    "lab-yearly-means": [({"patient": 10, "lab": "potassium"}, [[2104, 3.83], [2105, 5.0]])],
    "labs-within-days-of-admission": [({**STAY, "lab": "potassium", "hours": 48}, [[2, 3.75]])],
    "patients-readmitted-within-days": [
        ({"days": 365, "window": SINCE_2104}, [[3, 0]]),
        ({"days": 30, "window": IN_2105}, [[2, 0]]),
    ],
    "survival-after-diagnosis": [({"diagnosis": "hypertension", "days": 90}, [[2, 1]])],
    "stays-with-drug-and-diagnosis": [({"diagnosis": "hypertension", "drug": "heparin"}, [[3, 2]])],
    "stay-overview": [(STAY, [[2, 1, 3, 5]])],
    "stay-length-with-procedure": [({"procedure": "transfusion"}, [[7.5, 2]])],
    "patients-with-two-drugs": [({"drug": "aspirin", "other": "heparin"}, [[1, 1]])],
    "cost-of-stay": [(STAY, 139.0)],  # 2 diagnoses, 1 procedure, 5 labs, 1.25 + 4 + 1.25
    "cost-of-drug-for-patient": [({"patient": 10, "drug": "aspirin"}, 3.75)],
    "cost-share-of-event-type": [({**STAY, "type": "labevents"}, 9.0)],
    "cost-of-diagnosis-average-stay": [
        ({"diagnosis": "alzheimer's disease", "aggregate": "highest"}, 238.5)
    ],
    "age-mean-of-diagnosis": [({"diagnosis": "hypertension"}, 57.33)],
    "age-range-of-diagnosis": [({"diagnosis": "pneumonia"}, [[44, 53]])],
    "age-today": [({"patient": 10}, [["2050-03-10", 55]])],
    "current-days-in-hospital": [({"patient": 30}, 1.5)],
    "current-diagnoses": [({"patient": 30}, ["pneumonia"])],
    "current-lab-latest": [({"patient": 30, "lab": "potassium"}, [[4.8, 15.0]])],
    "current-cost-so-far": [({"patient": 30}, 16.25)],
    "last-lab-against-first": [
        ({**STAY, "lab": "potassium", "side": "higher"}, [[3.0, 4.0, 1.0]]),
        ({**STAY, "lab": "sodium", "side": "higher"}, [[140.0, 138.0, -2.0]]),
        ({**STAY, "lab": "sodium", "side": "lower"}, [[140.0, 138.0, 2.0]]),
    ],
    "prescriptions-of-drug-among-all": [
        ({"patient": 20, "drug": "o'brien's solution"}, [[2, 1]]),
    ],
    "vital-mean-in-icu": [({**ICU, "vital": "heart rate"}, 90.0)],
    "vital-daily-means": [
        (
            {**ICU, "vital": "heart rate", "aggregate": "highest"},
            [["2104-03-01", 100.0], ["2104-03-02", 90.0]],
        )
    ],
    "vital-when-other-extreme": [
        (
            {**ICU, "vital": "sao2", "other": "heart rate", "extreme": "highest"},
            [["2104-03-01 15:00:00", 97.0]],
        )
    ],
    "vital-first-hours": [({**ICU, "vital": "heart rate", "hours": 6}, [[2, 90.0]])],
    "balance-in-icu": [(ICU, [[850.5, 500.0, 350.5]])],
    "daily-balance": [(ICU, [["2104-03-01", 200.0], ["2104-03-02", 150.5]])],
    "fluids-by-volume": [({**ICU, "n": 2}, [["normal saline", 750.5], ["d5w", 100.0]])],
    "organisms-of-patient": [
        ({"patient": 10}, [["blood culture", "e. coli"], ["urine", "e. coli"]])
    ],
    "growth-rate-of-specimen": [({"specimen": "blood culture", "window": SINCE_2104}, [[2, 1]])],
    "culture-times-of-patient": [
        (
            {"patient": 10, "specimen": "blood culture"},
            [["2104-03-01 09:30:00", None], ["2104-03-02 09:30:00", "e. coli"]],
        )
    ],
    "icu-stay-length": [(ICU, 1.5)],
    "moves-in-stay": [
        (
            STAY,
            [
                ["2104-03-01 08:00:00", 3],
                ["2104-03-01 12:00:00", 7],
                ["2104-03-02 12:00:00", 8],
                ["2104-03-03 00:00:00", 3],
            ],
        )
    ],
    "time-on-ward-in-stay": [(STAY, [[3, 72.0], [7, 24.0], [8, 12.0]])],
    "hours-to-icu": [(STAY, 4.0)],
    "discharges-and-admissions": [
        ({"window": IN_2105}, [[3, 2]]),
        ({"window": LAST_3_DAYS}, [[1, 0]]),
    ],
    "mean-stay-length-in-window": [({"window": IN_2105}, 6.25)],
    "days-between-stays": [({"patient": 10}, [[SECOND, 430.6]])],
    "deaths-in-window": [({"window": IN_2105}, [[20, "2105-06-20"]])],
}
REFUSED: list[tuple[str, dict[str, object], str]] = [
    (
        "lab-extreme-in-window",
        {"patient": 20, "lab": "potassium", "extreme": "highest", "window": IN_2105},
        "degenerate_answer",
    ),
    ("current-days-in-hospital", {"patient": 10}, "empty_answer"),
    ("icu-stay-length", {"patient": 30, "entered": "2105-12-30 20:00:00"}, "empty_answer"),
    ("lab-time-between-extremes", {**OTHER, "lab": "potassium"}, "ambiguous_order"),
    ("top-drugs-of-patient", {"patient": 30, "n": 2}, "degenerate_answer"),
    (
        "count-lab-kinds-in-stay",
        {"patient": 10, "admitted": "2199-01-01 00:00:00"},
        "degenerate_answer",
    ),
    ("busiest-wards-in-window", {"n": 3, "window": SINCE_2104}, "ambiguous_order"),
]


@pytest.fixture(scope="module")
def bank() -> Bank:
    return Bank.load(DOMAIN)


@pytest.fixture(scope="module")
def database() -> Iterator[sqlite3.Connection]:
    connection = clinic()
    yield connection
    connection.close()


def filled(bank: Bank, template: str, slots: dict[str, object]) -> Instance:
    window = bank.entries[template].template.window
    if window is not None:
        assert isinstance(slots["window"], tuple)
        said, condition = slots["window"]
        span = Wording(words=said, sql=condition.replace("{column}", window.column))
        slots = {**slots, "window": span}
    return ask(bank, template, **slots)


@pytest.mark.parametrize(
    ("template", "slots", "answer"),
    [(name, *case) for name, cases in CASES.items() for case in cases],
)
def test_answer_is_the_one_found_by_hand(
    bank: Bank,
    database: sqlite3.Connection,
    template: str,
    slots: dict[str, object],
    answer: JsonValue,
) -> None:
    instance = filled(bank, template, slots)
    instance = replace(instance, timeless=None)  # the clinic is too small for spans to matter
    question = Filler(bank, database, 0).question(bank.entries[template], instance)
    assert isinstance(question, Question), question
    found = question.expected
    if isinstance(answer, list) and isinstance(found, list):
        assert sorted(found, key=repr) == sorted(answer, key=repr)
    else:
        assert found == answer


@pytest.mark.parametrize(("template", "slots", "code"), REFUSED)
def test_an_instance_without_a_clear_answer_is_refused(
    bank: Bank, database: sqlite3.Connection, template: str, slots: dict[str, object], code: str
) -> None:
    instance = filled(bank, template, slots)
    rejection = Filler(bank, database, 0).question(bank.entries[template], instance)
    assert isinstance(rejection, Rejection)
    assert rejection.code == code


def test_every_category_has_an_answer_found_by_hand(bank: Bank) -> None:
    assert {bank.entries[name].category for name in CASES} == {
        entry.category for entry in bank.entries.values()
    }
