"""The page on calculators lists what there is, and its examples run."""

from __future__ import annotations

import doctest
from pathlib import Path

import pytest

from taskkit.calculation.calculators.catalogue import ENTRIES
from taskkit.calculation.calculators.medcalc.slips import SLIPS

PAGE = Path(__file__).parents[3] / "docs" / "calculators.md"


def test_the_page_lists_every_calculator_and_slip() -> None:
    text = PAGE.read_text("utf-8")
    for entry in ENTRIES:
        assert f"| {entry.number} | `{entry.specialty}.{entry.name}` | {entry.kind} |" in text
    for slip in SLIPS:
        assert f"| `{slip.code}` | {', '.join(map(str, slip.numbers))} | {slip.text} |" in text


def test_the_examples_run() -> None:
    pytest.importorskip("scipy")
    results = doctest.testfile(str(PAGE), module_relative=False, encoding="utf-8")
    assert (results.attempted, results.failed) == (9, 0)
