"""The measures: people, counts, values, courses, couplings, treatment and outcome."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import correlation, mean, median, quantiles

from taskkit.ehr.realism.doses import outside
from taskkit.ehr.realism.possible import impossible
from taskkit.ehr.realism.records import StayRecord

FEWEST_PAIRS, FEWEST_STAYS = 20, 5  # below that a measure is not given
FEWEST_RESULTS = 4  # in a stay whose course is looked at
TESTS = ("hemoglobin", "sodium", "platelet count", "creatinine", "glucose", "inr(pt)", "lactate")
COURSES = ("hemoglobin", "sodium", "platelet count")
COUPLED = (
    ("hemoglobin", "hematocrit"),
    ("sodium", "chloride"),
    ("bicarbonate", "anion gap"),
)
TREATED = {
    "furosemide | heart failure": (("428", "i50"), ("furosemide", "lasix")),
    "warfarin | atrial fibrillation": (("42731", "i48"), ("warfarin",)),
    "levothyroxine | hypothyroidism": (("244", "e03"), ("levothyroxine",)),
    "insulin | diabetes": (("250", "e10", "e11"), ("insulin",)),
}
"""Prefixes of codes, ICD-9 and ICD-10, and of drugs."""
SEPTIC_SHOCK, ARREST = ("78552", "r6521"), ("4275", "i46")
AGES = ((0, 50), (50, 65), (65, 80), (80, 200))


@dataclass(frozen=True, slots=True)
class Measure:
    """A trait of a source."""

    section: str
    name: str
    value: float | None
    """None where there is too little to say."""
    shape: tuple[float, ...] = ()
    """For a picture: a histogram or a course."""


def measure(stays: Sequence[StayRecord]) -> list[Measure]:
    """All measures of a source, in the order of the table."""
    return [
        *_people(stays),
        *_amounts(stays),
        *_values(stays),
        *_courses(stays),
        *_couplings(stays),
        *_treatment(stays),
        *_deaths(stays),
    ]


def has(stay: StayRecord, prefixes: tuple[str, ...]) -> bool:
    """Whether a stay has a code that begins with one of these."""
    return any(code.startswith(prefixes) for code in stay.codes)


def share(stays: Iterable[StayRecord], wanted: Callable[[StayRecord], bool]) -> float | None:
    """The share of stays of which something holds; none for too few."""
    found = [wanted(stay) for stay in stays]
    return mean(found) if len(found) >= FEWEST_STAYS else None


def _people(stays: Sequence[StayRecord]) -> list[Measure]:
    ages = [stay.age for stay in stays]
    days = [stay.days for stay in stays if stay.days is not None]
    units = [stay.unit_days for stay in stays if stay.unit_days]
    people = len({stay.subject for stay in stays})
    return [
        Measure("people", "age, median", median(ages), _histogram(ages, 10, 90, 8)),
        Measure("people", "female, share", mean(stay.sex.startswith("f") for stay in stays)),
        Measure("people", "stays a patient", len(stays) / people),
        Measure("people", "days in hospital, median", median(days), _histogram(days, 0, 20, 8)),
        Measure("people", "days in hospital, 95 %", quantiles(days, n=20)[-1]),
        Measure("people", "days in intensive care, median", median(units) if units else None),
        Measure("people", "impossible for age or sex", mean(map(impossible, stays))),
    ]


def _amounts(stays: Sequence[StayRecord]) -> list[Measure]:
    labs = [sum(map(len, stay.results.values())) for stay in stays]
    values = [v for stay in stays for found in stay.results.values() for _, v in found]
    return [
        Measure("counts a stay", "laboratory results, median", median(labs)),
        Measure("counts a stay", "prescriptions, median", median(len(s.orders) for s in stays)),
        Measure("counts a stay", "diagnoses, median", median(len(s.codes) for s in stays)),
        Measure("counts a stay", "results without a number", values.count(None) / len(values)),
    ]


def _numbers(stays: Iterable[StayRecord], test: str) -> list[float]:
    return [v for stay in stays for _, v in stay.results.get(test, ()) if v is not None]


def _values(stays: Sequence[StayRecord]) -> list[Measure]:
    found = []
    for test in TESTS:
        numbers = sorted(_numbers(stays, test))
        if len(numbers) < FEWEST_PAIRS:
            found.append(Measure("values", f"{test}, median", None))
            continue
        low, middle, high = quantiles(numbers, n=4)
        bottom, top = (numbers[len(numbers) * percent // 100] for percent in (2, 98))
        shape = _histogram(numbers, bottom, top, 8)
        found.append(Measure("values", f"{test}, median", middle, shape))
        found.append(Measure("values", f"{test}, quartile distance", high - low))
    return found


def course(stays: Sequence[StayRecord], test: str) -> float | None:
    """Correlation of each result with the one before, both as differences from the stay's mean."""
    before, after = [], []
    for stay in stays:
        values = [v for _, v in sorted(stay.results.get(test, ()), key=_time) if v is not None]
        if len(values) >= FEWEST_RESULTS:
            middle = mean(values)
            before += [value - middle for value in values[:-1]]
            after += [value - middle for value in values[1:]]
    return correlation(before, after) if len(before) >= FEWEST_PAIRS else None


def _time(result: tuple[str, float | None]) -> str:
    return result[0]


def _courses(stays: Sequence[StayRecord]) -> list[Measure]:
    return [Measure("courses", f"{test}, lag 1", course(stays, test)) for test in COURSES]


def coupling(stays: Sequence[StayRecord], one: str, other: str) -> float | None:
    """Correlation of two tests of the same blood."""
    pairs = []
    for stay in stays:
        times = dict(stay.results.get(other, ()))
        for time, value in stay.results.get(one, ()):
            second = times.get(time)
            if value is not None and second is not None:
                pairs.append((value, second))
    return correlation(*zip(*pairs, strict=True)) if len(pairs) >= FEWEST_PAIRS else None


def _couplings(stays: Sequence[StayRecord]) -> list[Measure]:
    pressures = [
        (pair[0], pair[1])
        for stay in stays
        for pair in stay.pressures.values()
        if pair[0] and pair[1] and 40 < pair[0] < 260 and 15 < pair[1] < 160
    ]
    both = correlation(*zip(*pressures, strict=True)) if len(pressures) >= FEWEST_PAIRS else None
    return [
        *(
            Measure("couplings", f"{one} ~ {two}", coupling(stays, one, two))
            for one, two in COUPLED
        ),
        Measure("couplings", "systolic ~ diastolic", both),
    ]


def _treatment(stays: Sequence[StayRecord]) -> list[Measure]:
    found = []
    for name, (codes, drugs) in TREATED.items():
        for word, wanted in (("with", True), ("without", False)):
            group = [stay for stay in stays if has(stay, codes) == wanted and stay.orders]
            given = share(
                group,
                lambda s, d=drugs: any(o.drug.startswith(d) for o in s.orders),  # type: ignore[misc]
            )
            found.append(Measure("treatment", f"{name}, {word}", given))
    orders = [order for stay in stays for order in stay.orders]
    known = [wrong for order in orders if (wrong := outside(order)) is not None]
    found.append(
        Measure("treatment", "doses outside their route's range", mean(known) if known else None)
    )
    return found


def _deaths(stays: Sequence[StayRecord]) -> list[Measure]:
    ended = [stay for stay in stays if stay.days is not None]
    severe = [stay for stay in ended if has(stay, SEPTIC_SHOCK) or has(stay, ARREST)]
    rest = [stay for stay in ended if stay not in severe]
    by_age = [share([s for s in ended if a <= s.age < b], _died) for a, b in AGES]
    shape = tuple(rate or 0.0 for rate in by_age)
    ill, well = share(severe, _died), share(rest, _died)
    return [
        Measure("death", "in hospital", share(ended, _died), shape),
        Measure("death", "with septic shock or cardiac arrest", ill),
        Measure("death", "without", well),
        Measure("death", "times as often with", ill / well if ill and well else None),
        *(
            Measure(
                "death", f"at age {low} to {high - 1}" if high < 200 else f"from age {low}", rate
            )
            for (low, high), rate in zip(AGES, by_age, strict=True)
        ),
    ]


def _died(stay: StayRecord) -> bool:
    return stay.died


def _histogram(values: Iterable[float], low: float, high: float, bins: int) -> tuple[float, ...]:
    counts = [0.0] * bins
    for value in values:
        place = int((value - low) / ((high - low) or 1) * bins)
        counts[min(max(place, 0), bins - 1)] += 1
    return tuple(counts)
