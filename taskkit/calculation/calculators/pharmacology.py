"""Equivalent doses of steroids and opioids."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from taskkit.calculation.calculators.calculator import Record, checked
from taskkit.spec.quantity import Quantity

Steroid = Literal[
    "betamethasone",
    "cortisone",
    "dexamethasone",
    "hydrocortisone",
    "methylprednisolone",
    "prednisolone",
    "prednisone",
    "triamcinolone",
]
EQUIVALENT_STEROID: Mapping[str, float] = {
    "betamethasone": 0.75,
    "cortisone": 25,
    "dexamethasone": 0.75,
    "hydrocortisone": 20,
    "methylprednisolone": 4,
    "prednisolone": 5,
    "prednisone": 5,
    "triamcinolone": 4,
}
"""mg with the same glucocorticoid effect, by mouth or vein."""

SteroidDose = Annotated[float, Quantity("dose", "mg", 0, 10_000)]
OpioidDose = Annotated[float, Quantity("dose", "1", 0, 100_000)]
DosesPerDay = Annotated[float, Quantity("doses a day", "1", 0, 96)]

Opioid = Literal[
    "codeine",
    "fentanyl buccal",
    "fentanyl patch",
    "hydrocodone",
    "hydromorphone",
    "methadone",
    "morphine",
    "oxycodone",
    "oxymorphone",
    "tapentadol",
    "tramadol",
]
MORPHINE_EQUIVALENT: Mapping[str, float] = {
    "codeine": 0.15,
    "fentanyl buccal": 0.13,
    "fentanyl patch": 2.4,
    "hydrocodone": 1,
    "hydromorphone": 5,
    "methadone": 4.7,
    "morphine": 1,
    "oxycodone": 1.5,
    "oxymorphone": 3,
    "tapentadol": 0.4,
    "tramadol": 0.2,
}
"""mg of morphine a day per unit of `UNIT`."""
UNIT: Mapping[str, str] = {"fentanyl buccal": "ug", "fentanyl patch": "ug/h"}
"""Unit of the dose where it is not mg."""


@checked
def steroid_equivalent(steroid: Steroid, dose: SteroidDose, target: Steroid) -> float:
    """Convert a dose of one glucocorticoid to another.

    Args:
        steroid: Given.
        dose: mg.
        target: Wanted.

    Returns:
        mg of the target with the same glucocorticoid effect.

    Raises:
        ValueError: An unknown drug or an impossible dose.

    Source:
        Liu et al., Allergy Asthma Clin Immunol 9:30 (2013), table of equivalent doses.

    Variant:
        Tables differ for betamethasone, 0.6 or 0.75 mg; here 0.75.
    """
    return dose * EQUIVALENT_STEROID[target] / EQUIVALENT_STEROID[steroid]


@dataclass(frozen=True, kw_only=True)
class Prescription(Record):
    """An opioid as it is taken."""

    opioid: Opioid
    dose: OpioidDose
    """mg; µg of fentanyl by mouth, µg/h of a fentanyl patch."""
    per_day: DosesPerDay = 1
    """Times the dose is taken in a day; 1 for a patch, which `dose` already states as a rate."""


@checked
def morphine_equivalents(prescriptions: Sequence[Prescription]) -> float:
    """Give the morphine milligram equivalents of all opioids a day.

    Args:
        prescriptions: One or more.

    Returns:
        mg of oral morphine a day.

    Raises:
        ValueError: No prescription, an unknown drug or an impossible dose.

    Source:
        Dowell et al., MMWR Recomm Rep 71(3):1-95 (2022); fentanyl by mouth, which is not in it, by
        the US Centers for Disease Control's conversion file of 2018.

    Variant:
        The guideline of 2016 had hydromorphone 4, methadone 4 to 12 by dose, tramadol 0.1.
    """
    return sum(
        item.dose * item.per_day * MORPHINE_EQUIVALENT[item.opioid] for item in prescriptions
    )
