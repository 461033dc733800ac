"""The years that the synthetic hospital exists in, counted in minutes."""

from __future__ import annotations

from datetime import date

DAY = 1440  # minutes
FIRST_DAY = date(2100, 1, 1)
LAST_DAY = date(2105, 12, 31)
NOW = ((LAST_DAY - FIRST_DAY).days + 1) * DAY - 1
"""The current time, '2105-12-31 23:59:00'; nothing is known of what comes after it."""

_TIMES = [f"{minute // 60:02}:{minute % 60:02}:00" for minute in range(DAY)]


class Calendar:
    """Writes minutes of the hospital as times of the years that begin on a day."""

    def __init__(self, first: date) -> None:
        """Let minute 0 be the start of ``first``."""
        self._first = first.toordinal()
        self._days = [
            date.fromordinal(self._first + day).isoformat() + " " for day in range(NOW // DAY + 1)
        ]

    def text(self, minute: int) -> str:
        """Write a time as the tables do."""
        return self._days[minute // DAY] + _TIMES[minute % DAY]

    def known(self, minute: int) -> str | None:
        """Write a time, or give None where it is yet to come."""
        return self.text(minute) if minute <= NOW else None

    def midnight(self, day: int) -> str:
        """Write the start of a day, negative for one before the first."""
        return date.fromordinal(self._first + day).isoformat() + " 00:00:00"


USUAL = Calendar(FIRST_DAY)
"""The years of the hospital itself, in which MIMIC-III and eICU are written."""
text, known = USUAL.text, USUAL.known


def age(birth_day: int, minute: int) -> int:
    """Give the age in full years as EHRSQL counts it: days over 365.25, rounded down."""
    return int((minute // DAY - birth_day) * 4 // 1461)
