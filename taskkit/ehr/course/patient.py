"""A patient: who they are, what they have for life, and their stays in hospital."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from taskkit.ehr.chance import Chance
from taskkit.ehr.clock import DAY

if TYPE_CHECKING:
    from taskkit.ehr.course.stay import Stay

DAYS_PER_YEAR = 365.25
ELDERLY = 75  # years


@dataclass(slots=True)
class Chronic:
    """A condition for life, and the age at which it began."""

    code: str
    age: float
    """In years."""


@dataclass(slots=True)
class Patient:
    """A person and their whole record of stays, earliest first."""

    number: int
    sex: str
    birth_day: int
    """Days from 2100-01-01, usually negative."""
    chronic: list[Chronic] = field(default_factory=list)
    stays: list[Stay] = field(default_factory=list)
    death: int | None = None
    """Minute of death, in hospital or after; none where it is not known yet."""
    details: dict[str, str | None] = field(default_factory=dict)
    """Insurance, language, marital status, ethnicity."""
    own: dict[str, float] = field(default_factory=dict)
    """Standard score of what is lasting about them: build, usual values, habits."""
    height: float = 170.0
    """cm."""
    weight: float = 75.0
    """kg."""

    def lasting(self, name: str, chance: Chance) -> float:
        """A lasting standard score, drawn when first asked for."""
        if name not in self.own:
            self.own[name] = chance.normal()
        return self.own[name]

    def habit(self, name: str, chance: Chance) -> float:
        """A lasting number from 0 to 1, drawn when first asked for."""
        if name not in self.own:
            self.own[name] = chance.random()
        return self.own[name]

    def age(self, minute: int) -> float:
        """Age in years at a time."""
        return (minute / DAY - self.birth_day) / DAYS_PER_YEAR

    def chronic_codes(self, age: float) -> list[str]:
        """The chronic conditions that have begun by an age."""
        return [condition.code for condition in self.chronic if condition.age <= age]
