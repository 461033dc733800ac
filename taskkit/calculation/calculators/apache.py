"""APACHE II: acute physiology, age and chronic health on the first day in intensive care."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from taskkit.calculation.calculators.calculator import Record, checked
from taskkit.calculation.calculators.measures import (
    Age,
    ArterialOxygen,
    ComaScore,
    Creatinine,
    Haematocrit,
    HeartRate,
    InspiredOxygen,
    MeanPressure,
    OxygenGradient,
    Ph,
    Potassium,
    RespiratoryRate,
    Sodium,
    Temperature,
    WhiteCells,
)
from taskkit.calculation.calculators.score import Score, band, score

Admission = Literal["nonoperative", "emergency surgery", "elective surgery"]
CHRONIC: Mapping[str, int] = {"nonoperative": 5, "emergency surgery": 5, "elective surgery": 2}
GRADIENT_FROM = 50  # per cent of inspired oxygen, from which the gradient is scored

Steps = Mapping[float, float]
"""Lowest value of a band, to its points."""
AGE: Steps = {45: 2, 55: 3, 65: 5, 75: 6}
TEMPERATURE: Steps = {30: 3, 32: 2, 34: 1, 36: 0, 38.5: 1, 39: 3, 41: 4}
MEAN_PRESSURE: Steps = {50: 2, 70: 0, 110: 2, 130: 3, 160: 4}
HEART_RATE: Steps = {40: 3, 55: 2, 70: 0, 110: 2, 140: 3, 180: 4}
RESPIRATORY_RATE: Steps = {6: 2, 10: 1, 12: 0, 25: 1, 35: 3, 50: 4}
GRADIENT: Steps = {200: 2, 350: 3, 500: 4}
PH: Steps = {7.15: 3, 7.25: 2, 7.33: 0, 7.5: 1, 7.6: 3, 7.7: 4}
SODIUM: Steps = {111: 3, 120: 2, 130: 0, 150: 1, 155: 2, 160: 3, 180: 4}
POTASSIUM: Steps = {2.5: 2, 3: 1, 3.5: 0, 5.5: 1, 6: 3, 7: 4}
CREATININE: Steps = {0.6: 0, 1.5: 2, 2: 3, 3.5: 4}
HAEMATOCRIT: Steps = {20: 2, 30: 0, 46: 1, 50: 2, 60: 4}
WHITE_CELLS: Steps = {1: 2, 3: 0, 15: 1, 20: 2, 40: 4}


@dataclass(frozen=True, kw_only=True)
class AcutePhysiology(Record):
    """The worst value of each measurement in the first 24 hours."""

    temperature: Temperature
    """°C, rectal."""
    mean_arterial_pressure: MeanPressure
    """mmHg."""
    heart_rate: HeartRate
    """Per minute."""
    respiratory_rate: RespiratoryRate
    """Per minute."""
    inspired_oxygen: InspiredOxygen
    """Per cent."""
    ph: Ph
    """Arterial."""
    sodium: Sodium
    """mmol/L."""
    potassium: Potassium
    """mmol/L."""
    creatinine: Creatinine
    """mg/dL."""
    haematocrit: Haematocrit
    """Per cent."""
    white_cells: WhiteCells
    """10^9/L."""
    coma_score: ComaScore
    """Glasgow, 3 to 15; what is missing to 15 is scored."""
    oxygen_gradient: OxygenGradient | None = None
    """Alveolar to arterial, mmHg; needed from 50 % of inspired oxygen."""
    arterial_oxygen: ArterialOxygen | None = None
    """mmHg; needed below 50 %."""


@checked
def apache_ii(
    age: Age,
    physiology: AcutePhysiology,
    admission: Admission = "nonoperative",
    *,
    acute_renal_failure: bool = False,
    chronic_failure: bool = False,
) -> Score:
    """Score how ill a patient in intensive care is.

    Args:
        age: Years.
        physiology: The worst values of the first day.
        admission: What chronic failure counts by.
        acute_renal_failure: Doubles the points of creatinine.
        chronic_failure: Severe failure of an organ or immunocompromise before admission.

    Returns:
        0 to 71.

    Raises:
        ValueError: An input no patient can have, or no measure of oxygen that the inspired
            oxygen asks for.

    Source:
        Knaus et al., Crit Care Med 13:818-829 (1985).
    """
    of = physiology
    return score(
        {
            "age": band(age, AGE, 0),
            "chronic_failure": CHRONIC[admission] * chronic_failure,
            "temperature": band(of.temperature, TEMPERATURE, 4),
            "mean_arterial_pressure": band(of.mean_arterial_pressure, MEAN_PRESSURE, 4),
            "heart_rate": band(of.heart_rate, HEART_RATE, 4),
            "respiratory_rate": band(of.respiratory_rate, RESPIRATORY_RATE, 4),
            "oxygenation": oxygenation(of),
            "ph": band(of.ph, PH, 4),
            "sodium": band(of.sodium, SODIUM, 4),
            "potassium": band(of.potassium, POTASSIUM, 4),
            "creatinine": band(of.creatinine, CREATININE, 2) * (1 + acute_renal_failure),
            "haematocrit": band(of.haematocrit, HAEMATOCRIT, 4),
            "white_cells": band(of.white_cells, WHITE_CELLS, 4),
            "coma_score": 15 - of.coma_score,
        }
    )


def oxygenation(of: AcutePhysiology) -> float:
    """Points of the gradient from 50 % of inspired oxygen, else of the arterial oxygen.

    Raises:
        ValueError: The one that is needed is missing.
    """
    if of.inspired_oxygen >= GRADIENT_FROM:
        if of.oxygen_gradient is None:
            raise ValueError("oxygen gradient: need it from 50 % of inspired oxygen")
        return band(of.oxygen_gradient, GRADIENT, 0)
    if of.arterial_oxygen is None:
        raise ValueError("arterial oxygen: need it below 50 % of inspired oxygen")
    if of.arterial_oxygen < 55:
        return 4
    return 3 if of.arterial_oxygen <= 60 else 1 if of.arterial_oxygen <= 70 else 0
