"""A database of the annotated admissions, and their notes, from the CSV files of MIMIC-III."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

from taskkit.build.origin import Origin, Progress, silent
from taskkit.ehr.releases.mimic_iii.tables import RELEASES
from taskkit.ehr.tables.column import Cell, Column
from taskkit.ehr.tables.csv_tables import TableFolder
from taskkit.errors import SourceError
from taskkit.notes.lexicon import number

TEXTS = "noteevents"
YEARS = 4  # characters of a date, which are its year
SHIFTED = 150  # years: above that an age is one that the publisher has hidden
OLDEST = 90
Columns = Sequence[Column]


def _text(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name, "text", "null") for name in names)


def _time(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name, "time", "null") for name in names)


def _number(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name, "number", "null") for name in names)


UNIT = Column("icustay_id", "integer", "null")
ITEM = Column("itemid", "integer")
EVENTS: Mapping[str, Columns] = {
    "icustays": (UNIT, *_text("first_careunit"), *_time("intime", "outtime")),
    "diagnoses_icd": _text("icd9_code"),
    "procedures_icd": _text("icd9_code"),
    "labevents": (ITEM, *_time("charttime"), *_number("valuenum"), *_text("valueuom")),
    "chartevents": (UNIT, ITEM, *_time("charttime"), *_number("valuenum"), *_text("valueuom")),
    "inputevents_cv": (UNIT, ITEM, *_time("charttime"), *_number("amount")),
    "outputevents": (UNIT, ITEM, *_time("charttime"), *_number("value")),
    "prescriptions": (
        *_time("startdate", "enddate"),
        *_text("drug", "dose_val_rx", "dose_unit_rx", "route"),
    ),
    "microbiologyevents": (*_time("charttime", "chartdate"), *_text("org_name", "spec_type_desc")),
}
"""What is kept of the events of an admission, beside its patient and itself."""
DICTIONARIES: Mapping[str, Columns] = {
    "d_labitems": (ITEM, *_text("label")),
    "d_items": (ITEM, *_text("label")),
    "d_icd_diagnoses": _text("icd9_code", "short_title", "long_title"),
    "d_icd_procedures": _text("icd9_code", "short_title", "long_title"),
}


@dataclass(frozen=True)
class Letter:
    """A note of NOTEEVENTS."""

    subject: int
    hadm: int
    written: str | None
    text: str


def read_letters(
    source: Path, rows: Collection[int], progress: Progress = silent
) -> dict[int, Letter]:
    """Give the notes of some ROW_IDs.

    Raises:
        SourceError: there is no NOTEEVENTS in the folder.
    """
    folder = TableFolder(source, (TEXTS,), progress)
    columns = (
        Column("row_id", "integer", among=frozenset(rows)),
        Column("subject_id", "integer", "skip"),
        Column("hadm_id", "integer", "skip"),
        Column("chartdate", "time", "null"),
        Column("text", "verbatim", "skip"),
    )
    return {
        int(str(row)): Letter(int(str(subject)), int(str(hadm)), _day(written), str(text))
        for row, subject, hadm, written, text in folder.rows(TEXTS, columns)
    }


def _day(written: Cell) -> str | None:
    return None if written is None else str(written)[:10]


def write_tables(
    source: Path, target: Path, admissions: Collection[int], progress: Progress = silent
) -> Origin:
    """Write all that MIMIC-III says of some admissions; times and values stay as they are.

    Raises:
        SourceError: a table is missing or broken, or an admission is not in it.
    """
    names = ("patients", "admissions", *EVENTS, *DICTIONARIES)
    folder = TableFolder(source, names, progress)
    with closing(sqlite3.connect(target)) as connection:
        lines = _people(folder, connection, frozenset(admissions))
        ids = (
            Column("subject_id", "integer"),
            Column("hadm_id", "integer", "skip", among=frozenset(admissions)),
        )
        for table, own in EVENTS.items():
            _copy(folder, connection, table, (*ids, *own), CHANGED.get(table))
        for table, own in DICTIONARIES.items():
            _copy(folder, connection, table, own)
        for table in EVENTS:
            connection.execute(f"create index {table}_stay on {table} (hadm_id)")
        for table in ("chartevents", "inputevents_cv", "outputevents"):
            connection.execute(f"create index {table}_unit on {table} (icustay_id)")
        connection.commit()
        connection.execute("vacuum")
    return RELEASES.origin(*lines, folder)


def _people(
    folder: TableFolder, connection: sqlite3.Connection, wanted: frozenset[int]
) -> tuple[list[str], list[str]]:
    """Write patients and admissions; give a line for each that the source has."""
    columns = (Column("subject_id", "integer", unique=True), *_text("gender"), *_time("dob"))
    patients = {row[0]: row for row in folder.rows("patients", columns)}
    stays = list(
        folder.rows(
            "admissions",
            (
                *(Column("subject_id", "integer"), Column("hadm_id", "integer", unique=True)),
                *_time("admittime", "dischtime"),
                *_text("discharge_location"),
            ),
        )
    )
    absent = wanted - {row[1] for row in stays}
    if absent:
        raise SourceError(
            f"{folder.folder}: admission {min(absent)}: not in ADMISSIONS ({len(absent)} of"
            f" {len(wanted)} annotated ones are not): need MIMIC-III 1.4, whole"
        )
    taken = [row for row in stays if row[1] in wanted]
    kept = {row[0] for row in taken}
    connection.execute("create table patients (subject_id, gender, dob)")
    chosen = [row for subject, row in patients.items() if subject in kept]
    connection.executemany("insert into patients values (?,?,?)", chosen)
    connection.execute(
        "create table admissions (subject_id, hadm_id, admittime, dischtime, discharge_location,"
        " age)"
    )
    aged = [(*row, _age(patients.get(row[0]), row[2])) for row in taken]
    connection.executemany("insert into admissions values (?,?,?,?,?,?)", aged)
    people = [" ".join(map(str, row)) for row in patients.values()]
    return people, [" ".join(map(str, row[:4])) for row in stays]


def _age(patient: tuple[Cell, ...] | None, admitted: Cell) -> int | None:
    if patient is None or patient[2] is None or admitted is None:
        return None
    years = int(str(admitted)[:YEARS]) - int(str(patient[2])[:YEARS])
    return OLDEST if years > SHIFTED else years


def _copy(
    folder: TableFolder,
    connection: sqlite3.Connection,
    table: str,
    columns: Columns,
    change: Callable[[tuple[Cell, ...]], tuple[Cell, ...]] | None = None,
) -> None:
    connection.execute(f"create table {table} ({', '.join(one.name for one in columns)})")
    rows = folder.rows(table, columns)
    places = ",".join("?" * len(columns))
    changed = map(change, rows) if change is not None else rows
    connection.executemany(f"insert into {table} values ({places})", changed)


def _dosed(row: tuple[Cell, ...]) -> tuple[Cell, ...]:
    """Write a dose as statements do: `40.0` and `1,000` as `40` and `1000`."""
    *before, dose, unit, route = row
    with suppress(ValueError):
        dose = number(float(str(dose).replace(",", ""))) if dose is not None else None
    return *before, dose, unit, route


def _dated(row: tuple[Cell, ...]) -> tuple[Cell, ...]:
    """Take the day of a culture whose time is not known."""
    subject, hadm, time, day, *found = row
    return subject, hadm, time or day, day, *found


CHANGED: Mapping[str, Callable[[tuple[Cell, ...]], tuple[Cell, ...]]] = {
    "prescriptions": _dosed,
    "microbiologyevents": _dated,
}
