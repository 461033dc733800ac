"""The database of the domain treqs, from the CSV files of MIMIC-III: the steps of TREQS.

Differences: patients get names of ours; see `demographic` for ages; dates are left as they are
in the source, as TREQS leaves them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path
from random import Random
from typing import Annotated

from pydantic import Field

from taskkit.build.counting import counts
from taskkit.build.origin import Origin, Progress, silent
from taskkit.ehr.releases.mimic.events import identifiers
from taskkit.ehr.releases.mimic_iii.tables import RELEASES
from taskkit.ehr.releases.treqs.layout import Person, Stay, demographic
from taskkit.ehr.releases.treqs.names import Names
from taskkit.ehr.tables.column import Cell, Column, Listed
from taskkit.ehr.tables.csv_tables import TableFolder
from taskkit.ehr.tables.database import DatabaseWriter
from taskkit.ehr.tables.spool import Row
from taskkit.errors import SourceError
from taskkit.spec.base import Spec

FILES = (
    *("patients", "admissions", "diagnoses_icd", "d_icd_diagnoses", "procedures_icd"),
    *("d_icd_procedures", "prescriptions", "labevents", "d_labitems"),
)
PERSON = (
    Column("subject_id", "integer", unique=True),
    Column("gender", "verbatim"),
    Column("dob", "time"),
    Column("dod", "time", absent="null"),
    Column("expire_flag", "integer"),
)
STAY = (
    Column("subject_id", "integer"),
    Column("hadm_id", "integer", unique=True),
    Column("admittime", "time"),
    Column("dischtime", "time"),
    Column("admission_type", "verbatim"),
    Column("admission_location", "verbatim"),
    Column("discharge_location", "verbatim", absent="null"),
    Column("insurance", "verbatim"),
    Column("language", "verbatim", absent="null"),
    Column("religion", "verbatim", absent="null"),
    Column("marital_status", "verbatim", absent="null"),
    Column("ethnicity", "verbatim"),
    Column("diagnosis", "verbatim", absent="null"),
)


class TreqsOptions(Spec):
    """The choices for the MIMICSQL schema."""

    seed: int = 0
    """What all draws start from."""
    patients: Annotated[int | None, counts("embedded", "folder")] = Field(default=None, ge=1)
    """How many patients to take, at most, or all; 1,000 of the embedded source."""


def build_treqs(
    source: Path,
    target: Path,
    options: TreqsOptions,
    domain: Path,
    progress: Progress = silent,
) -> Origin:
    """Write the database ``target`` from a folder of MIMIC-III tables; say what they are.

    Args:
        source: Holds PATIENTS.csv and so on, of the demo or a full release, gzipped or not.
        target: The SQLite file to make; appears only when it is whole.
        options: The choices.
        domain: The folder of the domain treqs.
        progress: Told the bytes read, of those there are to read.

    Raises:
        SourceError: a file is missing, broken, or not what its name says.
    """
    folder = TableFolder(source, FILES, progress)
    schema = (domain / "schema.sql").read_text("utf-8")
    names = Names(domain / "vocabulary" / "names.tsv", options.seed)
    people = _people(folder, names)
    stays = [(_integer(row[0]), Stay(*row[1:])) for row in folder.rows("admissions", STAY)]  # type: ignore[arg-type]  # as STAY says
    folder.owners.update((stay.hadm, subject) for subject, stay in stays)
    taken = _taken({subject for subject, _ in stays}, options)
    with DatabaseWriter(
        target, schema, (domain / "indexes.sql").read_text("utf-8"), source
    ) as writer:
        rows = _demographic(folder, people, [one for one in stays if one[0] in taken])
        writer.insert("demographic", rows)
        hadms = frozenset(stay.hadm for subject, stay in stays if subject in taken)
        ids = identifiers(folder, hadms)
        writer.insert("diagnoses", _coded(folder, "diagnoses_icd", "d_icd_diagnoses", ids))
        writer.insert("procedures", _coded(folder, "procedures_icd", "d_icd_procedures", ids))
        writer.insert("prescriptions", _prescriptions(folder, ids))
        writer.insert("lab", _lab(folder, ids))
        writer.finish()
    return RELEASES.origin(
        (f"{p.subject} {p.gender.lower()} {p.born}" for p in people.values()),
        (f"{subject} {s.hadm} {s.admitted} {s.discharged}" for subject, s in stays),
        folder,
    )


def _integer(cell: Cell) -> int:
    assert isinstance(cell, int)
    return cell


def _people(folder: TableFolder, names: Names) -> dict[int, Person]:
    people = {}
    for subject, gender, born, died, expired in folder.rows("patients", PERSON):
        number, sex = _integer(subject), str(gender)
        end = None if died is None else str(died)
        name = names.name(number, sex)
        people[number] = Person(number, name, sex, str(born), end, _integer(expired))
    return people


def _taken(subjects: Collection[int], options: TreqsOptions) -> frozenset[int]:
    ordered = sorted(subjects)
    if options.patients is None or options.patients >= len(ordered):
        return frozenset(ordered)
    return frozenset(Random(f"{options.seed}/patients").sample(ordered, options.patients))


def _demographic(
    folder: TableFolder, people: dict[int, Person], stays: list[tuple[int, Stay]]
) -> Iterator[Row]:
    for subject, stay in stays:
        if subject not in people:
            raise SourceError(
                f"{folder.paths['admissions']}: hadm_id {stay.hadm}: no subject_id {subject} in "
                f"{folder.paths['patients'].name}: need both files from one release"
            )
        yield demographic(people[subject], stay)


def _coded(
    folder: TableFolder, events: str, dictionary: str, ids: tuple[Column, ...]
) -> Iterator[Row]:
    code = Column("icd9_code", "verbatim", "skip", unique=True)
    titles = (Column("short_title", "verbatim", "skip"), Column("long_title", "verbatim", "skip"))
    known = {row[0]: row[1:] for row in folder.rows(dictionary, (code, *titles))}
    codes = frozenset(known)
    wanted = Column("icd9_code", "verbatim", "skip", codes, listed=Listed(codes, dictionary))
    for subject, hadm, value in folder.rows(events, (*ids, wanted)):
        yield subject, hadm, value, *known[value]


def _prescriptions(folder: TableFolder, ids: tuple[Column, ...]) -> Iterator[Row]:
    columns = (
        *ids,
        Column("icustay_id", "integer", "null"),
        *(Column("drug_type", "verbatim", "skip"), Column("drug", "verbatim", "null")),
        Column("formulary_drug_cd", "verbatim", "null"),
        Column("route", "verbatim", "null"),
        *(Column("dose_val_rx", "verbatim", "skip"), Column("dose_unit_rx", "verbatim", "skip")),
    )
    for *said, dose, unit in folder.rows("prescriptions", columns):
        yield *said, f"{dose}{unit}"


def _lab(folder: TableFolder, ids: tuple[Column, ...]) -> Iterator[Row]:
    item = Column("itemid", "integer", unique=True)
    meant = tuple(Column(name, "verbatim", "skip") for name in ("label", "fluid", "category"))
    known = {row[0]: row[1:] for row in folder.rows("d_labitems", (item, *meant))}
    items = frozenset(known)
    columns = (
        *ids,
        Column("itemid", "integer", among=items, listed=Listed(items, "d_labitems")),
        Column("charttime", "time", "skip"),
        Column("flag", "verbatim", "null"),
        *(Column("value", "verbatim", "skip"), Column("valueuom", "verbatim", "skip")),
    )
    for subject, hadm, number, time, flag, value, unit in folder.rows("labevents", columns):
        yield subject, hadm, number, time, flag, f"{value}{unit}", *known[number]
