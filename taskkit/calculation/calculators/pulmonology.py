"""Pneumonia: the two scores that decide where it is treated."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from taskkit.calculation.calculators.calculator import Record, checked
from taskkit.calculation.calculators.measures import (
    Age,
    ArterialOxygen,
    Diastolic,
    Glucose,
    Haematocrit,
    HeartRate,
    Ph,
    RespiratoryRate,
    Sex,
    Sodium,
    Systolic,
    Temperature,
    UreaNitrogen,
)
from taskkit.calculation.calculators.score import Score, score, tally

PneumoniaFinding = Literal[
    "nursing_home",
    "neoplasm",
    "liver_disease",
    "heart_failure",
    "cerebrovascular_disease",
    "renal_disease",
    "altered_mental_status",
    "pleural_effusion",
]
MAX_UREA_NITROGEN = 19.61  # mg/dL; 7 mmol/L of urea
PSI_WEIGHTS = {
    "nursing_home": 10,
    "neoplasm": 30,
    "liver_disease": 20,
    "heart_failure": 10,
    "cerebrovascular_disease": 10,
    "renal_disease": 10,
    "altered_mental_status": 20,
    "pleural_effusion": 10,
}


@checked
def curb65(
    age: Age,
    urea_nitrogen: UreaNitrogen,
    respiratory_rate: RespiratoryRate,
    systolic: Systolic,
    diastolic: Diastolic,
    *,
    confusion: bool = False,
) -> Score:
    """Score the severity of pneumonia, 1 for each of five.

    Args:
        age: Years; from 65.
        urea_nitrogen: mg/dL; above 19.61, which is the source's 7 mmol/L of urea.
        respiratory_rate: Per minute; from 30.
        systolic: mmHg; below 90, or
        diastolic: mmHg; up to 60.
        confusion: New.

    Returns:
        0 to 5.

    Raises:
        ValueError: An input no patient can have.

    Source:
        Lim et al., Thorax 58:377-382 (2003).

    Variant:
        American calculators, and MedCalc-Bench, write the limit as 19 mg/dL.
    """
    return score(
        {
            "confusion": int(confusion),
            "urea_nitrogen": int(urea_nitrogen > MAX_UREA_NITROGEN),
            "respiratory_rate": int(respiratory_rate >= 30),
            "pressure": int(systolic < 90 or diastolic <= 60),
            "age": int(age >= 65),
        }
    )


@dataclass(frozen=True, kw_only=True)
class PneumoniaMeasures(Record):
    """The measurements of the Pneumonia Severity Index; one left out gives no points."""

    heart_rate: HeartRate
    """Per minute; 10 from 125."""
    respiratory_rate: RespiratoryRate
    """Per minute; 20 from 30."""
    systolic: Systolic
    """mmHg; 20 below 90."""
    temperature: Temperature
    """°C; 15 below 35 and from 40."""
    ph: Ph | None = None
    """Arterial; 30 below 7.35."""
    arterial_oxygen: ArterialOxygen | None = None
    """mmHg; 10 below 60."""
    urea_nitrogen: UreaNitrogen | None = None
    """mg/dL; 20 from 30."""
    sodium: Sodium | None = None
    """mmol/L; 20 below 130."""
    glucose: Glucose | None = None
    """mg/dL; 10 from 250."""
    haematocrit: Haematocrit | None = None
    """Per cent; 10 below 30."""


@checked
def pneumonia_severity(
    sex: Sex, age: Age, measures: PneumoniaMeasures, findings: Collection[PneumoniaFinding] = ()
) -> Score:
    """Give the points of the Pneumonia Severity Index.

    Args:
        sex: Women have 10 less than their age.
        age: Years; each gives 1.
        measures: The examination and the laboratory.
        findings: As `PSI_WEIGHTS` weighs them.

    Returns:
        The sum; the source's class 1 is decided without it.

    Raises:
        ValueError: An input no patient can have, or an unknown finding.

    Source:
        Fine et al., N Engl J Med 336:243-250 (1997).
    """
    of = measures
    return score(
        {
            "age": age - 10 * (sex == "female"),
            **tally(PSI_WEIGHTS, findings),
            "heart_rate": 10 * (of.heart_rate >= 125),
            "respiratory_rate": 20 * (of.respiratory_rate >= 30),
            "systolic": 20 * (of.systolic < 90),
            "temperature": 15 * (of.temperature < 35 or of.temperature >= 40),
            "ph": 30 * under(of.ph, 7.35),
            "arterial_oxygen": 10 * under(of.arterial_oxygen, 60),
            "urea_nitrogen": 20 * reaches(of.urea_nitrogen, 30),
            "sodium": 20 * under(of.sodium, 130),
            "glucose": 10 * reaches(of.glucose, 250),
            "haematocrit": 10 * under(of.haematocrit, 30),
        }
    )


def under(value: float | None, limit: float) -> bool:
    """Say that a value was measured and is below the limit."""
    return value is not None and value < limit


def reaches(value: float | None, limit: float) -> bool:
    """Say that a value was measured and is at the limit or above."""
    return value is not None and value >= limit
