"""Probability and risk of venous thrombosis and pulmonary embolism."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Literal

from taskkit.calculation.calculators.calculator import checked
from taskkit.calculation.calculators.measures import (
    Age,
    BodyMassIndex,
    HeartRate,
    OxygenSaturation,
    Sex,
)
from taskkit.calculation.calculators.score import Score, band, score, tally

EmbolismSign = Literal[
    "signs_of_thrombosis",
    "embolism_most_likely",
    "immobilised",
    "recent_surgery",
    "previous_embolism",
    "previous_thrombosis",
    "haemoptysis",
    "malignancy",
]

ThrombosisSign = Literal[
    "active_cancer",
    "bedridden",
    "major_surgery",
    "calf_swelling",
    "collateral_veins",
    "whole_leg_swollen",
    "deep_vein_tenderness",
    "pitting_oedema",
    "paralysis_or_plaster",
    "previous_thrombosis",
    "alternative_as_likely",
]

PercSign = Literal[
    "leg_swelling",
    "haemoptysis",
    "recent_surgery_or_trauma",
    "previous_embolism",
    "previous_thrombosis",
    "hormones",
]

Surgery = Literal["none", "minor", "major", "laparoscopic", "arthroscopic", "arthroplasty"]
Mobility = Literal["normal", "bed rest", "bed above 72 h"]
SURGERY: Mapping[str, int] = {
    "none": 0,
    "minor": 1,
    "major": 2,
    "laparoscopic": 2,
    "arthroscopic": 2,
    "arthroplasty": 5,
}
MOBILITY: Mapping[str, int] = {"normal": 0, "bed rest": 1, "bed above 72 h": 2}

CapriniFactor = Literal[
    "recent_major_surgery",
    "heart_failure",
    "sepsis",
    "pneumonia",
    "varicose_veins",
    "swollen_legs",
    "inflammatory_bowel_disease",
    "myocardial_infarction",
    "chronic_lung_disease",
    "hormones",
    "pregnancy",
    "pregnancy_loss",
    "plaster_cast",
    "central_line",
    "malignancy",
    "previous_thrombosis",
    "previous_embolism",
    "family_history",
    "factor_v_leiden",
    "prothrombin_20210a",
    "homocysteine",
    "lupus_anticoagulant",
    "anticardiolipin",
    "heparin_thrombocytopenia",
    "other_thrombophilia",
    "fracture",
    "stroke",
    "multiple_trauma",
    "spinal_cord_injury",
]
CAPRINI: Mapping[int, tuple[str, ...]] = {
    1: (
        *("recent_major_surgery", "heart_failure", "sepsis", "pneumonia", "varicose_veins"),
        *("swollen_legs", "inflammatory_bowel_disease", "myocardial_infarction"),
        "chronic_lung_disease",
        *("hormones", "pregnancy", "pregnancy_loss"),
    ),
    2: ("plaster_cast", "central_line", "malignancy"),
    3: (
        *("family_history", "factor_v_leiden", "prothrombin_20210a", "homocysteine"),
        *("lupus_anticoagulant", "anticardiolipin", "heparin_thrombocytopenia"),
        "other_thrombophilia",
    ),
    5: ("fracture", "stroke", "multiple_trauma", "spinal_cord_injury"),
}
CAPRINI_WEIGHTS = {name: points for points, names in CAPRINI.items() for name in names}
ONLY_WOMEN = ("hormones", "pregnancy", "pregnancy_loss")


def either(first: str, second: str, findings: Collection[str]) -> bool:
    """Say that one of two findings, or both, are there: one item of a score."""
    return first in findings or second in findings


@checked
def wells_embolism(heart_rate: HeartRate, findings: Collection[EmbolismSign] = ()) -> Score:
    """Score the probability of pulmonary embolism by Wells.

    Args:
        heart_rate: Per minute; 1.5 above 100.
        findings: Signs of thrombosis and embolism at least as likely as any other diagnosis 3
            each; immobilised for 3 days or surgery in the last 4 weeks 1.5 together; previous
            embolism or thrombosis 1.5 together; haemoptysis 1; malignancy 1.

    Returns:
        0 to 12.5, in steps of a half.

    Raises:
        ValueError: An input no patient can have, or an unknown finding.

    Source:
        Wells et al., Thromb Haemost 83:416-420 (2000).
    """
    return score(
        {
            **tally({"signs_of_thrombosis": 3, "embolism_most_likely": 3}, findings),
            "heart_rate": 1.5 * (heart_rate > 100),
            "immobility": 1.5 * either("immobilised", "recent_surgery", findings),
            "previous": 1.5 * either("previous_embolism", "previous_thrombosis", findings),
            **tally({"haemoptysis": 1, "malignancy": 1}, findings),
        }
    )


@checked
def wells_thrombosis(findings: Collection[ThrombosisSign] = ()) -> Score:
    """Score the probability of deep vein thrombosis by Wells.

    Args:
        findings: 1 each, except that bedridden above 3 days and major surgery in the last 12 weeks
            are one item, and that another diagnosis as likely takes 2 off.

    Returns:
        -2 to 9.

    Raises:
        ValueError: An unknown finding.

    Source:
        Wells et al., N Engl J Med 349:1227-1235 (2003).
    """
    single = ("active_cancer", "calf_swelling", "collateral_veins", "whole_leg_swollen")
    signs = ("deep_vein_tenderness", "pitting_oedema", "paralysis_or_plaster")
    return score(
        {
            **tally(dict.fromkeys((*single, *signs, "previous_thrombosis"), 1), findings),
            "immobility": int(either("bedridden", "major_surgery", findings)),
            "alternative_as_likely": -2 * ("alternative_as_likely" in findings),
        }
    )


@checked
def perc(
    age: Age,
    heart_rate: HeartRate,
    oxygen_saturation: OxygenSaturation,
    findings: Collection[PercSign] = (),
) -> Score:
    """Count the criteria that keep pulmonary embolism from being ruled out.

    Args:
        age: Years; 1 from 50.
        heart_rate: Per minute; 1 from 100.
        oxygen_saturation: Per cent, on room air; 1 below 95.
        findings: 1 each; previous embolism and thrombosis are one criterion.

    Returns:
        0 to 8; 0 rules embolism out where suspicion is low.

    Raises:
        ValueError: An input no patient can have, or an unknown finding.

    Source:
        Kline et al., J Thromb Haemost 2:1247-1255 (2004).
    """
    names = ("leg_swelling", "haemoptysis", "recent_surgery_or_trauma", "hormones")
    return score(
        {
            "age": int(age >= 50),
            "heart_rate": int(heart_rate >= 100),
            "oxygen_saturation": int(oxygen_saturation < 95),
            **tally(dict.fromkeys(names, 1), findings),
            "previous": int(either("previous_embolism", "previous_thrombosis", findings)),
        }
    )


@checked
def caprini(
    sex: Sex,
    age: Age,
    body_mass_index: BodyMassIndex,
    surgery: Surgery = "none",
    mobility: Mobility = "normal",
    findings: Collection[CapriniFactor] = (),
) -> Score:
    """Score the risk of venous thrombosis by Caprini, in the version of 2005.

    Args:
        sex: Hormones, pregnancy and its loss count in women alone.
        age: Years; 1 from 41, 2 from 61, 3 from 75.
        body_mass_index: kg/m2; 1 above 25.
        surgery: Minor 1; above 45 minutes, laparoscopic and arthroscopic 2; elective arthroplasty
            of the leg 5.
        mobility: On bed rest 1, confined to bed above 72 hours 2.
        findings: As `CAPRINI` weighs them; events are of the last month. Previous thrombosis and
            embolism are one item of 3.

    Returns:
        The sum.

    Raises:
        ValueError: An input no patient can have, an unknown finding, or one of women in a man.

    Source:
        Caprini, Dis Mon 51:70-78 (2005).

    Variant:
        MedCalc-Bench gives 3 each for thrombosis and embolism, and v1.0 ignored all findings.
    """
    wrong = [name for name in findings if name in ONLY_WOMEN and sex == "male"]
    if wrong:
        raise ValueError(f"findings {wrong[0]!r}: need a woman")
    return score(
        {
            "age": band(age, {41: 1, 61: 2, 75: 3}, 0),
            "surgery": SURGERY[surgery],
            "body_mass_index": int(body_mass_index > 25),
            "mobility": MOBILITY[mobility],
            "previous": 3 * either("previous_thrombosis", "previous_embolism", findings),
            **tally(CAPRINI_WEIGHTS, findings),
        }
    )
