"""Who is in a database made from MIMIC-IV: patients and stays, aged, moved and sampled.

MIMIC-IV gives an age in one year and no date of birth: everybody is born on the same day of their
year, which EHRSQL-2024 drew once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import NamedTuple

from taskkit.ehr.releases.mimic.options import MimicIvOptions
from taskkit.ehr.releases.mimic.stays import DAYS_PER_YEAR, days, note_backwards
from taskkit.ehr.tables.column import Column
from taskkit.ehr.tables.csv_tables import TableFolder
from taskkit.ehr.tables.draws import Draws
from taskkit.ehr.tables.sampling import percentile
from taskkit.ehr.tables.shift import Shift
from taskkit.errors import SourceError


class Person(NamedTuple):
    """A patient as in the source."""

    subject: int
    gender: str
    anchor_age: int
    anchor_year: int
    died: str | None


class Stay(NamedTuple):
    """An admission; times as in the source until they are moved."""

    subject: int
    hadm: int
    admitted: str
    discharged: str | None
    kind: str
    location: str | None
    discharge_location: str | None
    insurance: str | None
    language: str | None
    marital_status: str | None
    age: int

    @property
    def sound(self) -> bool:
        """Whether it ends after it begins."""
        return self.discharged is None or self.admitted <= self.discharged


@dataclass(frozen=True)
class Chosen:
    """The patients and admissions of a database, times moved."""

    patients: Sequence[tuple[int, str, str, str | None]]
    """Patient, gender, birth, death."""
    admissions: Sequence[Stay]
    shift: Shift
    admitted: dict[int, str]
    """When each admission of the source began."""
    discharged: dict[int, str]
    """When each admission of the source ended, if it did."""


PERSON = (
    Column("subject_id", "integer", unique=True),
    Column("gender", "text"),
    Column("anchor_age", "integer"),
    Column("anchor_year", "integer"),
    Column("dod", "time", "null"),
)
STAY = (
    Column("subject_id", "integer"),
    Column("hadm_id", "integer", unique=True),
    Column("admittime", "time"),
    Column("dischtime", "time", "null"),
    Column("admission_type", "text"),
    Column("admission_location", "text", "null"),
    Column("discharge_location", "text", "null"),
    Column("insurance", "text", "null"),
    Column("language", "text", "null"),
    Column("marital_status", "text", "null"),
)


def read(folder: TableFolder) -> tuple[list[Person], list[Stay]]:
    """Read all patients and admissions, with the age at each admission."""
    people = [Person._make(row) for row in folder.rows("patients", PERSON)]
    born = {person.subject: person.anchor_year - person.anchor_age for person in people}
    stays = []
    for row in folder.rows("admissions", STAY):
        stay = Stay._make((*row, 0))
        if stay.subject not in born:
            raise SourceError(
                f"{folder.paths['admissions']}: hadm_id {stay.hadm}: no subject_id {stay.subject} "
                f"in {folder.paths['patients'].name}: need both files from one release"
            )
        stays.append(stay._replace(age=int(stay.admitted[:4]) - born[stay.subject]))
    folder.owners.update((stay.hadm, stay.subject) for stay in stays)
    note_backwards(folder, [stay.hadm for stay in stays if not stay.sound])
    return people, stays


def choose(
    people: Sequence[Person], stays: Sequence[Stay], options: MimicIvOptions, draws: Draws
) -> Chosen:
    """Filter by age and length of stay, move the times, and sample the patients.

    Raises:
        SourceError: nobody is left.
    """
    kept = _usual(stays, options)
    shift = _moves(kept, options, draws)
    moved = [m for stay in kept if (m := _moved(stay, shift))]
    wanted = None if options.patients is None else min(options.patients, len(people))
    taken = _sampled(moved, wanted, options.current_ratio, draws)
    chosen = [stay for stay in moved if stay.subject in taken]
    if not chosen:
        raise SourceError(
            f"none of {len(stays)} admissions is left after filtering by age and length of stay: "
            "need more patients, or wider limits"
        )
    patients = [
        (person.subject, person.gender, born, shift(person.subject, person.died))
        for person in people
        if person.subject in taken and (born := shift(person.subject, _born(person)))
    ]
    return Chosen(
        patients=patients,
        admissions=chosen,
        shift=shift,
        admitted={stay.hadm: stay.admitted for stay in kept},
        discharged={stay.hadm: stay.discharged for stay in kept if stay.discharged},
    )


def _born(person: Person) -> str:
    first = date(person.anchor_year - person.anchor_age, 1, 1)
    year = (date(first.year, 12, 31) - first).days + 1
    day = first + timedelta(Random(0).randint(0, year))  # EHRSQL-2024 seeds afresh per patient
    return f"{day.isoformat()} 00:00:00"


def _usual(stays: Sequence[Stay], options: MimicIvOptions) -> list[Stay]:
    kept = [s for s in stays if s.sound and options.older_than < s.age < options.younger_than]
    lengths = {s.hadm: days(s.admitted, s.discharged) for s in kept if s.discharged}
    if options.stay_percentile is None or not lengths:
        return kept
    limit = percentile(lengths.values(), options.stay_percentile)
    return [s for s in kept if lengths.get(s.hadm, 0) < limit]


def _moves(stays: Iterable[Stay], options: MimicIvOptions, draws: Draws) -> Shift:
    first: dict[int, str] = {}
    for stay in stays:
        first[stay.subject] = min(first.get(stay.subject, stay.admitted), stay.admitted)
    if not options.shift_times:
        return Shift(dict.fromkeys(first, 0), None)
    return Shift(
        {
            subject: DAYS_PER_YEAR
            * (draws.first_year(options.start_year, options.span_years) - int(admitted[:4]))
            for subject, admitted in first.items()
        },
        options.current_time,
    )


def _moved(stay: Stay, shift: Shift) -> Stay | None:
    admitted = shift(stay.subject, stay.admitted)
    discharged = shift(stay.subject, stay.discharged)
    if admitted is None:
        return None
    location = stay.discharge_location if discharged else None
    return stay._replace(admitted=admitted, discharged=discharged, discharge_location=location)


def _sampled(
    stays: Sequence[Stay], wanted: int | None, current_ratio: float, draws: Draws
) -> set[int]:
    subjects = list(dict.fromkeys(stay.subject for stay in stays))
    if wanted is None:
        return set(subjects)
    current = list(dict.fromkeys(s.subject for s in stays if s.discharged is None))
    now = int(wanted * current_ratio)
    taken = draws.some(current, now)
    # as in EHRSQL-2024, a current patient not taken may still be taken for an earlier stay
    ended = dict.fromkeys(s.subject for s in stays if s.discharged is not None)
    others = [subject for subject in ended if subject not in taken]
    return taken | draws.some(others, wanted - now)
