"""Visits to the clinic between stays: the body of the same patient, read while nothing is acute."""

from __future__ import annotations

from taskkit.ehr.chance import Chance
from taskkit.ehr.clock import DAY, NOW
from taskkit.ehr.course.catalogue import Presentation
from taskkit.ehr.course.diagnosis import person_traits
from taskkit.ehr.course.monitor import watch
from taskkit.ehr.course.physiology import Body, read
from taskkit.ehr.course.stay import Place, Result, Stay
from taskkit.ehr.rendering.fhir import HEIGHT, WEIGHT
from taskkit.fhir.index import Resource
from taskkit.fhir.synthetic.build import to
from taskkit.fhir.synthetic.record import Record

YEARS = 3  # of visits on record
LAST = 12  # days before today
LENGTH, DRAWN = 60, 15  # minutes: of a visit, and until blood is drawn
DONE = 0.85  # of the tests of a visit
MEASURED = 0.3  # of visits that measure the height
CHECK_UP = Presentation(
    name="check-up", weight=0, ages=(0, 0), codes=(), theme="general", unit="medical",
    severity=0.1, days=1, needs=frozenset(), boost=(), traits=(), extra={}, elective=1, risk=0,
    own=False,
)  # fmt: skip
TESTS = (
    "potassium", "sodium", "creatinine", "glucose", "hemoglobin", "platelet count",
    "white blood cells",
)  # fmt: skip
BY_TRAIT = {
    "diabetes": "% hemoglobin a1c", "lipids": "cholesterol, ldl, calculated",
    "hypothyroid": "thyroid stimulating hormone", "gout": "uric acid",
    "anticoagulated": "inr(pt)", "cirrhosis": "albumin", "ckd": "phosphate",
}  # fmt: skip
BY_TURN = (
    "% hemoglobin a1c", "cholesterol, ldl, calculated", "alanine aminotransferase (alt)",
)  # fmt: skip


def visits(record: Record) -> list[Resource]:
    """Write the visits of some years; give what was measured."""
    chance = Chance(f"visits {record.seed} {record.course.number}")
    gap = chance.between(100, 220)
    day = NOW // DAY - 365 * YEARS + chance.whole(0, 90)
    found: list[Resource] = []
    number = 0
    while day < NOW // DAY - LAST:
        minute = day * DAY + 60 * chance.whole(8, 15) + chance.whole(0, 59)
        if not _in_hospital(record, minute):
            found += _visit(record, chance, minute, number)
            number += 1
        day += int(gap + chance.between(-25, 25))
    return found


def _in_hospital(record: Record, minute: int) -> bool:
    return any(one.admitted - DAY < minute < one.discharged + DAY for one in record.course.stays)


def _visit(record: Record, chance: Chance, minute: int, number: int) -> list[Resource]:
    renderer, course = record.renderer, record.course
    stay = check_up(record, chance, minute, number)
    id_ = f"{renderer.subject(course)}-v{number}"
    encounter, *measured = renderer.stay(course, stay, id_, {}, "AMB")
    encounter["serviceProvider"] = to(record.clinic.organization)
    said = {name: measured[0][name] for name in ("subject", "encounter")}
    weight = round(course.weight * (1 + 0.012 * chance.normal()) + chance.normal(), 1)
    sizes = [("w", WEIGHT, weight, "kg")]
    if chance.random() < MEASURED:
        sizes.append(("h", HEIGHT, float(round(course.height)), "cm"))
    for name, what, value, unit in sizes:
        size = renderer.size(minute, what, value, unit)
        measured.append({**size, "id": f"{id_}-{name}", **said})
    record.written += [encounter, *measured]
    return measured


def check_up(record: Record, chance: Chance, minute: int, number: int) -> Stay:
    """A visit as a stay of an hour in which nothing happens but that things are measured."""
    course, catalogue = record.course, record.renderer.hospital.catalogue
    age = course.age(minute)
    traits = frozenset({*person_traits(course.sex, age), *record.traits(age)})
    stay = Stay(
        presentation=CHECK_UP, principal="", admitted=minute, discharged=minute + LENGTH,
        severity=CHECK_UP.severity, died=False, elective=True,
        onsets=dict.fromkeys(sorted(traits), minute), findings=[],
        places=[Place(None, CHECK_UP.theme, minute, minute + LENGTH, None, 0.0)],
    )  # fmt: skip
    states = Body(chance, catalogue.states, course, stay, traits).values
    for name in _tests(chance, traits, number):
        analyte = catalogue.analytes[name]
        stay.results.append(Result(minute + DRAWN, analyte, read(chance, analyte, states)))
    watch(chance, stay, Body(chance, catalogue.signs, course, stay, traits), age)
    return stay


def _tests(chance: Chance, traits: frozenset[str], number: int) -> list[str]:
    """The tests of a visit: usual ones, those that conditions ask for, and others in turn."""
    names = dict.fromkeys(TESTS)
    names |= dict.fromkeys(test for trait, test in BY_TRAIT.items() if trait in traits)
    names |= {BY_TURN[number % len(BY_TURN)]: None}
    return [name for name in names if chance.random() < DONE]
