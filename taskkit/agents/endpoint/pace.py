"""How fast an endpoint may be asked: calls at once, calls a minute, and none while it rests."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from email.utils import parsedate_to_datetime
from threading import BoundedSemaphore, Condition, Event

MAX_REST_S = 300.0  # of one Retry-After; a longer one is asked again then
FIRST_WAIT_S, LONGEST_WAIT_S = 0.5, 30.0  # between attempts, doubled each time


class Pace:
    """Shared by all threads that ask one endpoint."""

    def __init__(self, concurrency: int, per_minute: int | None = None) -> None:
        """Set the bounds.

        Args:
            concurrency: Calls at once.
            per_minute: Calls begun in a minute, spread evenly; no bound where not given.
        """
        self._places = BoundedSemaphore(concurrency)
        self._gap = 60.0 / per_minute if per_minute else 0.0
        self._turn = Condition()
        self._next = 0.0
        self.stopped = Event()
        """Set to have every wait end at once."""

    @contextmanager
    def place(self) -> Iterator[None]:
        """Wait for a turn; inside, one call is under way."""
        with self._places:
            self._await_turn()
            yield

    def rest(self, seconds: float) -> None:
        """Have no call begin for a while, as the endpoint asked."""
        with self._turn:
            self._next = max(self._next, time.monotonic() + min(seconds, MAX_REST_S))

    def wait(self, seconds: float) -> None:
        """Wait, but no longer than until the run is stopped."""
        self.stopped.wait(seconds)

    def _await_turn(self) -> None:
        while not self.stopped.is_set():
            with self._turn:
                now = time.monotonic()
                left = self._next - now
                if left <= 0:
                    self._next = max(self._next, now - self._gap) + self._gap
                    return
            self.stopped.wait(left)


def retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """Give the seconds that an endpoint asks to wait; None where it does not say.

    Args:
        headers: Of its answer; `retry-after-ms` and `retry-after` in seconds or as a date.
        now: Seconds since 1970.
    """
    for name, unit in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        said = headers.get(name)
        if said is None:
            continue
        try:
            return max(0.0, float(said) * unit)
        except ValueError:
            pass
        try:
            return max(0.0, parsedate_to_datetime(said).timestamp() - now)
        except ValueError:
            continue
    return None


def backoff(attempt: int) -> float:
    """Give the seconds before the next attempt, after so many that failed."""
    return float(min(LONGEST_WAIT_S, FIRST_WAIT_S * 2 ** (attempt - 1)))
