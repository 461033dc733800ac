"""Patients for the tests: one whom every calculator takes, and a strategy for any other."""

from __future__ import annotations

from datetime import date
from typing import Any

from hypothesis import strategies as st

from taskkit.calculation.calculators.calculator import Input
from taskkit.calculation.calculators.catalogue import Calculator
from taskkit.calculation.calculators.pharmacology import Prescription

TYPICAL: dict[str, float] = {
    "age": 60,
    "weight": 80,
    "height": 175,
    "body mass index": 26,
    "temperature": 37,
    "heart rate": 80,
    "respiratory rate": 16,
    "systolic pressure": 120,
    "diastolic pressure": 80,
    "mean arterial pressure": 90,
    "QT interval": 400,
    "oxygen saturation": 97,
    "inspired oxygen": 21,
    "arterial oxygen": 90,
    "arterial carbon dioxide": 40,
    "oxygen gradient": 15,
    "pH": 7.4,
    "coma score": 15,
    "sodium": 140,
    "potassium": 4,
    "chloride": 104,
    "bicarbonate": 25,
    "calcium": 9.5,
    "creatinine": 1,
    "urea nitrogen": 14,
    "glucose": 95,
    "albumin": 4.2,
    "bilirubin": 0.7,
    "INR": 1,
    "aspartate transaminase": 25,
    "alanine transaminase": 25,
    "insulin": 8,
    "cholesterol": 190,
    "HDL cholesterol": 50,
    "triglycerides": 120,
    "platelets": 250,
    "white cells": 7,
    "haemoglobin": 14,
    "haematocrit": 42,
    "urine sodium": 40,
    "urine creatinine": 100,
    "urine output": 1500,
    "infusion": 0,
    "alcoholic drinks a week": 2,
    "cycle length": 28,
    "dose": 10,
}
DATES = {"last_period": date(2024, 1, 1), "today": date(2024, 5, 20)}
PRESCRIPTION = Prescription(opioid="oxycodone", dose=10, per_day=4)


def typical(calculator: Calculator) -> dict[str, Any]:
    """Give every input of a calculator a usual value."""
    return {item.name: usual(item) for item in calculator.inputs}


def usual(item: Input) -> Any:
    """Give one input a usual value."""
    if item.quantity is not None:
        return TYPICAL[item.quantity.name]
    values: dict[str, Any] = {
        "boolean": False,
        "date": DATES.get(item.name),
        "findings": frozenset(),
        "records": [PRESCRIPTION],
        "choice": item.choices[0] if item.choices else None,
    }
    return values[item.kind]


def anyone(calculator: Calculator) -> st.SearchStrategy[dict[str, Any]]:
    """Draw inputs that each lie in their range, whatever they make together."""
    return st.fixed_dictionaries({item.name: any_value(item) for item in calculator.inputs})


def any_value(item: Input) -> st.SearchStrategy[Any]:
    """Draw a value of one input."""
    if item.quantity is not None:
        low, high = item.quantity.scope or (item.quantity.low, item.quantity.high)
        if item.quantity.unit == "d":
            return st.integers(int(low), int(high))
        return st.floats(low, high)
    if item.kind == "boolean":
        return st.booleans()
    if item.kind == "date":
        return st.dates(date(2000, 1, 1), date(2030, 12, 31))
    if item.kind == "findings":
        return st.frozensets(st.sampled_from(item.choices))
    if item.kind == "choice":
        return st.sampled_from(item.choices)
    return st.just([PRESCRIPTION])
