"""Spans of time that a question may be limited to, in words and as SQL."""

from __future__ import annotations

import calendar
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Literal, get_args

WindowKind = Literal[
    "day",
    "month",
    "quarter",
    "year",
    "range",
    "years",
    "since",
    "before",
    "this-month",
    "last-month",
    "this-year",
    "last-year",
    "last-days",
    "last-months",
]
"""`day` to `before` are absolute; the others count from the current time."""
KINDS: tuple[WindowKind, ...] = get_args(WindowKind)

DAYS = (7, 10, 14, 20, 30, 45, 60, 90, 120, 180, 270, 365)
MONTHS = (2, 3, 4, 5, 6, 7, 9, 11, 12, 15, 18, 24, 30, 36)
SPANS = (3, 7, 14, 30, 60, 90, 180)  # days of a range
DAILY = 0.5  # share of the open spans that start or end on a day, not with a month
QUARTERS = ("first", "second", "third", "fourth")


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time that has been chosen."""

    words: str
    """An adverbial, such as `in march 2104`: fits where `then` would."""
    condition: str
    """SQL over the placeholder `{column}`."""


Draw = Callable[[datetime, datetime, Random], Span | None]


def draw(kind: WindowKind, at: str, now: str, random: Random) -> Span | None:
    """Choose a span of a kind that holds the time ``at``, or None where there is none."""
    return _DRAWS[kind](datetime.fromisoformat(at), datetime.fromisoformat(now), random)


def _between(words: str, first: datetime, after: datetime) -> Span:
    """A span of whole days, the last one the day before ``after``."""
    condition = (
        f"{{column}} >= '{first:%Y-%m-%d} 00:00:00' and {{column}} < '{after:%Y-%m-%d} 00:00:00'"
    )
    return Span(words, condition)


def _month_of(at: datetime) -> datetime:
    return at.replace(day=1, hour=0, minute=0, second=0)


def _months_later(first: datetime, months: int) -> datetime:
    index = first.year * 12 + first.month - 1 + months
    return first.replace(year=index // 12, month=index % 12 + 1)


def _day(at: datetime, now: datetime, random: Random) -> Span | None:
    return Span(f"on {at:%Y-%m-%d}", f"date({{column}}) = '{at:%Y-%m-%d}'")


def _month(at: datetime, now: datetime, random: Random) -> Span | None:
    words = f"in {calendar.month_name[at.month]} {at.year}"
    return Span(words, f"strftime('%Y-%m', {{column}}) = '{at:%Y-%m}'")


def _quarter(at: datetime, now: datetime, random: Random) -> Span | None:
    quarter = (at.month - 1) // 3
    first = _month_of(at).replace(month=quarter * 3 + 1)
    words = f"in the {QUARTERS[quarter]} quarter of {at.year}"
    return _between(words, first, _months_later(first, 3))


def _year(at: datetime, now: datetime, random: Random) -> Span | None:
    words = random.choice((f"in {at.year}", f"in the year {at.year}"))
    return Span(words, f"strftime('%Y', {{column}}) = '{at.year}'")


def _range(at: datetime, now: datetime, random: Random) -> Span | None:
    length = random.choice(SPANS)
    first = at - timedelta(days=random.randrange(length))
    last = min(first + timedelta(days=length - 1), now)
    words = random.choice(
        (
            f"from {first:%Y-%m-%d} to {last:%Y-%m-%d}, both days included",
            f"between {first:%Y-%m-%d} and {last:%Y-%m-%d} inclusive",
        )
    )
    condition = f"date({{column}}) between '{first:%Y-%m-%d}' and '{last:%Y-%m-%d}'"
    return Span(words, condition)


def _years(at: datetime, now: datetime, random: Random) -> Span | None:
    first = min(at.year - random.randrange(2), now.year - 1)
    last = first + 1
    words = random.choice((f"in {first} and {last}", f"in the years {first} and {last}"))
    return Span(words, f"strftime('%Y', {{column}}) between '{first}' and '{last}'")


def _since(at: datetime, now: datetime, random: Random) -> Span | None:
    if random.random() < DAILY:
        first = at - timedelta(days=random.randrange(4))
        words = f"from {first:%Y-%m-%d} onwards"
    else:
        first = _months_later(_month_of(at), -random.randrange(6))
        words = f"since {calendar.month_name[first.month]} {first.year}"
    return Span(words, f"{{column}} >= '{first:%Y-%m-%d} 00:00:00'")


def _before(at: datetime, now: datetime, random: Random) -> Span | None:
    if random.random() < DAILY:
        after = at + timedelta(days=random.randrange(1, 4))
        words = f"before {after:%Y-%m-%d}"
    else:
        after = _months_later(_month_of(at), random.randrange(1, 7))
        words = f"before {calendar.month_name[after.month]} {after.year}"
    return None if after > now else Span(words, f"{{column}} < '{after:%Y-%m-%d} 00:00:00'")


def _relative(start: str, end: str | None, now: datetime) -> str:
    condition = f"{{column}} >= datetime('{now}', {start})"
    return condition if end is None else f"{condition} and {{column}} < datetime('{now}', {end})"


def _this_month(at: datetime, now: datetime, random: Random) -> Span | None:
    if (at.year, at.month) != (now.year, now.month):
        return None
    return Span("this month", _relative("'start of month'", None, now))


def _last_month(at: datetime, now: datetime, random: Random) -> Span | None:
    if _months_later(_month_of(at), 1) != _month_of(now):
        return None
    words = random.choice(("last month", "in the last calendar month"))
    start = "'start of month', '-1 month'"
    return Span(words, _relative(start, "'start of month'", now))


def _this_year(at: datetime, now: datetime, random: Random) -> Span | None:
    if at.year != now.year:
        return None
    words = random.choice(("this year", "so far this calendar year"))
    return Span(words, _relative("'start of year'", None, now))


def _last_year(at: datetime, now: datetime, random: Random) -> Span | None:
    if at.year != now.year - 1:
        return None
    words = random.choice(("last year", "in the last calendar year"))
    return Span(words, _relative("'start of year', '-1 year'", "'start of year'", now))


def _last_days(at: datetime, now: datetime, random: Random) -> Span | None:
    fit = [days for days in DAYS if now - timedelta(days=days) <= at]
    if not fit:
        return None
    days = random.choice(fit[:6])
    words = random.choice((f"in the last {days} days", f"within the past {days} days"))
    return Span(words, _relative(f"'-{days} days'", None, now))


def _last_months(at: datetime, now: datetime, random: Random) -> Span | None:
    """Only numbers of months that lead to a day that exists: 31 june has no agreed meaning."""
    fit = []
    for months in MONTHS:
        first = _months_later(now.replace(day=1), -months)
        if calendar.monthrange(first.year, first.month)[1] < now.day:
            continue
        if first.replace(day=now.day) <= at:
            fit.append(months)
    if not fit:
        return None
    months = random.choice(fit[:6])
    words = random.choice((f"in the last {months} months", f"over the past {months} months"))
    return Span(words, _relative(f"'-{months} months'", None, now))


_DRAWS: dict[WindowKind, Draw] = {
    "day": _day,
    "month": _month,
    "quarter": _quarter,
    "year": _year,
    "range": _range,
    "years": _years,
    "since": _since,
    "before": _before,
    "this-month": _this_month,
    "last-month": _last_month,
    "this-year": _this_year,
    "last-year": _last_year,
    "last-days": _last_days,
    "last-months": _last_months,
}
