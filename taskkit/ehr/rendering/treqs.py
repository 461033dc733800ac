"""The embedded source of the domain treqs: the synthetic MIMIC-III in the MIMICSQL schema."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from taskkit.build.origin import SYNTHETIC, Origin, Progress, silent
from taskkit.ehr.chance import Chance, Weighted
from taskkit.ehr.releases.treqs.case import cased, headline, title
from taskkit.ehr.releases.treqs.layout import Person, Stay, demographic
from taskkit.ehr.releases.treqs.names import Names
from taskkit.ehr.rendering.mimic_iii import generate
from taskkit.ehr.rendering.vocabulary import Lab, Vocabulary, read_vocabulary
from taskkit.ehr.tables.database import DatabaseWriter
from taskkit.ehr.tables.spool import Row

RELIGIONS = Weighted[str | None](
    [
        *(("CATHOLIC", 38), ("NOT SPECIFIED", 20), ("PROTESTANT QUAKER", 13), ("UNOBTAINABLE", 12)),
        *(
            ("JEWISH", 10),
            ("OTHER", 4),
            ("EPISCOPALIAN", 2),
            ("GREEK ORTHODOX", 1.5),
            ("MUSLIM", 1),
        ),
        *(("CHRISTIAN SCIENTIST", 1), ("BUDDHIST", 1), (None, 1)),
    ]
)
MAX_ADMISSION_DIAGNOSIS = 45  # characters; longer titles are given in short, as at a front desk
BASES = frozenset(
    {"d5w", "ns", "lactated ringers", "5% dextrose", "iso-osmotic dextrose", "sterile water"}
)  # what other drugs are given in
HEMATOLOGY = frozenset({"cbc", "diff", "coag", "coag-extra", "urine"})
STAYS = """
select a.subject_id, p.gender, p.dob, p.dod, a.hadm_id, a.admittime, a.dischtime,
  a.admission_type, a.admission_location, a.discharge_location, a.insurance, a.language,
  a.marital_status, a.ethnicity,
  (select d.long_title from diagnoses_icd x join d_icd_diagnoses d on d.icd9_code = x.icd9_code
    where x.row_id = (select min(y.row_id) from diagnoses_icd y where y.hadm_id = a.hadm_id)),
  (select d.short_title from diagnoses_icd x join d_icd_diagnoses d on d.icd9_code = x.icd9_code
    where x.row_id = (select min(y.row_id) from diagnoses_icd y where y.hadm_id = a.hadm_id))
from admissions a join patients p on p.subject_id = a.subject_id
where a.dischtime is not null order by a.row_id
"""
CODED = """
select x.subject_id, x.hadm_id, x.icd9_code, d.short_title, d.long_title
from {events} x
join {dictionary} d on d.icd9_code = x.icd9_code
join admissions a on a.hadm_id = x.hadm_id
where a.dischtime is not null order by x.row_id
"""
PRESCRIPTIONS = """
select p.subject_id, p.hadm_id,
  (select min(i.icustay_id) from icustays i
    where i.hadm_id = p.hadm_id and i.intime <= p.startdate and i.outtime >= p.startdate),
  p.drug, p.route, p.dose_val_rx, p.dose_unit_rx, p.row_id
from prescriptions p join admissions a on a.hadm_id = p.hadm_id
where a.dischtime is not null order by p.row_id
"""
LAB = """
select l.subject_id, l.hadm_id, l.itemid, l.charttime, l.valuenum, l.valueuom
from labevents l join admissions a on a.hadm_id = l.hadm_id
where a.dischtime is not null and l.valuenum is not null order by l.row_id
"""


def generate_treqs(
    target: Path,
    *,
    domain: Path,
    patients: int = 1000,
    seed: int = 0,
    progress: Progress = silent,
) -> Origin:
    """Write a synthetic database in the MIMICSQL schema, and say what it is.

    The patients are those of the synthetic MIMIC-III of the same seed. Stays that have not ended
    are left out, since the schema cannot hold them.

    Args:
        target: The SQLite file to write; appears when complete.
        domain: Folder of the domain `treqs`; `mimic` lies beside it, whose patients these are.
        patients: How many.
        seed: Any whole number.
        progress: Told of each hundred patients.

    Raises:
        UsageError: ``patients`` is out of range.
    """
    whole, mimic = target.with_name("synthetic-mimic.sqlite"), domain.parent / "mimic"
    origin = generate(whole, domain=mimic, patients=patients, seed=seed, progress=progress)
    names = Names(domain / "vocabulary" / "names.tsv", seed)
    schema = (domain / "schema.sql").read_text("utf-8")
    indexes = (domain / "indexes.sql").read_text("utf-8")
    connection = sqlite3.connect(whole)
    try:
        with DatabaseWriter(target, schema, indexes) as writer:
            _project(connection, writer, read_vocabulary(mimic / "vocabulary"), names, seed)
            writer.finish()
    finally:
        connection.close()
        whole.unlink()
    digest = hashlib.sha256(origin.sha256.encode())
    for file in (domain / "schema.sql", domain / "vocabulary" / "names.tsv"):
        digest.update(file.read_bytes())
    name = f"{SYNTHETIC} MIMIC-III in the MIMICSQL schema, {patients} patients, seed {seed}"
    return Origin(name, origin.licence, origin.access, digest.hexdigest())


def _project(
    connection: sqlite3.Connection,
    writer: DatabaseWriter,
    vocabulary: Vocabulary,
    names: Names,
    seed: int,
) -> None:
    writer.insert("demographic", _demographic(connection, names, seed))
    for events in ("diagnoses", "procedures"):
        sql = CODED.format(events=f"{events}_icd", dictionary=f"d_icd_{events}")
        rows = connection.execute(sql)
        writer.insert(events, ((*r[:2], str(r[2]).upper(), title(r[3]), title(r[4])) for r in rows))
    writer.insert("prescriptions", map(_order, connection.execute(PRESCRIPTIONS)))
    tests = {lab.itemid: lab for lab in vocabulary.labs}
    writer.insert("lab", (_result(row, tests[row[2]]) for row in connection.execute(LAB)))


def _demographic(connection: sqlite3.Connection, names: Names, seed: int) -> Iterator[Row]:
    for row in connection.execute(STAYS):
        subject, gender, born, died, hadm, admitted, discharged, *words, long, short = row
        kind, came, left, insurance, language, married, ethnicity = words
        sex = str(gender).upper()
        person = Person(subject, names.name(subject, sex), sex, born, died, int(died is not None))
        diagnosis = long if len(str(long)) <= MAX_ADMISSION_DIAGNOSIS else short
        stay = Stay(
            hadm,
            admitted,
            discharged,
            str(kind).upper(),
            str(came).upper(),
            cased(left, str.upper),
            str(insurance).title(),
            cased(language, str.upper),
            RELIGIONS.draw(Chance(f"religion {seed} {subject}")),
            cased(married, str.upper),
            str(ethnicity).upper(),
            cased(diagnosis, str.upper),
        )
        yield demographic(person, stay)


def _order(row: Row) -> Row:
    subject, hadm, stay, drug, route, dose, unit, _ = row
    name = str(drug)
    kind = "BASE" if name in BASES else "MAIN"
    if "potassium" in name and str(route).startswith("iv"):
        kind = "ADDITIVE"
    letters = "".join(letter for letter in name if letter.isalpha())[:4].upper()
    code = f"{letters}{dose}{'I' if str(route).startswith('iv') else ''}"
    return subject, hadm, stay, kind, headline(name), code, str(route).upper(), f"{dose}{unit}"


def _result(row: Row, lab: Lab) -> Row:
    subject, hadm, item, time, value, unit = row
    assert isinstance(value, int | float)
    flag = None if lab.low <= value <= lab.high else "abnormal"
    fluid = "Urine" if lab.panel.startswith("urine") else "Blood"
    kind = "Hematology" if lab.panel in HEMATOLOGY else "Chemistry"
    if lab.panel.startswith("gas"):
        kind = "Blood Gas"
    return subject, hadm, item, time, flag, f"{value:g}{unit}", headline(lab.label), fluid, kind
