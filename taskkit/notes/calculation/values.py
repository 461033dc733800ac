"""Sentences that give a patient's measurements, prescriptions and dates."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, timedelta
from random import Random
from typing import Literal

from taskkit.notes.calculation.lexicon import Lexicon
from taskkit.notes.calculation.patient import Opioid, Patient, Reading
from taskkit.notes.calculation.prose import Prose
from taskkit.notes.calculation.sampling import INPUTS, printed

Group = Literal["exam", "lab", "gas", "infusion", "tracing", "habit"]
GROUPS: Mapping[str, Group] = {
    **dict.fromkeys(("temperature", "heart_rate", "respiratory_rate", "systolic"), "exam"),
    **dict.fromkeys(("mean_arterial_pressure", "oxygen_saturation", "coma_score"), "exam"),
    **dict.fromkeys(("weight", "height", "body_mass_index"), "exam"),
    **dict.fromkeys(("inspired_oxygen", "arterial_oxygen", "oxygen_gradient", "ph"), "gas"),
    "arterial_carbon_dioxide": "gas",
    **dict.fromkeys(("dopamine", "dobutamine", "adrenaline", "noradrenaline"), "infusion"),
    "urine_output": "infusion",
    "qt": "tracing",
    **dict.fromkeys(("drinks", "cycle_length"), "habit"),
}
"""What is said together; with the laboratory's where there is no entry."""
SHOWN: Mapping[str, str] = {
    "a": "years",
    "Cel": "°C",
    "[degF]": "°F",
    "mm[Hg]": "mmHg",
    "meq/L": "mEq/L",
    "umol/L": "µmol/L",
    "u[IU]/mL": "µIU/mL",
    "10*9/L": "x10^9/L",
    "/uL": "/µL",
    "/min": "per minute",
    "[pH]": "",
    "1": "",
    "mL/d": "mL",
    "ug/kg/min": "µg/kg/min",
    "d": "days",
    "in": "inches",
}
"""How a note writes a UCUM code; the others as they are."""
LASTING = ("age", "height", "dose", "cycle_length", "drinks")
"""What has no earlier value."""
SALTS = ("sodium", "chloride", "bicarbonate")  # a usual one would not go with a drawn one
RED = 3.0  # haematocrit, %, by haemoglobin, g/dL


def values(
    patient: Patient, words: Lexicon, prose: Prose, chance: Random
) -> dict[Group, list[str]]:
    """Give each measurement once, with some that nobody asked for."""
    results: defaultdict[Group, list[tuple[str, str]]] = defaultdict(list)
    for name, said in patient.said.items():
        if isinstance(said, Reading) and name not in ("age", "dose", "systolic", "diastolic"):
            shown = chance.choice(words.measures[name].names), show(said)
            results[GROUPS.get(name, "lab")].append(shown)
    if "systolic" in patient.said:
        results["exam"].append(("blood pressure", pressure(patient, chance)))
    for name, value in idle(patient, words, prose, chance):
        results[GROUPS.get(name, "lab")].append((chance.choice(words.measures[name].names), value))
    return {group: sentences(group, own, prose, chance) for group, own in results.items()}


def sentences(
    group: Group, results: list[tuple[str, str]], prose: Prose, chance: Random
) -> list[str]:
    """Write the results of a group in sentences of one or several."""
    said, left = [], list(results)
    chance.shuffle(left)
    most = chance.choice((2, 4, 6, 9))
    while left:
        some = [
            left.pop() for _ in range(min(len(left), chance.randint(1 + (len(left) > 3), most)))
        ]
        if len(some) == 1 and group not in ("habit", "infusion"):
            said.append(prose.frame("value.alone", name=some[0][0], value=some[0][1]))
            continue
        items = [prose.speaker.say("value.item", name=name, value=value) for name, value in some]
        said.append(prose.frame(f"values.{group}", items=", ".join(items)))
    return said


def idle(patient: Patient, words: Lexicon, prose: Prose, chance: Random) -> list[tuple[str, str]]:
    """Draw usual values that go with the others and hint at no input."""
    asked = {item.name for item in patient.calculator.inputs}
    salty = not asked.isdisjoint(SALTS)
    free = [
        name
        for name, measure in words.measures.items()
        if measure.usual is not None
        and name not in asked
        and not (salty and name in SALTS)
        and not any(prose.barred.search(own) for own in measure.names)
    ]
    chosen = chance.sample(free, min(len(free), chance.randint(1, 6)))
    drawn = {name: chance.uniform(*(words.measures[name].usual or (0, 0))) for name in chosen}
    if "haematocrit" in drawn and "haemoglobin" in drawn:
        drawn["haematocrit"] = RED * drawn["haemoglobin"]
    return [
        (name, show(printed(value, words.measures[name], INPUTS[name], chance)))
        for name, value in drawn.items()
    ]


def pressure(patient: Patient, chance: Random) -> str:
    """Write both pressures; the diastolic is drawn where nobody asks for it."""
    systolic, diastolic = patient.said["systolic"], patient.said.get("diastolic")
    assert isinstance(systolic, Reading)
    low = int(systolic.value * chance.uniform(0.5, 0.7))
    second = diastolic.text if isinstance(diastolic, Reading) else str(low)
    return f"{systolic.text}/{second} mmHg"


def show(reading: Reading) -> str:
    """Write a number with its unit."""
    unit = SHOWN.get(reading.unit, reading.unit)
    return f"{reading.text} {unit}".rstrip()


def on(day: date, chance: Random) -> str:
    """Write a date in one of three ways."""
    return chance.choice(
        (day.isoformat(), f"{day.day} {day:%B %Y}", f"{day:%B} {day.day}, {day.year}")
    )


def earlier(patient: Patient, words: Lexicon, prose: Prose, chance: Random) -> list[str]:
    """Give values of other days under their dates."""
    inputs = [
        item
        for item in patient.calculator.inputs
        if item.kind == "quantity" and item.name not in LASTING and item.name in patient.said
    ]
    said = []
    for item in chance.sample(inputs, min(len(inputs), chance.randint(1, 3))):
        day = on(patient.today - timedelta(days=chance.randint(2, 400)), chance)
        measure = words.measures[item.name]
        value = show(printed(chance.uniform(*chance.choice(measure.bands)), measure, item, chance))
        name = chance.choice(measure.names)
        said.append(prose.frame("value.earlier", day=day, name=name, value=value))
    return said


def medicines(patient: Patient, prose: Prose, chance: Random) -> list[str]:
    """Say what is taken, and what is to be taken instead."""
    said = []
    for value in patient.said.values():
        if isinstance(value, tuple):
            said += [prose.frame("takes", these=prescription(one)) for one in value]
    if "target" in patient.said:
        dose = patient.said["dose"]
        assert isinstance(dose, Reading)
        drugs = str(patient.said["steroid"]), str(patient.said["target"])
        said.append(prose.frame("steroid.now", dose=dose.text, drug=drugs[0]))
        said.append(prose.frame("steroid.next", drug=drugs[1]))
    return said


def periods(patient: Patient, prose: Prose, chance: Random) -> list[str]:
    """Say when the last menstrual period began."""
    day = patient.said.get("last_period")
    return [prose.frame("menses", day=on(day, chance))] if isinstance(day, date) else []


def prescription(one: Opioid) -> str:
    """Write what is taken and how often."""
    if one.drug == "fentanyl patch":
        return f"a fentanyl patch of {one.dose} µg/h, around the clock"
    unit = "µg" if one.drug == "fentanyl buccal" else "mg"
    times = "once a day" if one.per_day == 1 else f"{one.per_day} times a day"
    return f"{one.drug} {one.dose} {unit}, {times}"
