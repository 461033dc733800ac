"""The embedded MIMIC-IV: the hospital in the schema of EHRSQL-2024, five years earlier.

Diagnoses and procedures are coded in ICD-9 throughout. What MIMIC-IV calls things is in the
vocabulary of the domain `mimic-iv`; titles of codes and tests are those of the domain `mimic`.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

from taskkit.build.origin import Origin, Progress, silent
from taskkit.ehr.clock import DAY, Calendar
from taskkit.ehr.course.stay import Done, Stay
from taskkit.ehr.rendering.mimic import MimicRecords, Release, Size, columns
from taskkit.ehr.rendering.recipe import write_synthetic
from taskkit.ehr.rendering.vocabulary import (
    Vital,
    Vocabulary,
    read_vocabulary,
    read_wards,
    read_words,
)
from taskkit.ehr.rendering.wards import Wards
from taskkit.ehr.tables.database import Value

CALENDAR = Calendar(date(2095, 1, 1))
"""EHRSQL-2024's current time is the end of 2100."""
TABLES = {"in": "inputevents", "out": "outputevents"}
VOLUME_BASE = 225_000  # MIMIC-IV numbers what is charted from 220,000 on
COLUMNS = {
    "admissions": columns(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11),
    "transfers": columns(0, 1, 3, 4, 5, 7, 8),
    "icustays": columns(0, 1, 2, 3, 4, 7, 8),
}
"""No ethnicity, no numbers of wards; a move has an id of its own."""


def generate_mimic_iv(
    path: Path,
    *,
    domain: Path,
    patients: int = 1000,
    seed: int = 0,
    progress: Progress = silent,
    first: int = 0,
) -> Origin:
    """Write the hospital as a MIMIC-IV database, and say what it is.

    The patients are those of the synthetic MIMIC-III of the same seed.

    Args:
        path: The SQLite file to write; appears when complete.
        domain: Folder of the domain `mimic-iv`; `mimic` lies beside it.
        patients: How many, up to `MAX_PATIENTS`.
        seed: Any whole number.
        progress: Told of each hundred patients.
        first: Number of the first patient.

    Raises:
        UsageError: ``patients`` is out of range.
    """
    own, shared = domain / "vocabulary", domain.parent / "mimic" / "vocabulary"
    release = mimic_iv(own, read_vocabulary(shared))
    return write_synthetic(
        path,
        "MIMIC-IV",
        domain / "schema.sql",
        [*sorted(own.iterdir()), *sorted(shared.iterdir())],
        lambda writer: MimicRecords(writer, release, seed),
        patients=patients,
        seed=seed,
        progress=progress,
        first=first,
    )


def mimic_iv(own: Path, shared: Vocabulary) -> Release:
    """What MIMIC-IV calls things.

    Args:
        own: Folder of its vocabulary.
        shared: The codes and tests, which it has in common with MIMIC-III.
    """
    charted = dict(read_words(own / "vitals.tsv", _vital))
    volumes = dict(read_words(own / "volumes.tsv", _volume))
    items: list[tuple[Value, ...]] = [
        *((vital.itemid, vital.label, short, "chartevents") for vital, short in charted.values()),
        *((item, label, short, table) for table, item, label, short in volumes.values()),
    ]
    signs = {name: vital for name, (vital, _) in charted.items()}
    return Release(
        calendar=CALENDAR,
        wards=Wards(read_wards(own)),
        labs={lab.label: lab.itemid for lab in shared.labs},
        signs=signs,
        weight=Size(signs["weight"], 1),
        height=Size(signs["height"], 1),
        volumes={name: volume[:2] for name, volume in volumes.items()},
        dictionaries={
            "d_icd_diagnoses": [(_icd9(d.code), d.long) for d in shared.diagnoses],
            "d_icd_procedures": [(_icd9(p.code), p.long) for p in shared.procedures],
            "d_labitems": [(lab.itemid, lab.label) for lab in shared.labs],
            "d_items": items,
        },
        procedure_time=_day,
        code=_icd9,
        words=dict(read_words(own / "admissions.tsv", _word)),
        tests=dict(
            read_words(own / "specimens.tsv", lambda _, row: (row["specimen"], row["test"]))
        ),
        columns=COLUMNS,
    )


def _day(stay: Stay, done: Done) -> int:
    """The start of a procedure's day, or the discharge where the stay had not yet begun then."""
    start = done.minute // DAY * DAY
    return start if start >= stay.admitted else stay.discharged


def _icd9(code: str) -> str:
    return f"icd9|{code}"


def _vital(_: int, row: dict[str, str]) -> tuple[str, tuple[Vital, str]]:
    low, high, decimals = float(row["min"]), float(row["max"]), int(row["decimals"])
    vital = Vital(int(row["itemid"]), row["label"], row["unit"], low, high, decimals)
    return row["course"], (vital, row["abbreviation"])


def _volume(place: int, row: dict[str, str]) -> tuple[tuple[str, str], tuple[str, int, str, str]]:
    item = VOLUME_BASE + place
    said = (TABLES[row["way"]], item, row["label"], row["abbreviation"])
    return (row["course"], row["way"]), said


def _word(_: int, row: dict[str, str]) -> tuple[tuple[str, str], str]:
    return (row["field"], row["course"]), row["name"]


def _test(_: int, row: dict[str, str]) -> tuple[str, str]:
    return row["specimen"], row["test"]
