"""The database of the domain mimic, from the CSV files of MIMIC-III: the steps of EHRSQL's build.

Two differences: values are permuted over the patients taken, where EHRSQL permutes most tables over
all patients first, so that memory stays that of the patients taken; and events of an ICU stay that
is not in the database are left out.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from random import Random

from taskkit.build.origin import Origin, Progress, silent
from taskkit.ehr.releases.mimic import stays as mimic_stays
from taskkit.ehr.releases.mimic.events import (
    cultures,
    identifiers,
    labs,
    moved,
    prescriptions,
    vitals,
    volumes,
)
from taskkit.ehr.releases.mimic.options import MimicOptions, earliest, files
from taskkit.ehr.releases.mimic.stays import Stays
from taskkit.ehr.tables.column import Cell, Column, Listed
from taskkit.ehr.tables.csv_tables import TableFolder
from taskkit.ehr.tables.database import DatabaseWriter, tables
from taskkit.ehr.tables.prices import SeededPrices
from taskkit.ehr.tables.recorder import EventTable, Recorder, numbered
from taskkit.ehr.tables.release import Releases
from taskkit.ehr.tables.spool import Row

FILES = (
    *("patients", "admissions", "icustays", "transfers"),
    *("d_icd_diagnoses", "d_icd_procedures", "d_labitems", "d_items"),
    *("diagnoses_icd", "labevents", "procedures_icd", "prescriptions"),
    *("chartevents", "inputevents_cv", "outputevents", "microbiologyevents"),
)
VITALS = frozenset({677, 834, 211, 618, 51, 8368, 52, 762, 920})
# temperature C (calculated), SaO2, heart rate, respiratory rate, arterial blood pressure systolic,
# diastolic and mean, admission weight and height: the items that EHRSQL asks about
LINKS = frozenset({"inputevents_cv", "outputevents", "chartevents"})

DEMO = "6efe3e8aa7b632bce0298cd1c69e296fdce1950b341fefe83960cef85b137142"
NAME = "MIMIC-III Clinical Database Demo 1.4"
ROWS = {
    **{"patients": 100, "admissions": 129, "icustays": 136, "transfers": 524},
    **{"d_icd_diagnoses": 14_567, "d_icd_procedures": 3_882, "d_labitems": 753},
    **{"d_items": 12_487, "diagnoses_icd": 1_761, "labevents": 76_074, "procedures_icd": 506},
    **{"prescriptions": 10_398, "chartevents": 758_355, "inputevents_cv": 34_799},
    **{"outputevents": 11_320, "microbiologyevents": 2_003},
}
"""Of the demo's tables, as published."""
FULL = {
    **{"patients": 46_520, "admissions": 58_976, "icustays": 61_532, "transfers": 261_897},
    **{"d_icd_diagnoses": 14_567, "d_icd_procedures": 3_882, "d_labitems": 753},
    **{"d_items": 12_487, "diagnoses_icd": 651_047, "labevents": 27_854_055},
    **{"procedures_icd": 240_095, "prescriptions": 4_156_450, "chartevents": 330_712_483},
    **{"inputevents_cv": 17_527_935, "outputevents": 4_349_218, "microbiologyevents": 631_726},
}
"""Of the tables of release 1.4, as its authors' checks of a database have them."""
RELEASES = Releases(
    title="MIMIC-III Clinical Database",
    open={DEMO: NAME},
    full={(46_520, 58_976): ("1.4",)},
    rows={NAME: ROWS, "1.4": FULL},
)
PATIENT = ("subject_id", "hadm_id")
ICU = (*PATIENT, "icustay_id", "charttime")
DIAGNOSES = EventTable(
    "diagnoses_icd", (*PATIENT, "charttime"), ("icd9_code",), "charttime", priced="icd9_code"
)
PROCEDURES = EventTable(
    "procedures_icd", (*PATIENT, "charttime"), ("icd9_code",), "charttime", priced="icd9_code"
)
LABS = EventTable(
    "labevents",
    (*PATIENT, "charttime"), ("itemid", "valuenum", "valueuom"), "charttime", priced="itemid",
)  # fmt: skip
PRESCRIPTIONS = EventTable(
    "prescriptions",
    (*PATIENT, "startdate", "enddate"), ("drug", "dose_val_rx", "dose_unit_rx", "route"),
    time="startdate", end="enddate", priced="drug",
)  # fmt: skip
CHART = EventTable("chartevents", ICU, ("itemid", "valuenum", "valueuom"), "charttime")
INPUT = EventTable("inputevents_cv", ICU, ("itemid", "amount"), "charttime")
OUTPUT = EventTable("outputevents", ICU, ("itemid", "value"), "charttime")
CULTURES = EventTable(
    "microbiologyevents", (*PATIENT, "charttime"), ("spec_type_desc", "org_name"), "charttime"
)


def build_mimic_iii(
    source: Path,
    target: Path,
    options: MimicOptions,
    domain: Path,
    progress: Progress = silent,
) -> Origin:
    """Write the database ``target`` from a folder of MIMIC-III tables; say what they are.

    Args:
        source: Holds PATIENTS.csv and so on, of the demo or a full release, gzipped or not.
        target: The SQLite file to make; appears only when it is whole.
        options: The choices.
        domain: The folder of the domain, with schema.sql and indexes.sql.
        progress: Told the bytes read, of those there are to read.

    Raises:
        SourceError: a file is missing, broken, or not what its name says.
    """
    folder = TableFolder(source, files(FILES, options), progress)
    schema = (domain / "schema.sql").read_text("utf-8")
    with DatabaseWriter(
        target, schema, (domain / "indexes.sql").read_text("utf-8"), source
    ) as writer:
        patients, admissions = mimic_stays.read(folder)
        stays = mimic_stays.choose(patients, admissions, options)
        recorder = Recorder(
            writer=writer,
            columns=tables(schema),
            shift=stays.shift,
            earliest=earliest(options),
            shuffle_seed=str(options.seed) if options.shuffle_values else None,
            prices=SeededPrices(options.seed),
            scratch=target.parent,
        )
        writer.insert("patients", numbered(stays.patients))
        writer.insert("admissions", numbered(stays.admissions))
        _write_events(folder, stays, recorder, options)
        writer.finish()
    return RELEASES.origin(
        (f"{p.subject} {p.gender} {p.born}" for p in patients),
        (f"{a.subject} {a.hadm} {a.admitted} {a.discharged}" for a in admissions),
        folder,
    )


def _write_events(
    folder: TableFolder, stays: Stays, recorder: Recorder, options: MimicOptions
) -> None:
    taken = frozenset(admission.hadm for admission in stays.admissions)
    ids = identifiers(folder, taken)
    units = _write_places(folder, ids, stays, recorder, options)
    named = _write_dictionaries(folder, recorder.writer)
    recorder.write(
        DIAGNOSES, _coded(folder, DIAGNOSES, ids, named["d_icd_diagnoses"], stays.admitted)
    )
    items = named["d_labitems"]
    recorder.write(LABS, labs(folder, ids, items, known=items))
    recorder.write(
        PROCEDURES, _coded(folder, PROCEDURES, ids, named["d_icd_procedures"], stays.discharged)
    )
    recorder.write(
        PRESCRIPTIONS,
        prescriptions(folder, ids, PRESCRIPTIONS, one_unit=options.one_unit_per_drug),
    )
    unit = Column("icustay_id", "integer", "skip", among=units)
    icu = (*ids, unit, Column("charttime", "time", "skip"))
    recorder.write(CHART, vitals(folder, icu, VITALS))
    items = named["d_items"]
    recorder.write(INPUT, volumes(folder, INPUT, icu, items, "amount", "amountuom"))
    recorder.write(OUTPUT, volumes(folder, OUTPUT, icu, items, "value", "valueuom"))
    recorder.write(CULTURES, cultures(folder, ids, CULTURES.values))


def _write_places(
    folder: TableFolder,
    ids: Sequence[Column],
    stays: Stays,
    recorder: Recorder,
    options: MimicOptions,
) -> frozenset[Cell]:
    """Write the ICU stays and the transfers; give the ids of the stays."""
    columns = (
        *ids,
        Column("icustay_id", "integer", unique=True),
        Column("first_careunit", "text"),
        Column("last_careunit", "text"),
        Column("first_wardid", "integer"),
        Column("last_wardid", "integer"),
        Column("intime", "time", "skip"),
        Column("outtime", "time", "null"),
    )
    found = list(moved(folder.rows("icustays", columns), stays.shift))
    care = [row[3:7] for row in found]
    if options.shuffle_values:
        Random(f"{options.seed}/shuffle/icustays").shuffle(care)
    renamed = {
        row[2]: dict(zip(row[3:7], new, strict=True)) for row, new in zip(found, care, strict=True)
    }
    recorder.writer.insert(
        "icustays",
        numbered((*r[:3], *new, *r[7:]) for r, new in zip(found, care, strict=True)),
    )
    columns = (
        *ids,
        Column("icustay_id", "integer", "null"),
        Column("eventtype", "text", "skip"),
        Column("curr_careunit", "text", "null"),
        Column("curr_wardid", "integer", "null"),
        Column("intime", "time", "skip"),
        Column("outtime", "time", "null"),
    )
    transfers = moved(folder.rows("transfers", columns), stays.shift)
    recorder.writer.insert("transfers", numbered(_renamed(transfers, renamed)))
    return frozenset(renamed)


def _renamed(rows: Iterator[Row], renamed: Mapping[Cell, Mapping[Cell, Cell]]) -> Iterator[Row]:
    for subject, hadm, unit, event, care, ward, *times in rows:
        names = renamed.get(unit, {})
        known = unit if unit in renamed else None
        yield subject, hadm, known, event, names.get(care, care), names.get(ward, ward), *times


def _write_dictionaries(folder: TableFolder, writer: DatabaseWriter) -> dict[str, frozenset[Cell]]:
    """Write what codes and items mean; give the codes by dictionary."""
    titles = (Column("short_title", "text", "skip"), Column("long_title", "text", "skip"))
    label = Column("label", "text", "skip")
    wanted = {
        "d_icd_diagnoses": (Column("icd9_code", "text", "skip", unique=True), *titles),
        "d_icd_procedures": (Column("icd9_code", "text", "skip", unique=True), *titles),
        "d_labitems": (Column("itemid", "integer", unique=True), label),
        "d_items": (
            Column("itemid", "integer", unique=True),
            label,
            Column("linksto", "text", "skip", among=LINKS)
        ),
    }  # fmt: skip
    named = {}
    for table, columns in wanted.items():
        entries = list(folder.rows(table, columns))
        writer.insert(table, numbered(entries))
        named[table] = frozenset(entry[0] for entry in entries)
    return named


def _coded(
    folder: TableFolder,
    table: EventTable,
    ids: Sequence[Column],
    codes: Collection[Cell],
    times: Mapping[int, str],
) -> Iterator[Row]:
    """Give diagnoses and procedures, which have no time of their own, the stay's."""
    listed = Listed(codes, f"d_icd_{table.name.removesuffix('_icd')}")
    code = Column("icd9_code", "text", "skip", among=codes, listed=listed)
    for subject, hadm, value in folder.rows(table.name, (*ids, code)):
        yield subject, hadm, times.get(int(hadm or 0)), value
