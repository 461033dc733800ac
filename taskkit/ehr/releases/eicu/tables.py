"""The database of the domain eicu, from the CSV files of eICU: the steps of EHRSQL's build.

Differences: hospital stays of one patient do not overlap; values are permuted over the patients
taken, so that memory stays theirs; a culture stands once for each organism. Tables that the source
lacks are left empty.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from taskkit.build.counting import counts
from taskkit.build.origin import Origin, Progress, silent
from taskkit.ehr.releases.eicu import cohort as eicu_cohort
from taskkit.ehr.releases.eicu.events import VITALS, Events
from taskkit.ehr.releases.mimic.options import CohortOptions, earliest
from taskkit.ehr.tables.column import Column
from taskkit.ehr.tables.csv_tables import TableFolder
from taskkit.ehr.tables.database import DatabaseWriter, tables
from taskkit.ehr.tables.prices import SeededPrices
from taskkit.ehr.tables.recorder import EventTable, Recorder
from taskkit.ehr.tables.release import Releases
from taskkit.ehr.tables.shift import Shift

DEMO = "eICU Collaborative Research Database Demo"
RELEASES = Releases(
    title="eICU Collaborative Research Database",
    open={
        "897ad29896d357ad01c394e85db258b227ab3372891e1c9944c6e4cc48654ffd": f"{DEMO} 2.0.1",
        "04a416ac572ae32a5827b26be20e9d6201f5ab825b363a5f4e98f10feb392a05": (
            f"{DEMO} 2.0.1, 100 patients"
        ),
    },
    full={(139_367, 166_355): ("2.0",)},
    rows={
        f"{DEMO} 2.0.1": {
            **{"patient": 2_520, "diagnosis": 24_978, "treatment": 38_290, "medication": 75_604},
            **{"allergy": 2_475, "intakeoutput": 100_466, "microlab": 342},
        },
        f"{DEMO} 2.0.1, 100 patients": {
            **{"patient": 174, "diagnosis": 1_518, "treatment": 2_359, "medication": 4_964},
            "lab": 29_961,
        },
    },
    contents={
        f"{DEMO} 2.0.1": {
            **{"patient": "2ba8fc9b193cb26b", "diagnosis": "b1adeaffb438b889"},
            **{"treatment": "d78809601962962a", "medication": "d7c4c1322783f6cf"},
            **{"allergy": "947153a1ca0c38bb", "microlab": "2ccb624244b8b2cb"},
        },
    },
)
OWN = ("patientunitstayid", "uniquepid", "patienthealthsystemstayid")
PAYER = ("uniquepid", "patienthealthsystemstayid")
READ_TWICE = ("diagnosis", "treatment")


class EicuOptions(CohortOptions):
    """The choices for eICU; the defaults are EHRSQL's."""

    younger_than: Annotated[int, counts("folder")] = 200
    """Leave out stays at this age and above, in years; the source calls 90 what is above 89."""
    one_path_per_name: Annotated[bool, counts("folder")] = True
    """Keep a diagnosis or treatment under the most frequent of the paths that lead to its name."""


def _table(
    name: str, time: str, *values: str, own: tuple[str, ...] = (), priced: str | None = None
) -> EventTable:
    return EventTable(
        name, (*OWN, time, *own), values, time, priced=priced, key=f"{name}id", payer=PAYER
    )


DIAGNOSIS = _table(
    "diagnosis", "diagnosistime", "diagnosisname", "icd9code", priced="diagnosisname"
)
TREATMENT = _table("treatment", "treatmenttime", "treatmentname", priced="treatmentname")
LAB = _table("lab", "labresulttime", "labname", "labresult", priced="labname")
MEDICATION = EventTable(
    "medication",
    (*OWN, "drugstarttime", "drugstoptime"), ("drugname", "dosage", "routeadmin"),
    time="drugstarttime", end="drugstoptime", priced="drugname", key="medicationid", payer=PAYER,
)  # fmt: skip
ALLERGY = _table("allergy", "allergytime", "drugname", "allergyname")
VOLUMES = _table("intakeoutput", "intakeoutputtime", "cellpath", "celllabel", "cellvaluenumeric")
CULTURES = _table("microlab", "culturetakentime", "culturesite", "organism")
MONITOR = _table("vitalperiodic", "observationtime", own=("temperature", *VITALS, "systemicmean"))
TABLES = (DIAGNOSIS, TREATMENT, LAB, MEDICATION, ALLERGY, VOLUMES, CULTURES, MONITOR)


def build_eicu(
    source: Path,
    target: Path,
    options: EicuOptions,
    domain: Path,
    progress: Progress = silent,
) -> Origin:
    """Write the database ``target`` from a folder of eICU tables; say what they are.

    Args:
        source: Holds patient.csv and what else there is, of the demo or a full release, gzipped
            or not.
        target: The SQLite file to make; appears only when it is whole.
        options: The choices.
        domain: The folder of the domain, with schema.sql and indexes.sql.
        progress: Told the bytes read, of those there are to read.

    Raises:
        SourceError: the table patient is missing, or a file is broken or not what its name says.
    """
    again = ("lab", *(READ_TWICE if options.one_path_per_name else ()))
    optional = (*(table.name for table in TABLES), *again)
    folder = TableFolder(source, ("patient",), progress, optional)
    schema = (domain / "schema.sql").read_text("utf-8")
    with DatabaseWriter(
        target, schema, (domain / "indexes.sql").read_text("utf-8"), source
    ) as writer:
        stays = eicu_cohort.read(folder)
        cohort = eicu_cohort.choose(stays, options)
        writer.insert("patient", cohort.rows)
        now = options.current_time if options.shift_times else None
        recorder = Recorder(
            writer=writer,
            columns=tables(schema),
            shift=Shift(dict.fromkeys(cohort.starts, 0), now),
            earliest=earliest(options),
            shuffle_seed=str(options.seed) if options.shuffle_values else None,
            prices=SeededPrices(options.seed),
            scratch=target.parent,
        )
        events = Events(folder, cohort)
        one_path = options.one_path_per_name
        code = Column("icd9code", "text", "null")
        readings = {
            DIAGNOSIS: lambda: events.named("diagnosis", (code,), one_path=one_path),
            TREATMENT: lambda: events.named("treatment", one_path=one_path),
            LAB: events.labs,
            MEDICATION: events.orders,
            ALLERGY: events.allergies,
            VOLUMES: events.volumes,
            CULTURES: events.cultures,
            MONITOR: events.vitals,
        }
        for table, reading in readings.items():
            if table.name in folder.paths:
                recorder.write(table, reading())
        writer.finish()
    return RELEASES.origin(
        sorted({f"{s.person} {s.gender}" for s in stays}),
        sorted({f"{s.person} {s.stay} {s.year} {s.clock}" for s in stays}),
        folder,
        events.left_out,
    )
