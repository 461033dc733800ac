"""The page on bad input names a test for each row, and the tests are there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "bad-input.md").read_text("utf-8")
ROWS = [
    [cell.strip() for cell in line.strip("|").split(" | ")]
    for line in PAGE.splitlines()
    if line.startswith("| ") and not line.startswith(("| what is wrong", "| ---"))
]


def test_the_page_has_rows_of_four_cells() -> None:
    assert len(ROWS) > 30
    assert {len(row) for row in ROWS} == {4}


@pytest.mark.parametrize("row", ROWS, ids=[row[-1].rpartition("::")[2].strip("`") for row in ROWS])
def test_its_test_is_there(row: list[str]) -> None:
    named = re.fullmatch(r"`(tests/\S+)::(test_\w+)`", row[-1])
    assert named is not None, row[-1]
    assert f"def {named[2]}(" in (ROOT / named[1]).read_text("utf-8")
