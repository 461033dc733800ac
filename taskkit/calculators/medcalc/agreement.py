"""The audit's table: by calculator, how many labels agree, and why the others do not."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from taskkit.calculators.medcalc.audit import Outcome, Status


@dataclass
class Agreement:
    """Counts that grow by one outcome at a time."""

    statuses: dict[int, Counter[Status]] = field(default_factory=dict)
    """By calculator."""
    causes: Counter[tuple[int, Status, tuple[str, ...]]] = field(default_factory=Counter)
    """By calculator, status and codes; no codes where a disagreement has no known cause."""

    def add(self, number: int, outcome: Outcome) -> None:
        """Count the outcome of one row."""
        self.statuses.setdefault(number, Counter())[outcome.status] += 1
        if outcome.status != "agrees":
            self.causes[number, outcome.status, outcome.cause] += 1

    @property
    def total(self) -> Counter[Status]:
        """Counts over all calculators."""
        return sum(self.statuses.values(), Counter())

    @property
    def unexplained(self) -> int:
        """Disagreements with no known cause."""
        return sum(
            count
            for (_, status, codes), count in self.causes.items()
            if status == "disagrees" and not codes
        )
