"""A sampled patient: what a note says of the inputs of one calculator."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from taskkit.calculation.calculators.calculator import Input
from taskkit.calculation.calculators.catalogue import Calculator
from taskkit.calculation.calculators.pharmacology import Prescription
from taskkit.spec.units import convert


@dataclass(frozen=True)
class Reading:
    """A measurement as it is printed."""

    text: str
    """The number, as the note has it."""
    unit: str
    """UCUM code."""

    @property
    def value(self) -> float:
        """The number."""
        return float(self.text)


@dataclass(frozen=True, order=True)
class Opioid:
    """A prescription as it is printed."""

    drug: str
    dose: str
    per_day: int


Said = Reading | bool | str | date | frozenset[str] | tuple[Opioid, ...]
"""What a note says of one input."""


@dataclass(frozen=True)
class Patient:
    """The inputs of a calculator as a note is to say them."""

    calculator: Calculator
    said: Mapping[str, Said]
    """By input; an optional one may be left out."""
    sex: str
    age: int
    """Years; a note always has both, whether the calculator asks or not."""
    today: date

    def inputs(self) -> dict[str, Any]:
        """Give the calculator's inputs, in its units.

        Raises:
            ValueError: A unit is not one of the quantity.
        """
        wanted = {item.name: item for item in self.calculator.inputs}
        return {name: argument(value, wanted[name]) for name, value in self.said.items()}


def argument(value: Said, item: Input) -> Any:
    """Give what a calculator takes for what a note says."""
    if isinstance(value, Reading):
        assert item.quantity is not None
        return convert(value.value, value.unit, item.quantity)
    if isinstance(value, tuple):
        return [
            Prescription(
                opioid=one.drug,  # type: ignore[arg-type]
                dose=float(one.dose),
                per_day=one.per_day,
            )
            for one in value
        ]
    return value
