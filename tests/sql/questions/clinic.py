"""A clinic of three patients, small enough to answer any question about it by hand."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path

from taskkit.sql.questions.bank import Bank
from taskkit.sql.questions.draw import Instance, fill_slots
from taskkit.sql.questions.rendering import Value, words
from taskkit.sql.questions.template import Wording

DOMAIN = Path(__file__).parents[3] / "domains" / "mimic"

PATIENTS = [
    (10, "f", "2050-03-10 00:00:00", None),
    (20, "m", "2040-07-01 00:00:00", "2105-06-20 00:00:00"),
    (30, "f", "2060-12-31 00:00:00", None),
]
ADMISSIONS = [
    # subject, stay, in, out, type, from, to, insurance, language, marital status, ethnicity, age
    (10, 101, "2104-03-01 08:00:00", "2104-03-05 20:00:00", "emergency", "emergency room admit",
     "home", "medicare", "engl", "married", "white", 53),
    (10, 102, "2105-05-10 10:00:00", "2105-05-12 10:00:00", "elective", "clinic referral",
     "snf", "medicare", "engl", "married", "white", 55),
    (20, 201, "2105-05-15 00:00:00", "2105-05-25 12:00:00", "emergency", "emergency room admit",
     "rehab", "private", None, None, "white", 64),
    (30, 301, "2105-12-30 11:59:00", None, "urgent", "clinic referral",
     None, "private", "span", "single", "asian", 44),
]  # fmt: skip
DIAGNOSES = {"4019": "hypertension", "3310": "alzheimer's disease", "486": "pneumonia"}
DIAGNOSED = [(101, "4019"), (101, "486"), (102, "4019"), (201, "4019"), (201, "3310"), (301, "486")]
PROCEDURES = {"9904": "transfusion", "9671": "ventilation"}
DONE = [(101, "9904"), (201, "9904"), (201, "9671")]
LABS = {50: "potassium", 51: "sodium"}
RESULTS = [
    (101, 50, "2104-03-01 09:00:00", 3.0),
    (101, 50, "2104-03-02 09:00:00", 4.5),
    (101, 50, "2104-03-04 09:00:00", 4.0),
    (101, 51, "2104-03-01 09:00:00", 140.0),
    (101, 51, "2104-03-02 09:00:00", 138.0),
    (102, 50, "2105-05-10 12:00:00", 5.0),
    (201, 50, "2105-05-15 06:00:00", 3.6),
    (201, 50, "2105-05-16 06:00:00", 3.6),
    (201, 50, "2105-05-20 06:00:00", 6.1),
    (301, 50, "2105-12-30 13:00:00", 4.4),
    (301, 50, "2105-12-31 08:59:00", 4.8),
]
PRESCRIBED = [
    (101, "2104-03-01 10:00:00", "aspirin", "100", "mg", "po"),
    (101, "2104-03-01 10:00:00", "heparin", "5000", "unit", "sc"),
    (101, "2104-03-03 10:00:00", "aspirin", "300", "mg", "po"),
    (102, "2105-05-10 11:00:00", "aspirin", "100", "mg", "po"),
    (201, "2105-05-15 08:00:00", "heparin", "5000", "unit", "sc"),
    (201, "2105-05-16 08:00:00", "o'brien's solution", "10", "ml", "iv"),
    (301, "2105-12-30 14:00:00", "aspirin", "100", "mg", "po"),
]
PRICES = {"aspirin": 1.25, "heparin": 4.0, "o'brien's solution": 7.0}
DIAGNOSIS_PRICE, PROCEDURE_PRICE, LAB_PRICE = 10.0, 100.0, 2.5
ICU = [
    (10, 101, 901, "micu", "sicu", 7, 8, "2104-03-01 12:00:00", "2104-03-03 00:00:00"),
    (30, 301, 903, "ccu", "ccu", 5, 5, "2105-12-30 20:00:00", None),
]
MOVES = [
    (10, 101, None, "admit", None, 3, "2104-03-01 08:00:00", "2104-03-01 12:00:00"),
    (10, 101, 901, "transfer", "micu", 7, "2104-03-01 12:00:00", "2104-03-02 12:00:00"),
    (10, 101, 901, "transfer", "sicu", 8, "2104-03-02 12:00:00", "2104-03-03 00:00:00"),
    (10, 101, None, "transfer", None, 3, "2104-03-03 00:00:00", "2104-03-05 20:00:00"),
    (10, 101, None, "discharge", None, None, "2104-03-05 20:00:00", None),
    (10, 102, None, "admit", None, 3, "2105-05-10 10:00:00", "2105-05-12 10:00:00"),
    (20, 201, None, "admit", None, 4, "2105-05-15 00:00:00", "2105-05-25 12:00:00"),
    (30, 301, None, "admit", None, 4, "2105-12-30 11:59:00", "2105-12-30 20:00:00"),
    (30, 301, 903, "transfer", "ccu", 5, "2105-12-30 20:00:00", None),
]
ITEMS = {
    60: ("heart rate", "chartevents"),
    61: ("sao2", "chartevents"),
    62: ("admit wt", "chartevents"),
    70: ("normal saline", "inputevents_cv"),
    71: ("d5w", "inputevents_cv"),
    80: ("urine", "outputevents"),
}
CHARTED = [
    (60, "2104-03-01 13:00:00", 80.0, "bpm"),
    (60, "2104-03-01 15:00:00", 100.0, "bpm"),
    (60, "2104-03-02 13:00:00", 90.0, "bpm"),
    (61, "2104-03-01 15:00:00", 97.0, "%"),
    (61, "2104-03-02 13:00:00", 95.0, "%"),
    (62, "2104-03-01 12:30:00", 70.5, "kg"),
]
INTAKE = [
    (70, "2104-03-01 13:00:00", 500.0),
    (70, "2104-03-02 10:00:00", 250.5),
    (71, "2104-03-02 11:00:00", 100.0),
]
OUTPUT = [(80, "2104-03-01 18:00:00", 300.0), (80, "2104-03-02 10:00:00", 200.0)]
CULTURES = [
    (10, 101, "2104-03-01 09:30:00", "blood culture", None),
    (10, 101, "2104-03-02 09:30:00", "blood culture", "e. coli"),
    (10, 101, "2104-03-02 09:40:00", "urine", "e. coli"),
    (20, 201, "2105-05-16 10:00:00", "urine", "yeast"),
]


def clinic() -> sqlite3.Connection:
    """Open the clinic's database, in memory and in the schema of the domain."""
    db = sqlite3.connect(":memory:")
    db.executescript((DOMAIN / "schema.sql").read_text("utf-8"))
    subject = {stay: row for row, stay, *_ in ADMISSIONS}
    times = {stay: (start, end) for _, stay, start, end, *_ in ADMISSIONS}
    _insert(db, "patients", PATIENTS)
    _insert(db, "admissions", ADMISSIONS)
    _insert(db, "d_icd_diagnoses", [(key, title[:24], title) for key, title in DIAGNOSES.items()])
    _insert(db, "d_icd_procedures", [(key, title[:24], title) for key, title in PROCEDURES.items()])
    _insert(db, "d_labitems", list(LABS.items()))
    _insert(db, "d_items", [(key, *item) for key, item in ITEMS.items()])
    _insert(db, "diagnoses_icd", [(subject[s], s, key, times[s][0]) for s, key in DIAGNOSED])
    _insert(db, "procedures_icd", [(subject[s], s, key, times[s][1]) for s, key in DONE])
    _insert(db, "labevents", [(subject[s], s, *rest, "u") for s, *rest in RESULTS])
    _insert(db, "prescriptions", [(subject[s], s, t, None, *rest) for s, t, *rest in PRESCRIBED])
    _insert(db, "icustays", ICU)
    _insert(db, "transfers", MOVES)
    _insert(db, "chartevents", [(10, 101, 901, *row) for row in CHARTED])
    _insert(db, "inputevents_cv", [(10, 101, 901, t, i, v) for i, t, v in INTAKE])
    _insert(db, "outputevents", [(10, 101, 901, t, i, v) for i, t, v in OUTPUT])
    _insert(db, "microbiologyevents", CULTURES)
    _charge(db, subject, times)
    return db


def ask(bank: Bank, template: str, **slots: object) -> Instance:
    """Fill a template with values; a choice is named by its words."""
    entry = bank.entries[template]
    values: dict[str, Value] = {}
    for name, value in slots.items():
        options = entry.template.choices.get(name, ())
        found = [option for option in options if words(option) == str(value)]
        assert found or not options, f"{template}: {name} has no choice {value!r}"
        assert isinstance(value, str | int | float | Wording)
        values[name] = found[0] if found else value
    return fill_slots(entry, bank, values)


def _insert(db: sqlite3.Connection, table: str, rows: Sequence[tuple[object, ...]]) -> None:
    for number, row in enumerate(rows):
        holes = ",".join("?" * (len(row) + 1))
        db.execute(f"insert into {table} values ({holes})", (number, *row))


def _charge(
    db: sqlite3.Connection, subject: dict[int, int], times: dict[int, tuple[str, str | None]]
) -> None:
    rows: list[tuple[object, ...]] = []
    for number, (stay, _) in enumerate(DIAGNOSED):
        rows.append((subject[stay], stay, "diagnoses_icd", number, times[stay][0], DIAGNOSIS_PRICE))
    for number, (stay, _) in enumerate(DONE):
        rows.append(
            (subject[stay], stay, "procedures_icd", number, times[stay][1], PROCEDURE_PRICE)
        )
    for number, (stay, _, when, _) in enumerate(RESULTS):
        rows.append((subject[stay], stay, "labevents", number, when, LAB_PRICE))
    for number, (stay, when, drug, *_) in enumerate(PRESCRIBED):
        rows.append((subject[stay], stay, "prescriptions", number, when, PRICES[drug]))
    _insert(db, "cost", rows)
