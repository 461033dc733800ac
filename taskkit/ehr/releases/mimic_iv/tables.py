"""The database of the domain mimic-iv, from the CSV files of MIMIC-IV: EHRSQL-2024's build.

With the default options over the open demo 2.2 it gives the answers that were published with the
questions; the order of the draws and of the rows matters for that.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random

from taskkit.build.origin import Origin, Progress, silent
from taskkit.ehr.releases.mimic.events import (
    cultures,
    identifiers,
    labs,
    moved,
    prescriptions,
    vitals,
    volumes,
)
from taskkit.ehr.releases.mimic.options import MimicIvOptions, earliest, files
from taskkit.ehr.releases.mimic_iv import stays as mimic_iv_stays
from taskkit.ehr.releases.mimic_iv.names import Names, read_names
from taskkit.ehr.releases.mimic_iv.stays import Chosen
from taskkit.ehr.tables.column import Cell, Column, Listed
from taskkit.ehr.tables.consistency import Strangers
from taskkit.ehr.tables.csv_tables import TableFolder
from taskkit.ehr.tables.database import DatabaseWriter, tables
from taskkit.ehr.tables.draws import Draws
from taskkit.ehr.tables.recorder import EventTable, Recorder, numbered
from taskkit.ehr.tables.release import Releases
from taskkit.ehr.tables.spool import Row

FILES = (
    *("patients", "admissions", "icustays", "transfers"),
    *("d_icd_diagnoses", "d_icd_procedures", "d_labitems", "d_items"),
    *("diagnoses_icd", "labevents", "procedures_icd", "prescriptions"),
    *("chartevents", "inputevents", "outputevents", "microbiologyevents"),
)
VITALS = frozenset({223762, 220277, 220045, 220210, 220050, 220051, 220052, 224639, 226730})
# temperature Celsius, oxygen saturation, heart rate, respiratory rate, arterial blood pressure
# systolic, diastolic and mean, daily weight, height: the items that EHRSQL-2024 asks about
DEMO = "3410d7e0f43e1dee4a5438d1a08232d4abe1d2ff27efb06e40931f070b1c46fb"
NAME = "MIMIC-IV Clinical Database Demo 2.2"
ROWS = {
    **{"patients": 100, "admissions": 275, "icustays": 140, "transfers": 1_190},
    **{"d_icd_diagnoses": 109_775, "d_icd_procedures": 85_257, "d_labitems": 1_622},
    **{"d_items": 4_014, "diagnoses_icd": 4_506, "labevents": 107_727, "procedures_icd": 722},
    **{"prescriptions": 18_087, "inputevents": 20_404, "outputevents": 9_362},
    **{"microbiologyevents": 2_899, "chartevents": 668_862},
}
"""Of the demo's tables, as published."""
CONTENTS = {
    **{"patients": "d6f7f45cad83a977", "admissions": "b08247c945ce0c69"},
    **{"transfers": "75a8f8c8bcaecb57", "d_icd_diagnoses": "e1eaafe3916f25cb"},
    **{"d_icd_procedures": "ce5e256bc06ff8e2", "d_labitems": "6a758494be345531"},
    **{"diagnoses_icd": "ffb493244933ae7e", "labevents": "f3feb488a9b7c603"},
    **{"procedures_icd": "03161547a84ac866", "prescriptions": "3865f9f13bec8bdf"},
    **{"microbiologyevents": "2a26301e17a1d0b1", "icustays": "9a79a759372a6075"},
    **{"d_items": "3a9ff93b12727ec1", "inputevents": "34ff7b19dbdfdf46"},
    **{"outputevents": "afdafb80d6e7353e"},
}
"""How the SHA-256 of the demo's tables begin, unzipped, as published."""
TWO = {
    **{"patients": 299_712, "admissions": 431_231, "icustays": 73_181, "transfers": 1_890_972},
    **{"d_icd_diagnoses": 109_775, "d_icd_procedures": 85_257, "d_labitems": 1_622},
    **{"d_items": 4_014, "diagnoses_icd": 4_756_326, "labevents": 118_171_367},
    **{"procedures_icd": 669_186, "prescriptions": 15_416_708, "chartevents": 313_645_063},
    **{"inputevents": 8_978_893, "outputevents": 4_234_967, "microbiologyevents": 3_228_713},
}
"""Of the tables of release 2.2, as its authors' checks of a database have them."""
THREE = {
    **{"patients": 364_627, "admissions": 546_028, "icustays": 94_458, "transfers": 2_413_581},
    **{"d_icd_diagnoses": 112_107, "d_icd_procedures": 86_423, "d_labitems": 1_650},
    **{"d_items": 4_095, "diagnoses_icd": 6_364_488, "labevents": 158_374_764},
    **{"procedures_icd": 859_655, "prescriptions": 20_292_611, "chartevents": 432_997_491},
    **{"inputevents": 10_953_713, "outputevents": 5_359_395, "microbiologyevents": 3_988_224},
}
"""Of the tables of release 3.1, likewise."""
THREE_0 = {
    **THREE,
    **{"transfers": 2_413_589, "diagnoses_icd": 6_364_520, "labevents": 158_478_383},
}
"""Of release 3.0, which has the same people."""
RELEASES = Releases(
    title="MIMIC-IV Clinical Database",
    open={DEMO: NAME},
    full={(299_712, 431_231): ("2.2",), (364_627, 546_028): ("3.1", "3.0")},
    rows={NAME: ROWS, "2.2": TWO, "3.1": THREE, "3.0": THREE_0},
    contents={NAME: CONTENTS},
)
PATIENT = ("subject_id", "hadm_id")
ICU = (*PATIENT, "stay_id")
DIAGNOSES = EventTable(
    "diagnoses_icd", (*PATIENT, "charttime"), ("icd_code",), "charttime", priced="icd_code"
)
PROCEDURES = EventTable(
    "procedures_icd", (*PATIENT, "charttime"), ("icd_code",), "charttime", priced="icd_code"
)
LABS = EventTable(
    "labevents",
    (*PATIENT, "charttime"), ("itemid", "valuenum", "valueuom"), "charttime", priced="itemid",
)  # fmt: skip
PRESCRIPTIONS = EventTable(
    "prescriptions",
    (*PATIENT, "starttime", "stoptime"), ("drug", "dose_val_rx", "dose_unit_rx", "route"),
    time="starttime", end="stoptime", priced="drug",
)  # fmt: skip
CHART = EventTable(
    "chartevents", (*ICU, "charttime"), ("itemid", "valuenum", "valueuom"), "charttime"
)
INPUT = EventTable(
    "inputevents", (*ICU, "starttime"), ("itemid", "totalamount", "totalamountuom"), "starttime"
)
OUTPUT = EventTable(
    "outputevents", (*ICU, "charttime"), ("itemid", "value", "valueuom"), "charttime"
)
CULTURES = EventTable(
    "microbiologyevents",
    (*PATIENT, "charttime"), ("spec_type_desc", "test_name", "org_name"), "charttime",
)  # fmt: skip


def build_mimic_iv(
    source: Path,
    target: Path,
    options: MimicIvOptions,
    domain: Path,
    progress: Progress = silent,
) -> Origin:
    """Write the database ``target`` from a folder of MIMIC-IV tables; say what they are.

    Args:
        source: Holds patients.csv and so on, in it or in its folders hosp and icu; the demo or a
            full release, gzipped or not.
        target: The SQLite file to make; appears only when it is whole.
        options: The choices.
        domain: The folder of the domain, with schema.sql and indexes.sql.
        progress: Told the bytes read, of those there are to read.

    Raises:
        SourceError: a file is missing, broken, or not what its name says.
        MissingError: NumPy is not installed.
    """
    draws = Draws(options.seed)
    folder = TableFolder(source, files(FILES, options), progress)
    schema = (domain / "schema.sql").read_text("utf-8")
    with DatabaseWriter(
        target, schema, (domain / "indexes.sql").read_text("utf-8"), source
    ) as writer:
        people, stays = mimic_iv_stays.read(folder)
        chosen = mimic_iv_stays.choose(people, stays, options, draws)
        recorder = Recorder(
            writer=writer,
            columns=tables(schema),
            shift=chosen.shift,
            earliest=earliest(options),
            shuffle_seed=str(options.seed) if options.shuffle_values else None,
            prices=draws,
            scratch=target.parent,
        )
        writer.insert("patients", numbered(chosen.patients))
        writer.insert("admissions", numbered(chosen.admissions))
        _write_events(folder, chosen, recorder, options)
        writer.finish()
    return RELEASES.origin(
        (f"{p.subject} {p.gender} {p.anchor_age} {p.anchor_year}" for p in people),
        (f"{s.subject} {s.hadm} {s.admitted} {s.discharged}" for s in stays),
        folder,
    )


def _write_events(
    folder: TableFolder, chosen: Chosen, recorder: Recorder, options: MimicIvOptions
) -> None:
    taken = frozenset(stay.hadm for stay in chosen.admissions)
    ids = identifiers(folder, taken)
    units = _write_places(folder, ids, chosen, recorder, options)
    names = read_names(folder, one_table=options.one_table_per_name)
    for table, entries in names.entries.items():
        recorder.writer.insert(table, numbered(entries))
    recorder.write(DIAGNOSES, _diagnoses(folder, ids, names, chosen))
    recorder.write(LABS, labs(folder, ids, names.codes("d_labitems"), names.known["d_labitems"]))
    recorder.write(PROCEDURES, _procedures(folder, ids, names, chosen))
    drugs = prescriptions(
        folder, ids, PRESCRIPTIONS, one_unit=options.one_unit_per_drug, unwanted=names.not_drugs
    )
    recorder.write(PRESCRIPTIONS, drugs)
    icu = (*ids, Column("stay_id", "integer", "skip", among=units))
    charted, started = Column("charttime", "time", "skip"), Column("starttime", "time", "skip")
    items = names.codes("d_items")
    recorder.write(CHART, vitals(folder, (*icu, charted), VITALS & items))
    amount, unit = INPUT.values[1:]
    recorder.write(INPUT, volumes(folder, INPUT, (*icu, started), items, amount, unit))
    amount, unit = OUTPUT.values[1:]
    recorder.write(OUTPUT, volumes(folder, OUTPUT, (*icu, charted), items, amount, unit))
    recorder.write(CULTURES, cultures(folder, ids, CULTURES.values))


def _write_places(
    folder: TableFolder,
    ids: Sequence[Column],
    chosen: Chosen,
    recorder: Recorder,
    options: MimicIvOptions,
) -> frozenset[Cell]:
    """Write the ICU stays and the transfers; give the ids of the stays."""
    times = (Column("intime", "time", "skip"), Column("outtime", "time", "null"))
    columns = (
        *ids,
        Column("stay_id", "integer", unique=True),
        Column("first_careunit", "text", "skip"),
        Column("last_careunit", "text", "skip"),
        *times,
    )
    found = list(moved(folder.rows("icustays", columns), chosen.shift))
    care = [row[3:5] for row in found]
    if options.shuffle_values:
        Random(f"{options.seed}/shuffle/icustays").shuffle(care)
    renamed = dict(zip((row[2] for row in found), care, strict=True))
    recorder.writer.insert(
        "icustays",
        numbered((*row[:3], *units, *row[5:]) for row, units in zip(found, care, strict=True)),
    )
    columns = (
        *ids,
        Column("transfer_id", "integer"),
        Column("eventtype", "text", "skip"),
        Column("careunit", "text", "null"),
        *times,
    )
    recorder.writer.insert(
        "transfers", numbered(moved(folder.rows("transfers", columns), chosen.shift))
    )
    return frozenset(renamed)


def _diagnoses(
    folder: TableFolder, ids: Sequence[Column], names: Names, chosen: Chosen
) -> Iterator[Row]:
    """Give diagnoses, which have no time of their own, that of admission."""
    for subject, hadm, code in _coded(folder, "diagnoses", ids, names):
        yield subject, hadm, chosen.admitted[int(hadm or 0)], code


def _procedures(
    folder: TableFolder, ids: Sequence[Column], names: Names, chosen: Chosen
) -> Iterator[Row]:
    """Give procedures with their day, or the time of discharge where that is not in the stay."""
    day = Column("chartdate", "time", "skip")
    for subject, hadm, when, code in _coded(folder, "procedures", (*ids, day), names):
        stay = int(hadm or 0)
        ended = chosen.discharged.get(stay)
        inside = chosen.admitted[stay] <= str(when) and (ended is None or str(when) <= ended)
        yield subject, hadm, when if inside else ended, code


def _coded(folder: TableFolder, kind: str, said: Sequence[Column], names: Names) -> Iterator[Row]:
    """Give the rows of a table of codes, of those that are named.

    Raises:
        SourceError: most of its codes are in no dictionary.
    """
    table, dictionary = f"{kind}_icd", f"d_icd_{kind}"
    code = Column("icd_code", "text", "skip")
    wanted, known = names.codes(dictionary), names.known[dictionary]
    strangers = Strangers(code, Listed(known, dictionary))
    rows = 0
    for *row, version, value in folder.rows(
        table, (*said, Column("icd_version", "integer", "skip"), code)
    ):
        rows += 1
        name = f"icd{version}|{value}"
        if name in wanted:
            yield *row, name
        elif name not in known:
            strangers.add(name)
    if strangers.count:
        folder.notes.append(
            f"{table}: {strangers.said(folder.paths[table], rows - strangers.count)}"
        )
