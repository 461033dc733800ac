"""Draw a patient for a calculator: plausible together, and spread over the results."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from random import Random

from taskkit.calculation.calculators.calculator import Input
from taskkit.calculation.calculators.catalogue import CATALOGUE, Calculator
from taskkit.calculation.calculators.thrombosis import ONLY_WOMEN
from taskkit.notes.calculation.lexicon import Lexicon, Measure
from taskkit.notes.calculation.patient import Opioid, Patient, Reading, Said
from taskkit.spec.units import convert

INPUTS: Mapping[str, Input] = {item.name: item for one in CATALOGUE.values() for item in one.inputs}
"""An input of each name."""
EDGES = 0.2  # share of values that lie at an end of their band, right beside a limit
LEAST_CHLORIDE = 84  # mmol/L
FIRST_DAY = date(2021, 1, 4)  # of the notes
DAYS = 1800
OTHER_UNIT = 0.4  # share of readings in another unit than the calculator's
AGES: Mapping[str, tuple[tuple[int, int], ...]] = {
    "centor": ((4, 13), (16, 43), (47, 80)),
    "fever_pain": ((4, 80),),
    "due_date": ((19, 42),),
    "conception_date": ((19, 42),),
    "gestational_age": ((19, 42),),
    "framingham_hard_chd": ((32, 78),),
}
DOSES: Mapping[str, tuple[float, ...]] = {
    "codeine": (15, 30, 60),
    "fentanyl buccal": (100, 200, 400),
    "fentanyl patch": (12, 25, 37.5, 50, 75),
    "hydrocodone": (5, 7.5, 10),
    "hydromorphone": (2, 4, 8),
    "methadone": (2.5, 5, 10),
    "morphine": (10, 15, 30),
    "oxycodone": (5, 10, 20),
    "oxymorphone": (5, 10),
    "tapentadol": (50, 75, 100),
    "tramadol": (50, 100),
}

EVEN: Mapping[str, Mapping[str, tuple[tuple[float, float], ...]]] = {
    "sirs": {
        "temperature": ((36.2, 37.8), (38.2, 40)),
        "heart_rate": ((55, 88), (93, 140)),
        "respiratory_rate": ((10, 19), (22, 36)),
        "white_cells": ((4.5, 11.5), (12.5, 22)),
        "arterial_carbon_dioxide": ((34, 50), (34, 50), (34, 50), (25, 30)),
    },
    "centor": {"temperature": ((36.2, 37.8), (38.2, 40))},
}
"""Bands that make each item of a short score as likely as not."""


def draw(calculator: Calculator, words: Lexicon, chance: Random) -> Patient:
    """Draw a patient whose every input lies within the calculator's range."""
    name = calculator.name
    ages = AGES.get(name) or tuple((int(a), int(b)) for a, b in words.measures["age"].bands)
    age = chance.randint(*chance.choice(ages))
    sex = "female" if name in ("due_date", "conception_date", "gestational_age") else ""
    sex = sex or chance.choice(("female", "male"))
    today = FIRST_DAY + timedelta(days=chance.randrange(DAYS))
    likely = chance.uniform(0.1, 0.85)  # of each finding, so that totals spread
    said: dict[str, Said] = {}
    for item in calculator.inputs:
        if item.name == "age":
            said["age"] = Reading(str(age), "a")
        elif item.name == "sex":
            said["sex"] = sex
        else:
            said[item.name] = one(item, words, chance, likely, sex=sex, today=today)
    for item in calculator.inputs:
        if item.name in EVEN.get(name, {}):
            measure = replace(words.measures[item.name], bands=EVEN[name][item.name])
            said[item.name] = measured(measure, item, chance)
    for adjust in ADJUSTMENTS.get(name, ()):
        adjust(said, words, chance)
    if name == "maintenance_fluids":
        age = max(0, round((float(reading(said, "weight").value) - 8) / 2))
    return Patient(calculator, said, sex, min(age, 90), today)


def one(
    item: Input, words: Lexicon, chance: Random, likely: float, *, sex: str, today: date
) -> Said:
    """Draw one input."""
    if item.kind == "quantity":
        return measured(words.measures[item.name], item, chance)
    if item.kind == "boolean":
        return chance.random() < likely
    if item.kind == "findings":
        found = [name for name in item.choices if chance.random() < likely]
        return frozenset(name for name in found if sex == "female" or name not in ONLY_WOMEN)
    if item.kind == "date":
        back = chance.randint(35, 285) if item.name == "last_period" else 0
        return today - timedelta(days=back)
    if item.kind == "records":
        drugs = chance.sample(sorted(DOSES), chance.choice((1, 2, 2, 3)))
        return tuple(opioid(drug, chance) for drug in drugs)
    return chance.choice([word for word in item.choices if word != "not testable"])


def opioid(drug: str, chance: Random) -> Opioid:
    """Draw a prescription of a drug."""
    times = 1 if drug == "fentanyl patch" else chance.randint(1, 6)
    return Opioid(drug, f"{chance.choice(DOSES[drug]):g}", times)


def measured(measure: Measure, item: Input, chance: Random) -> Reading:
    """Draw a reading from one of a measure's bands, in one of its units."""
    assert item.quantity is not None
    band = chance.choice(measure.bands)
    value = chance.choice(band) if chance.random() < EDGES else chance.uniform(*band)
    return printed(value, measure, item, chance)


def printed(value: float, measure: Measure, item: Input, chance: Random) -> Reading:
    """Print a value in one of the measure's units."""
    assert item.quantity is not None
    codes = list(measure.units)
    unit = codes[0]
    if len(codes) > 1 and chance.random() < OTHER_UNIT:
        unit = chance.choice(codes[1:])
    shown = value if unit == codes[0] else there(value, unit, item)
    return Reading(f"{shown:.{measure.units[unit]}f}", unit)


def there(value: float, unit: str, item: Input) -> float:
    """Give a value of the quantity's unit in another; conversions are straight lines."""
    assert item.quantity is not None
    zero, step = (convert(at, unit, item.quantity) for at in (0.0, 1.0))
    return (value - zero) / (step - zero)


def reading(said: Mapping[str, Said], name: str) -> Reading:
    """Give the reading of an input."""
    value = said[name]
    assert isinstance(value, Reading)
    return value


Adjustment = Callable[[dict[str, Said], Lexicon, Random], None]


def body(said: dict[str, Said], words: Lexicon, chance: Random) -> None:
    """Give a weight that fits the height, over the range of the body mass index."""
    height = chance.uniform(150, 195)
    weight = chance.uniform(16.5, 40) * (height / 100) ** 2
    said["height"] = chance.choice(
        (
            Reading(f"{height:.0f}", "cm"),
            Reading(f"{height / 100:.2f}", "m"),
            Reading(f"{height / 2.54:.0f}", "in"),
        )
    )
    if "weight" in said:
        pounds = Reading(f"{weight / 0.45359237:.0f}", "lb")
        said["weight"] = chance.choice((Reading(f"{weight:.1f}", "kg"), pounds))


def pressures(said: dict[str, Said], words: Lexicon, chance: Random) -> None:
    """Give a diastolic pressure well below the systolic."""
    most = int(reading(said, "systolic").value * 0.8)
    if reading(said, "diastolic").value > most:
        said["diastolic"] = Reading(str(chance.randint(most // 2, most)), "mm[Hg]")


def child(said: dict[str, Said], words: Lexicon, chance: Random) -> None:
    """Give the weight of a child, from 3 kg."""
    said["weight"] = Reading(
        f"{chance.uniform(*chance.choice(((9, 11), (12, 20), (21, 60)))):.1f}", "kg"
    )


def salts(said: dict[str, Said], words: Lexicon, chance: Random) -> None:
    """Give the chloride that leaves a possible anion gap."""
    left = reading(said, "sodium").value - reading(said, "bicarbonate").value
    unit = chance.choice(("mmol/L", "meq/L"))
    widest = min(32, max(6, int(left) - LEAST_CHLORIDE))
    said["chloride"] = Reading(f"{left - chance.randint(5, widest):.0f}", unit)


def oxygen(said: dict[str, Said], words: Lexicon, chance: Random) -> None:
    """Leave the one measure of oxygenation that the inspired oxygen asks for."""
    high = reading(said, "inspired_oxygen").value >= 50
    del said["arterial_oxygen" if high else "oxygen_gradient"]


def support(said: dict[str, Said], words: Lexicon, chance: Random) -> None:
    """Leave one vasopressor at most, and sometimes no urine output."""
    drugs = ["dopamine", "dobutamine", "adrenaline", "noradrenaline"]
    kept = chance.choice([*drugs, "none", "none"])
    for drug in drugs:
        if drug != kept:
            said.pop(drug)
    if chance.random() < 0.5:
        said.pop("urine_output")


def gas(said: dict[str, Said], words: Lexicon, chance: Random) -> None:
    """Leave out the carbon dioxide at times."""
    if chance.random() < 0.4:
        said.pop("arterial_carbon_dioxide")


def lipids(said: dict[str, Said], words: Lexicon, chance: Random) -> None:
    """Give parts of the cholesterol that leave some for the rest."""
    total = words.measures["cholesterol"]
    value = chance.uniform(*chance.choice(total.bands))
    said["cholesterol"] = printed(value, total, INPUTS["cholesterol"], chance)
    for name, least, most in (("hdl_cholesterol", 0.15, 0.4), ("triglycerides", 0.3, 1.6)):
        if name in said:
            part = value * chance.uniform(least, most)
            said[name] = printed(part, words.measures[name], INPUTS[name], chance)


def repolarisation(said: dict[str, Said], words: Lexicon, chance: Random) -> None:
    """Give a QT interval that goes with the heart rate: a corrected one of 340 to 540 ms."""
    corrected = chance.uniform(340, 540)
    value = corrected * (60 / reading(said, "heart_rate").value) ** 0.5
    said["qt"] = printed(value, words.measures["qt"], INPUTS["qt"], chance)


def enzymes(said: dict[str, Said], words: Lexicon, chance: Random) -> None:
    """Give transaminases that rise together."""
    measure, item = words.measures["aspartate_transaminase"], INPUTS["aspartate_transaminase"]
    value = reading(said, "alanine_transaminase").value * chance.uniform(0.6, 2.2)
    said["aspartate_transaminase"] = printed(value, measure, item, chance)


def steroid(said: dict[str, Said], words: Lexicon, chance: Random) -> None:
    """Give a usual dose, and a target that is another drug."""
    strength = {"cortisone": 25.0, "hydrocortisone": 20.0, "prednisone": 5.0, "prednisolone": 5.0}
    strong = {"methylprednisolone": 4.0, "triamcinolone": 4.0}
    given = str(said["steroid"])
    size = {**strength, **strong}.get(given, 0.75)
    said["dose"] = Reading(
        f"{size * chance.choice((0.5, 1.5, 2, 2.5, 3, 3.5, 4, 4.5, 6, 7, 8, 9, 11, 12)):g}", "mg"
    )
    said["target"] = chance.choice(
        [one for one in [*strength, *strong, "dexamethasone", "betamethasone"] if one != given]
    )


ADJUSTMENTS: Mapping[str, tuple[Adjustment, ...]] = {
    **dict.fromkeys(("creatinine_clearance", "body_mass_index", "ideal_body_weight"), (body,)),
    **dict.fromkeys(("body_surface_area", "target_weight", "adjusted_body_weight"), (body,)),
    **dict.fromkeys(("anion_gap", "delta_gap", "delta_ratio"), (salts,)),
    "albumin_corrected_anion_gap": (salts,),
    "albumin_corrected_delta_gap": (salts,),
    "albumin_corrected_delta_ratio": (salts,),
    **dict.fromkeys(("mean_arterial_pressure", "curb65"), (pressures,)),
    **dict.fromkeys(("ldl_cholesterol", "framingham_hard_chd"), (lipids,)),
    **dict.fromkeys(("qtc_bazett", "qtc_fridericia", "qtc_framingham"), (repolarisation,)),
    **dict.fromkeys(("qtc_hodges", "qtc_rautaharju"), (repolarisation,)),
    "fib4": (enzymes,),
    "maintenance_fluids": (child,),
    "apache_ii": (oxygen,),
    "sofa": (support,),
    "sirs": (gas,),
    "steroid_equivalent": (steroid,),
}
