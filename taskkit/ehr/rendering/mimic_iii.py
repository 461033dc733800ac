"""The embedded MIMIC-III: the hospital in the schema of EHRSQL, the same bytes for a seed."""

from __future__ import annotations

from pathlib import Path

from taskkit.build.origin import Origin, Progress, silent
from taskkit.ehr import clock
from taskkit.ehr.course.stay import Done, Stay
from taskkit.ehr.rendering.mimic import MimicRecords, Release, Size, columns
from taskkit.ehr.rendering.recipe import write_synthetic
from taskkit.ehr.rendering.vocabulary import Vocabulary, read_vocabulary
from taskkit.ehr.rendering.wards import Wards

CM_PER_INCH = 2.54
SIGNS = {
    "temperature": "temperature c (calc)",
    "saturation": "sao2",
    "heart rate": "heart rate",
    "respiratory rate": "respiratory rate",
    "systolic": "arterial bp [systolic]",
    "diastolic": "arterial bp [diastolic]",
    "mean": "arterial bp mean",
}
"""What MIMIC-III calls the vital signs."""
WAYS = {"inputevents_cv": "in", "outputevents": "out"}
COLUMNS = {
    "transfers": columns(0, 1, 2, 4, 5, 6, 7, 8),
    "inputevents_cv": columns(0, 1, 2, 3, 4, 5),
    "outputevents": columns(0, 1, 2, 3, 4, 5),
    "microbiologyevents": columns(0, 1, 2, 3, 5),
}
"""Moves have no id of their own, volumes no unit, cultures no test."""


def generate(
    path: Path,
    *,
    domain: Path,
    patients: int = 1000,
    seed: int = 0,
    progress: Progress = silent,
    first: int = 0,
) -> Origin:
    """Write the hospital as a MIMIC-III database, and say what it is.

    A patient depends on the seed and their number alone: more patients leave the earlier as
    they are. Memory does not grow with the count.

    Args:
        path: The SQLite file to write; appears when complete.
        domain: Folder of the domain `mimic`, with schema.sql, indexes.sql and vocabulary/.
        patients: How many, up to `MAX_PATIENTS`.
        seed: Any whole number.
        progress: Told of each hundred patients.
        first: Number of the first patient.

    Raises:
        UsageError: ``patients`` is out of range.
    """
    words = domain / "vocabulary"
    release = mimic_iii(read_vocabulary(words))
    return write_synthetic(
        path,
        "MIMIC-III",
        domain / "schema.sql",
        sorted(words.iterdir()),
        lambda writer: MimicRecords(writer, release, seed),
        patients=patients,
        seed=seed,
        progress=progress,
        first=first,
    )


def mimic_iii(vocabulary: Vocabulary) -> Release:
    """What MIMIC-III calls things."""
    vitals = {vital.label: vital for vital in vocabulary.vitals}
    return Release(
        calendar=clock.USUAL,
        wards=Wards(vocabulary.wards),
        labs={lab.label: lab.itemid for lab in vocabulary.labs},
        signs={name: vitals[label] for name, label in SIGNS.items()},
        weight=Size(vitals["admit wt"], 1),
        height=Size(vitals["admit ht"], 1 / CM_PER_INCH),
        volumes={
            (one.label, WAYS[one.linksto]): (one.linksto, one.itemid) for one in vocabulary.volumes
        },
        dictionaries={
            "d_icd_diagnoses": [(d.code, d.short, d.long) for d in vocabulary.diagnoses],
            "d_icd_procedures": [(p.code, p.short, p.long) for p in vocabulary.procedures],
            "d_labitems": [(lab.itemid, lab.label) for lab in vocabulary.labs],
            "d_items": [
                *((vital.itemid, vital.label, "chartevents") for vital in vocabulary.vitals),
                *((volume.itemid, volume.label, volume.linksto) for volume in vocabulary.volumes),
            ],
        },
        procedure_time=_discharge,
        columns=COLUMNS,
    )


def _discharge(stay: Stay, _: Done) -> int:
    return stay.discharged
