"""A variant's source is its family's function with the switches decided, and nothing idle left."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from random import Random
from typing import Literal

import pytest

from taskkit.code.choice import outcome
from taskkit.code.family import Family, Variant, families
from taskkit.code.pruning import pruned
from taskkit.code.specialise import specialised

SCALE = 10
UNUSED = 7


def sample(
    items: list[int],
    *,
    order: Literal["up", "down"],
    unit: Literal["one", "ten"],
) -> list[int]:
    """A family for these tests."""
    made = []
    for item in items:
        if unit == "ten" and order == "up":
            made.append(item * SCALE)
        elif unit == "ten":
            made.append(item * -SCALE)
        else:
            made.append(item)
    return sorted(made, reverse=order == "down")


def test_branches_are_decided_and_constants_come_along_where_used() -> None:
    source = specialised(sample, {"order": "down", "unit": "ten"}, "f")
    assert source == (
        "SCALE = 10\n\ndef f(items: list[int]) -> list[int]:\n    made = []\n"
        "    for item in items:\n        made.append(item * -SCALE)\n"
        "    return sorted(made, reverse=True)\n"
    )
    assert "SCALE" not in specialised(sample, {"order": "down", "unit": "one"}, "f")


def test_what_is_only_written_is_left_out() -> None:
    code = (
        "def f(x):\n    seen = []\n    total = 0\n    for one in x:\n        seen.append(one)\n"
        "        total += one\n    def g(): return g()\n    return total\n"
    )
    [function] = ast.parse(code).body
    assert isinstance(function, ast.FunctionDef)
    assert ast.unparse(pruned(function)) == (
        "def f(x):\n    total = 0\n    for one in x:\n        total += one\n    return total"
    )


@pytest.mark.parametrize("name", families())
def test_the_source_does_what_the_function_does(name: str) -> None:
    family = families()[name]
    chance = Random(name)
    inputs = [*map(list, family.edges), *(family.inputs(chance) for _ in range(25))]
    every = list(family.variants())
    for variant in {0: every[0], 1: every[-1], 2: chance.choice(every)}.values():
        scope: dict[str, object] = {}
        exec(variant.source("f"), scope)  # noqa: S102
        made = Family(scope["f"], family.inputs)  # type: ignore[arg-type]
        for one in inputs:
            assert outcome(Variant(made, {}), one) == outcome(variant, one), variant.name


def test_no_source_needs_what_an_image_has_not() -> None:
    sources = [next(one.variants()).source("f") for one in families().values()]
    code = "import sys, json\nfor one in json.load(sys.stdin): exec(one, {})\n"
    ran = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code],
        input=json.dumps(sources),
        text=True,
        capture_output=True,
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (0, "")
