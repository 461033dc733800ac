"""Times as a reader finds them in a sentence."""

from __future__ import annotations

import pytest

from taskkit.notes.times import Clock, Span


def clock(today: str | None = None) -> Clock:
    return Clock("2101-12-28 14:30:00", "2102-01-05 11:00:00", "2101-12-29 02:00:00", today)


@pytest.mark.parametrize(
    ("words", "span"),
    [
        ("on 12/30", ("2101-12-30 00:00:00", "2101-12-30 23:59:59")),
        ("on Dec 30 at 06:15", ("2101-12-30 06:15:00", "2101-12-30 06:15:59")),
        ("at 0615 on December 30", ("2101-12-30 06:15:00", "2101-12-30 06:15:59")),
        ("on 2102-01-02", ("2102-01-02 00:00:00", "2102-01-02 23:59:59")),
        ("on 1/2", ("2102-01-02 00:00:00", "2102-01-02 23:59:59")),
        ("on 1/2/02", ("2102-01-02 00:00:00", "2102-01-02 23:59:59")),
        ("on admission", ("2101-12-28 14:30:00", "2101-12-29 14:29:59")),
        ("on arrival to the ICU", ("2101-12-29 02:00:00", "2101-12-30 01:59:59")),
        ("on hospital day 3", ("2101-12-30 00:00:00", "2101-12-30 23:59:59")),
        ("on the day of discharge", ("2102-01-05 00:00:00", "2102-01-05 23:59:59")),
    ],
)
def test_time_is_read(words: str, span: Span) -> None:
    spans, rest = clock().take(f"{words}, sodium was 138 ")
    assert spans == [span]
    assert "138" in rest
    assert words not in rest


@pytest.mark.parametrize(
    ("words", "span"),
    [
        ("this morning", ("2102-01-02 04:00:00", "2102-01-02 11:59:59")),
        ("yesterday", ("2102-01-01 00:00:00", "2102-01-01 23:59:59")),
        ("overnight", ("2102-01-01 20:00:00", "2102-01-02 07:59:59")),
    ],
)
def test_time_counts_from_the_day_of_the_note(words: str, span: Span) -> None:
    assert clock("2102-01-02").take(f"Lactate {words} was 2 ")[0] == [span]


@pytest.mark.parametrize(
    ("words", "span"),
    [
        ("the next morning", ("2101-12-31 04:00:00", "2101-12-31 11:59:59")),
        ("that night", ("2101-12-30 20:00:00", "2101-12-31 07:59:59")),
        ("three days later", ("2102-01-02 00:00:00", "2102-01-02 23:59:59")),
    ],
)
def test_time_counts_from_the_day_named_before(words: str, span: Span) -> None:
    reading = clock()
    reading.take("on 12/30 ")
    assert reading.take(f"{words} it was 4 ")[0] == [span]


def test_a_drug_is_no_month() -> None:
    assert clock().take("started on Decadron 4 mg ")[0] == []
