"""What is left of a program does the same, and holds nothing that its design never meets."""

from __future__ import annotations

import ast
from random import Random
from typing import Any

import pytest

pytest.importorskip("scipy")

from taskkit.build.domain import shipped
from taskkit.calculation.studies.families import ALPHAS, FAMILIES, Numbers
from taskkit.calculation.studies.partial_evaluation import folded
from taskkit.calculation.studies.program import POWER_TAIL, SIZE_AND_POWER_TAIL, program
from taskkit.calculation.studies.study import wordings

TEXTS = wordings(shipped() / "npower")
SIZES = (17, 58)


def drawn(name: str, chance: Random) -> Numbers:
    family = FAMILIES[name]
    plan = {key: value for key, value in family.draw(chance).items() if key not in family.hidden}
    plan["alpha"] = chance.choice(ALPHAS)
    return plan | ({"sides": chance.choice((1, 2))} if family.sided else {})


def answered(code: str, values: Numbers) -> Any:
    scope: dict[str, Any] = dict(values)
    exec(compile(code, "program", "exec"), scope)  # noqa: S102 shipped with taskkit
    return scope["answer"]


@pytest.mark.parametrize("name", list(FAMILIES))
def test_a_program_for_one_design_gives_what_the_family_gives(name: str) -> None:
    general = f"from scipy import stats\n{TEXTS[name].program}\n{POWER_TAIL}"
    chance = Random(name)
    for _ in range(30):
        plan = drawn(name, chance)
        for n in SIZES:
            special = program({**plan, "n": n}, TEXTS[name].program, POWER_TAIL, 2)
            assert answered(special, {}) == answered(general, {**plan, "n": n})


@pytest.mark.parametrize("name", list(FAMILIES))
def test_a_program_searches_what_the_family_s_would(name: str) -> None:
    tail = f"from bisect import bisect_left\n{SIZE_AND_POWER_TAIL}"
    general = f"from scipy import stats\n{TEXTS[name].program}\n{tail}"
    chance = Random(name)
    for _ in range(3):
        plan = drawn(name, chance)
        least = plan["tested"] + plan["others"] + 2 if name == "regression" else 4
        special = program({**plan, "target": 0.8}, TEXTS[name].program, SIZE_AND_POWER_TAIL, least)
        wanted = answered(general, {**plan, "target": 0.8, "smallest": least})
        assert answered(special, {}) == wanted


@pytest.mark.parametrize("name", list(FAMILIES))
def test_a_program_uses_every_value_and_import_that_it_has(name: str) -> None:
    chance = Random(name)
    for _ in range(10):
        code = program({**drawn(name, chance), "n": 9}, TEXTS[name].program, POWER_TAIL, 2)
        tree = ast.parse(code)
        names = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
        used = {node.id for node in names if isinstance(node.ctx, ast.Load)}
        given = {target.id for one in tree.body if isinstance(one, ast.Assign) for target in
                 one.targets if isinstance(target, ast.Name)} | {
            alias.name for one in tree.body if isinstance(one, ast.Import | ast.ImportFrom)
            for alias in one.names}  # fmt: skip
        assert given - {"answer"} <= used


@pytest.mark.parametrize(
    ("code", "left"),
    [
        ("x = 1 if sides == 2 else 2", "x = 1"),
        ("if sides != 2:\n    x = 1\nelse:\n    x = 2", "x = 2"),
        (
            "def f(n):\n    if sides == 2:\n        return n\n    return 1",
            "def f(n):\n    return n",
        ),
        ("x = a / sides", "x = a / 2"),
        ("x = a * ratio + b / ratio", "x = a + b"),
        ("x = math.ceil(n * k)", "x = n * k"),
        ("import math\nx = math.ceil(n * a)", "import math\nx = math.ceil(n * a)"),
        ("import math\nx = math.ceil(n * ratio)", "x = n"),
        ("x = (len(table) - 1) * (len(table[0]) - 1)", "x = 2"),
        ("x = a - 1 - b", "x = a - 1 - b"),
        ("x = rule == 'A'", "x = True"),
    ],
)
def test_what_is_known_is_worked_out(code: str, left: str) -> None:
    known = {"sides": 2, "ratio": 1, "rule": "A", "table": [[1, 2, 3], [4, 5, 6]]}
    assert folded(code, known, {"n", "k"}).strip() == left


def test_the_table_of_a_program_stays_a_value() -> None:
    code = folded("x = table[0][1]", {"table": [[1, 2]]})
    assert code == "x = table[0][1]\n"
