"""What is measured: at visits, and during a stay in hospital."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from taskkit.fhir.index import Resource
from taskkit.fhir.synthetic import terms
from taskkit.fhir.synthetic.build import concept, quantity, stamp, status, to
from taskkit.fhir.synthetic.course import Course

YEARS = 3  # of visits on record
RETRACTED = 0.4  # of the last values: a later one was taken back
MMOL = {"glucose": (1 / 18.016, "mmol/L", 1), "creatinine": (88.42, "umol/L", 0)}
"""Units of another laboratory: factor, UCUM code, decimals."""
VISIT_LABS = (
    "potassium",
    "sodium",
    "creatinine",
    "glucose",
    "hemoglobin",
    "platelets",
    "leukocytes",
)
WARD_LABS = ("potassium", "magnesium", "creatinine", "glucose", "hemoglobin", "leukocytes")
ACT = "http://terminology.hl7.org/CodeSystem/v3-ActCode"


def visits(course: Course) -> None:
    """Outpatient visits with vital signs and laboratory values."""
    chance = course.chance
    gap = chance.uniform(90, 200)
    moment = course.now - timedelta(days=365 * YEARS - chance.uniform(0, 90))
    drift = {name: chance.gauss(0, one.noise * 0.8) for name, one in terms.ANALYTES.items()}
    number = 0
    while moment < course.now - timedelta(days=12):
        at = moment.replace(hour=8 + chance.randrange(8), minute=chance.randrange(60), second=0)
        visit = course.add(
            "Encounter",
            status="finished",
            **{"class": {"system": f"{ACT}", "code": "AMB", "display": "ambulatory"}},
            subject=to(course.patient),
            period={"start": stamp(at), "end": stamp(at + timedelta(minutes=40))},
            serviceProvider=to(course.hospital.organization),
        )
        share = number / (YEARS * 365 / gap)
        signs(course, visit, at, drift, share)
        for name in panel(course, number):
            measured(course, name, at + timedelta(minutes=15), visit, drift[name] * share)
        moment += timedelta(days=gap + chance.uniform(-25, 25))
        number += 1


def panel(course: Course, number: int) -> list[str]:
    """The laboratory values of a visit."""
    sick = {one.key for one in course.diseases}
    names = list(VISIT_LABS)
    if "diabetes" in sick or number % 3 == 0:
        names.append("a1c")
    if "lipids" in sick or number % 3 == 1:
        names.append("ldl")
    if "thyroid" in sick:
        names.append("tsh")
    if "gout" in sick:
        names.append("uric")
    if "fibrillation" in sick:
        names.append("inr")
    if number % 2:
        names.append("alt")
    return [name for name in names if course.chance.random() < 0.85]


def measured(
    course: Course, name: str, moment: datetime, encounter: Resource, moved: float
) -> Resource:
    """A laboratory value or vital sign; a few of another laboratory, preliminary or in error."""
    analyte = terms.ANALYTES[name]
    value = max(
        analyte.low * 0.3, course.means[name] + moved + course.chance.gauss(0, analyte.noise)
    )
    unit, decimals = analyte.unit, analyte.decimals
    state = "final"
    draw = course.chance.random()
    if draw < 0.03:
        state = "entered-in-error"
        value *= course.chance.choice((0.5, 1.6))
    elif draw < 0.05:
        state = "cancelled"
    elif draw < 0.2 and name in MMOL:
        factor, unit, decimals = MMOL[name]
        value *= factor
    return course.add(
        "Observation",
        status=state,
        category=[status("observation-category", "vital-signs" if analyte.vital else "laboratory")],
        code=concept(terms.LOINC, analyte.loinc, analyte.name),
        subject=to(course.patient),
        encounter=to(encounter),
        effectiveDateTime=stamp(moment),
        issued=None if analyte.vital else stamp(moment + timedelta(minutes=50)),
        valueQuantity=quantity(value, unit, decimals),
        referenceRange=None if analyte.vital or unit != analyte.unit else [
            {"low": quantity(analyte.low, unit), "high": quantity(analyte.high, unit)}
        ],
    )  # fmt: skip


def signs(
    course: Course, visit: Resource, moment: datetime, drift: dict[str, float], share: float
) -> None:
    """The vital signs of a visit."""
    for name in ("weight", "pulse", "temperature", "saturation"):
        measured(course, name, moment, visit, drift[name] * share * 2)
    if course.chance.random() < 0.3:
        measured(course, "height", moment, visit, 0)
    pressure(course, visit, moment)


def pressure(course: Course, visit: Resource, moment: datetime) -> None:
    """A blood pressure with its two components."""
    high = any(one.key == "hypertension" for one in course.diseases)
    systolic = course.chance.gauss(143 if high else 121, 11)
    diastolic = min(systolic - 25, course.chance.gauss(87 if high else 76, 7))
    course.add(
        "Observation",
        status="final",
        category=[status("observation-category", "vital-signs")],
        code=concept(terms.LOINC, *terms.PRESSURE),
        subject=to(course.patient),
        encounter=to(visit),
        effectiveDateTime=stamp(moment),
        component=[
            {"code": concept(terms.LOINC, *code), "valueQuantity": quantity(value, "mm[Hg]", 0)}
            for code, value in ((terms.SYSTOLIC, systolic), (terms.DIASTOLIC, diastolic))
        ],
    )


def stay(course: Course) -> None:
    """A stay in hospital that goes on: admission, values every few hours."""
    chance = course.chance
    admitted = course.now - timedelta(days=chance.uniform(1.2, 8))
    stay_ = course.add(
        "Encounter",
        status="in-progress",
        **{"class": {"system": ACT, "code": "IMP", "display": "inpatient encounter"}},
        subject=to(course.patient),
        period={"start": stamp(admitted)},
        serviceProvider=to(course.hospital.organization),
    )
    for name in WARD_LABS:
        if name == "magnesium" and chance.random() < 0.3:
            continue
        moved = chance.gauss(0, terms.ANALYTES[name].noise * 1.6)
        every = chance.choice((6, 8, 12)) if name != "hemoglobin" else 24
        end = course.now - timedelta(hours=chance.choice((1, 3, 5, 7, 26, 30)))
        moment = admitted + timedelta(hours=2)
        while moment < end:
            at = moment + timedelta(minutes=chance.randrange(50))
            measured(course, name, at.replace(second=0), stay_, moved)
            moment += timedelta(hours=every)
    moment = admitted + timedelta(hours=1)
    while moment < course.now - timedelta(hours=1):
        for name in ("pulse", "temperature", "saturation"):
            measured(course, name, moment.replace(second=0), stay_, 0)
        moment += timedelta(hours=8)


def retractions(course: Course) -> None:
    """Values that a laboratory took back: after the last one that counts, and far from it."""
    last: dict[str, Resource] = {}
    for one in course.written:
        if one["resourceType"] == "Observation" and "valueQuantity" in one:
            code = json.dumps(one["code"])
            if code not in last or str(last[code]["effectiveDateTime"]) < str(
                one["effectiveDateTime"]
            ):
                last[code] = one
    for one in last.values():
        value = one["valueQuantity"]
        if course.chance.random() > RETRACTED or not isinstance(value, dict):
            continue
        at = moment(str(one["effectiveDateTime"])) + timedelta(
            minutes=course.chance.randrange(5, 50)
        )
        number = value["value"]
        assert isinstance(number, (int, float))
        wrong = number * course.chance.choice((0.55, 0.7, 1.35, 1.6))
        decimals = 0 if isinstance(number, int) else 1
        members = {name: given for name, given in one.items() if name not in ("resourceType", "id")}
        members |= {
            "status": course.chance.choice(("entered-in-error", "cancelled", "preliminary")),
            "effectiveDateTime": stamp(at),
            "valueQuantity": quantity(wrong, str(value["code"]), decimals),
        }
        if "issued" in members:
            members["issued"] = stamp(at + timedelta(minutes=20))
        course.add("Observation", **members)


def moment(text: str) -> datetime:
    """The time that a stamp says."""
    return datetime.fromisoformat(text)
