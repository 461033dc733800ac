"""Every calculator refuses what no patient can have, and says what it needs."""

from __future__ import annotations

import inspect
import math
from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taskkit.calculation.calculators import (
    cardiology,
    critical_care,
    electrolytes,
    metabolism,
    obstetrics,
)
from taskkit.calculation.calculators.apache import apache_ii
from taskkit.calculation.calculators.body import ideal_body_weight
from taskkit.calculation.calculators.calculator import Input
from taskkit.calculation.calculators.catalogue import CATALOGUE, ENTRIES, Calculator
from taskkit.calculation.calculators.critical_care import OrganFunction
from taskkit.calculation.calculators.nephrology import ckd_epi_2021
from taskkit.calculation.calculators.thrombosis import caprini
from taskkit.spec.quantity import ImpossibleValueError, OutOfScopeError
from tests.calculation.calculators.sample_patients import anyone, typical

EVERY = pytest.mark.parametrize("calculator", ENTRIES, ids=lambda entry: entry.name)


def impossible(item: Input) -> list[Any]:
    wrong: dict[str, list[Any]] = {
        "boolean": ["yes", 1, None],
        "choice": ["nonsense", "", None, 3, ["none"]],
        "date": ["2024-01-01", datetime(2024, 1, 1), 20240101, None],
        "findings": [{"nonsense"}, "stroke", None, 7, [item.choices[:1] * 2]],
        "records": [[], None, [{"dose": 1}], "morphine"],
    }
    if item.quantity is None:
        values = wrong[item.kind]
    else:
        low, high = item.quantity.low, item.quantity.high
        values = [math.nan, math.inf, -math.inf, True, "5", [5], 10**400, high * 2 + 1, low - 1]
        values.append(None)
    return [value for value in values if not (item.optional and value is None)]


@EVERY
def test_a_typical_patient_is_taken(calculator: Calculator) -> None:
    calculator.compute(typical(calculator))


@EVERY
def test_impossible_inputs_are_refused(calculator: Calculator) -> None:
    for item in calculator.inputs:
        for value in impossible(item):
            with pytest.raises(ValueError, match="need"):
                calculator.compute({**typical(calculator), item.name: value})


@EVERY
def test_a_missing_input_is_named(calculator: Calculator) -> None:
    for item in calculator.inputs:
        if not item.optional:
            values = typical(calculator)
            del values[item.name]
            with pytest.raises(ValueError, match=rf"missing {item.name}$"):
                calculator.compute(values)


@EVERY
def test_an_unknown_input_is_named_with_the_nearest(calculator: Calculator) -> None:
    nearest = calculator.inputs[0].name
    with pytest.raises(ValueError, match=f"unknown input '{nearest}s': .*such as '{nearest}'"):
        calculator.compute({**typical(calculator), f"{nearest}s": 1})


@EVERY
@settings(max_examples=10)
@given(data=st.data())
def test_any_patient_gets_a_finite_result_or_a_reason(
    calculator: Calculator, data: st.DataObject
) -> None:
    try:
        result = calculator.compute(data.draw(anyone(calculator)))
    except ValueError:
        return
    if calculator.kind in {"decimal", "integer"}:
        assert math.isfinite(result)


@EVERY
def test_the_docstring_states_inputs_result_errors_and_source(calculator: Calculator) -> None:
    text = inspect.getdoc(calculator.function) or ""
    for heading in ("Args:", "Returns:", "Raises:", "Source:"):
        assert f"\n{heading}\n" in text
    for name in inspect.signature(calculator.function).parameters:
        assert f"\n    {name}: " in text


def test_the_catalogue_has_the_55() -> None:
    assert len(CATALOGUE) == 55
    assert len({entry.name for entry in ENTRIES}) == 55


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: ckd_epi_2021("male", 9, 1), r"age 9 years: the formula is for 18 to 125"),
        (lambda: ckd_epi_2021("male", 50, 900), r"creatinine 900 mg/dL: need 0\.05 to 75"),
        (lambda: ckd_epi_2021("man", 50, 1), r"sex 'man': need one of female, male"),  # type: ignore[arg-type]
        (lambda: ideal_body_weight("male", 90), r"height 90 cm: too short .* need about 105"),
        (lambda: cardiology.mean_arterial_pressure(60, 90), r"systolic pressure 60 mmHg: need"),
        (lambda: electrolytes.delta_ratio(140, 104, 24), r"bicarbonate 24 mmol/L: has not fallen"),
        (lambda: metabolism.ldl_cholesterol(200, 210, 90), r"HDL .* need at most the total"),
        (lambda: metabolism.ldl_cholesterol(300, 40, 450), r"triglycerides 450 .* for up to 400"),
        (lambda: caprini("male", 40, 22, findings={"pregnancy"}), r"'pregnancy': need a woman"),
        (
            lambda: obstetrics.gestational_age(date(2024, 5, 1), date(2024, 4, 1)),
            r"-30 days after the last period: need 0 to 315",
        ),
        (
            lambda: obstetrics.due_date(date(2024, 5, 1), 28.5),
            r"cycle length 28\.5 days: need a wh",
        ),
        (
            lambda: critical_care.glasgow_coma("to voice", "not testable", "none"),
            r"verbal 'not testable': the score then has no total",
        ),
    ],
)
def test_the_message_says_what_is_and_what_is_needed(call: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()


def test_scope_and_impossibility_are_told_apart() -> None:
    with pytest.raises(OutOfScopeError):
        ckd_epi_2021("female", 17.9, 1)
    with pytest.raises(ImpossibleValueError):
        ckd_epi_2021("female", 126, 1)


def test_sofa_needs_a_pressure_or_a_vasopressor() -> None:
    organs = OrganFunction(
        arterial_oxygen=90,
        inspired_oxygen=21,
        platelets=200,
        bilirubin=1,
        coma_score=15,
        creatinine=1,
    )
    with pytest.raises(ValueError, match="mean arterial pressure: need it"):
        critical_care.sofa(organs)


def test_apache_needs_the_gradient_from_half_oxygen() -> None:
    apache = next(entry for entry in ENTRIES if entry.function is apache_ii)
    values = {**typical(apache), "inspired_oxygen": 60, "oxygen_gradient": None}
    with pytest.raises(ValueError, match="oxygen gradient: need it"):
        apache.compute(values)
