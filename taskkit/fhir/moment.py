"""FHIR dates and times as intervals on one axis."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import UTC, datetime, timedelta, timezone

FIRST = -(2**62)  # before every date
LAST = 2**62  # after every date
SHAPE = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?"
    r"(Z|[+-]\d\d:\d\d)?)?)?)?"
)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def interval(text: str) -> tuple[int, int]:
    """First and last millisecond since 1970 that a FHIR date or time may mean.

    A time without a zone is read as UTC.

    Raises:
        ValueError: it is no date, dateTime or instant.
    """
    match = SHAPE.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r}: need a date such as 2023-11-13 or 2023-11-13T10:15:00+00:00")
    year, month, day, hour, minute, second, fraction, zone = match.groups()
    try:
        first = datetime(
            int(year), int(month or 1), int(day or 1), int(hour or 0), int(minute or 0),
            int(second or 0), tzinfo=offset(zone),
        )  # fmt: skip
    except ValueError as error:
        raise ValueError(f"{text!r}: {error}: need a date of the calendar") from error
    start = milliseconds(first)
    if fraction:
        start += int(fraction.ljust(3, "0")[:3])
        return start, start
    return start, start + width(first, month, day, hour, second) - 1


def width(
    first: datetime, month: str | None, day: str | None, hour: str | None, second: str | None
) -> int:
    """Length of the interval that the written precision means, ms."""
    if second is not None:
        return 1000
    if hour is not None:
        return 60_000
    if day is not None:
        return 86_400_000
    if month is not None:
        return monthrange(first.year, first.month)[1] * 86_400_000
    return (366 if monthrange(first.year, 2)[1] == 29 else 365) * 86_400_000


def offset(zone: str | None) -> timezone:
    """The time zone of a FHIR offset."""
    if zone in (None, "Z"):
        return UTC
    sign = -1 if zone[0] == "-" else 1
    return timezone(sign * timedelta(hours=int(zone[1:3]), minutes=int(zone[4:6])))


def milliseconds(moment: datetime) -> int:
    """Milliseconds since 1970."""
    since = moment - EPOCH
    return (since.days * 86_400 + since.seconds) * 1000 + since.microseconds // 1000


def instant(moment: int) -> str:
    """A FHIR instant in UTC, from milliseconds since 1970."""
    time = EPOCH + timedelta(milliseconds=moment)
    return time.strftime("%Y-%m-%dT%H:%M:%S.") + f"{time.microsecond // 1000:03d}+00:00"
