"""A stay in hospital: all that is known of it, in minutes since 2100-01-01."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from taskkit.ehr.clock import NOW
from taskkit.ehr.course.catalogue import Analyte, Fluid, Presentation


class Finding(NamedTuple):
    """A coded condition of a stay."""

    code: str
    onset: int
    """When it began or was found during the stay; the time of admission for what came before."""
    chronic: bool


class Place(NamedTuple):
    """Time on a ward or in a unit; `end` may lie after the current time."""

    unit: str | None
    """Kind of intensive care unit, such as `cardiac`; none on an ordinary ward."""
    theme: str
    """What is mainly wrong with the patient."""
    start: int
    end: int
    number: int | None
    """Which stay in intensive care it is part of, counted from 0 within the stay."""
    draw: float
    """From 0 to 1: chooses among wards of that kind."""


class Span(NamedTuple):
    """Something that is kept up: ventilation, vasopressors, dialysis, a line."""

    name: str
    start: int
    end: int


class Result(NamedTuple):
    """A laboratory result; `value` is none for one that could not be reported."""

    minute: int
    analyte: Analyte
    value: float | None


class Signs(NamedTuple):
    """Vital signs taken at one time; what was left out is missing."""

    minute: int
    values: dict[str, float]
    unit: int | None
    """Number of the stay in intensive care, none on a ward."""


class Order(NamedTuple):
    """A prescription."""

    start: int
    end: int
    drug: str
    dose: str
    unit: str
    route: str
    indication: str
    """The trait that it was given for."""


class Volume(NamedTuple):
    """What went in or came out, in ml."""

    minute: int
    fluid: Fluid
    amount: float
    unit: int
    """Number of the stay in intensive care."""


class Culture(NamedTuple):
    """A specimen; `organism` is none where nothing grew."""

    minute: int
    specimen: str
    organism: str | None


class Done(NamedTuple):
    """A procedure."""

    minute: int
    code: str


@dataclass(slots=True)
class Stay:
    """A stay in hospital."""

    presentation: Presentation
    principal: str
    admitted: int
    discharged: int
    """May lie after the current time: then nobody knows it yet."""
    severity: float
    """At admission, about 0 to 1.2."""
    died: bool
    elective: bool
    onsets: dict[str, int]
    """Trait to the minute from which the patient has it."""
    findings: list[Finding]
    details: dict[str, str | None] = field(default_factory=dict)
    """Where from, where to."""
    places: list[Place] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)
    results: list[Result] = field(default_factory=list)
    signs: list[Signs] = field(default_factory=list)
    orders: list[Order] = field(default_factory=list)
    volumes: list[Volume] = field(default_factory=list)
    cultures: list[Culture] = field(default_factory=list)
    procedures: list[Done] = field(default_factory=list)

    @property
    def until(self) -> int:
        """The last minute of which anything is known."""
        return min(self.discharged, NOW)

    @property
    def current(self) -> bool:
        """Whether the patient is still in hospital."""
        return self.discharged > NOW

    @property
    def days(self) -> float:
        """Length in days."""
        return (self.discharged - self.admitted) / 1440

    def first_signs(self) -> dict[int, int]:
        """Number of each stay in intensive care to the minute of its first vital signs."""
        found: dict[int, int] = {}
        for signs in self.signs:
            if signs.unit is not None:
                found.setdefault(signs.unit, signs.minute)
        return found

    def ill(self, minute: int) -> float:
        """Severity at a time: falls to a fifth in those who leave, rises in those who die."""
        share = (minute - self.admitted) / (self.discharged - self.admitted)
        if self.died:
            return self.severity + (1.25 - 0.5 * self.severity) * share * share
        return self.severity * (1 - 0.8 * share)
