"""Moving each patient's times to another year, and forgetting what lies in the future."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from taskkit.errors import SourceError

CACHE = 1 << 18  # moved days remembered; a patient has tens


class Shift:
    """Moves times by whole days per patient; what comes to lie after `now` is unknown."""

    def __init__(self, days: Mapping[int, int], now: str | None) -> None:
        """Take the days to add by patient, and the time after which nothing has happened yet."""
        self._days = days
        self._now = now
        self._moved: dict[tuple[str, int], str] = {}

    def __call__(self, patient: int, moment: str | None) -> str | None:
        """Give the moved time; none for no time, an unknown patient, or one after `now`."""
        days = self._days.get(patient)
        if moment is None or days is None:
            return None
        moved = self._day(moment[:10], days) + moment[10:] if days else moment
        return None if self._now is not None and moved > self._now else moved

    def _day(self, day: str, days: int) -> str:
        key = (day, days)
        if key not in self._moved:
            if len(self._moved) >= CACHE:
                self._moved.clear()
            try:
                self._moved[key] = (date.fromisoformat(day) + timedelta(days)).isoformat()
            except OverflowError as error:
                raise SourceError(
                    f"{day}: moved by {days} days it leaves the calendar: need dates near the stays"
                ) from error
        return self._moved[key]
