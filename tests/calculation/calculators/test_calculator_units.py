"""A measurement is the same in any of its units, and refused in any other."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taskkit.spec import quantity as of
from taskkit.spec.quantity import Quantity
from taskkit.spec.units import SUBSTANCES, UnitError, convert, convert_sum

QUANTITIES = [value for value in vars(of).values() if isinstance(value, Quantity)]


@pytest.mark.parametrize(
    ("value", "unit", "quantity", "expected"),
    [
        # the factors that laboratories print
        (88.4, "umol/L", of.CREATININE, 1.0),
        (88.4, "µmol/L", of.CREATININE, 1.0),
        (5.55, "mmol/L", of.GLUCOSE, 100),
        (7.14, "mmol/L", of.UREA_NITROGEN, 20),
        (17.1, "µmol/L", of.BILIRUBIN, 1.0),
        (2.5, "mmol/L", of.CALCIUM, 10.02),
        (5.0, "mEq/L", of.CALCIUM, 10.02),
        (140, "mEq/L", of.SODIUM, 140),
        (1.0, "mmol/L", of.CHOLESTEROL, 38.67),
        (1.0, "mmol/L", of.TRIGLYCERIDES, 88.57),
        (9.31, "mmol/L", of.HAEMOGLOBIN, 15.0),
        (150, "g/L", of.HAEMOGLOBIN, 15.0),
        (40, "g/L", of.ALBUMIN, 4.0),
        (602, "µmol/L", of.ALBUMIN, 4.0),
        (60, "pmol/L", of.INSULIN, 10),
        (10, "mIU/L", of.INSULIN, 10),
        (0.5, "ukat/L", of.ALANINE_TRANSAMINASE, 30),
        (98.6, "[degF]", of.TEMPERATURE, 37),
        (310.15, "K", of.TEMPERATURE, 37),
        (8, "kPa", of.ARTERIAL_OXYGEN, 60),
        (150_000, "/uL", of.PLATELETS, 150),
        (150, "10*3/uL", of.PLATELETS, 150),
        (7_500, "/mm^3", of.WHITE_CELLS, 7.5),
        (7.5e9, "/L", of.WHITE_CELLS, 7.5),
        (0.42, "1", of.HAEMATOCRIT, 42),
        (154, "lbs", of.WEIGHT, 69.85),
        (3200, "g", of.WEIGHT, 3.2),
        (1.75, "m", of.HEIGHT, 175),
        (70, "in", of.HEIGHT, 177.8),
        (18, "mo", of.AGE, 1.5),
        (0.42, "s", of.QT, 420),
        (1.2, "beats per second", of.HEART_RATE, None),
        (72, "beats per minute", of.HEART_RATE, 72),
        (60, "mL/h", of.URINE_OUTPUT, 1440),
        (6, "mg/kg/h", of.INFUSION, 100),
    ],
    ids=str,
)
def test_conversion(value: float, unit: str, quantity: Quantity, expected: float | None) -> None:
    if expected is None:
        with pytest.raises(UnitError):
            convert(value, unit, quantity)
    else:
        assert convert(value, unit, quantity) == pytest.approx(expected, rel=2e-3)


@pytest.mark.parametrize(
    ("value", "unit", "quantity", "expected"),
    [
        (100.4, "[degF]", of.TEMPERATURE, 38.0),
        (96.8, "[degF]", of.TEMPERATURE, 36.0),
        (35, "g/L", of.ALBUMIN, 3.5),
        (36, "mo", of.AGE, 3.0),
        (12_000, "/uL", of.WHITE_CELLS, 12.0),
    ],
    ids=str,
)
def test_a_conversion_hits_a_threshold_exactly(
    value: float, unit: str, quantity: Quantity, expected: float
) -> None:
    assert convert(value, unit, quantity) == expected


@pytest.mark.parametrize("quantity", QUANTITIES, ids=lambda quantity: quantity.name)
def test_its_own_unit_changes_nothing(quantity: Quantity) -> None:
    assert convert(3.0, quantity.unit, quantity) == 3.0


@pytest.mark.parametrize("name", sorted(SUBSTANCES))
@settings(max_examples=15)
@given(value=st.floats(0.01, 1000))
def test_mass_and_amount_agree(name: str, value: float) -> None:
    mass, amount = Quantity(name, "mg/dL", 0, 1), Quantity(name, "mmol/L", 0, 1)
    there = convert(value, "mg/dL", amount)
    assert convert(there, "mmol/L", mass) == pytest.approx(value)
    assert there == pytest.approx(value * 10 / SUBSTANCES[name].molar_mass)


@pytest.mark.parametrize(
    ("parts", "quantity", "expected"),
    [
        ([(5, "ft"), (7, "in")], of.HEIGHT, 170.18),
        ([(8, "[lb_av]"), (5, "[oz_av]")], of.WEIGHT, 3.770),
        ([(1, "a"), (3, "mo")], of.AGE, 1.25),
        ([(170, "cm")], of.HEIGHT, 170),
    ],
    ids=["feet-and-inches", "pounds-and-ounces", "years-and-months", "one"],
)
def test_several_units_add_up(
    parts: list[tuple[float, str]], quantity: Quantity, expected: float
) -> None:
    assert convert_sum(parts, quantity) == pytest.approx(expected, rel=1e-3)


@pytest.mark.parametrize(
    ("parts", "quantity"),
    [
        ([], of.HEIGHT),
        ([(7, "in"), (5, "ft")], of.HEIGHT),
        ([(5, "ft"), (13, "in")], of.HEIGHT),
        ([(5, "ft"), (-1, "in")], of.HEIGHT),
        ([(5, "ft"), (7, "kg")], of.HEIGHT),
    ],
    ids=["none", "ascending", "13-inches", "negative", "mixed"],
)
def test_parts_that_are_no_sum_are_refused(
    parts: list[tuple[float, str]], quantity: Quantity
) -> None:
    with pytest.raises(UnitError, match="need"):
        convert_sum(parts, quantity)


@pytest.mark.parametrize(
    ("unit", "quantity"),
    [
        ("kg", of.CREATININE),
        ("F", of.CREATININE),
        ("mmol/L", of.PLATELETS),
        ("mg/dL", of.TEMPERATURE),
        ("", of.GLUCOSE),
        ("potato", of.GLUCOSE),
        ("mg/mg/", of.GLUCOSE),
        ("((", of.GLUCOSE),
        ("2**9**9**9", of.GLUCOSE),
        ("mg" * 1000, of.GLUCOSE),
        ("__import__('os')", of.GLUCOSE),
        ("\x00", of.GLUCOSE),
    ],
    ids=lambda value: repr(value)[:20],
)
def test_other_units_are_refused(unit: str, quantity: Quantity) -> None:
    with pytest.raises(UnitError, match="need"):
        convert(1.0, unit, quantity)


@given(unit=st.text(max_size=60))
def test_any_text_is_a_unit_or_an_error(unit: str) -> None:
    try:
        assert math.isfinite(convert(1.0, unit, of.CREATININE))
    except UnitError:
        return


@pytest.mark.parametrize("value", [math.nan, math.inf, True, 10**400, "5"], ids=str)
def test_only_finite_numbers_are_converted(value: float) -> None:
    with pytest.raises(UnitError, match="finite"):
        convert(value, "mg/dL", of.GLUCOSE)
