"""Who is in a database made from MIMIC-III: patients and stays, filtered, moved and sampled."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import NamedTuple

from taskkit.ehr.releases.mimic.options import MimicOptions, earliest
from taskkit.ehr.tables.column import Column
from taskkit.ehr.tables.csv_tables import TableFolder
from taskkit.ehr.tables.placing import place
from taskkit.ehr.tables.sampling import cohort, first_year, percentile
from taskkit.ehr.tables.shift import Shift
from taskkit.errors import SourceError

DAYS_PER_YEAR = 365  # EHRSQL moves by years of 365 days, so that the time of day stays


class Admission(NamedTuple):
    """An admission; times as in the source until they are moved."""

    subject: int
    hadm: int
    admitted: str
    discharged: str | None
    kind: str
    location: str
    discharge_location: str | None
    insurance: str
    language: str | None
    marital_status: str | None
    ethnicity: str | None
    age: int

    @property
    def sound(self) -> bool:
        """Whether it ends after it begins."""
        return self.discharged is None or self.admitted <= self.discharged


class Patient(NamedTuple):
    """A patient; times as in the source until they are moved."""

    subject: int
    gender: str
    born: str
    died: str | None


@dataclass(frozen=True)
class Stays:
    """The patients and admissions of a database, times moved."""

    patients: Sequence[Patient]
    admissions: Sequence[Admission]
    shift: Shift
    admitted: Mapping[int, str]
    """When each admission began, as in the source."""
    discharged: Mapping[int, str]
    """When each admission ended, as in the source."""


ADMISSION = (
    Column("subject_id", "integer"),
    Column("hadm_id", "integer", unique=True),
    Column("admittime", "time"),
    Column("dischtime", "time"),
    Column("admission_type", "text"),
    Column("admission_location", "text"),
    Column("discharge_location", "text", absent="null"),
    Column("insurance", "text"),
    Column("language", "text", absent="null"),
    Column("marital_status", "text", absent="null"),
    Column("ethnicity", "text"),
)
PATIENT = (
    Column("subject_id", "integer", unique=True),
    Column("gender", "text"),
    Column("dob", "time"),
    Column("dod", "time", absent="null"),
)


def read(folder: TableFolder) -> tuple[list[Patient], list[Admission]]:
    """Read all patients and admissions, with the age at each admission."""
    patients = [Patient._make(row) for row in folder.rows("patients", PATIENT)]
    born = {patient.subject: patient.born for patient in patients}
    admissions = []
    for row in folder.rows("admissions", ADMISSION):
        admission = Admission._make((*row, 0))
        if admission.subject not in born:
            raise SourceError(
                f"{folder.paths['admissions']}: hadm_id {admission.hadm}: no subject_id "
                f"{admission.subject} in {folder.paths['patients'].name}: need both files from "
                "one release"
            )
        age = int(days(born[admission.subject], admission.admitted) / 365.25)
        admissions.append(admission._replace(age=age))
    folder.owners.update((one.hadm, one.subject) for one in admissions)
    note_backwards(folder, [one.hadm for one in admissions if not one.sound])
    return patients, admissions


def choose(
    patients: Sequence[Patient], admissions: Sequence[Admission], options: MimicOptions
) -> Stays:
    """Filter by age and length of stay, move the times, and sample the patients.

    Raises:
        SourceError: nobody is left.
    """
    kept = _usual(admissions, options)
    shift = moves(kept, options)
    moved = [m for admission in kept if (m := _moved(admission, shift))]
    current = {a.subject for a in moved if a.discharged is None}
    others = {a.subject for a in moved} - current
    taken = cohort(
        Random(f"{options.seed}/patients"),
        list(current), list(others), options.patients, options.current_ratio,
    )  # fmt: skip
    born = [(p, shift(p.subject, p.born)) for p in patients if p.subject in taken]
    known = [p._replace(born=b, died=shift(p.subject, p.died)) for p, b in born if b]
    subjects = {patient.subject for patient in known}
    chosen = [a for a in moved if a.subject in subjects]
    if not chosen:
        raise SourceError(
            f"none of {len(admissions)} admissions is left after filtering by age and length of "
            "stay: need more patients, or wider limits"
        )
    return Stays(
        patients=known,
        admissions=chosen,
        shift=shift,
        admitted={a.hadm: a.admitted for a in kept},
        discharged={a.hadm: a.discharged for a in kept if a.discharged},
    )


def moves(admissions: Iterable[Admission], options: MimicOptions) -> Shift:
    """Draw where each patient's times go."""
    stays: dict[int, list[tuple[str, str]]] = {}
    for admission in admissions:
        span = (admission.admitted, str(admission.discharged))
        stays.setdefault(admission.subject, []).append(span)
    start = earliest(options)
    if start is None:
        return Shift(dict.fromkeys(stays, 0), None)
    drawn = {
        subject: DAYS_PER_YEAR * (_year(options, subject) - int(min(spans)[0][:4]))
        for subject, spans in stays.items()
    }
    if options.place_current:
        random = Random(f"{options.seed}/current")
        wanted = int(min(options.patients or len(stays), len(stays)) * options.current_ratio)
        drawn = place(stays, drawn, wanted, start, options.current_time, random)
    return Shift(drawn, options.current_time)


def note_backwards(folder: TableFolder, stays: Sequence[int]) -> None:
    """Note the stays that are left out because they end before they begin."""
    if stays:
        folder.notes.append(
            f"admissions: {len(stays):,} that end before they begin, such as hadm_id {stays[0]}"
        )


def days(start: str, end: str) -> int:
    """Count the whole days from one time to another, rounded down."""
    return (datetime.fromisoformat(end) - datetime.fromisoformat(start)).days


def _year(options: MimicOptions, subject: int) -> int:
    random = Random(f"{options.seed}/year/{subject}")
    return first_year(random, options.start_year, options.span_years)


def _usual(admissions: Sequence[Admission], options: MimicOptions) -> list[Admission]:
    kept = [a for a in admissions if a.sound and options.older_than < a.age < options.younger_than]
    if options.stay_percentile is None or not kept:
        return kept
    lengths = {a.hadm: days(a.admitted, str(a.discharged)) for a in kept}
    limit = percentile(lengths.values(), options.stay_percentile)
    return [a for a in kept if lengths[a.hadm] < limit]


def _moved(admission: Admission, shift: Shift) -> Admission | None:
    admitted = shift(admission.subject, admission.admitted)
    discharged = shift(admission.subject, admission.discharged)
    if admitted is None:
        return None
    location = admission.discharge_location if discharged else None
    return admission._replace(admitted=admitted, discharged=discharged, discharge_location=location)
