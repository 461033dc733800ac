"""Liver disease and bleeding from the upper gut."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from typing import Literal

from taskkit.calculation.calculators.calculator import checked
from taskkit.calculation.calculators.measures import (
    Age,
    AlanineTransaminase,
    Albumin,
    AspartateTransaminase,
    Bilirubin,
    Creatinine,
    Haemoglobin,
    HeartRate,
    Inr,
    Platelets,
    Sex,
    Sodium,
    Systolic,
    UreaNitrogen,
)
from taskkit.calculation.calculators.score import Score, band, score, tally

Ascites = Literal["absent", "slight", "moderate to severe"]
Encephalopathy = Literal["none", "grade 1-2", "grade 3-4"]
ASCITES: Mapping[str, int] = {"absent": 1, "slight": 2, "moderate to severe": 3}
ENCEPHALOPATHY: Mapping[str, int] = {"none": 1, "grade 1-2": 2, "grade 3-4": 3}

BleedingSign = Literal["melaena", "syncope", "liver_disease", "heart_failure"]
BLATCHFORD_HAEMOGLOBIN: Mapping[Sex, Mapping[float, float]] = {
    "male": {10: 3, 12: 1, 13: 0},
    "female": {10: 1, 12: 0},
}

MIN_LABORATORY = 1.0  # creatinine and bilirubin in mg/dL and INR, so that no logarithm is below 0
MAX_CREATININE = 4.0  # mg/dL, and the value of a patient on dialysis
MELD_SODIUM = (125.0, 137.0)  # mmol/L; a value outside counts as the nearer
MIN_MELD_FOR_SODIUM = 11  # a score up to this is left as it is
MAX_MELD = 40


@checked
def fib4(
    age: Age,
    aspartate_transaminase: AspartateTransaminase,
    alanine_transaminase: AlanineTransaminase,
    platelets: Platelets,
) -> float:
    """Give the Fibrosis-4 index of liver fibrosis.

    Args:
        age: Years.
        aspartate_transaminase: U/L.
        alanine_transaminase: U/L.
        platelets: 10^9/L.

    Returns:
        An index without unit.

    Raises:
        ValueError: An input no patient can have.

    Source:
        Sterling et al., Hepatology 43:1317-1325 (2006).
    """
    return age * aspartate_transaminase / (platelets * math.sqrt(alanine_transaminase))


@checked
def child_pugh(
    inr: Inr,
    bilirubin: Bilirubin,
    albumin: Albumin,
    ascites: Ascites,
    encephalopathy: Encephalopathy,
) -> Score:
    """Score the severity of cirrhosis.

    Args:
        inr: 1 below 1.7, 2 to 2.3, 3 above.
        bilirubin: mg/dL; 1 below 2, 2 to 3, 3 above.
        albumin: g/dL; 1 above 3.5, 2 from 2.8, 3 below.
        ascites: 1, 2, 3.
        encephalopathy: 1, 2, 3.

    Returns:
        5 to 15.

    Raises:
        ValueError: An input no patient can have.

    Source:
        Pugh et al., Br J Surg 60:646-649 (1973); INR for its prothrombin time as is customary.
    """
    return score(
        {
            "inr": 1 if inr < 1.7 else 2 if inr <= 2.3 else 3,
            "bilirubin": 1 if bilirubin < 2 else 2 if bilirubin <= 3 else 3,
            "albumin": 1 if albumin > 3.5 else 2 if albumin >= 2.8 else 3,
            "ascites": ASCITES[ascites],
            "encephalopathy": ENCEPHALOPATHY[encephalopathy],
        }
    )


@checked
def meld_na(
    creatinine: Creatinine,
    bilirubin: Bilirubin,
    inr: Inr,
    sodium: Sodium,
    *,
    dialysis: bool = False,
) -> int:
    """Give the MELD score with sodium, by the rule of 2016.

    Args:
        creatinine: mg/dL; counted from 1 to 4.
        bilirubin: mg/dL; counted from 1.
        inr: Counted from 1.
        sodium: mmol/L; counted from 125 to 137.
        dialysis: Twice or more in the last week, or 24 hours of continuous haemodialysis in it;
            creatinine then counts as 4.

    Returns:
        6 to 40.

    Raises:
        ValueError: An input no patient can have.

    Source:
        Kim et al., N Engl J Med 359:1018-1026 (2008), in the form of the Organ Procurement and
        Transplantation Network's policy 9 as of January 2016.

    Variant:
        MELD 3.0 replaced it for allocation in 2023. MedCalc-Bench v1.0 rounded the sum of
        logarithms before multiplying by 10.
    """
    logs = meld_sum(creatinine, bilirubin, inr, dialysis=dialysis)
    return meld_with_sodium(10 * half_up(logs, 1), sodium)


def meld_sum(creatinine: float, bilirubin: float, inr: float, *, dialysis: bool) -> float:
    """Give the sum of logarithms, for `meld_na`."""
    kidney = MAX_CREATININE if dialysis else min(max(creatinine, MIN_LABORATORY), MAX_CREATININE)
    return (
        0.957 * math.log(kidney)
        + 0.378 * math.log(max(bilirubin, MIN_LABORATORY))
        + 1.120 * math.log(max(inr, MIN_LABORATORY))
        + 0.643
    )


def meld_with_sodium(meld: float, sodium: float) -> int:
    """Give the score of a MELD that is rounded already, for `meld_na`."""
    if meld > MIN_MELD_FOR_SODIUM:
        low, high = MELD_SODIUM
        missing = high - min(max(sodium, low), high)
        meld += 1.32 * missing - 0.033 * meld * missing
    return min(int(half_up(meld)), MAX_MELD)


def half_up(value: float, digits: int = 0) -> float:
    """Round a number of at least 0, a half upwards."""
    return math.floor(round(value * 10.0**digits, 9) + 0.5) / 10.0**digits


@checked
def glasgow_blatchford(
    sex: Sex,
    urea_nitrogen: UreaNitrogen,
    haemoglobin: Haemoglobin,
    systolic: Systolic,
    heart_rate: HeartRate,
    findings: Collection[BleedingSign] = (),
) -> Score:
    """Score the need for treatment of bleeding from the upper gut.

    Args:
        sex: Sets the bands of haemoglobin.
        urea_nitrogen: mg/dL; 2 from 18.2, 3 from 22.4, 4 from 28, 6 from 70, which are the
            source's 6.5, 8, 10 and 25 mmol/L of urea.
        haemoglobin: g/dL; men 1 below 13, 3 below 12, 6 below 10; women 1 below 12, 6 below 10.
        systolic: mmHg; 1 below 110, 2 below 100, 3 below 90.
        heart_rate: Per minute; 1 from 100.
        findings: Melaena 1; syncope, liver disease and heart failure 2 each.

    Returns:
        0 to 23.

    Raises:
        ValueError: An input no patient can have, or an unknown finding.

    Source:
        Blatchford, Murray & Blatchford, Lancet 356:1318-1321 (2000).
    """
    weights = {"melaena": 1, "syncope": 2, "liver_disease": 2, "heart_failure": 2}
    return score(
        {
            "urea_nitrogen": band(urea_nitrogen, {18.2: 2, 22.4: 3, 28: 4, 70: 6}, 0),
            "haemoglobin": band(haemoglobin, BLATCHFORD_HAEMOGLOBIN[sex], 6),
            "systolic": band(systolic, {90: 2, 100: 1, 110: 0}, 3),
            "heart_rate": int(heart_rate >= 100),
            **tally(weights, findings),
        }
    )
