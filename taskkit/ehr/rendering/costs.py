"""What things cost: one price for each concept, as in EHRSQL."""

from __future__ import annotations

from typing import Literal

from taskkit.ehr.chance import Chance

EventType = Literal[
    "diagnoses_icd",
    "procedures_icd",
    "labevents",
    "prescriptions",
    "diagnosis",
    "treatment",
    "lab",
    "medication",
]
"""The tables of MIMIC-III, then of eICU, whose events are charged."""
RANGES: dict[EventType, tuple[float, float]] = {
    "diagnoses_icd": (20, 400),
    "procedures_icd": (80, 2500),
    "labevents": (3, 60),
    "prescriptions": (1, 120),
    "diagnosis": (20, 400),
    "treatment": (10, 900),
    "lab": (3, 60),
    "medication": (1, 120),
}
"""Lowest and highest price; most are near the lowest."""


class Prices:
    """The price list of one hospital."""

    def __init__(self, seed: int) -> None:
        """Start a list that ``seed`` determines."""
        self._seed = seed
        self._known: dict[tuple[EventType, str | int], float] = {}

    def price(self, kind: EventType, concept: str | int) -> float:
        """Give what one event of a concept costs."""
        key = kind, concept
        if key not in self._known:
            draw = Chance(f"price {self._seed} {kind} {concept}").random()
            low, high = RANGES[kind]
            self._known[key] = round(low + (high - low) * draw * draw, 2)
        return self._known[key]
