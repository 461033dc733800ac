"""Questions about courses: means, changes, what came after an order."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from statistics import mean

from taskkit.fhir.bank.chart import COUNTED, coded, latest, measure, moment
from taskkit.fhir.bank.lookups import LABS, about, only_order
from taskkit.fhir.bank.question import (
    Draw,
    Question,
    UnfitError,
    date,
    integer,
    named,
    number,
    template,
)
from taskkit.fhir.element import each
from taskkit.fhir.index import Resource
from taskkit.fhir.synthetic import terms

WARD = ("potassium", "magnesium", "creatinine", "glucose", "leukocytes")


@template("mean-window", "trend")
def mean_window(draw: Draw) -> Question:
    """The mean of the last hours of a stay."""
    patient, analyte = draw.inpatient(), terms.ANALYTES[draw.pick(WARD)]
    hours = draw.pick((24, 36, 48, 72))
    found = draw.chart.observed(patient, analyte.loinc, within=timedelta(hours=hours))
    if len(found) < 2:
        raise UnfitError("too few values")
    average = mean(value for _, value in found)
    slots = {
        "who": draw.who(patient), "analyte": draw.said(analyte), "hours": str(hours),
        "unit": analyte.unit,
    }  # fmt: skip
    given = {**named(patient), "loinc": analyte.loinc, "hours": hours}
    answer = number(average, analyte.unit, analyte.decimals + 1, slack=0.006 * average)
    return Question(slots, given, answer, patients=about(patient))


@template("last-change", "trend")
def last_change(draw: Draw) -> Question:
    """The change from the last value but one to the last."""
    patient = draw.patient()
    analyte = draw.pick([one for one in terms.ANALYTES.values() if one.key != "height"])
    found = draw.chart.observed(patient, analyte.loinc)
    if len(found) < 2 or found[-1][0] == found[-2][0]:
        raise UnfitError("too few values")
    change = found[-1][1] - found[-2][1]
    if not change:
        raise UnfitError("no change")
    slack = 0.006 * found[-1][1] if analyte.key in ("glucose", "creatinine") else 1e-6
    return Question(
        {"who": draw.who(patient), "analyte": draw.said(analyte), "unit": analyte.unit},
        {**named(patient), "loinc": analyte.loinc},
        number(change, analyte.unit, analyte.decimals, slack=slack),
        patients=about(patient),
    )


@template("out-of-range", "trend", decides=True)
def out_of_range(draw: Draw) -> Question:
    """How many values of some time lie above or below the reference range."""
    patient, analyte = draw.patient(), draw.pick(LABS)
    days = draw.pick((180, 365, 730))
    found = draw.chart.observed(patient, analyte.loinc, within=timedelta(days=days))
    outside = [one for _, one in found if (one > analyte.high if draw.act else one < analyte.low)]
    near = any(
        abs(one - edge) < 0.01 * edge for _, one in found for edge in (analyte.low, analyte.high)
    )
    if len(outside) < 2 or near:
        raise UnfitError("none outside")
    limit = analyte.high if draw.act else analyte.low
    slots = {
        "who": draw.who(patient), "analyte": draw.said(analyte), "days": str(days),
        "side": draw.pick(("above", "higher than") if draw.act else ("below", "lower than")),
        "limit": f"{limit:g} {analyte.unit}",
    }  # fmt: skip
    given = {
        **named(patient), "loinc": analyte.loinc, "days": days, "limit": limit, "above": draw.act,
    }  # fmt: skip
    return Question(slots, given, integer(len(outside)), patients=about(patient))


@template("steepest-rise", "trend")
def steepest_rise(draw: Draw) -> Question:
    """The day of the value that rose most against the one before it."""
    patient, analyte = draw.patient(), draw.pick(LABS)
    found = draw.chart.observed(patient, analyte.loinc)
    pairs = list(pairwise(found))
    if len(pairs) < 4:
        raise UnfitError("too few values")
    rises = sorted((after[1] - before[1], after[0]) for before, after in pairs)
    if rises[-1][0] <= 0 or rises[-1][0] - rises[-2][0] < 0.02 * abs(found[-1][1]):
        raise UnfitError("no clear rise")
    return Question(
        {"who": draw.who(patient), "analyte": draw.said(analyte)},
        {**named(patient), "loinc": analyte.loinc},
        date(rises[-1][1], "minute"),
        patients=about(patient),
    )


def pressures(draw: Draw, patient: Resource) -> list[tuple[float, float]]:
    """Systolic and diastolic pressure where both were taken, the earliest first."""
    found = [
        one
        for one in draw.chart.of(patient, "Observation")
        if one["status"] in COUNTED and coded(one, "code", terms.PRESSURE[0])
    ]
    pairs = []
    for one in latest(found, "effectiveDateTime"):
        parts = [
            measure(part, code)
            for code, _ in (terms.SYSTOLIC, terms.DIASTOLIC)
            for part in each(one.get("component"))
            if isinstance(part, dict) and coded(part, "code", code)
        ]
        if len(parts) == 2:
            pairs.append((parts[0], parts[1]))
    return pairs


@template("arterial-pressure", "trend")
def arterial_pressure(draw: Draw) -> Question:
    """The mean arterial pressure of the last blood pressures."""
    patient = draw.patient()
    readings = draw.pick((2, 3, 4))
    found = pressures(draw, patient)[-readings:]
    if len(found) < readings:
        raise UnfitError("too few")
    average = mean((high + 2 * low) / 3 for high, low in found)
    return Question(
        {"who": draw.who(patient), "readings": str(readings)},
        {**named(patient), "readings": readings},
        number(average, "mm[Hg]", 1),
        patients=about(patient),
    )


@template("body-mass", "trend")
def body_mass(draw: Draw) -> Question:
    """The body mass index of the last weight and height."""
    patient = draw.patient()
    _, weight = draw.must(draw.chart.last(patient, terms.ANALYTES["weight"].loinc))
    _, height = draw.must(draw.chart.last(patient, terms.ANALYTES["height"].loinc))
    return Question(
        {"who": draw.who(patient)},
        named(patient),
        number(weight / (height / 100) ** 2, "kg/m2", 1),
        patients=about(patient),
    )


@template("after-start", "trend")
def after_start(draw: Draw) -> Question:
    """The first value after a drug was ordered."""
    patient, analyte = draw.patient(), draw.pick(LABS)
    order, drug = only_order(draw, patient)
    start = moment(str(order["authoredOn"]))
    found = [one for one in draw.chart.observed(patient, analyte.loinc) if one[0] > start]
    at, value = draw.pick(found[:1])
    if (draw.chart.last(patient, analyte.loinc) or (at, 0))[0] == at:
        raise UnfitError("also the last")
    slots = {
        "who": draw.who(patient), "analyte": draw.said(analyte), "drug": draw.said(drug),
        "unit": analyte.unit,
    }  # fmt: skip
    given = {**named(patient), "loinc": analyte.loinc, "rxnorm": drug.rxnorm}
    answer = number(value, analyte.unit, analyte.decimals, slack=0.006 * value)
    return Question(slots, given, answer, patients=about(patient))
