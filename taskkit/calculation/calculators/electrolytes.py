"""Sodium, water, calcium and the anion gap with what is derived from it."""

from __future__ import annotations

from taskkit.calculation.calculators.calculator import checked
from taskkit.calculation.calculators.measures import (
    Age,
    Albumin,
    Bicarbonate,
    Calcium,
    Chloride,
    Glucose,
    Sex,
    Sodium,
    UreaNitrogen,
    Weight,
)

NORMAL_ALBUMIN = 4.0  # g/dL
NORMAL_ANION_GAP = 12.0  # mmol/L, without potassium
NORMAL_BICARBONATE = 24.0  # mmol/L
NORMAL_SODIUM = 140.0  # mmol/L
NORMAL_GLUCOSE = 100.0  # mg/dL
ELDERLY = 65  # years; from which the body holds less water


@checked
def corrected_calcium(calcium: Calcium, albumin: Albumin) -> float:
    """Give the total calcium as it would be at an albumin of 4 g/dL.

    Args:
        calcium: Total, in serum, mg/dL.
        albumin: In serum, g/dL.

    Returns:
        mg/dL.

    Raises:
        ValueError: An input no patient can have.

    Source:
        Payne et al., Br Med J 4:643-646 (1973), in the customary form for mg/dL.
    """
    return calcium + 0.8 * (NORMAL_ALBUMIN - albumin)


@checked
def corrected_sodium(sodium: Sodium, glucose: Glucose) -> float:
    """Give the sodium as it would be at a glucose of 100 mg/dL.

    Args:
        sodium: In serum, mmol/L.
        glucose: In serum, mg/dL.

    Returns:
        mmol/L.

    Raises:
        ValueError: An input no patient can have.

    Source:
        Hillier, Abbott & Barrett, Am J Med 106:399-403 (1999): 2.4 mmol/L per 100 mg/dL.

    Variant:
        Katz, N Engl J Med 289:843-844 (1973), has 1.6.
    """
    return sodium + 0.024 * (glucose - NORMAL_GLUCOSE)


@checked
def serum_osmolality(sodium: Sodium, urea_nitrogen: UreaNitrogen, glucose: Glucose) -> float:
    """Estimate the osmolality of serum from its main solutes.

    Args:
        sodium: mmol/L.
        urea_nitrogen: mg/dL.
        glucose: mg/dL.

    Returns:
        mmol/kg, written mOsm/kg.

    Raises:
        ValueError: An input no patient can have.

    Source:
        Smithline & Gardner, JAMA 236:1594-1597 (1976).
    """
    return 2 * sodium + urea_nitrogen / 2.8 + glucose / 18


@checked
def free_water_deficit(sex: Sex, age: Age, weight: Weight, sodium: Sodium) -> float:
    """Give the water that would bring the sodium to 140 mmol/L.

    Args:
        sex: Water is 0.6 of weight in children and men, 0.5 in women and elderly men, 0.45 in
            elderly women.
        age: Years; a child is below 18, elderly from 65.
        weight: kg.
        sodium: In serum, mmol/L.

    Returns:
        L; negative where the sodium is below 140.

    Raises:
        ValueError: An input no patient can have.

    Source:
        Adrogué & Madias, N Engl J Med 342:1493-1499 (2000).
    """
    return body_water(sex, age) * weight * (sodium / NORMAL_SODIUM - 1)


def body_water(sex: Sex, age: float) -> float:
    """Give the share of water in the weight, for `free_water_deficit`."""
    if age < 18:
        return 0.6
    if sex == "male":
        return 0.6 if age < ELDERLY else 0.5
    return 0.5 if age < ELDERLY else 0.45


@checked
def anion_gap(sodium: Sodium, chloride: Chloride, bicarbonate: Bicarbonate) -> float:
    """Give the anion gap, without potassium.

    Args:
        sodium: mmol/L.
        chloride: mmol/L.
        bicarbonate: mmol/L.

    Returns:
        mmol/L; can be negative.

    Raises:
        ValueError: An input no patient can have.

    Source:
        Emmett & Narins, Medicine (Baltimore) 56:38-54 (1977).
    """
    return sodium - chloride - bicarbonate


@checked
def delta_gap(sodium: Sodium, chloride: Chloride, bicarbonate: Bicarbonate) -> float:
    """Give the anion gap above its normal value of 12.

    Args:
        sodium: mmol/L.
        chloride: mmol/L.
        bicarbonate: mmol/L.

    Returns:
        mmol/L; can be negative.

    Raises:
        ValueError: An input no patient can have.

    Source:
        Wrenn, Ann Emerg Med 19:1310-1313 (1990).

    Variant:
        Wrenn goes on to subtract the fall of bicarbonate; MedCalc-Bench, as here, does not.
    """
    return anion_gap(sodium, chloride, bicarbonate) - NORMAL_ANION_GAP


@checked
def delta_ratio(sodium: Sodium, chloride: Chloride, bicarbonate: Bicarbonate) -> float:
    """Give the rise of the anion gap above 12 over the fall of bicarbonate below 24.

    Args:
        sodium: mmol/L.
        chloride: mmol/L.
        bicarbonate: mmol/L, other than 24.

    Returns:
        A ratio without unit; of little meaning where either has not changed as it should.

    Raises:
        ValueError: An input no patient can have, or a bicarbonate of 24.

    Source:
        Rastegar, J Am Soc Nephrol 18:2429-2431 (2007).
    """
    return delta_gap(sodium, chloride, bicarbonate) / bicarbonate_fall(bicarbonate)


def bicarbonate_fall(bicarbonate: float) -> float:
    """Give the fall of bicarbonate below normal, for a ratio over it.

    Raises:
        ValueError: There is none.
    """
    if bicarbonate == NORMAL_BICARBONATE:
        raise ValueError("bicarbonate 24 mmol/L: has not fallen, need another for a ratio")
    return NORMAL_BICARBONATE - bicarbonate


@checked
def albumin_corrected_anion_gap(
    sodium: Sodium, chloride: Chloride, bicarbonate: Bicarbonate, albumin: Albumin
) -> float:
    """Give the anion gap as it would be at an albumin of 4 g/dL.

    Args:
        sodium: mmol/L.
        chloride: mmol/L.
        bicarbonate: mmol/L.
        albumin: g/dL.

    Returns:
        mmol/L.

    Raises:
        ValueError: An input no patient can have.

    Source:
        Figge et al., Crit Care Med 26:1807-1810 (1998): 2.5 mmol/L per g/dL.
    """
    gap = anion_gap(sodium, chloride, bicarbonate)
    return gap + 2.5 * (NORMAL_ALBUMIN - albumin)


@checked
def albumin_corrected_delta_gap(
    sodium: Sodium, chloride: Chloride, bicarbonate: Bicarbonate, albumin: Albumin
) -> float:
    """Give the albumin-corrected anion gap above its normal value of 12.

    Args:
        sodium: mmol/L.
        chloride: mmol/L.
        bicarbonate: mmol/L.
        albumin: g/dL.

    Returns:
        mmol/L; can be negative.

    Raises:
        ValueError: An input no patient can have.

    Source:
        As `delta_gap`, on the gap of `albumin_corrected_anion_gap`.
    """
    gap = albumin_corrected_anion_gap(sodium, chloride, bicarbonate, albumin)
    return gap - NORMAL_ANION_GAP


@checked
def albumin_corrected_delta_ratio(
    sodium: Sodium, chloride: Chloride, bicarbonate: Bicarbonate, albumin: Albumin
) -> float:
    """Give the rise of the albumin-corrected anion gap over the fall of bicarbonate.

    Args:
        sodium: mmol/L.
        chloride: mmol/L.
        bicarbonate: mmol/L, other than 24.
        albumin: g/dL.

    Returns:
        A ratio without unit.

    Raises:
        ValueError: An input no patient can have, or a bicarbonate of 24.

    Source:
        As `delta_ratio`, on the gap of `albumin_corrected_anion_gap`.
    """
    rise = albumin_corrected_delta_gap(sodium, chloride, bicarbonate, albumin)
    return rise / bicarbonate_fall(bicarbonate)
