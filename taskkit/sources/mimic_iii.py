"""The database of the domain mimic, from the CSV files of MIMIC-III: the steps of EHRSQL's build.

Two differences: values are permuted over the patients taken, where EHRSQL permutes most tables over
all patients first, so that memory stays that of the patients taken; and events of an ICU stay that
is not in the database are left out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from random import Random

from taskkit.sources import mimic_stays
from taskkit.sources.column import Cell, Column
from taskkit.sources.csv_tables import TableFolder
from taskkit.sources.database import DatabaseWriter, tables
from taskkit.sources.mimic_options import MimicOptions, earliest
from taskkit.sources.mimic_stays import Stays
from taskkit.sources.origin import Origin, Progress, silent
from taskkit.sources.prices import SeededPrices
from taskkit.sources.recorder import EventTable, Recorder, numbered
from taskkit.sources.release import Releases
from taskkit.sources.spool import Row

FILES = (
    *("patients", "admissions", "icustays", "transfers"),
    *("d_icd_diagnoses", "d_icd_procedures", "d_labitems", "d_items"),
    *("diagnoses_icd", "labevents", "procedures_icd", "prescriptions", "prescriptions"),
    *("chartevents", "inputevents_cv", "outputevents", "microbiologyevents"),
)  # the order of reading; prescriptions are read twice
VITALS = frozenset({677, 834, 211, 618, 51, 8368, 52, 762, 920})
# temperature C (calculated), SaO2, heart rate, respiratory rate, arterial blood pressure systolic,
# diastolic and mean, admission weight and height: the items that EHRSQL asks about
LINKS = frozenset({"inputevents_cv", "outputevents", "chartevents"})
CARE = ("first_careunit", "last_careunit", "first_wardid", "last_wardid")

RELEASES = Releases(
    title="MIMIC-III Clinical Database",
    open={
        "6efe3e8aa7b632bce0298cd1c69e296fdce1950b341fefe83960cef85b137142": "MIMIC-III Clinical Database Demo 1.4"
    },
    full={(46_520, 58_976): "1.4"},
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
    folder = TableFolder(source, FILES, progress)
    schema = (domain / "schema.sql").read_text("utf-8")
    with DatabaseWriter(target, schema, (domain / "indexes.sql").read_text("utf-8")) as writer:
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
        folder.digest(),
    )


def _write_events(
    folder: TableFolder, stays: Stays, recorder: Recorder, options: MimicOptions
) -> None:
    taken = frozenset(admission.hadm for admission in stays.admissions)
    ids = (Column("subject_id", "integer"), Column("hadm_id", "integer", "skip", among=taken))
    units = _write_places(folder, ids, stays, recorder, options)
    named = _write_dictionaries(folder, recorder.writer)
    recorder.write(
        DIAGNOSES, _coded(folder, DIAGNOSES, ids, named["d_icd_diagnoses"], stays.admitted)
    )
    recorder.write(LABS, _labs(folder, ids, named["d_labitems"]))
    recorder.write(
        PROCEDURES, _coded(folder, PROCEDURES, ids, named["d_icd_procedures"], stays.discharged)
    )
    recorder.write(PRESCRIPTIONS, _prescriptions(folder, ids, options))
    icu = (
        *ids, Column("icustay_id", "integer", "skip", among=units), Column("charttime", "time")
    )  # fmt: skip
    recorder.write(CHART, _chart(folder, icu))
    recorder.write(INPUT, _volumes(folder, INPUT, "amountuom", icu, named["d_items"]))
    recorder.write(OUTPUT, _volumes(folder, OUTPUT, "valueuom", icu, named["d_items"]))
    recorder.write(CULTURES, _cultures(folder, ids))


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
        Column("icustay_id", "integer"),
        Column("first_careunit", "text"),
        Column("last_careunit", "text"),
        Column("first_wardid", "integer"),
        Column("last_wardid", "integer"),
        Column("intime", "time", "skip"),
        Column("outtime", "time", "null"),
    )
    found = list(_moved(folder.rows("icustays", columns), stays))
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
        Column("eventtype", "text"),
        Column("curr_careunit", "text", "null"),
        Column("curr_wardid", "integer", "null"),
        Column("intime", "time", "skip"),
        Column("outtime", "time", "null"),
    )
    moved = _moved(folder.rows("transfers", columns), stays)
    recorder.writer.insert("transfers", numbered(_renamed(moved, renamed)))
    return frozenset(renamed)


def _moved(rows: Iterator[Row], stays: Stays) -> Iterator[Row]:
    """Move the last two columns, the times of coming and going; leave out what did not begin."""
    for *row, start, end in rows:
        begun = stays.shift(row[0], start)  # type: ignore[arg-type]  # by kind of column
        if begun is not None:
            yield *row, begun, stays.shift(row[0], end)  # type: ignore[arg-type]


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
        "d_icd_diagnoses": (Column("icd9_code", "text", "skip"), *titles),
        "d_icd_procedures": (Column("icd9_code", "text", "skip"), *titles),
        "d_labitems": (Column("itemid", "integer"), label),
        "d_items": (
            Column("itemid", "integer"), label, Column("linksto", "text", "skip", among=LINKS)
        ),
    }  # fmt: skip
    named = {}
    for table, columns in wanted.items():
        first: dict[Cell, Row] = {}
        for row in folder.rows(table, columns):
            first.setdefault(row[0], row)
        writer.insert(table, numbered(first.values()))
        named[table] = frozenset(first)
    return named


def _coded(
    folder: TableFolder,
    table: EventTable,
    ids: Sequence[Column],
    codes: Collection[Cell],
    times: Mapping[int, str],
) -> Iterator[Row]:
    """Give diagnoses and procedures, which have no time of their own, the stay's."""
    code = Column("icd9_code", "text", "skip", among=codes)
    for subject, hadm, value in folder.rows(table.name, (*ids, code)):
        yield subject, hadm, times.get(int(hadm or 0)), value


def _labs(folder: TableFolder, ids: Sequence[Column], items: Collection[Cell]) -> Iterator[Row]:
    return folder.rows(
        "labevents",
        (
            *ids,
            Column("charttime", "time", "skip"),
            Column("itemid", "integer", among=items),
            Column("valuenum", "number", "skip"),
            Column("valueuom", "text", "skip", blank="null"),
        ),
    )


def _chart(folder: TableFolder, icu: Sequence[Column]) -> Iterator[Row]:
    return folder.rows(
        "chartevents",
        (
            *icu,
            Column("itemid", "integer", among=VITALS),
            Column("valuenum", "number", "skip"),
            Column("valueuom", "text", "skip", blank="null"),
        ),
    )


def _volumes(
    folder: TableFolder,
    table: EventTable,
    unit: str,
    icu: Sequence[Column],
    items: Collection[Cell],
) -> Iterator[Row]:
    columns = (
        *icu,
        Column("itemid", "integer", among=items),
        Column(table.values[1], "number", "skip"),
        Column(unit, "text", "skip", among=frozenset({"ml"})),
    )
    for row in folder.rows(table.name, columns):
        yield row[:-1]


def _cultures(folder: TableFolder, ids: Sequence[Column]) -> Iterator[Row]:
    columns = (
        *ids,
        Column("charttime", "time", "null"),
        Column("chartdate", "time", "null"),
        Column("spec_type_desc", "text", "null"),
        Column("org_name", "text", "null"),
    )
    for subject, hadm, time, day, specimen, organism in folder.rows("microbiologyevents", columns):
        yield subject, hadm, time or day, specimen, organism


def _prescriptions(
    folder: TableFolder, ids: Sequence[Column], options: MimicOptions
) -> Iterator[Row]:
    units = _drug_units(folder)
    drug = (
        Column("startdate", "time", "skip"),
        Column("enddate", "time", "skip"),
        Column("drug", "text", "skip"),
        Column("dose_val_rx", "text", "skip"),
        Column("dose_unit_rx", "text", "skip"),
        Column("route", "text", "skip"),
    )
    for subject, hadm, start, end, name, raw, unit, route in folder.rows(
        "prescriptions", (*ids, *drug)
    ):
        dose = whole_dose(raw)
        if dose is not None and (not options.one_unit_per_drug or units[name] == unit):
            yield subject, hadm, start, end, name, dose, unit, route


def _drug_units(folder: TableFolder) -> dict[Cell, Cell]:
    """Find each drug's most frequent unit among the whole release's usable prescriptions."""
    columns = tuple(
        Column(name, "text", "skip")
        for name in ("drug", "dose_unit_rx", "dose_val_rx", "route", "startdate", "enddate")
    )
    counts: dict[Cell, Counter[Cell]] = {}
    for drug, unit, dose, *_ in folder.rows("prescriptions", columns):
        if whole_dose(dose) is not None:
            counts.setdefault(drug, Counter())[unit] += 1
    return {drug: units.most_common(1)[0][0] for drug, units in counts.items()}


def whole_dose(raw: Cell) -> str | None:
    """Give a dose that is a whole number, without the commas in it; none for any other."""
    dose = str(raw).replace(",", "")
    return str(int(dose)) if dose.isascii() and dose.isdigit() else None
