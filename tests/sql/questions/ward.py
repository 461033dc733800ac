"""A tiny hospital in the schema of EHRSQL, and published records about it."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

NOW = "2105-12-31 23:59:00"
SCHEMA = """
create table patients(row_id int, subject_id int unique, gender text, dob text, dod text);
create table admissions(row_id int, subject_id int, hadm_id int unique, admittime text,
                        dischtime text, age int);
create table d_icd_diagnoses(row_id int, icd9_code text, short_title text, long_title text);
create table diagnoses_icd(row_id int, subject_id int, hadm_id int, icd9_code text, charttime text);
create table d_labitems(row_id int, itemid int, label text);
create table labevents(row_id int, subject_id int, hadm_id int, itemid int, charttime text,
                       valuenum double precision, valueuom text);
create table prescriptions(row_id int, subject_id int, hadm_id int, startdate text, drug text,
                           dose_val_rx text, route text);
"""
IN = "in ( select admissions.hadm_id from admissions where admissions.subject_id = {} )"


def hospital(patients: int = 6) -> sqlite3.Connection:
    """Patients 9001 and up, each with one stay from 2103 on, three labs and a drug or two."""
    db = sqlite3.connect(":memory:")
    db.executescript(SCHEMA)
    labs = ["glucose", "potassium", "pco2"]
    db.executemany(
        "insert into d_labitems values (?, ?, ?)", [(n, 500 + n, lab) for n, lab in enumerate(labs)]
    )
    codes = [("c0", "fx arm-closed", "closed fracture of arm"), ("c1", "anemia nos", "anemia")]
    db.executemany(
        "insert into d_icd_diagnoses values (?, ?, ?, ?)", [(n, *c) for n, c in enumerate(codes)]
    )
    for n in range(patients):
        admit(db, n)
    return db


def admit(db: sqlite3.Connection, n: int) -> None:
    subject, stay, day = 9001 + n, 700 + n, f"2103-0{1 + n % 9}-1"
    db.execute(
        "insert into patients values (?, ?, ?, ?, null)", (n, subject, "fm"[n % 2], "2050-01-01")
    )
    db.execute(
        "insert into admissions values (?, ?, ?, ?, ?, ?)",
        (n, subject, stay, f"{day}0 08:00:00", f"{day}5 10:00:00", 50 + n),
    )
    db.execute(
        "insert into diagnoses_icd values (?, ?, ?, ?, ?)",
        (n, subject, stay, f"c{n % 2}", f"{day}0 08:00:00"),
    )
    for k in range(3):
        db.execute(
            "insert into labevents values (?, ?, ?, ?, ?, ?, ?)",
            (3 * n + k, subject, stay, 500 + k, f"{day}1 0{k}:00:00", 1.5 + n + k, "u"),
        )
    for k, drug in enumerate(["aspirin", "heparin"][: 1 + n % 2]):
        db.execute(
            "insert into prescriptions values (?, ?, ?, ?, ?, ?, ?)",
            (2 * n + k, subject, stay, f"{day}1 00:00:00", drug, "100", "po"),
        )


def record(query: str | None, question: str = "What is it?", **fields: Any) -> dict[str, Any]:
    """A record as EHRSQL publishes it; None for the query makes it impossible."""
    return {
        "db_id": "mimic_iii",
        "id": "q1",
        "question": question,
        "template": "what is it?",
        "query": query if query is not None else "null",
        "is_impossible": query is None,
        "split": "valid",
    } | fields


def write(folder: Path, records: object, name: str = "valid.json") -> Path:
    """Write a question file; give its folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(json.dumps(records), "utf-8")
    return folder
