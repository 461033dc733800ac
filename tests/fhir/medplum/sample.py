"""A few hundred resources of the embedded hospital."""

from __future__ import annotations

from collections import Counter
from typing import Any

from taskkit.fhir.synthetic.population import population

LEFT_OUT = ("Slot", "Schedule", "Medication")
MOST = 60  # resources of a type


def sample() -> list[dict[str, Any]]:
    """The resources, with all that they refer to among the patients and the staff."""
    seen: Counter[str] = Counter()
    found: list[dict[str, Any]] = []
    everything = population(5, seed=3)
    step = len([one for one in everything if one["resourceType"] == "Observation"]) // MOST
    for number, one in enumerate(everything):
        kind = str(one["resourceType"])
        if kind in LEFT_OUT or (kind == "Observation" and number % step):
            continue
        seen[kind] += 1
        if seen[kind] <= MOST:
            found.append(one)
    return found
