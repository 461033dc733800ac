"""A mutant of a program changes one place of what is computed, and no value of the task."""

from __future__ import annotations

import ast
from collections import Counter

import pytest

from taskkit.audit.python_mutants import mutants, part
from taskkit.build.domain import domain, shipped
from taskkit.build.variants import fresh
from taskkit.calculation.calculators.catalogue import ENTRIES
from taskkit.notes.calculation.lexicon import lexicon
from tests.play.hospital import task

CODE = """# The values of the note.
from datetime import date
age = 70
weight = 150 * 0.45359237
sex = 'male'
day = date(2024, 5, 1)

factors = {'codeine': 0.15}
points = 2 if age >= 75 else 1
if sex == 'female' and not age < 65:
    points += 1
answer = round(points * max(weight, 50.0) / 72, 1)
"""


def changes(code: str) -> set[tuple[str, str]]:
    return {(one.kind, one.change.partition(": ")[2]) for one, _ in mutants(part(code))}


def test_the_values_of_a_task_are_its_head() -> None:
    parted = part(CODE)
    assert parted.head.endswith("day = date(2024, 5, 1)\n\n")
    assert parted.body.startswith("factors")
    assert parted.code == CODE


@pytest.mark.parametrize(
    "change",
    [
        ("constant", "0.15 -> 0.165"),
        ("constant", "75 -> 83"),
        ("constant", "1 -> 2"),
        ("constant", "50.0 -> 55.0"),
        ("constant", "'female' -> 'female?'"),
        ("constant", "0.45359237 -> 0.498951607"),
        ("bound", "GtE -> Gt"),
        ("bound", "Lt -> LtE"),
        ("operator", "Eq -> NotEq"),
        ("operator", "And -> Or"),
        ("operator", "not age < 65 -> age < 65"),
        ("operator", "Add -> Sub"),
        ("operator", "Div -> Mult"),
        ("operator", "max -> min"),
        ("branch", "age >= 75 -> not age >= 75"),
    ],
    ids=lambda change: change[1],
)
def test_each_kind_of_mistake_is_made(change: tuple[str, str]) -> None:
    assert change in changes(CODE)


def test_values_and_decimals_stay() -> None:
    shown = {change for _, change in changes(CODE)}
    assert not any(change.startswith(("70 ", "150 ", "'male'", "2024 ")) for change in shown)
    assert sum(change.startswith("1 -> ") for change in shown) == 1


def test_a_mutant_differs_in_one_place_and_has_a_key_of_its_own() -> None:
    parted = part(CODE)
    made = list(mutants(parted))
    keys = Counter(one.key for one, _ in made)
    assert set(keys.values()) == {1}
    plain = ast.unparse(ast.parse(CODE))
    texts = [ast.unparse(ast.parse(parts.code)) for _, parts in made]
    assert plain not in texts
    for text in texts:
        pairs = zip(plain.splitlines(), text.splitlines(), strict=True)
        assert sum(one != other for one, other in pairs) == 1


def test_no_python_is_refused() -> None:
    with pytest.raises(SyntaxError):
        part("answer = (")


@pytest.mark.parametrize("calculator", ENTRIES, ids=lambda one: one.name)
def test_every_calculator_has_mutants_and_other_patients(calculator: object) -> None:
    name = calculator.name  # type: ignore[attr-defined]
    spec = task("0" * 64, domain="medcalc", category=name)
    codes = [code for code, _ in zip(fresh(spec), range(6), strict=False)]
    body = lexicon(shipped() / "medcalc").programs[name]
    assert len(set(codes)) == 6
    assert all(code.endswith(body) for code in codes)
    assert len(list(mutants(part(codes[0])))) >= 2


def test_a_domain_that_is_not_there_has_no_variants() -> None:
    assert list(fresh(task("0" * 64, domain="nowhere"))) == []
    assert list(fresh(task("0" * 64, domain="medcalc", category="no-such"))) == []
    assert domain("mimic").builder() is not None
    assert list(fresh(task("0" * 64, domain="mimic"))) == []
