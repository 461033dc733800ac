"""What the scales of a unit say, the same in every rendering."""

from __future__ import annotations

from taskkit.ehr.chance import Chance
from taskkit.ehr.course import Patient


def weighed(patient: Patient, admission: int, unit: int) -> float:
    """The weight in kg that a patient is charted with in intensive care.

    Args:
        patient: Whose weight lasts.
        admission: Id of the stay.
        unit: Number of the stay in intensive care within it.
    """
    return patient.weight + Chance(f"scales {admission} {unit}").normal()
