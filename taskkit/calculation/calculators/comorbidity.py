"""The weight of all a patient's chronic diseases."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Literal

from taskkit.calculation.calculators.calculator import checked
from taskkit.calculation.calculators.measures import Age
from taskkit.calculation.calculators.score import Score, band, score, tally

Comorbidity = Literal[
    "myocardial_infarction",
    "heart_failure",
    "peripheral_vascular_disease",
    "stroke",
    "transient_ischaemic_attack",
    "dementia",
    "chronic_lung_disease",
    "connective_tissue_disease",
    "peptic_ulcer",
    "hemiplegia",
    "kidney_disease",
    "leukaemia",
    "lymphoma",
    "aids",
]
LiverDisease = Literal["none", "mild", "moderate to severe"]
Diabetes = Literal["none or diet-controlled", "uncomplicated", "end-organ damage"]
SolidTumour = Literal["none", "localised", "metastatic"]
LIVER: Mapping[str, int] = {"none": 0, "mild": 1, "moderate to severe": 3}
DIABETES: Mapping[str, int] = {
    "none or diet-controlled": 0,
    "uncomplicated": 1,
    "end-organ damage": 2,
}
TUMOUR: Mapping[str, int] = {"none": 0, "localised": 2, "metastatic": 6}
WEIGHTS: Mapping[str, int] = {
    "myocardial_infarction": 1,
    "heart_failure": 1,
    "peripheral_vascular_disease": 1,
    "dementia": 1,
    "chronic_lung_disease": 1,
    "connective_tissue_disease": 1,
    "peptic_ulcer": 1,
    "hemiplegia": 2,
    "kidney_disease": 2,
    "leukaemia": 2,
    "lymphoma": 2,
    "aids": 6,
}


@checked
def charlson(
    age: Age,
    findings: Collection[Comorbidity] = (),
    liver_disease: LiverDisease = "none",
    diabetes: Diabetes = "none or diet-controlled",
    solid_tumour: SolidTumour = "none",
) -> Score:
    """Give the Charlson comorbidity index with points for age.

    Args:
        age: Years; 1 for each decade from 50, at most 4 (from 80).
        findings: As `WEIGHTS` weighs them; stroke and TIA are one item of 1. Kidney disease is
            moderate to severe.
        liver_disease: 0, 1, 3.
        diabetes: 0, 1, 2.
        solid_tumour: 0, 2, 6.

    Returns:
        0 to 37.

    Raises:
        ValueError: An age no patient can have, or an unknown finding.

    Source:
        Charlson et al., J Chronic Dis 40:373-383 (1987); age by Charlson et al.,
        J Clin Epidemiol 47:1245-1251 (1994).

    Variant:
        The weights are those of 1987, not Quan's of 2011. The source of the age points goes on
        above 80; custom, and MedCalc-Bench, stop there.
    """
    vascular = "stroke" in findings or "transient_ischaemic_attack" in findings
    return score(
        {
            "age": band(age, {50: 1, 60: 2, 70: 3, 80: 4}, 0),
            "cerebrovascular_disease": int(vascular),
            **tally(WEIGHTS, findings),
            "liver_disease": LIVER[liver_disease],
            "diabetes": DIABETES[diabetes],
            "solid_tumour": TUMOUR[solid_tumour],
        }
    )
