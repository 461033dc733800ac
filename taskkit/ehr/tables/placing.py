"""Letting a small source have patients in hospital now: chance alone gives too few.

Among the 46,520 patients of a full release some hundred have a stay that happens to span the
current time once their times are moved; among the 100 of a demo, none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from random import Random

from taskkit.ehr.tables.shift import Shift

Stay = tuple[str, str]
"""When a stay began and when it ended, as in the source."""


def place(
    stays: Mapping[int, Sequence[Stay]],
    days: Mapping[int, int],
    wanted: int,
    earliest: str,
    now: str,
    random: Random,
) -> dict[int, int]:
    """Move more patients so that their last stay spans ``now``, until ``wanted`` do.

    Args:
        stays: The stays of each patient.
        days: The days by which each patient is moved so far.
        wanted: How many patients are to be in hospital; fewer where no stay can be placed.
        earliest: No patient's first stay is moved before this time.
        now: The current time.
        random: What chooses among the patients and the days.

    Returns:
        The days by which each patient is moved.
    """
    here = {p for p in stays if any(_spans(stay, days[p], now) for stay in stays[p])}
    places = {
        patient: fits
        for patient in sorted(stays.keys() - here)
        if (fits := _fits(stays[patient], earliest, now))
    }
    missing = min(max(0, wanted - len(here)), len(places))
    chosen = random.sample(sorted(places), missing)
    return {**days, **{patient: random.choice(places[patient]) for patient in chosen}}


def _fits(stays: Sequence[Stay], earliest: str, now: str) -> list[int]:
    """List the moves that place a patient's last stay across ``now``."""
    last = max(stays)
    first = min(stays)[0]
    away = date.fromisoformat(now[:10])
    latest = (away - date.fromisoformat(last[0][:10])).days
    soonest = (away - date.fromisoformat(last[1][:10])).days
    return [
        days
        for days in range(soonest, latest + 1)
        if _spans(last, days, now) and _move(first, days) >= earliest
    ]


def _spans(stay: Stay, days: int, now: str) -> bool:
    return _move(stay[0], days) <= now < _move(stay[1], days)


def _move(moment: str, days: int) -> str:
    return str(Shift({0: days}, None)(0, moment))
