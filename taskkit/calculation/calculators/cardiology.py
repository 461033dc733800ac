"""Blood pressure, atrial fibrillation, chest pain and cardiac risk."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from typing import Annotated, Literal, NamedTuple

from taskkit.calculation.calculators.calculator import checked
from taskkit.calculation.calculators.measures import (
    Age,
    Cholesterol,
    Creatinine,
    Diastolic,
    Drinks,
    HdlCholesterol,
    Sex,
    Systolic,
)
from taskkit.calculation.calculators.score import Score, band, score, tally
from taskkit.spec.quantity import AGE

FraminghamAge = Annotated[float, AGE.within(20, 79)]

StrokeRisk = Literal[
    "heart_failure",
    "hypertension",
    "diabetes",
    "stroke",
    "transient_ischaemic_attack",
    "thromboembolism",
    "vascular_disease",
]
EMBOLIC = ("stroke", "transient_ischaemic_attack", "thromboembolism")

BleedingRisk = Literal[
    "hypertension",
    "renal_disease",
    "liver_disease",
    "stroke",
    "bleeding",
    "labile_inr",
    "medication",
]
MIN_DRINKS = 8  # a week; counts as use of alcohol

OperativeRisk = Literal[
    "high_risk_surgery",
    "ischaemic_heart_disease",
    "heart_failure",
    "cerebrovascular_disease",
    "insulin",
]

HeartRisk = Literal[
    "hypertension",
    "hypercholesterolaemia",
    "diabetes",
    "obesity",
    "smoking",
    "family_history",
    "atherosclerotic_disease",
]
Suspicion = Literal["slight", "moderate", "high"]
Electrocardiogram = Literal["normal", "nonspecific repolarisation", "significant ST deviation"]
Troponin = Literal["normal", "up to 3 times the limit", "above 3 times the limit"]
SUSPICION: Mapping[str, int] = {"slight": 0, "moderate": 1, "high": 2}
ECG: Mapping[str, int] = {
    "normal": 0,
    "nonspecific repolarisation": 1,
    "significant ST deviation": 2,
}
TROPONIN: Mapping[str, int] = {
    "normal": 0,
    "up to 3 times the limit": 1,
    "above 3 times the limit": 2,
}


@checked
def mean_arterial_pressure(systolic: Systolic, diastolic: Diastolic) -> float:
    """Estimate the mean arterial pressure.

    Args:
        systolic: mmHg, at least the diastolic.
        diastolic: mmHg.

    Returns:
        mmHg.

    Raises:
        ValueError: Pressures no patient can have.

    Source:
        The usual estimate, a third of the pulse pressure above the diastolic; its limits in
        Bos et al., J Hypertens 25:751-755 (2007).
    """
    if systolic < diastolic:
        raise ValueError(
            f"systolic pressure {systolic:g} mmHg: need at least the diastolic, {diastolic:g}"
        )
    return (systolic + 2 * diastolic) / 3


@checked
def cha2ds2_vasc(sex: Sex, age: Age, findings: Collection[StrokeRisk] = ()) -> Score:
    """Score the risk of stroke in atrial fibrillation.

    Args:
        sex: Women get 1.
        age: Years; 2 from 75, 1 from 65.
        findings: Stroke, TIA and thromboembolism are one item of 2; the others give 1 each.

    Returns:
        0 to 9.

    Raises:
        ValueError: An age no patient can have, or an unknown finding.

    Source:
        Lip et al., Chest 137:263-272 (2010).
    """
    return score(
        {
            "age": band(age, {65: 1, 75: 2}, 0),
            "female": int(sex == "female"),
            "embolism": 2 * any(name in findings for name in EMBOLIC),
            **tally(
                dict.fromkeys(("heart_failure", "hypertension", "diabetes", "vascular_disease"), 1),
                findings,
            ),
        }
    )


@checked
def has_bled(age: Age, drinks: Drinks, findings: Collection[BleedingRisk] = ()) -> Score:
    """Score the risk of major bleeding on anticoagulants.

    Args:
        age: Years; 1 above 65.
        drinks: Alcoholic drinks a week; 1 from 8.
        findings: 1 each.

    Returns:
        0 to 9.

    Raises:
        ValueError: An input no patient can have, or an unknown finding.

    Source:
        Pisters et al., Chest 138:1093-1100 (2010).
    """
    names = ("hypertension", "renal_disease", "liver_disease", "stroke", "bleeding", "labile_inr")
    return score(
        {
            **tally(dict.fromkeys((*names, "medication"), 1), findings),
            "age": int(age > 65),
            "alcohol": int(drinks >= MIN_DRINKS),
        }
    )


@checked
def revised_cardiac_risk(creatinine: Creatinine, findings: Collection[OperativeRisk] = ()) -> Score:
    """Score the cardiac risk of non-cardiac surgery.

    Args:
        creatinine: Before surgery, mg/dL; 1 above 2.
        findings: 1 each.

    Returns:
        0 to 6.

    Raises:
        ValueError: An input no patient can have, or an unknown finding.

    Source:
        Lee et al., Circulation 100:1043-1049 (1999).
    """
    names = ("high_risk_surgery", "ischaemic_heart_disease", "heart_failure")
    weights = dict.fromkeys((*names, "cerebrovascular_disease", "insulin"), 1)
    return score({**tally(weights, findings), "creatinine": int(creatinine > 2.0)})


@checked
def heart_score(
    age: Age,
    suspicion: Suspicion,
    electrocardiogram: Electrocardiogram,
    troponin: Troponin,
    findings: Collection[HeartRisk] = (),
) -> Score:
    """Score chest pain in the emergency room: history, ECG, age, risk factors, troponin.

    Args:
        age: Years; 1 from 45, 2 from 65.
        suspicion: Of the history.
        electrocardiogram: The first.
        troponin: The first, against the laboratory's limit.
        findings: Risk factors: 1 for one or two, 2 for three or more, or for atherosclerotic
            disease (coronary, cerebral or peripheral) alone.

    Returns:
        0 to 10.

    Raises:
        ValueError: An input no patient can have, or an unknown finding.

    Source:
        Six, Backus & Kelder, Neth Heart J 16:191-196 (2008).

    Variant:
        MedCalc-Bench's labels count atherosclerotic disease as one risk factor among others.
    """
    count = len(set(findings))
    proven = "atherosclerotic_disease" in findings
    return score(
        {
            "history": SUSPICION[suspicion],
            "electrocardiogram": ECG[electrocardiogram],
            "age": band(age, {45: 1, 65: 2}, 0),
            "risk_factors": 2 if proven else band(count, {1: 1, 3: 2}, 0),
            "troponin": TROPONIN[troponin],
        }
    )


class Coefficients(NamedTuple):
    """The source's coefficients for one sex, in its order."""

    age: float
    cholesterol: float
    hdl: float
    systolic: float
    treated: float
    smoker: float
    age_cholesterol: float
    age_smoker: float
    age_squared: float
    mean: float
    survival: float
    """Free of the event for 10 years at the mean of all predictors."""
    smoking_age: float
    """Years, from which age adds nothing to the effect of smoking."""


FRAMINGHAM: Mapping[Sex, Coefficients] = {
    "male": Coefficients(
        *(52.00961, 20.014077, -0.905964, 1.305784, 0.241549, 12.096316),
        *(-4.605038, -2.84367, -2.93323, 172.300168, 0.9402, 70),
    ),
    "female": Coefficients(
        *(31.764001, 22.465206, -1.187731, 2.552905, 0.420251, 13.07543),
        *(-5.060998, -2.996945, 0.0, 146.5933061, 0.98767, 78),
    ),
}


@checked
def framingham_hard_chd(
    sex: Sex,
    age: FraminghamAge,
    cholesterol: Cholesterol,
    hdl_cholesterol: HdlCholesterol,
    systolic: Systolic,
    *,
    treated: bool = False,
    smoker: bool = False,
) -> float:
    """Estimate the 10-year risk of myocardial infarction or coronary death.

    Args:
        sex: Each has its own equation.
        age: Years, 20 to 79.
        cholesterol: Total, mg/dL.
        hdl_cholesterol: mg/dL.
        systolic: mmHg.
        treated: Takes medicines for blood pressure.
        smoker: Smokes now.

    Returns:
        Per cent.

    Raises:
        ValueError: An input no patient can have.
        OutOfScopeError: An age outside the source's.

    Source:
        Adult Treatment Panel III, JAMA 285:2486-2497 (2001); the equations are those published
        with its calculator by the US National Heart, Lung, and Blood Institute.
    """
    of = FRAMINGHAM[sex]
    terms = framingham_terms(
        of, age, cholesterol, hdl_cholesterol, systolic, treated=treated, smoker=smoker
    )
    return float(100 * (1 - of.survival ** math.exp(terms)))


def framingham_terms(
    of: Coefficients,
    age: float,
    cholesterol: float,
    hdl_cholesterol: float,
    systolic: float,
    *,
    treated: bool = False,
    smoker: bool = False,
) -> float:
    """Give the sum of the equation's terms above their mean, for `framingham_hard_chd`."""
    log_age = math.log(age)
    log_cholesterol = math.log(cholesterol)
    return (
        of.age * log_age
        + of.cholesterol * log_cholesterol
        + of.hdl * math.log(hdl_cholesterol)
        + of.systolic * math.log(systolic)
        + of.treated * treated
        + of.smoker * smoker
        + of.age_cholesterol * log_age * log_cholesterol
        + of.age_smoker * math.log(min(age, of.smoking_age)) * smoker
        + of.age_squared * log_age**2
        - of.mean
    )
