"""How a hospital works: what may differ between two that treat the same patients.

The usual practice is what MIMIC-III, MIMIC-IV, eICU and FHIR show. Predictions in intensive care
ask for more than it has: supports that follow the course of an illness, and deaths on wards.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Practice:
    """What is done for whom."""

    weaned: bool = False
    """Ventilation and vasopressors begin where somebody worsens and end with recovery, illness
    strikes one part of the body more than another, and stays in intensive care follow severity
    closely; else supports begin on arrival and last a time that is drawn."""
    comfort: float = 0.0
    """Share of those who die in hospital that leave intensive care before."""


USUAL = Practice()
INTENSIVE = Practice(weaned=True, comfort=0.3)
