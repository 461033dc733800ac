"""Who is taken into a database, and the year each patient's history is moved to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from random import Random


def percentile(values: Iterable[float], percent: float) -> float:
    """Give the value below which ``percent`` of ``values`` lie, interpolated linearly.

    Raises:
        ValueError: there are no values.
    """
    ordered = sorted(values)
    if not ordered:
        raise ValueError("no values: need one or more")
    position = (len(ordered) - 1) * percent / 100
    below = int(position)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (position - below)


def first_year(random: Random, start: int, span: int) -> int:
    """Draw the year of a first admission in start..start+span, the later the likelier.

    The weights are 1, 2, 3 and so on, as in EHRSQL.
    """
    years = range(start, start + span + 1)
    return random.choices(years, weights=range(1, span + 2))[0]


def cohort(
    random: Random, current: Sequence[int], others: Sequence[int], wanted: int | None, ratio: float
) -> set[int]:
    """Choose patients: ``ratio`` of them of those in hospital now, the rest of the others.

    Args:
        random: What draws; the order in which patients are given does not matter.
        current: Patients with a stay that has not ended.
        others: Patients without one.
        wanted: How many; all for none. Where a group is too small, all of it is taken.
        ratio: Share of current patients, 0 to 1.
    """
    if wanted is None:
        return {*current, *others}
    now = int(wanted * ratio)
    return {*_some(random, current, now), *_some(random, others, wanted - now)}


def _some(random: Random, patients: Sequence[int], number: int) -> list[int]:
    ordered = sorted(patients)
    return random.sample(ordered, number) if number < len(ordered) else ordered
