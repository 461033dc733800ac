"""The times in a note's sentences, read by pattern and counted from what was named before."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import date, datetime, timedelta

Span = tuple[str, str]
LEAN = 90  # days: most of a stay lies after its admission
DATE = (
    r"(?:(?P<iso>\d{4}-\d\d-\d\d)|(?P<m>\d{1,2})/(?P<d>\d{1,2})(?:/\d\d)?"
    r"|(?P<name>Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
    r"(?:uary|ruary|ch|il|e|y|ust|tember|ober|ember)? (?P<n>\d{1,2}))"
)
MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
DAYS = {
    "later that day": 0,
    "the same day": 0,
    "the next day": 1,
    "the following day": 1,
    "two days later": 2,
    "three days later": 3,
}
PATTERN = re.compile(
    rf"\b(?:at (?P<h1>\d\d):?(?P<m1>\d\d) )?(?P<lead>on|between|and) {DATE}"
    r"(?: at (?P<h2>\d\d):?(?P<m2>\d\d))?(?![\w/])"
    r"|\bon (?:hospital day|HD) (?P<hd>\d+)\b"
    r"|\bon (?:the )?(?P<first>admission|presentation|arrival)(?! to the ICU)\b"
    r"|\bon (?:arrival|transfer) to the (?P<icu>ICU)\b"
    r"|\bon the day of (?P<last>discharge)\b"
    r"|\b(?P<now>this morning|today|yesterday|overnight|last night)\b"
    r"|\b(?P<part>the next morning|that evening|that night)\b"
    rf"|\b(?P<later>{'|'.join(DAYS)})\b",
    re.IGNORECASE,
)


class Clock:
    """Turns words into spans of time, within one note."""

    def __init__(
        self, admitted: str, discharged: str | None, unit: str | None, today: str | None
    ) -> None:
        """Start from the stay: admission, discharge, first intensive care; and the note's day."""
        self._admitted = datetime.fromisoformat(admitted)
        self._discharged = None if discharged is None else datetime.fromisoformat(discharged)
        self._unit = None if unit is None else datetime.fromisoformat(unit)
        self._today = None if today is None else date.fromisoformat(today)
        self._named: date | None = None

    def forget(self) -> None:
        """Begin a section, in which no day is named yet."""
        self._named = None

    def take(self, text: str) -> tuple[list[Span], str]:
        """Give the spans that a text names, and the text without them."""
        spans: list[Span] = []
        for match in PATTERN.finditer(text):
            if match["lead"] and match["lead"].lower() == "and" and not spans:
                continue
            start, end, day = self._span(match)
            self._named = day
            spans.append((str(start), str(end - timedelta(seconds=1))))
        return spans, PATTERN.sub(lambda match: "~" * len(match[0]), text)

    def _span(self, match: re.Match[str]) -> tuple[datetime, datetime, date]:
        """Begin, end (which no longer belongs to it) and the day that it names."""
        day, hours = self._day(match)
        start = datetime.combine(day, datetime.min.time())
        clock = match["h1"] or match["h2"], match["m1"] or match["m2"]
        if clock[0]:
            start += timedelta(hours=int(clock[0]), minutes=int(clock[1]))
            return start, start + timedelta(minutes=1), day
        if match["first"]:
            return self._admitted, self._admitted + timedelta(days=1), day
        if match["icu"]:
            assert self._unit is not None
            return self._unit, self._unit + timedelta(days=1), day
        return (
            start + timedelta(hours=hours[0]),
            start + timedelta(hours=hours[1]),
            start_day(start, hours),
        )

    def _day(self, match: re.Match[str]) -> tuple[date, tuple[int, int]]:
        """The day named, and the hours of it that are meant."""
        whole = 0, 24
        if match["hd"]:
            return self._admitted.date() + timedelta(days=int(match["hd"]) - 1), whole
        if match["first"]:
            return self._admitted.date(), whole
        if match["icu"]:
            assert self._unit is not None
            return self._unit.date(), whole
        if match["last"]:
            assert self._discharged is not None
            return self._discharged.date(), whole
        if match["now"]:
            return self._now(match["now"].lower())
        if match["part"]:
            assert self._named is not None
            part = match["part"].lower()
            hours = {"the next morning": (28, 36), "that evening": (17, 24), "that night": (20, 32)}
            return self._named, hours[part]
        if match["later"]:
            assert self._named is not None
            return self._named + timedelta(days=DAYS[match["later"].lower()]), whole
        return self._written(match), whole

    def _now(self, words: str) -> tuple[date, tuple[int, int]]:
        assert self._today is not None
        if words == "yesterday":
            return self._today - timedelta(days=1), (0, 24)
        if words == "today":
            return self._today, (0, 24)
        if words == "this morning":
            return self._today, (4, 12)
        return self._today - timedelta(days=1), (20, 32)

    def _written(self, match: re.Match[str]) -> date:
        if match["iso"]:
            return date.fromisoformat(match["iso"])
        if match["name"]:
            month, day = MONTHS.index(match["name"].title()) + 1, int(match["n"])
        else:
            month, day = int(match["m"]), int(match["d"])
        return self._nearest(month, day)

    def _nearest(self, month: int, day: int) -> date:
        """The day of a month in the year that brings it nearest to the stay."""
        admitted, found = self._admitted.date(), []
        for year in (admitted.year - 1, admitted.year, admitted.year + 1):
            with suppress(ValueError):  # a 29 February of another year
                found.append(date(year, month, day))
        return min(found, key=lambda one: abs((one - admitted).days - LEAN))


def start_day(start: datetime, hours: tuple[int, int]) -> date:
    """The day on which a span begins."""
    return (start + timedelta(hours=hours[0])).date()
