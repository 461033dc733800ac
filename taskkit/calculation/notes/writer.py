"""Write the note of a sampled patient, in varied wording and order, with distractors."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from random import Random

from taskkit.calculation.calculators.calculator import Input
from taskkit.calculation.calculators.catalogue import CATALOGUE
from taskkit.calculation.notes.lexicon import Lexicon
from taskkit.calculation.notes.patient import Opioid, Patient, Reading
from taskkit.calculation.notes.sampling import measured, printed

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
UNASKED = (
    *("potassium", "calcium", "alanine_transaminase", "glucose", "albumin", "haemoglobin"),
    *("platelets", "sodium", "chloride", "oxygen_saturation", "haematocrit", "white_cells"),
)
"""Measurements that a note may have although its calculator does not ask for them."""
LASTING = ("age", "height", "dose", "cycle_length", "drinks")
"""What has no earlier value."""
FAMILY = (
    "The father had a stroke at the age of 71.",
    "The mother was treated for diabetes mellitus.",
    "A brother has arterial hypertension.",
    "The father died of heart failure.",
    "A sister was operated on for active cancer of the breast.",
)
REMARKS = (
    "Diet and exercise were discussed.",
    "The next visit is planned in two weeks.",
    "The patient lives with a partner.",
    "All questions were answered.",
    "The neighbour came along as interpreter.",
    "Vaccinations are up to date.",
)
WITHOUT_FAMILY = {"caprini", "heart_score"}
MENTIONED = 0.7  # share of what is absent that the note says is absent


def write(patient: Patient, words: Lexicon, chance: Random) -> str:
    """Write a note that says every input of the patient, once."""
    style: Callable[..., str] = chance.choice((prose, lines))
    facts = [*accounts(patient, words, chance), *choices(patient, words, chance)]
    facts += others(patient, chance)
    chance.shuffle(facts)
    results = results_of(patient, words, chance)
    chance.shuffle(results)
    past = earlier(patient, words, chance)
    blocks = [block for block in (style(chance, results), " ".join(facts), " ".join(past)) if block]
    chance.shuffle(blocks)
    return "\n".join([opening(patient, chance), *blocks])


def opening(patient: Patient, chance: Random) -> str:
    """Give date, age and sex."""
    who = {"female": ("woman", "female patient"), "male": ("man", "male patient")}[patient.sex]
    noun = chance.choice(who)
    if patient.age < 18:
        noun = {"female": "girl", "male": "boy"}[patient.sex]
    day = on(patient.today, chance)
    article = "An" if str(patient.age)[0] == "8" or patient.age in (11, 18) else "A"
    return chance.choice(
        (
            f"Note of {day}. {article} {patient.age}-year-old {noun} is seen today.",
            f"Date: {day}. Patient: {noun}, {patient.age} years old.",
            f"{day}. {article} {noun} aged {patient.age} years comes to the hospital today.",
        )
    )


def on(day: date, chance: Random) -> str:
    """Write a date in one of two ways."""
    return chance.choice((day.isoformat(), f"{day.day} {day:%B %Y}"))


def results_of(patient: Patient, words: Lexicon, chance: Random) -> list[tuple[str, str]]:
    """Give name and value of each measurement, those nobody asked for included."""
    found = []
    asked = {item.name for item in patient.calculator.inputs}
    for name, said in patient.said.items():
        if isinstance(said, Reading) and name not in ("age", "dose", "systolic", "diastolic"):
            found.append((chance.choice(words.measures[name].names), show(said)))
    if "systolic" in patient.said:
        found.append(("blood pressure", pressure(patient, chance)))
    idle = [name for name in UNASKED if name not in asked]
    if patient.calculator.name in ("fever_pain", "has_bled"):
        idle = idle[:4]
    for name in chance.sample(idle, chance.randint(1, 3)):
        extra = measured(words.measures[name], INPUTS[name], chance)
        found.append((chance.choice(words.measures[name].names), show(extra)))
    return found


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


def prose(chance: Random, results: Sequence[tuple[str, str]]) -> str:
    """Write results as sentences of one to three."""
    said, left = [], list(results)
    while left:
        some = [left.pop() for _ in range(min(len(left), chance.randint(1, 3)))]
        parts = [f"{name} {value}" for name, value in some]
        form = chance.choice(("Today {}.", "On examination {}.", "Measured today: {}."))
        if len(some) == 1:
            name, value = some[0]
            parts = [
                chance.choice((f"the {name} is {value}", f"{article(name)} {name} of {value}"))
            ]
        said.append(form.format(listed(parts, "and")))
    return " ".join(said)


def article(name: str) -> str:
    """Give the indefinite article of a name."""
    sounded = ("FiO2", "SpO2", "AST", "ALT", "Hb", "HDL", "INR")
    return "an" if name[0] in "aeioAEIO" or name.startswith(sounded) else "a"


def lines(chance: Random, results: Sequence[tuple[str, str]]) -> str:
    """Write results as a list."""
    mark, sign = chance.choice(("- ", "", "* ")), chance.choice((": ", " = "))
    head = chance.choice(("Results of today", "Measurements today", "Findings of today"))
    return "\n".join(
        [
            f"{head}:",
            *(f"{mark}{name[:1].upper()}{name[1:]}{sign}{value}" for name, value in results),
        ]
    )


def listed(parts: Sequence[str], word: str) -> str:
    """Join parts with commas and a last word."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} {word} {parts[-1]}"


def accounts(patient: Patient, words: Lexicon, chance: Random) -> list[str]:
    """Say each finding that is there, and most that are not."""
    sentences, there, missing = [], [], []
    for name, present in found(patient):
        account = words.accounts[name]
        if account.present:
            sentences.append(chance.choice(account.present if present else account.absent))
            continue
        phrase = chance.choice(account.phrases)
        if present != account.inverse:
            there.append(phrase)
        elif account.inverse or chance.random() < MENTIONED:
            missing.append(bare(phrase))
    chance.shuffle(there)
    chance.shuffle(missing)
    forms = ("The patient has {}.", "There is {}.", "Known or seen: {}.")
    sentences += grouped(there, forms, "and", 3, chance)
    denials = ("No {}.", "There is no {}.", "The patient has no {}.", "Negative for {}.")
    return sentences + grouped(missing, denials, "or", 4, chance)


def found(patient: Patient) -> Iterable[tuple[str, bool]]:
    """Give every finding that the calculator knows, and whether it is there."""
    for item in patient.calculator.inputs:
        said = patient.said.get(item.name)
        if item.kind == "boolean":
            yield item.name, bool(said)
        elif item.kind == "findings":
            assert isinstance(said, frozenset)
            yield from ((name, name in said) for name in item.choices)


def bare(phrase: str) -> str:
    """Drop an indefinite article."""
    return phrase.removeprefix("a ").removeprefix("an ")


def grouped(
    phrases: list[str], forms: Sequence[str], word: str, most: int, chance: Random
) -> list[str]:
    """Write phrases as sentences of several."""
    said, left = [], list(phrases)
    while left:
        some = [left.pop() for _ in range(min(len(left), chance.randint(1, most)))]
        said.append(chance.choice(forms).format(listed(some, word)))
    return said


def choices(patient: Patient, words: Lexicon, chance: Random) -> list[str]:
    """Say each graded finding."""
    return [
        chance.choice(words.choices[name][said])
        for name, said in patient.said.items()
        if isinstance(said, str) and name in words.choices
    ]


def others(patient: Patient, chance: Random) -> list[str]:
    """Say prescriptions and dates."""
    said: list[str] = []
    for name, value in patient.said.items():
        if isinstance(value, tuple):
            said += [f"Takes {prescription(one, chance)}." for one in value]
        elif isinstance(value, date) and name == "last_period":
            day = on(value, chance)
            said.append(
                chance.choice(
                    (
                        f"The last menstrual period began on {day}.",
                        f"First day of the last menstrual period: {day}.",
                    )
                )
            )
    if "target" in patient.said:
        dose = patient.said["dose"]
        assert isinstance(dose, Reading)
        said.append(f"The present treatment is {dose.text} mg of {patient.said['steroid']} a day.")
        said.append(
            chance.choice(("It is to be switched to {}.", "The plan is a change to {}.")).format(
                patient.said["target"]
            )
        )
    return [*said, chance.choice(REMARKS)]


def prescription(one: Opioid, chance: Random) -> str:
    """Write what is taken and how often."""
    if one.drug == "fentanyl patch":
        return f"a fentanyl patch of {one.dose} µg/h, without pause"
    unit = "µg" if one.drug == "fentanyl buccal" else "mg"
    times = "once a day" if one.per_day == 1 else f"{one.per_day} times a day"
    return f"{one.drug} {one.dose} {unit}, {times}"


def earlier(patient: Patient, words: Lexicon, chance: Random) -> list[str]:
    """Give values of other days, and what relatives had."""
    said = []
    inputs = [
        item
        for item in patient.calculator.inputs
        if item.kind == "quantity" and item.name not in LASTING and item.name in patient.said
    ]
    for item in chance.sample(inputs, min(len(inputs), chance.randint(1, 3))):
        day = on(patient.today - timedelta(days=chance.randint(2, 400)), chance)
        measure = words.measures[item.name]
        value = show(printed(chance.uniform(*chance.choice(measure.bands)), measure, item, chance))
        name = chance.choice(measure.names)
        forms = (
            f"On {day} the {name} had been {value}.",
            f"{name[:1].upper()}{name[1:]} of {day}: {value}.",
        )
        said.append(chance.choice(forms))
    if patient.calculator.name not in WITHOUT_FAMILY and chance.random() < 0.6:
        said.append(chance.choice(FAMILY))
    return said


INPUTS: Mapping[str, Input] = {item.name: item for one in CATALOGUE.values() for item in one.inputs}
"""An input of each name."""
