"""Puts patients into the years of the hospital, and their stays into place."""

from __future__ import annotations

from taskkit.ehr.chance import Chance, Weighted
from taskkit.ehr.clock import DAY, NOW
from taskkit.ehr.course.chart import Chart
from taskkit.ehr.course.diagnosis import Case, Diagnoses
from taskkit.ehr.course.outcome import LONGEST, decide
from taskkit.ehr.course.patient import DAYS_PER_YEAR, Patient
from taskkit.ehr.course.practice import USUAL, Practice
from taskkit.ehr.course.reading import read_catalogue
from taskkit.ehr.course.stay import Finding, Stay

STAY_COUNTS = Weighted([(1, 66), (2, 19), (3, 9), (4, 4), (5, 2)])
CURRENT_EVERY = 10  # a tenth of the patients is in hospital now, as in EHRSQL
MIN_AGE, MAX_AGE = 11, 89  # EHRSQL keeps 10 < age < 90
LONGEST_GAP = 540  # days between two stays
DEATH_AFTER = 0.28  # share of survivors whose later death is on record, at the usual risk


class Hospital:
    """The hospital of a seed: gives each of its patients by number."""

    def __init__(self, seed: int, practice: Practice = USUAL) -> None:
        """Read the tables."""
        self.seed, self.practice = seed, practice
        self.catalogue = read_catalogue(usual=practice == USUAL)
        self._diagnoses = Diagnoses(self.catalogue)
        self._chart = Chart(self.catalogue, practice)
        self._current = Chance(f"start {seed}").whole(0, CURRENT_EVERY - 1)

    def current(self, number: int) -> bool:
        """Whether a patient is in hospital now."""
        return number % CURRENT_EVERY == self._current

    def patient(self, number: int) -> Patient:
        """The course of a patient, who depends on the seed and the number alone."""
        chance = Chance(f"course {self.seed} {number}")
        current = self.current(number)
        patient = Patient(number, "m" if chance.random() < 0.55 else "f", 0)
        age = _age(chance)
        self._diagnoses.lifelong(chance, patient, age + 1.5)
        cases = self._cases(chance, patient, age, current=current)
        starts = _starts(chance, cases, current=current)
        cases = cases[-len(starts) :] if current else cases[: len(starts)]
        patient.birth_day = starts[0] // DAY - int(cases[0].age * DAYS_PER_YEAR)
        for case, start in zip(cases, starts, strict=True):
            patient.stays.append(self._stay(case, start))
        _end(chance, patient, current=current)
        self._chart.fill(chance, patient)
        return patient

    def _cases(self, chance: Chance, patient: Patient, age: float, *, current: bool) -> list[Case]:
        cases: list[Case] = []
        count = STAY_COUNTS.draw(chance)
        for place in range(count):
            case = self._diagnoses.case(chance, patient, age)
            decide(chance, case, survives=current and place + 1 < count)
            cases.append(case)
            if case.died:
                break
        return cases

    def _stay(self, case: Case, start: int) -> Stay:
        length = int(case.days * DAY)
        times = {trait: start + int(share * length) for trait, share in case.traits.items()}
        return Stay(
            presentation=case.presentation,
            principal=case.principal,
            admitted=start,
            discharged=start + length,
            severity=case.severity,
            died=case.died,
            elective=case.elective,
            onsets=times,
            findings=[
                Finding(code, start + int(share * length), self.catalogue.conditions[code].chronic)
                for code, share in case.codes
            ],
        )


def _age(chance: Chance) -> float:
    """An age at the first stay, in years: most are old, few are young."""
    years = 26 + 34 * (chance.random() + max(chance.random(), chance.random()))
    kind = chance.random()
    if kind < 0.14:
        years = chance.between(18, MAX_AGE)
    elif kind < 0.165:
        years = chance.between(MIN_AGE + 0.1, 18)
    return min(years, MAX_AGE - 4.0)


def _gap(chance: Chance) -> int:
    draw = chance.random()
    return int((4 + LONGEST_GAP * draw * draw) * DAY)


def _starts(chance: Chance, cases: list[Case], *, current: bool) -> list[int]:
    """Minutes of admission; fewer than cases where the years do not hold them."""
    lengths = [int(case.days * DAY) for case in cases]
    if current:
        return _current_starts(chance, lengths, cases[0].age)
    latest = NOW - int((LONGEST + 1) * DAY)
    start = int(max(chance.random(), chance.random()) * latest)  # later years hold more
    starts: list[int] = []
    for length in lengths:
        aged = cases[0].age + (start + length - starts[0]) / DAY / DAYS_PER_YEAR if starts else 0
        if starts and (start + length >= NOW or aged > MAX_AGE):
            break
        starts.append(start)
        start += length + _gap(chance)
    return starts


def _current_starts(chance: Chance, lengths: list[int], age: float) -> list[int]:
    last = lengths[-1]
    starts = [NOW - 180 - int(chance.random() * (last - 420))]
    for length in reversed(lengths[:-1]):
        start = starts[0] - _gap(chance) - length
        if start < 0 or age + (starts[-1] - start) / DAY / DAYS_PER_YEAR > MAX_AGE:
            break
        starts.insert(0, start)
    return starts


def _end(chance: Chance, patient: Patient, *, current: bool) -> None:
    last = patient.stays[-1]
    if current:
        return
    if last.died:
        patient.death = last.discharged
        return
    risk = DEATH_AFTER * (0.4 + last.severity) * (1.9 if "metastases" in last.onsets else 0.9)
    if chance.random() < risk * (0.5 + patient.age(last.admitted) / 110):
        draw = chance.random()
        later = (last.discharged // DAY + 1 + int(1500 * draw * draw)) * DAY
        patient.death = later if later <= NOW else None
