"""Why a MedCalc-Bench label differs: the slip that turns our result into it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Literal

from taskkit.calculation.calculators.catalogue import Calculator
from taskkit.calculation.calculators.medcalc.entities import Entities, plain
from taskkit.calculation.calculators.score import Score

Party = Literal["label", "entities", "variant"]


@dataclass(frozen=True)
class Case:
    """A row's entities and inputs, and what we make of them."""

    calculator: Calculator
    entities: Entities
    values: Mapping[str, Any]
    result: Any
    """As `Calculator.explain` gives it."""

    @property
    def total(self) -> Any:
        """The result, a score as its total."""
        return self.result.total if isinstance(self.result, Score) else self.result

    def points(self, item: str) -> float:
        """Points of one item of a score."""
        assert isinstance(self.result, Score)
        return self.result.points(item)

    def entity(self, name: str) -> Any:
        """The value of an entity by its name in plain lower case; None where there is none."""
        return {plain(key): value for key, value in self.entities.items()}.get(name)

    def instead(self, **values: Any) -> Any:
        """What other inputs would add to the result."""
        return self.calculator.compute({**self.values, **values}) - self.total


@dataclass(frozen=True)
class Slip:
    """One known cause of a label that is not ours."""

    difference: Callable[[Case], Any]
    """What the slip adds to our result; its name is the slip's code, its docstring the text."""
    numbers: tuple[int, ...]
    """Calculators whose labels have it."""
    party: Party = "label"
    """What is wrong: the program that made the label, the row's entities, or neither."""

    @property
    def code(self) -> str:
        """A short name."""
        return self.difference.__name__

    @property
    def text(self) -> str:
        """One sentence."""
        return str(self.difference.__doc__).strip()


def cause(
    case: Case, agrees: Callable[[Any], bool], known: Sequence[Slip]
) -> tuple[Slip, ...] | None:
    """Give the most slips that together turn our result into the label.

    The most, since the program that made the labels had its slips in every row they bear on.

    Args:
        case: A row whose label is not our result.
        agrees: Says whether a result is the label.
        known: The slips to try.

    Returns:
        None where no slips do.
    """
    differences = []
    for slip in known:
        if case.calculator.number in slip.numbers and (change := slip.difference(case)):
            differences.append((slip, change))
    for count in range(len(differences), 0, -1):
        for chosen in combinations(differences, count):
            result = case.total
            for _, change in chosen:
                result = result + change
            if agrees(result):
                return tuple(slip for slip, _ in chosen)
    return None
