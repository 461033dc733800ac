"""Consciousness, inflammation and failing organs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from taskkit.calculation.calculators.calculator import Record, checked
from taskkit.calculation.calculators.measures import (
    ArterialCarbonDioxide,
    ArterialOxygen,
    Bilirubin,
    ComaScore,
    Creatinine,
    HeartRate,
    Infusion,
    InspiredOxygen,
    MeanPressure,
    Platelets,
    RespiratoryRate,
    Temperature,
    UrineOutput,
    WhiteCells,
)
from taskkit.calculation.calculators.score import Score, band, score
from taskkit.spec.quantity import OutOfScopeError

Eye = Literal["spontaneous", "to voice", "to pain", "none", "not testable"]
Verbal = Literal[
    "oriented",
    "confused",
    "inappropriate words",
    "incomprehensible sounds",
    "none",
    "not testable",
]
Motor = Literal[
    "obeys commands",
    "localises pain",
    "withdraws from pain",
    "flexion to pain",
    "extension to pain",
    "none",
    "not testable",
]
EYE: Mapping[str, int] = {"spontaneous": 4, "to voice": 3, "to pain": 2, "none": 1}
VERBAL: Mapping[str, int] = {
    "oriented": 5,
    "confused": 4,
    "inappropriate words": 3,
    "incomprehensible sounds": 2,
    "none": 1,
}
MOTOR: Mapping[str, int] = {
    "obeys commands": 6,
    "localises pain": 5,
    "withdraws from pain": 4,
    "flexion to pain": 3,
    "extension to pain": 2,
    "none": 1,
}


@checked
def glasgow_coma(eye: Eye, verbal: Verbal, motor: Motor) -> Score:
    """Give the Glasgow coma score.

    Args:
        eye: Opening, 4 to 1.
        verbal: Best response, 5 to 1.
        motor: Best response, 6 to 1; "flexion" is the abnormal one.

    Returns:
        3 to 15.

    Raises:
        ValueError: An unknown response.
        OutOfScopeError: A response that cannot be tested: the source gives no total then.

    Source:
        Teasdale & Jennett, Lancet 304:81-84 (1974); the sixth motor response and the rule for
        what cannot be tested by Teasdale et al., Lancet Neurol 13:844-854 (2014).

    Variant:
        MedCalc-Bench counts an eye that cannot be tested as 4 and speech as 4.
    """
    for name, response in (("eye", eye), ("verbal", verbal), ("motor", motor)):
        if response == "not testable":
            raise OutOfScopeError(f"{name} 'not testable': the score then has no total")
    return score({"eye": EYE[eye], "verbal": VERBAL[verbal], "motor": MOTOR[motor]})


@checked
def sirs(
    temperature: Temperature,
    heart_rate: HeartRate,
    respiratory_rate: RespiratoryRate,
    white_cells: WhiteCells,
    arterial_carbon_dioxide: ArterialCarbonDioxide | None = None,
) -> Score:
    """Count the criteria of the systemic inflammatory response.

    Args:
        temperature: °C; above 38 or below 36.
        heart_rate: Per minute; above 90.
        respiratory_rate: Per minute; above 20, or
        arterial_carbon_dioxide: mmHg; below 32.
        white_cells: 10^9/L; above 12 or below 4. The source's 10 % of band forms is not asked for.

    Returns:
        0 to 4; 2 make the syndrome.

    Raises:
        ValueError: An input no patient can have.

    Source:
        Bone et al., Chest 101:1644-1655 (1992).
    """
    hyperventilates = arterial_carbon_dioxide is not None and arterial_carbon_dioxide < 32
    return score(
        {
            "temperature": int(temperature > 38 or temperature < 36),
            "heart_rate": int(heart_rate > 90),
            "breathing": int(respiratory_rate > 20 or hyperventilates),
            "white_cells": int(white_cells > 12 or white_cells < 4),
        }
    )


@dataclass(frozen=True, kw_only=True)
class OrganFunction(Record):
    """The worst values of a day, for the SOFA score."""

    arterial_oxygen: ArterialOxygen
    """mmHg."""
    inspired_oxygen: InspiredOxygen
    """Per cent."""
    platelets: Platelets
    """10^9/L."""
    bilirubin: Bilirubin
    """mg/dL."""
    coma_score: ComaScore
    """Glasgow, 3 to 15."""
    mean_arterial_pressure: MeanPressure | None = None
    """mmHg; may be left out on a vasopressor."""
    creatinine: Creatinine | None = None
    """mg/dL; this or the urine is needed."""
    urine_output: UrineOutput | None = None
    """mL/day."""
    dopamine: Infusion = 0
    """µg/kg/min for an hour or more, as the next three."""
    dobutamine: Infusion = 0
    adrenaline: Infusion = 0
    noradrenaline: Infusion = 0
    supported: bool = False
    """Ventilated, or on continuous positive airway pressure."""


@checked
def sofa(organs: OrganFunction) -> Score:
    """Score the failure of six organs, 0 to 4 each.

    Args:
        organs: The worst values of the day.

    Returns:
        0 to 24.

    Raises:
        ValueError: Neither pressure nor vasopressor, or neither creatinine nor urine.

    Source:
        Vincent et al., Intensive Care Med 22:707-710 (1996).
    """
    return score(
        {
            "respiration": respiration(organs),
            "coagulation": band(organs.platelets, {20: 3, 50: 2, 100: 1, 150: 0}, 4),
            "liver": band(organs.bilirubin, {1.2: 1, 2: 2, 6: 3, 12: 4}, 0),
            "circulation": circulation(organs),
            "consciousness": band(organs.coma_score, {6: 3, 10: 2, 13: 1, 15: 0}, 4),
            "kidney": kidney(organs),
        }
    )


def respiration(organs: OrganFunction) -> int:
    """Points for arterial over inspired oxygen; 3 and 4 need support."""
    ratio = 100 * organs.arterial_oxygen / organs.inspired_oxygen
    points = int(band(ratio, {100: 3, 200: 2, 300: 1, 400: 0}, 4))
    return points if organs.supported else min(points, 2)


def circulation(organs: OrganFunction) -> int:
    """Points for vasopressors in µg/kg/min, else for the pressure."""
    catecholamine = max(organs.adrenaline, organs.noradrenaline)
    if organs.dopamine > 15 or catecholamine > 0.1:
        return 4
    if organs.dopamine > 5 or catecholamine > 0:
        return 3
    if organs.dopamine > 0 or organs.dobutamine > 0:
        return 2
    if organs.mean_arterial_pressure is None:
        raise ValueError("mean arterial pressure: need it where no vasopressor is given")
    return int(organs.mean_arterial_pressure < 70)


def kidney(organs: OrganFunction) -> int:
    """The higher of the points for creatinine and urine."""
    if organs.creatinine is None and organs.urine_output is None:
        raise ValueError("creatinine, urine output: need one of them")
    urine = organs.urine_output
    passed = 0 if urine is None else int(band(urine, {200: 3, 500: 0}, 4))
    steps = {1.2: 1, 2: 2, 3.5: 3, 5: 4}
    retained = 0 if organs.creatinine is None else int(band(organs.creatinine, steps, 0))
    return max(passed, retained)
