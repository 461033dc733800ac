"""The years that the synthetic hospital exists in, counted in minutes."""

from __future__ import annotations

from datetime import date

DAY = 1440  # minutes
FIRST_DAY = date(2100, 1, 1)
LAST_DAY = date(2105, 12, 31)
NOW = ((LAST_DAY - FIRST_DAY).days + 1) * DAY - 1
"""The current time, '2105-12-31 23:59:00'; nothing is known of what comes after it."""

_DAYS = [
    date.fromordinal(FIRST_DAY.toordinal() + day).isoformat() + " "
    for day in range((LAST_DAY - FIRST_DAY).days + 1)
]
_TIMES = [f"{minute // 60:02}:{minute % 60:02}:00" for minute in range(DAY)]


def text(minute: int) -> str:
    """Write a time, given in minutes since 2100-01-01, as the tables do."""
    return _DAYS[minute // DAY] + _TIMES[minute % DAY]


def known(minute: int) -> str | None:
    """Write a time, or give None where it is yet to come."""
    return text(minute) if minute <= NOW else None


def midnight(day: int) -> str:
    """Write the start of a day, counted from 2100-01-01 and negative before it."""
    return date.fromordinal(FIRST_DAY.toordinal() + day).isoformat() + " 00:00:00"


def age(birth_day: int, minute: int) -> int:
    """Give the age in full years as EHRSQL counts it: days over 365.25, rounded down."""
    return int((minute // DAY - birth_day) * 4 // 1461)
