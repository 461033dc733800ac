"""Conversion of a measurement to the unit a calculator takes."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache

import pint

from taskkit.spec.quantity import LARGEST, Quantity


class UnitError(ValueError):
    """A unit that is not known, or not one of the quantity."""


@dataclass(frozen=True)
class Substance:
    """What the amount of a substance weighs."""

    molar_mass: float
    """g/mol."""
    valence: int = 1
    """Charges of one ion."""
    pmol_per_miu: float = math.nan
    """pmol in a mIU, where the substance is measured in international units."""


SUBSTANCES: Mapping[str, Substance] = {
    "sodium": Substance(22.99),
    "urine sodium": Substance(22.99),
    "potassium": Substance(39.10),
    "chloride": Substance(35.45),
    "bicarbonate": Substance(61.02),
    "calcium": Substance(40.08, valence=2),
    "creatinine": Substance(113.12),
    "urine creatinine": Substance(113.12),
    "urea nitrogen": Substance(28.014),  # two atoms of nitrogen: 1 mmol of urea carries 2.8 mg
    "glucose": Substance(180.16),
    "bilirubin": Substance(584.66),
    "albumin": Substance(66_500),
    "cholesterol": Substance(386.65),
    "HDL cholesterol": Substance(386.65),
    "triglycerides": Substance(885.7),  # as triolein, by custom
    "haemoglobin": Substance(16_114),  # laboratories state mmol of the monomer
    "insulin": Substance(5808, pmol_per_miu=6.0),  # WHO's first standard of human insulin
}
"""By the name of the quantity."""

UNITS: Mapping[str, str] = {
    "%": "percent",
    "1": "dimensionless",
    "": "dimensionless",
    "[pH]": "dimensionless",
    "a": "year",
    "yr": "year",
    "yrs": "year",
    "mo": "month",
    "wk": "week",
    "d": "day",
    "Cel": "degC",
    "°C": "degC",
    "C": "degC",
    "[degF]": "degF",
    "°F": "degF",
    "F": "degF",
    "K": "kelvin",
    "mm[Hg]": "mmHg",
    "mm Hg": "mmHg",
    "mm hg": "mmHg",
    "mmhg": "mmHg",
    "[in_i]": "inch",
    "in": "inch",
    "[ft_i]": "foot",
    "ft": "foot",
    "[lb_av]": "pound",
    "lbs": "pound",
    "[oz_av]": "ounce",
    "kgs": "kilogram",
    "g%": "gram/deciliter",
    "mg%": "milligram/deciliter",
    "/min": "1/minute",
    "bpm": "1/minute",
    "beats per minute": "1/minute",
    "breaths per minute": "1/minute",
    "msec": "millisecond",
    "msecs": "millisecond",
    "sec": "second",
    "secs": "second",
    "mL/d": "milliliter/day",
    "cc/h": "milliliter/hour",
    "u[IU]/mL": "µIU/mL",
    "uU/mL": "µIU/mL",
    "µU/mL": "µIU/mL",
    "m[IU]/L": "mIU/L",
    "mU/L": "mIU/L",
    "[IU]/L": "enzyme_unit/L",
    "IU/L": "enzyme_unit/L",
    "U/L": "enzyme_unit/L",
    "/uL": "1/µL",
    "/µL": "1/µL",
    "/mm3": "1/mm^3",
    "/mm^3": "1/mm^3",
    "/L": "1/L",
    "mL/min/{1.73_m2}": "milliliter/minute",
}
"""How others than the library spell a unit: UCUM codes, and the usual words of notes."""

MULTIPLES: Mapping[str, tuple[float, str]] = {
    "10*9/L": (1e9, "1/L"),
    "10^9/L": (1e9, "1/L"),
    "10*6/L": (1e6, "1/L"),
    "10*3/uL": (1e3, "1/µL"),
    "10^3/uL": (1e3, "1/µL"),
    "10^3/µL": (1e3, "1/µL"),
    "10*3/mm3": (1e3, "1/µL"),
}
"""Counts of cells written with a power of ten."""

TERM = "[A-Za-zµμ]+(?:\\^?[1-9])?"
GRAMMAR = re.compile(f"{TERM}(?:[/*.·]{TERM}){{0,4}}")
"""All of a foreign unit that the library's parser gets to see: it fails, or hangs, on worse."""

DIGITS = 12  # of a conversion that are kept; a threshold must not turn on the rest
MAX_UNIT = 40  # characters; longer is no unit


@cache
def registry() -> pint.UnitRegistry[float]:
    """Give the library's registry with what clinical units need beyond it."""
    units: pint.UnitRegistry[float] = pint.UnitRegistry(cache_folder=None)
    units.define("equivalent = [charge_equivalents] = Eq = eq")
    units.define("international_unit = [biological_activity] = IU")
    return units


@cache
def parse(unit: str) -> tuple[float, pint.Unit]:
    """Read a unit: its multiplier and the library's unit.

    Raises:
        UnitError: It is none.
    """
    spelling = unit.strip()
    factor, known = MULTIPLES.get(spelling, (1.0, UNITS.get(spelling)))
    if known is None and (len(unit) > MAX_UNIT or not GRAMMAR.fullmatch(spelling)):
        raise UnitError(f"unit {unit[:MAX_UNIT]!r}: need one such as 'mg/dL' or 'mmol/L'")
    powers = re.sub(r"(?<=[A-Za-zµμ])\^?([1-9])", r"**\1", spelling)
    try:
        return factor, registry().parse_units(known or powers)
    except (pint.errors.PintError, ValueError, TypeError) as error:
        raise UnitError(f"unit {unit!r}: need one such as 'mg/dL' or 'mmol/L'") from error


def convert(value: float, unit: str, quantity: Quantity) -> float:
    """Give a measurement in the unit of a quantity.

    Args:
        value: As it was written.
        unit: UCUM code, or the word or symbol of a note.
        quantity: Names the unit wanted, and the substance for mass and amount.

    Returns:
        In `quantity.unit`; not checked against its range.

    Raises:
        UnitError: The unit is not known, or not one of this quantity.

    Source:
        Molar masses from the standard atomic weights; a mmol of haemoglobin is of the monomer and
        of triglycerides is of triolein, as laboratories report.
    """
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= LARGEST:
        raise UnitError(f"{quantity.name} in {unit}: need a finite number")
    have, want = parse(unit), parse(quantity.unit)
    if have == want:
        return float(value)
    factor, found = have
    given = registry().Quantity(value * factor, found)
    with suppress(pint.errors.OffsetUnitCalculusError):  # a temperature is no concentration
        for target in (given, *other_dimensions(given, quantity)):
            if target.is_compatible_with(want[1]):
                return tidy(float(target.to(want[1]).magnitude) / want[0])
    raise UnitError(f"{quantity.name} {value:g} {unit}: is no unit of it, need {quantity.unit}")


def rescale(value: float, unit: str, wanted: str) -> float:
    """Give a measurement in another unit of the same dimension, whatever is measured.

    Args:
        value: In `unit`.
        unit: UCUM code, or the word or symbol of a note.
        wanted: The unit of the result.

    Raises:
        UnitError: A unit is not known, or they have not the same dimension.
    """
    factor, found = parse(unit)
    least, target = parse(wanted)
    given = registry().Quantity(value * factor, found)
    if not given.is_compatible_with(target):
        raise UnitError(f"{unit}: has not the dimension of {wanted}")
    return tidy(float(given.to(target).magnitude) / least)


def tidy(value: float) -> float:
    """Drop the last digits of a conversion: 100.4 °F is 38 °C, and not above it."""
    return float(f"{value:.{DIGITS}g}")


def other_dimensions(
    given: pint.Quantity[float], quantity: Quantity
) -> tuple[pint.Quantity[float], ...]:
    """Give the same measurement of a substance as mass, amount, charge and activity."""
    substance = SUBSTANCES.get(quantity.name)
    if substance is None:
        return ()
    units = registry()
    molar = units.Quantity(substance.molar_mass, "g/mol")
    charge = units.Quantity(substance.valence, "Eq/mol")
    amounts = [given / molar, given / charge, given]
    if not math.isnan(substance.pmol_per_miu):
        activity = units.Quantity(substance.pmol_per_miu, "pmol/mIU")
        amounts += [given * activity]
    forms: list[pint.Quantity[float]] = []
    for amount in amounts:
        if "[substance]" in amount.dimensionality:
            forms += [amount, amount * molar, amount * charge]
            if not math.isnan(substance.pmol_per_miu):
                forms.append(amount / units.Quantity(substance.pmol_per_miu, "pmol/mIU"))
    return tuple(forms)


def convert_sum(parts: Sequence[tuple[float, str]], quantity: Quantity) -> float:
    """Give a measurement written in several units, such as 5 ft 7 in.

    Args:
        parts: Values with their units, the largest unit first; each after the first is less than
            one of the unit before.
        quantity: As for `convert`.

    Returns:
        The sum, in `quantity.unit`.

    Raises:
        UnitError: As `convert`, or the parts are none, not descending, or negative.
    """
    if not parts:
        raise UnitError(f"{quantity.name}: no value: need at least one with its unit")
    total, before = 0.0, math.inf
    for value, unit in parts:
        one = convert(1.0, unit, quantity)
        amount = convert(value, unit, quantity)
        if len(parts) > 1 and (one >= before or amount >= before or value < 0):
            raise UnitError(f"{quantity.name} {parts!r}: need descending units")
        total, before = total + amount, one
    return total
