"""A synthetic cohort as MEDS events, drawn from a plan and a seed."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from taskkit.prediction.cohort import (
    ADMISSION,
    BIRTH,
    DEATH,
    DISCHARGE,
    UNIT_ADMISSION,
    UNIT_DISCHARGE,
    XRAY,
    Cohort,
)
from taskkit.prediction.plan import CohortPlan, Length, Measurement, Risk, Weights

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
DAY = 24 * 60  # minutes
EPOCH = 23_667_840  # 2015-01-01, minutes since 1970
FIRST_SUBJECT = 115_000_001
OWN = 0.6  # of a measurement's standard deviation is the patient's own level
NOISE = 0.39**0.5  # changes from one time to the next


@dataclass(frozen=True)
class Events:
    """Events of one code: the patient (index), the minute, and the value."""

    code: str
    who: Ints
    when: Ints
    value: Floats | None = None


def cohort(plan: CohortPlan, seed: int) -> Cohort:
    """Draw a cohort; the same plan and seed give the same events."""
    draw = Draw(plan, seed)
    frames = [frame(events) for events in draw.events()]
    table = pl.concat(frames).sort("subject_id", "time", "code", nulls_last=False)
    names = {one.code: one.name for one in plan.measurements}
    names |= {one.code: one.name for one in plan.conditions}
    names |= {one.code: one.name for one in plan.findings}
    return Cohort(table, names)


def frame(events: Events) -> pl.DataFrame:
    """MEDS rows of one code."""
    count = len(events.who)
    values = np.full(count, np.nan) if events.value is None else np.round(events.value, 2)
    return pl.DataFrame(
        {
            "subject_id": events.who + FIRST_SUBJECT,
            "time": (events.when * 60_000_000).astype("datetime64[us]"),
            "code": pl.repeat(events.code, count, eager=True),
            "numeric_value": pl.Series(values, dtype=pl.Float32).fill_nan(None),
        }
    )


class Draw:
    """Draws every patient's factors, then all that happens."""

    def __init__(self, plan: CohortPlan, seed: int) -> None:
        self.plan, self.seed, self.count = plan, seed, plan.patients
        self.everyone = np.arange(self.count)
        chance = self.chance("factors")
        self.factors = chance.standard_normal((len(plan.factors), self.count))
        self.trend = chance.standard_normal((len(plan.factors), self.count))
        self.age = np.clip(chance.normal(62, 16, self.count), 18, 95)
        self.female = chance.random(self.count) < 0.5
        self.begin = EPOCH + chance.integers(0, 1600, self.count) * DAY
        self.begin += chance.integers(5 * 60, 20 * 60, self.count)
        self.course()

    def chance(self, name: str) -> np.random.Generator:
        """A stream of its own, so that one part of a plan does not move another."""
        return np.random.Generator(np.random.PCG64([self.seed, zlib.crc32(name.encode())]))

    def score(self, weights: Weights) -> Floats:
        """Weighted factors and a little age, with variance 1."""
        parts = np.array([weights.get(name, 0.0) for name in self.plan.factors])
        parts /= np.linalg.norm(parts)
        late = self.factors + 0.4 * self.trend  # where the course goes by the end of a day
        age = (self.age - 62) / 16
        total = parts @ late + 0.25 * age
        return np.asarray(total / total.std())

    def happens(self, risk: Risk, name: str) -> NDArray[np.bool_]:
        """Whom something happens to: logistic, with the share that the plan says."""
        odds = risk.strength * self.score(risk.weights)
        low, high = -30.0, 30.0
        for _ in range(60):
            middle = (low + high) / 2
            share = float(np.mean(1 / (1 + np.exp(-odds - middle))))
            low, high = (middle, high) if share < risk.share else (low, middle)
        return np.asarray(self.chance(name).random(self.count) < 1 / (1 + np.exp(-odds - low)))

    def lasts(self, length: Length, name: str) -> Floats:
        """How long something lasts, days."""
        noise = self.chance(name).standard_normal(self.count)
        z = length.explained**0.5 * self.score(length.weights)
        z += (1 - length.explained) ** 0.5 * noise
        return np.asarray(length.days * np.exp(length.spread * z))

    def course(self) -> None:
        """Draw the stay: how long, intensive care, death, readmission."""
        plan = self.plan
        stay = np.maximum(self.lasts(plan.stay, "stay") * DAY, 14 * 60).astype(np.int64)
        self.died = self.happens(plan.death, "death")
        moved = plan.unit is not None and self.happens(plan.unit, "unit")
        self.in_unit = np.broadcast_to(moved, self.count)
        share = self.chance("moved").uniform(0.05, 0.6, self.count)
        wait = np.minimum(share * stay, 5 * DAY).astype(np.int64)
        self.unit_begin = self.begin + wait
        unit = np.full(self.count, 2 * DAY)
        if plan.unit_stay is not None:
            unit = np.maximum(self.lasts(plan.unit_stay, "unit stay") * DAY, 240).astype(np.int64)
        after = np.where(self.in_unit, self.unit_begin - self.begin + unit, 0)
        stay = np.where(self.in_unit, np.maximum(stay, after + 180), stay)
        there = self.died & self.in_unit & (self.chance("where").random(self.count) < 0.75)
        self.unit_end = self.unit_begin + unit
        self.end = np.where(there, self.unit_end, self.begin + stay)

    def events(self) -> Iterator[Events]:
        """All events, one code after another."""
        yield from self.people()
        yield from self.stays()
        for measurement in self.plan.measurements:
            yield self.measured(measurement)
        yield from self.diagnosed()
        yield from self.later()

    def people(self) -> Iterator[Events]:
        """Birth, sex and death."""
        yield Events(BIRTH, self.everyone, self.begin - (self.age * 365.25 * DAY).astype(np.int64))
        born = self.begin - (self.age * 365.25 * DAY).astype(np.int64)
        for code, chosen in (("GENDER//F", self.female), ("GENDER//M", ~self.female)):
            yield Events(code, self.everyone[chosen], born[chosen])
        yield Events(DEATH, self.everyone[self.died], self.end[self.died])

    def stays(self) -> Iterator[Events]:
        """Admission, intensive care, discharge, readmission."""
        unit = self.in_unit
        yield Events(ADMISSION, self.everyone, self.begin)
        yield Events(UNIT_ADMISSION, self.everyone[unit], self.unit_begin[unit])
        yield Events(UNIT_DISCHARGE, self.everyone[unit], self.unit_end[unit])
        yield Events(DISCHARGE, self.everyone, self.end)
        if self.plan.readmission is None:
            return
        back = self.happens(self.plan.readmission, "readmission") & ~self.died
        chance = self.chance("back")
        soon = chance.integers(DAY, 30 * DAY - 60, self.count)
        again = self.end + np.where(back, soon, chance.integers(45 * DAY, 400 * DAY, self.count))
        back |= (chance.random(self.count) < 0.25) & ~self.died
        yield Events(ADMISSION, self.everyone[back], again[back])
        yield Events(DISCHARGE, self.everyone[back], again[back] + 3 * DAY)

    def measured(self, what: Measurement) -> Events:
        """Every value of one measurement."""
        chance = self.chance(what.code)
        loads = np.array([what.loads.get(name, 0.0) for name in self.plan.factors])
        own = chance.standard_normal(self.count)
        who, when = self.times(what, chance)
        hours = np.clip((when - self.begin[who]) / 60, 0, 48)
        z = loads @ self.factors[:, who] + (loads @ self.trend[:, who]) * hours / 40
        z += OWN * own[who] + NOISE * chance.standard_normal(len(who))
        return Events(what.code, who, when, np.maximum(what.mean + what.sd * z, what.low))

    def times(self, what: Measurement, chance: np.random.Generator) -> tuple[Ints, Ints]:
        """Who has it measured, and when: at visits and at admission."""
        visits = self.visits()
        taken = chance.random(len(visits[0])) < what.clinic
        who, when = [visits[0][taken]], [visits[1][taken]]
        first = self.everyone[chance.random(self.count) < what.admission]
        who.append(first)
        when.append(self.begin[first] + chance.integers(10, 360, len(first)))
        return np.concatenate(who), np.concatenate(when)

    def visits(self) -> tuple[Ints, Ints]:
        """Clinic visits in the three years before."""
        chance = self.chance("visits")
        who = np.repeat(self.everyone, chance.poisson(self.plan.visits, self.count))
        return who, self.begin[who] - chance.integers(5 * DAY, 3 * 365 * DAY, len(who))

    def diagnosed(self) -> Iterator[Events]:
        """Diagnoses and drugs, before the stay and in the year after it."""
        for what in self.plan.conditions:
            had = self.happens(what.past, what.code)
            chance = self.chance(f"{what.code} time")
            before = self.begin - chance.integers(5 * DAY, 3 * 365 * DAY, self.count)
            yield Events(what.code, self.everyone[had], before[had])
            if what.onset is not None:
                gets = self.happens(what.onset, f"{what.code} onset") & ~had & ~self.died
                after = self.end + chance.integers(5 * DAY, 360 * DAY, self.count)
                yield Events(what.code, self.everyone[gets], after[gets])

    def later(self) -> Iterator[Events]:
        """Reports of the second and third day, and values after discharge."""
        for what in self.plan.next_values:
            chance = self.chance(f"{what.code} next")
            at = self.end + chance.integers(DAY, 14 * DAY, self.count)
            z = what.explained**0.5 * self.score(what.weights)
            z += (1 - what.explained) ** 0.5 * chance.standard_normal(self.count)
            value = np.maximum(what.mean + what.sd * z, what.low)
            alive = ~self.died
            yield Events(what.code, self.everyone[alive], at[alive], value[alive])
        if self.plan.findings:
            at = self.begin + self.chance("xray").integers(26 * 60, 72 * 60, self.count)
            there = at < self.end
            yield Events(XRAY, self.everyone[there], at[there])
            for finding in self.plan.findings:
                shown = self.happens(finding.risk, finding.code) & there
                yield Events(finding.code, self.everyone[shown], at[shown])
