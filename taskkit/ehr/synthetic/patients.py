"""The synthetic patients: who they are, what they suffer from, and when they are in hospital."""

from __future__ import annotations

from dataclasses import dataclass, field

from taskkit.ehr.chance import Chance, Weighted
from taskkit.ehr.clock import DAY, NOW
from taskkit.ehr.synthetic.vocabulary import GENERAL, Diagnosis, Vocabulary, by_theme

STAY_COUNTS = Weighted([(1, 68), (2, 18), (3, 8), (4, 4), (5, 2)])
MIN_AGE, MAX_AGE = 11, 89  # EHRSQL keeps 10 < age < 90
DEATH_IN_HOSPITAL, DEATH_AFTER = 0.09, 0.3
FULL_POOL = 6  # diagnoses of a theme; one with fewer is given less often
LONGEST_GAP = 540  # days between two stays


@dataclass(slots=True)
class Visit:
    """When a patient is in hospital, in minutes; what they have at the time."""

    admitted: int
    discharged: int
    """May lie after the current time: then nobody knows it yet."""
    severity: dict[str, float]
    """Theme to how bad it is, about 0 to 1.2."""
    diagnoses: list[Diagnosis]
    died: bool = False

    @property
    def until(self) -> int:
        """Give the last minute of which anything is known."""
        return min(self.discharged, NOW)

    @property
    def current(self) -> bool:
        """Say whether the patient is still in hospital."""
        return self.discharged > NOW


@dataclass(slots=True)
class Patient:
    """A person and their whole record of visits, earliest first."""

    sex: str
    birth_day: int
    """Days from 2100-01-01, usually negative."""
    death_day: int | None = None
    visits: list[Visit] = field(default_factory=list)
    traits: dict[str, float] = field(default_factory=dict)
    """Standard score of what is lasting about them: build, usual blood values."""

    def trait(self, name: str, chance: Chance) -> float:
        """Give a lasting standard score, drawn when first asked for."""
        if name not in self.traits:
            self.traits[name] = chance.normal()
        return self.traits[name]


class Population:
    """Draws patients."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        """Sort the diagnoses by sex, course and theme."""
        self._themes = vocabulary.themes
        self._diagnoses = {
            (sex, chronic): by_theme(
                [d for d in vocabulary.diagnoses if d.chronic == chronic and d.sex in (sex, "-")],
                lambda diagnosis: (diagnosis.theme,),
                lambda diagnosis: diagnosis.weight,
            )
            for sex in "mf"
            for chronic in (True, False)
        }

    def patient(self, chance: Chance, *, current: bool) -> Patient:
        """Draw a patient, who is still in hospital if ``current``."""
        spans = _current_spans(chance) if current else _past_spans(chance)
        first, last = spans[0][0] // DAY, spans[-1][0] // DAY
        oldest = MAX_AGE - (last - first) // 365 - 1
        birth = first - _age_days(chance, oldest)
        patient = Patient("m" if chance.random() < 0.55 else "f", birth)
        lasting = self._themes.several(chance, 1 + int(chance.random() * 3))
        chronic = self._chronic(chance, patient.sex, lasting)
        for admitted, discharged in spans:
            acute = chance.one(lasting) if chance.random() < 0.45 else self._themes.draw(chance)
            severity = {theme: chance.between(0.15, 0.75) for theme in lasting}
            severity[acute] = chance.between(0.5, 1.2)
            diagnoses = self._diagnose(chance, patient.sex, chronic, severity)
            patient.visits.append(Visit(admitted, discharged, severity, diagnoses))
        if not current:
            _end(chance, patient)
        return patient

    def _chronic(self, chance: Chance, sex: str, themes: list[str]) -> list[Diagnosis]:
        pools = self._diagnoses[sex, True]
        found = pools[GENERAL].several(chance, chance.whole(1, 4))
        for theme in themes:
            pool = pools.get(theme)
            if pool and chance.random() < len(pool.items) / FULL_POOL:
                found += pool.several(chance, chance.whole(1, 3))
        return found

    def _diagnose(
        self, chance: Chance, sex: str, chronic: list[Diagnosis], severity: dict[str, float]
    ) -> list[Diagnosis]:
        pools = self._diagnoses[sex, False]
        found: list[Diagnosis] = []
        for theme, badness in severity.items():
            if badness >= 0.5:
                found += pools[theme].several(chance, chance.whole(1, 3))
        found += [diagnosis for diagnosis in chronic if chance.random() < 0.85]
        found += pools[GENERAL].several(chance, chance.whole(0, 2))
        return list(dict.fromkeys(found))


def _age_days(chance: Chance, oldest: int) -> int:
    years = 18 + 36 * (chance.random() + max(chance.random(), chance.random()))
    kind = chance.random()
    if kind < 0.3:
        years = chance.between(18, MAX_AGE)
    elif kind < 0.33:
        years = chance.between(MIN_AGE + 1, 18)
    return int(min(years, oldest) * 365.25) + chance.whole(0, 300)


def _length(chance: Chance) -> int:
    draw = chance.random()
    return int((1.1 + 14 * draw * draw) * DAY)


def _gap(chance: Chance) -> int:
    draw = chance.random()
    return int((4 + LONGEST_GAP * draw * draw) * DAY)


def _past_spans(chance: Chance) -> list[tuple[int, int]]:
    """Give stays that are over; later years hold more, as in EHRSQL's time shift."""
    latest = NOW - 16 * DAY  # longer than any stay
    start = int(max(chance.random(), chance.random()) * latest)
    spans: list[tuple[int, int]] = []
    for _ in range(STAY_COUNTS.draw(chance)):
        end = start + _length(chance)
        if end >= NOW:
            break
        spans.append((start, end))
        start = end + _gap(chance)
    return spans


def _current_spans(chance: Chance) -> list[tuple[int, int]]:
    """Give a stay that is not over, and those before it."""
    length = max(_length(chance), 2 * DAY)
    start = NOW - 180 - int(chance.random() * (length - 240))
    spans = [(start, start + length)]
    for _ in range(STAY_COUNTS.draw(chance) - 1):
        end = spans[0][0] - _gap(chance)
        start = end - _length(chance)
        if start < 0:
            break
        spans.insert(0, (start, end))
    return spans


def _end(chance: Chance, patient: Patient) -> None:
    last = patient.visits[-1]
    day = last.discharged // DAY
    if chance.random() < DEATH_IN_HOSPITAL:
        last.died = True
        patient.death_day = day
    elif chance.random() < DEATH_AFTER:
        draw = chance.random()
        later = day + 1 + int(1500 * draw * draw)
        patient.death_day = later if later * DAY <= NOW else None
