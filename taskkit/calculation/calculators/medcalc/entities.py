"""A MedCalc-Bench row's words for a patient, as the inputs of our calculators."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from taskkit.calculation.calculators.calculator import Input
from taskkit.calculation.calculators.cardiology import mean_arterial_pressure
from taskkit.calculation.calculators.catalogue import Calculator
from taskkit.calculation.calculators.medcalc.lexicon import (
    ABSENCES,
    CELLS,
    FINDINGS,
    HERE,
    HYPOTENSION,
    HYPOTENSIVE,
    MEASURES,
    NORMAL,
    SPELLINGS,
    UNKNOWN,
    UNMENTIONED,
    UNUSED,
    WORDS,
)
from taskkit.calculation.calculators.pharmacology import (
    EQUIVALENT_STEROID,
    MORPHINE_EQUIVALENT,
    UNIT,
)
from taskkit.calculation.calculators.pharmacology import Prescription as Opioid
from taskkit.spec.quantity import LARGEST, Quantity
from taskkit.spec.units import convert, convert_sum

Entities = Mapping[str, Any]
STEROID_CONVERSION = 24
OPIOID_EQUIVALENTS = 49
DATE = "%m/%d/%Y"
PLAIN = str.maketrans({"₂": "2", "μ": "µ"})
BLACK = ("black", "african american")
ROUTES = ("po", "iv", "im")


class EntityError(ValueError):
    """An entity of a row that cannot be read as an input."""


def patient(calculator: Calculator, entities: Entities) -> dict[str, Any]:
    """Give the inputs of a calculator for the entities of a row.

    What a row does not mention is not there; a cough that is not mentioned is absent.

    Raises:
        ValueError: An entity that no input takes, or that cannot be read.
    """
    if calculator.number == STEROID_CONVERSION:
        return steroid(entities)
    if calculator.number == OPIOID_EQUIVALENTS:
        return {"prescriptions": opioids(entities)}
    wanted = {item.name: item for item in calculator.inputs}
    values: dict[str, Any] = dict(UNMENTIONED.get(calculator.number, {}))
    present: dict[str, bool] = {}
    if calculator.number in ABSENCES:
        present[ABSENCES[calculator.number]] = True
    pressures = {}
    mentioned = set()
    for entity, value in entities.items():
        name = input_name(calculator.number, entity)
        if plain(entity) != "race" and unknown(value):
            continue
        if plain(entity) == HYPOTENSION and "mean_arterial_pressure" in wanted:
            pressure = HYPOTENSIVE if truth(value, entity) else NORMAL
            values.setdefault("mean_arterial_pressure", pressure)
        elif name in {"systolic", "diastolic"} and "mean_arterial_pressure" in wanted:
            pressures[name] = measure(value, wanted["mean_arterial_pressure"].quantity, entity)
        elif name in wanted:
            again = values.get(name) if name in mentioned else None
            values[name] = read(wanted[name], value, entity, again)
            mentioned.add(name)
        elif "findings" in wanted and name in wanted["findings"].choices:
            present[name] = truth(value, entity) or (name in mentioned and present[name])
            mentioned.add(name)
        elif name:
            raise EntityError(f"entity {entity!r}: no input of {calculator.name} takes it")
    if len(pressures) == 2:
        values["mean_arterial_pressure"] = mean_arterial_pressure(**pressures)
    if "findings" in wanted:
        values["findings"] = frozenset(name for name, there in present.items() if there)
    return values


def plain(text: str) -> str:
    """Give a name in lower case and with plain characters."""
    text = text.translate(PLAIN).replace("≥", ">=").replace("≤", "<=")
    return " ".join(text.lower().split())


def input_name(number: int, entity: str) -> str:
    """Give the input that an entity stands for; "" where no calculator takes it.

    Raises:
        EntityError: The entity is unknown.
    """
    key = plain(entity)
    if key in HERE.get(number, {}):
        return HERE[number][key]
    if key in UNUSED:
        return ""
    name = MEASURES.get(key) or FINDINGS.get(key)
    if name is None:
        raise EntityError(f"entity {entity!r}: unknown")
    return name


def unknown(value: Any) -> bool:
    """Say whether a value, alone or before its unit, is one that nobody knows."""
    if isinstance(value, list | tuple) and value:
        return unknown(value[0])
    return value is None or (isinstance(value, str | float) and plain(str(value)) in UNKNOWN)


def read(item: Input, value: Any, entity: str, again: Any) -> Any:
    """Read the value of an input; of two entities for a boolean, either makes it true."""
    if item.kind == "quantity":
        return measure(value, item.quantity, entity)
    if plain(entity) == "race":
        return plain(str(value)) in BLACK
    if item.kind == "boolean":
        return truth(value, entity) or bool(again)
    if item.kind == "date":
        return day(value, entity)
    word = plain(str(value))
    if word in item.choices:
        return word
    if word not in WORDS or WORDS[word] not in item.choices:
        raise EntityError(f"entity {entity!r}: {value!r}: need one of {', '.join(item.choices)}")
    return WORDS[word]


def truth(value: Any, entity: str) -> bool:
    """Read whether a finding is there.

    Raises:
        EntityError: It is neither true nor false.
    """
    if not isinstance(value, bool):
        raise EntityError(f"entity {entity!r}: {value!r}: need True or False")
    return value


def day(value: Any, entity: str) -> date:
    """Read a date, month first.

    Raises:
        EntityError: It is none.
    """
    try:
        return datetime.strptime(value, DATE).date()
    except (TypeError, ValueError) as error:
        raise EntityError(f"entity {entity!r}: {value!r}: need a date as 01/31/2024") from error


def measure(value: Any, quantity: Quantity | None, entity: str) -> float:
    """Read a number, alone or with its unit, or several with theirs, in the quantity's unit.

    Raises:
        EntityError: It is none of these.
        UnitError: The unit is not one of the quantity.
    """
    assert quantity is not None
    if number(value):
        return float(value)
    if not isinstance(value, Sequence) or isinstance(value, str) or not value or len(value) % 2:
        raise EntityError(f"entity {entity!r}: {value!r}: need a number with its unit")
    parts = list(zip(value[::2], value[1::2], strict=True))
    if not all(number(amount) and isinstance(unit, str) for amount, unit in parts):
        raise EntityError(f"entity {entity!r}: {value!r}: need a number with its unit")
    return convert_sum([(amount, spelled(unit, quantity)) for amount, unit in parts], quantity)


def number(value: Any) -> bool:
    """Say that a value is a number, and one that is not absurd."""
    usual = isinstance(value, int | float) and not isinstance(value, bool)
    return usual and abs(value) <= LARGEST


def spelled(unit: str, quantity: Quantity) -> str:
    """Give a unit of the data set as one that `convert` knows."""
    key = plain(unit)
    if quantity.unit == "10*9/L" and key in CELLS:
        return CELLS[key]
    if quantity.unit == "/min" and key.endswith(("per minute", "bpm")):
        return "/min"
    return SPELLINGS.get(key, unit)


def steroid(entities: Entities) -> dict[str, Any]:
    """Read the steroid conversion: drug with its route, dose and unit, and the target.

    Raises:
        EntityError: Another shape, or an unknown drug.
    """
    given, target = entities.get("input steroid"), entities.get("target steroid")
    if not isinstance(given, Sequence) or isinstance(given, str) or len(given) != 3:
        raise EntityError(f"entity 'input steroid': {given!r}: need drug, dose and unit")
    name, dose, unit = given
    if not number(dose) or not isinstance(unit, str):
        raise EntityError(f"entity 'input steroid': {given!r}: need a dose with its unit")
    amount = convert(dose, unit, Quantity("dose", "mg", 0, 10_000))
    return {"steroid": drug(name), "dose": amount, "target": drug(target)}


def drug(name: Any) -> str:
    """Read a steroid, dropping the route.

    Raises:
        EntityError: It is unknown.
    """
    word = " ".join(part for part in plain(str(name)).split() if part not in ROUTES)
    if word not in EQUIVALENT_STEROID:
        raise EntityError(f"steroid {name!r}: need one of {', '.join(EQUIVALENT_STEROID)}")
    return word


def opioids(entities: Entities) -> list[Opioid]:
    """Read the opioids: a dose and a number of times a day for each.

    Raises:
        EntityError: An unknown opioid, a dose without its times, or a unit that is not the drug's.
    """
    doses: dict[str, dict[str, Any]] = {}
    for entity, value in entities.items():
        key = plain(entity)
        name = key.removesuffix(" dose per day").removesuffix(" dose")
        if name not in MORPHINE_EQUIVALENT:
            raise EntityError(f"entity {entity!r}: unknown opioid")
        doses.setdefault(name, {})["per_day" if key.endswith("per day") else "dose"] = value
    found = []
    for name, parts in doses.items():
        if set(parts) != {"dose", "per_day"}:
            raise EntityError(f"opioid {name!r}: need a dose and its times a day")
        times = parts["per_day"][0] if isinstance(parts["per_day"], Sequence) else parts["per_day"]
        wanted = Quantity("dose", UNIT.get(name, "mg"), 0, 100_000)
        amount = measure(parts["dose"], wanted, f"{name} dose")
        found.append(Opioid(opioid=name, dose=amount, per_day=times))  # type: ignore[arg-type]
    return found
