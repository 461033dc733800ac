"""Answers agree by the publisher's rule: three decimals, any order, a hundred rows."""

from __future__ import annotations

import pytest

from taskkit.sql.questions.agreement import agreement


@pytest.mark.parametrize(
    ("published", "rows", "agrees"),
    [
        ("[['1']]", [(1,)], True),
        ("[['1.235']]", [(1.23456,)], True),
        ("[['1.234']]", [(1.2349,)], False),
        ("[['0.0']]", [(-0.0,)], True),
        ("[['a'], ['b']]", [("b",), ("a",)], True),
        ("[['a'], ['a']]", [("a",)], False),
        ("[['None']]", [(None,)], True),
        ("[]", [], True),
        ("[['a', '1']]", [("a", 1)], True),
        ("[['x']]", [("y",)], False),
        ("no list", [("y",)], False),
        ("[1]", [(1,)], False),
    ],
)
def test_agreement(published: str, rows: list[tuple[object, ...]], agrees: bool) -> None:
    assert agreement("q", published, rows).agrees is agrees  # type: ignore[arg-type]


def test_rows_beyond_the_hundredth_do_not_count() -> None:
    published = str([[f"{n:03}x"] for n in range(100)])
    assert agreement("q", published, [(f"{n:03}x",) for n in range(150)]).agrees


def test_both_answers_are_reported() -> None:
    found = agreement("q", "[['x']]", [("y",)])
    assert (found.record, found.published, found.recomputed) == ("q", "[['x']]", '[["y"]]')
