"""The parts of a page: shares with intervals, histograms, and no foreign markup in any of them."""

from __future__ import annotations

import pytest

from taskkit.report.histogram import Bin, Histogram
from taskkit.report.page import Bar, Card, Good, Group, Item, Link, Noted, Page, Section, Table
from taskkit.report.share import Share

HOSTILE = "\"'><script>alert(1)</script><i onload=x>"


def test_no_text_is_markup_in_any_part() -> None:
    cells = [HOSTILE, Link(HOSTILE, HOSTILE), Bar(0.5), Noted(HOSTILE, HOSTILE), Good(HOSTILE)]
    table = Table([HOSTILE] * 6, [[*cells, Share(1, 2)]], (0,))
    charts = [Histogram.of(HOSTILE, [1, 2])]
    section = Section(HOSTILE, HOSTILE, table, HOSTILE, HOSTILE, table, charts)
    card = Card(HOSTILE, HOSTILE, HOSTILE, HOSTILE)
    group = Group(HOSTILE, HOSTILE, 2, [Item(HOSTILE, HOSTILE, HOSTILE)])
    text = Page(HOSTILE, HOSTILE, HOSTILE, [card], [section], [group]).html()
    assert text.count("<script>") == 1
    assert "<script>alert" not in text
    assert "<i onload" not in text
    assert "\"'>" not in text
    assert text.count("&lt;script&gt;alert") > 30


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_intervals_are_those_that_newcombe_printed(
    hits: int, n: int, low: float, high: float
) -> None:
    """Newcombe, Stat Med 17:857-872 (1998), table I, method 3."""
    assert Share(hits, n).interval == pytest.approx((low, high), abs=5e-5)


def test_a_histogram_has_no_gap_and_counts_every_value() -> None:
    found = Histogram.of("words", [3, 4, 4, 18, 40])
    assert found.bins == [
        Bin(0, 5, 3), Bin(5, 10, 0), Bin(10, 15, 0), Bin(15, 20, 1), Bin(20, 25, 0),
        Bin(25, 30, 0), Bin(30, 35, 0), Bin(35, 40, 0), Bin(40, 45, 1),
    ]  # fmt: skip
    assert (found.n, found.median, found.highest) == (5, 4.0, 3)


def test_equal_values_are_one_bin() -> None:
    assert Histogram.of("steps", [1, 1]).bins == [Bin(1, 2, 2)]
