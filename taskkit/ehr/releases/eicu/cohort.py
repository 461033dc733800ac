"""Who is in a database made from eICU: stays in units, dated, filtered, moved and sampled.

eICU gives the year and the time of day of a hospital discharge, and minutes from the start of a
unit stay. Each hospital stay gets a day of its year by chance; those of one patient do not overlap.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from functools import lru_cache
from random import Random
from typing import NamedTuple

from taskkit.ehr.clock import DAY
from taskkit.ehr.releases.mimic.options import CohortOptions, earliest
from taskkit.ehr.tables.column import Column, integer
from taskkit.ehr.tables.csv_tables import TableFolder
from taskkit.ehr.tables.placing import place
from taskkit.ehr.tables.sampling import cohort, first_year, percentile
from taskkit.errors import SourceError

DAYS_PER_YEAR = 365  # EHRSQL moves by years of 365 days, so that the time of day stays
OLDEST = 90  # what eICU calls `> 89`
TRIES = 100  # days drawn for a stay, before it may overlap with another
FIRST_YEAR, LAST_YEAR = 1900, 9000  # the release has 2014 and 2015
LONGEST = 20 * 365 * DAY  # minutes; no stay of the release takes a year
GENDERS = frozenset({"male", "female"})


class UnitStay(NamedTuple):
    """A row of the table patient, times in minutes from the start of the unit stay."""

    person: str
    stay: int
    unit: int
    gender: str
    age: str
    ethnicity: str | None
    hospital: int
    ward: int
    height: float | None
    weight: float | None
    leaving_weight: float | None
    source: str
    status: str | None
    admitted: int
    left_unit: int
    discharged: int
    year: int
    clock: str
    """When in the day the patient left the hospital."""

    @property
    def years(self) -> int:
        """Give the age as a number."""
        return OLDEST if self.age.startswith(">") else integer(self.age) or 0

    @property
    def sound(self) -> bool:
        """Say whether the times follow one another."""
        return self.admitted <= 0 < self.left_unit <= self.discharged


COLUMNS = (
    Column("uniquepid", "text"),
    Column("patienthealthsystemstayid", "integer"),
    Column("patientunitstayid", "integer", unique=True),
    Column("gender", "text", absent="skip", among=GENDERS),
    Column("age", "text", absent="skip"),
    Column("ethnicity", "text", absent="null"),
    Column("hospitalid", "integer"),
    Column("wardid", "integer"),
    Column("admissionheight", "number", absent="null"),
    Column("admissionweight", "number", absent="null"),
    Column("dischargeweight", "number", absent="null"),
    Column("hospitaladmitsource", "text", absent="skip"),
    Column("hospitaldischargestatus", "text", absent="null"),
    Column("hospitaladmitoffset", "integer"),
    Column("unitdischargeoffset", "integer"),
    Column("hospitaldischargeoffset", "integer"),
    Column("hospitaldischargeyear", "integer"),
    Column("hospitaldischargetime24", "text"),
)


@dataclass(frozen=True)
class Cohort:
    """The unit stays of a database, and when each began, in minutes; rows of the table patient."""

    rows: Sequence[tuple[str | int | float | None, ...]]
    starts: Mapping[int, int]
    """Unit stay to the minute of its start."""
    keys: Mapping[int, tuple[str, int]]
    """Unit stay to patient and hospital stay."""


def read(folder: TableFolder) -> list[UnitStay]:
    """Read all unit stays that say who the patient is and where they came from.

    Raises:
        SourceError: an age or a time of day is none; names the file and the unit stay.
    """
    stays = []
    for row in folder.rows("patient", COLUMNS):
        stay = UnitStay._make(row)
        fault = _fault(stay)
        if fault is not None:
            raise SourceError(f"{folder.paths['patient']}: patientunitstayid {stay.unit}: {fault}")
        stays.append(stay)
    return stays


def _fault(stay: UnitStay) -> str | None:
    """Say which value of a unit stay is no age, year, time of day or length; None where all are."""
    try:
        if stay.years < 0:
            raise ValueError
    except ValueError:
        return f"age {stay.age!r}: need years or `> 89`"
    try:
        if time.fromisoformat(stay.clock) and stay.clock[2] != ":":
            raise ValueError
    except ValueError:
        return f"hospitaldischargetime24 {stay.clock!r}: need HH:MM:SS"
    if not FIRST_YEAR <= stay.year <= LAST_YEAR:
        return f"hospitaldischargeyear {stay.year}: need a year from {FIRST_YEAR} to {LAST_YEAR}"
    for name, minutes in (
        ("hospitaladmitoffset", stay.admitted),
        ("unitdischargeoffset", stay.left_unit),
        ("hospitaldischargeoffset", stay.discharged),
    ):
        if abs(minutes) > LONGEST:
            return f"{name} {minutes}: need minutes from the unit stay's start, {LONGEST:,} at most"
    return None


def choose(stays: Sequence[UnitStay], options: CohortOptions) -> Cohort:
    """Filter by age and length of stay, date, move and sample.

    Raises:
        SourceError: nobody is left.
    """
    kept = _usual(stays, options)
    ends = _dates(kept, options.seed)
    days = _moves(kept, ends, options)
    now = _minute(options.current_time) if options.shift_times else None
    dated = []
    for stay in kept:
        end = ends[stay.stay] + days[stay.person] * DAY
        start = end - stay.discharged
        if now is None or start <= now:
            dated.append((stay, start, end))
    people = sorted({stay.person for stay, _, _ in dated})
    numbers = {person: number for number, person in enumerate(people)}
    current = {numbers[s.person] for s, _, end in dated if now is not None and end > now}
    others = set(numbers.values()) - current
    taken = cohort(
        Random(f"{options.seed}/patients"),
        sorted(current), sorted(others), options.patients, options.current_ratio,
    )  # fmt: skip
    chosen = [one for one in dated if numbers[one[0].person] in taken]
    if not chosen:
        raise SourceError(
            f"none of {len(stays)} unit stays is left after filtering by age, length of stay and "
            "order of times: need more patients, or wider limits"
        )
    return Cohort(
        rows=[_row(stay, start, end, now) for stay, start, end in chosen],
        starts={stay.unit: start for stay, start, _ in chosen},
        keys={stay.unit: (stay.person, stay.stay) for stay, _, _ in chosen},
    )


def written(minute: int) -> str:
    """Write a time, given in minutes since the first day of the calendar, as the tables do."""
    return f"{_day(minute // DAY)} {minute // 60 % 24:02}:{minute % 60:02}:00"


@lru_cache(maxsize=1 << 14)
def _day(ordinal: int) -> str:
    return date.fromordinal(ordinal).isoformat()


def _minutes(clock: str) -> int:
    hours, minutes, *_ = clock.split(":")
    return 60 * int(hours) + int(minutes)


def _minute(moment: str) -> int:
    return date.fromisoformat(moment[:10]).toordinal() * DAY + _minutes(moment[11:])


def _usual(stays: Sequence[UnitStay], options: CohortOptions) -> list[UnitStay]:
    kept = [s for s in stays if s.sound and options.older_than < s.years < options.younger_than]
    if options.stay_percentile is None or not kept:
        return kept
    lengths = {s.stay: (s.discharged - s.admitted) // DAY for s in kept}
    limit = percentile(lengths.values(), options.stay_percentile)
    return [s for s in kept if lengths[s.stay] < limit]


def _dates(stays: Sequence[UnitStay], seed: int) -> dict[int, int]:
    """Draw when each hospital stay ended; give minutes by hospital stay."""
    ends: dict[int, int] = {}
    spans: dict[str, list[tuple[int, int]]] = {}
    for stay in stays:
        if stay.stay in ends:
            continue
        random = Random(f"{seed}/day/{stay.stay}")
        first, length = date(stay.year, 1, 1).toordinal(), stay.discharged - stay.admitted
        taken = spans.setdefault(stay.person, [])
        for _ in range(TRIES):
            end = (first + random.randrange(DAYS_PER_YEAR)) * DAY + _minutes(stay.clock)
            if all(end < start or end - length > finish for start, finish in taken):
                break
        taken.append((end - length, end))
        ends[stay.stay] = end
    return ends


def _moves(
    stays: Sequence[UnitStay], ends: Mapping[int, int], options: CohortOptions
) -> dict[str, int]:
    """Draw by how many days each patient is moved."""
    people = {stay.person: number for number, stay in enumerate(stays)}
    spans: dict[int, list[tuple[str, str]]] = {number: [] for number in people.values()}
    for stay in stays:
        end = ends[stay.stay]
        start = end - stay.discharged + stay.admitted
        spans[people[stay.person]].append((written(start), written(end)))
    begin = earliest(options)
    if begin is None:
        return dict.fromkeys(people, 0)
    drawn = {}
    for person, number in people.items():
        random = Random(f"{options.seed}/year/{person}")
        year = first_year(random, options.start_year, options.span_years)
        drawn[number] = DAYS_PER_YEAR * (year - int(min(spans[number])[0][:4]))
    if options.place_current:
        wanted = int(min(options.patients or len(spans), len(spans)) * options.current_ratio)
        random = Random(f"{options.seed}/current")
        drawn = place(spans, drawn, wanted, begin, options.current_time, random)
    return {person: drawn[number] for person, number in people.items()}


def _row(
    stay: UnitStay, start: int, end: int, now: int | None
) -> tuple[str | int | float | None, ...]:
    """Give a row of the table patient; what lies after the current time is not known."""

    def known(minute: int) -> str | None:
        return written(minute) if now is None or minute <= now else None

    left_unit, left = known(start + stay.left_unit), known(end)
    return (
        *(stay.person, stay.stay, stay.unit, stay.gender, str(stay.years), stay.ethnicity),
        *(stay.hospital, stay.ward, stay.height, stay.weight),
        stay.leaving_weight if left_unit else None,
        written(start + stay.admitted),
        stay.source,
        written(start),
        left_unit,
        left,
        stay.status if left else None,
    )
