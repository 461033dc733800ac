"""The page of attacks lists every attack that is tried, and claims what the suite tests."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from taskkit.sandbox import dialling
from taskkit.sandbox.attacks import Attack
from taskkit.sandbox.conformance import ALL

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "attacks.md").read_text("utf-8")
EVERY = (*ALL, *dialling.DIALLING)


def rows(start: str) -> list[list[str]]:
    """The cells of a table of the page, by how its head starts."""
    _, _, table = TEXT.partition(f"| {start} |")
    lines = table.partition("\n\n")[0].splitlines()[2:]
    return [line.strip("| ").split(" | ") for line in lines]


def test_every_attack_is_on_the_page_once() -> None:
    listed = [row[0] for row in rows("a program that")]
    assert listed == [attack.name for attack in EVERY]


@pytest.mark.parametrize("attack", EVERY, ids=lambda attack: attack.name)
def test_the_page_claims_of_an_attack_what_is_tested(attack: Attack) -> None:
    [row] = [row for row in rows("a program that") if row[0] == attack.name]
    bare = "cgroup" if attack.counted else "held"
    assert row[1]
    assert row[2:] == [bare, bare, "held", "-" if attack.isolated else "held"]


def test_the_tests_that_the_page_names_are_there() -> None:
    named = re.findall(r"`([\w/]+\.py)::(\w+)`", TEXT)
    assert len(named) > 5
    for path, test in named:
        assert f"def {test}(" in (ROOT / path).read_text("utf-8"), test
