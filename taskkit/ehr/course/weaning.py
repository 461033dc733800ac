"""Ventilation and vasopressors that follow an illness: begun when it worsens, ended as it recovers.

In about a third of the stays lungs or circulation fail, on arrival or within a day. A failing organ
shows hours before it is supported, and a patient is weaned the sooner the milder the illness. The
shares of patients supported are orders of magnitude of MIMIC-III (Wang et al., MIMIC-Extract, CHIL
2020); the hours are rounded, so that onset and weaning fall into the windows that are asked about.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from taskkit.ehr.chance import Chance
from taskkit.ehr.course.catalogue import Support
from taskkit.ehr.course.outcome import exponential
from taskkit.ehr.course.rule import probability
from taskkit.ehr.course.stay import Place, Span, Stay


@dataclass(frozen=True)
class Failure:
    """How an organ fails that is supported."""

    trait: str
    """What the body shows while it fails."""
    risk: float
    """For each unit of severity above `MILD`, besides what the diagnoses bring."""
    hours: float
    """Length of support at `TYPICAL` severity, in the median."""


FAILURES = {
    "ventilated": Failure("failing-lungs", 1.5, 9.0),
    "pressors": Failure("failing-pressure", 1.5, 7.0),
}
MILD, TYPICAL = 0.36, 0.4
EARLY = 0.5  # share of those with a cause on arrival that is supported within two hours
LATEST = 14.0  # hours after arrival until an organ may begin to fail
WARNING = (6.0, 16.0)  # hours from the first signs to the support
GROWTH = 3.2  # of the length's logarithm for each unit of severity
SPREAD = 0.35  # of the length's logarithm
SHORTEST = 2.0  # hours


def sustain(chance: Chance, stay: Stay, entry: Support, units: Sequence[Place]) -> Span | None:
    """Draw whether and when an organ is supported; a failing one becomes a trait of the stay."""
    failure, first = FAILURES[entry.name], units[0]
    caused = probability(entry.given, stay.onsets)
    added = min(max(failure.risk * (stay.severity - MILD), 0.0), 0.9)
    if chance.random() >= 1 - (1 - caused) * (1 - added):
        return None
    if chance.random() < EARLY * (caused > 0):
        start = first.start + int(chance.between(0.2, 2.0) * 60)
    else:
        failing = first.start + int(chance.random() * LATEST * 60)
        start = failing + int(chance.between(*WARNING) * 60)
        stay.onsets[failure.trait] = failing
    latest = max(part.end for part in units if part.number == first.number)
    growth = GROWTH * (stay.ill(start) - TYPICAL) + SPREAD * chance.normal()
    end = min(start + int(max(failure.hours * exponential(growth), SHORTEST) * 60), latest)
    return Span(entry.name, start, end) if end - start >= 60 else None
