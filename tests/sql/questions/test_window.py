"""A span of time holds the time it was drawn around, and means what its words say."""

from __future__ import annotations

import sqlite3
from datetime import datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskkit.sql.questions.window import KINDS, WindowKind, draw

NOW = "2105-12-31 23:59:00"
TIMES = st.datetimes(datetime(2100, 1, 1), datetime(2105, 12, 31, 23, 59)).map(
    lambda time: time.replace(microsecond=0)
)
MEMORY = sqlite3.connect(":memory:")


def holds(condition: str, time: str) -> bool:
    sql = "select " + condition.replace("{column}", f"'{time}'")
    return bool(MEMORY.execute(sql).fetchone()[0])


@given(kind=st.sampled_from(KINDS), at=TIMES, seed=st.integers(0, 1000))
def test_a_span_holds_its_time(kind: WindowKind, at: datetime, seed: int) -> None:
    span = draw(kind, str(at), NOW, Random(seed))
    assert span is None or holds(span.condition, str(at))


@given(kind=st.sampled_from(KINDS), at=TIMES, seed=st.integers(0, 1000))
def test_a_span_says_nothing_of_the_future(kind: WindowKind, at: datetime, seed: int) -> None:
    span = draw(kind, str(at), NOW, Random(seed))
    assert span is None or "2106" not in span.words


@pytest.mark.parametrize(
    ("kind", "at", "words", "inside", "outside"),
    [
        ("day", "2104-02-29 10", "on 2104-02-29", "2104-02-29 23:59:59", "2104-03-01 00"),
        ("month", "2104-02-03 00", "in February 2104", "2104-02-29 23:59:59", "2104-03-01 00"),
        (
            "quarter",
            "2104-05-03",
            "in the second quarter of 2104",
            "2104-06-30 23",
            "2104-07-01 00:00:00",
        ),
        ("this-month", "2105-12-01 00", "this month", "2105-12-01 00:00:00", "2105-11-30 23"),
    ],
)
def test_words_and_condition_agree(
    kind: WindowKind, at: str, words: str, inside: str, outside: str
) -> None:
    span = draw(kind, at, NOW, Random(0))
    assert span is not None
    assert span.words == words
    assert holds(span.condition, inside)
    assert not holds(span.condition, outside)


@pytest.mark.parametrize(
    ("kind", "inside", "outside"),
    [
        ("this-year", ["2105-01-01 00:00:00", NOW], ["2104-12-31 23:59:59"]),
        ("last-year", ["2104-01-01 00:00:00", "2104-12-31 23:59:59"], ["2105-01-01 00:00:00"]),
        ("last-month", ["2105-11-01 00:00:00", "2105-11-30 23:59:59"], ["2105-12-01 00:00:00"]),
    ],
)
def test_relative_spans_follow_the_calendar(
    kind: WindowKind, inside: list[str], outside: list[str]
) -> None:
    span = draw(kind, inside[0], NOW, Random(0))
    assert span is not None
    assert [holds(span.condition, time) for time in inside] == [True] * len(inside)
    assert [holds(span.condition, time) for time in outside] == [False] * len(outside)


@given(at=TIMES, seed=st.integers(0, 1000))
def test_months_lead_back_to_a_day_that_exists(at: datetime, seed: int) -> None:
    span = draw("last-months", str(at), NOW, Random(seed))
    if span is not None:
        start = span.condition.removeprefix("{column} >= ")
        assert MEMORY.execute(f"select {start}").fetchone()[0][8:10] == "31"


@given(at=TIMES, seed=st.integers(0, 1000))
def test_both_days_of_a_range_are_in_it(at: datetime, seed: int) -> None:
    span = draw("range", str(at), NOW, Random(seed))
    assert span is not None
    first, last = span.condition.split("'")[1::2]
    assert first in span.words
    assert last in span.words
    assert holds(span.condition, f"{first} 00:00:00")
    assert holds(span.condition, f"{last} 23:59:59")
    after = datetime.fromisoformat(last) + timedelta(days=1)
    assert not holds(span.condition, str(after))
