"""One study to be planned: question, answer and reference, the answer computed twice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random

import yaml

from taskkit.calculation.calculation import Calculation
from taskkit.calculation.calculators.power.design import Design
from taskkit.calculation.studies.families import ALPHAS, FAMILIES, Numbers, shown
from taskkit.calculation.studies.program import (
    DIGITS,
    POWER_TAIL,
    SIZE_AND_POWER_TAIL,
    Target,
    program,
)
from taskkit.errors import SpecError, blame
from taskkit.spec.answer import AnswerSpec, CollectionAnswer, NumberAnswer
from taskkit.spec.oracle import ExactOracle, NumericOracle, Tolerance, ValueOracle

POWERS = (0.75, 0.8, 0.85, 0.9, 0.95)
HALF = 0.5 * 10.0**-DIGITS  # a unit of the last decimal
NOISE = 5e-6  # by which two ways of integrating may differ
CLEAR = 2e-5  # by which a power must miss or pass its target, so that the size is one
LARGEST = 20_000  # a size that a study may have
SIDED = {1: "one-sided", 2: "two-sided"}


class VagueError(ValueError):
    """A study whose answer turns on the last digits of the arithmetic, or is of no use."""


@dataclass(frozen=True)
class Wording:
    """How a family is asked."""

    unit: str
    texts: tuple[str, ...]
    program: str


@cache
def wordings(folder: Path) -> Mapping[str, Wording]:
    """Read the texts and programs of a domain's folder.

    Raises:
        SpecError: A file is absent or not of the form that `Wording` says.
    """
    path = folder / "families.yaml"
    with blame(SpecError, str(path)):
        document = yaml.safe_load(path.read_text("utf-8"))
        return {
            name: Wording(
                document[name]["unit"],
                tuple(document[name]["texts"]),
                (folder / "programs" / f"{name}.py").read_text("utf-8"),
            )
            for name in FAMILIES
        }


def study(name: str, target: Target, wording: Wording, chance: Random) -> Calculation:
    """Draw a study.

    Raises:
        VagueError: Its answer is too large, too near a limit, or always the same.
        DisputedError: The reference program gives another answer than the design.
        ValueError: The design refuses the numbers.
    """
    family = FAMILIES[name]
    numbers = family.draw(chance)
    plan = {key: value for key, value in numbers.items() if key not in family.hidden}
    plan["alpha"] = chance.choice(ALPHAS)
    if family.sided:
        plan["sides"] = chance.choice((1, 2, 2))
    design = family.design(**plan)
    facts = {key: shown(value) for key, value in {**numbers, **plan}.items()}
    facts["sided"] = SIDED[design.sides]
    head = chance.choice(wording.texts).format(**facts)
    wanted = chance.choice(POWERS)
    size = design.size(wanted)
    if size > LARGEST or size < 2 * design.smallest:
        raise VagueError(f"{size} {design.unit}")
    rounds = plan.get("ratio", 1) % 1 > 0  # which only an odd size shows
    if target == "size":
        if rounds and size % 2 == 0:
            raise VagueError(f"{size} {design.unit}: the second group needs no rounding")
        asked = of_size(design, wanted, size, wording.unit)
        setting: Numbers = {"target": wanted}
        tail = SIZE_AND_POWER_TAIL
    else:
        count = max(design.smallest + 1, round(size * chance.uniform(0.45, 1.15)))
        count += rounds and count % 2 == 0
        asked = of_power(design, count, wording.unit)
        setting = {"n": count}
        tail = POWER_TAIL
    question, answer, oracle = asked
    code = program({**plan, **setting}, wording.program, tail, design.smallest)
    made = Calculation(f"{head} {question}", answer, oracle, code)
    made.check()
    return made


Asked = tuple[str, AnswerSpec, ValueOracle]


def of_size(design: Design, wanted: float, size: int, unit: str) -> Asked:
    """Ask for the smallest size with a power, and for its own power, which tells small mistakes."""
    below = design.power(size - 1) if size > design.smallest else 0.0
    if design.power(size) - wanted < CLEAR or wanted - below < CLEAR:
        raise VagueError(f"the power at {size} or {size - 1} is {wanted} but for arithmetic")
    text = (
        f"What is the smallest whole number of {unit} with a power of at least "
        f"{100 * wanted:g} %? Round up, never down. Give this number, then the power with it as a "
        "proportion between 0 and 1."
    )
    oracle = ExactOracle(
        kind="exact",
        expected=[size, round(design.power(size), 9)],
        tolerance=Tolerance(absolute=HALF + NOISE, relative=0.0),
    )
    item = NumberAnswer(kind="number", decimals=DIGITS)
    return text, CollectionAnswer(kind="list", item=item), oracle


def of_power(design: Design, count: int, unit: str) -> Asked:
    """Ask for the power of a size."""
    power = design.power(count)
    if not 0.2 < power < 0.995:
        raise VagueError(f"the power is {power:.4f}")
    text = f"What is the power with {count} {unit}? Give it as a proportion between 0 and 1."
    answer = NumberAnswer(kind="number", decimals=DIGITS)
    return (
        text,
        answer,
        NumericOracle(
            kind="numeric",
            expected=round(power, 9),
            decimals=DIGITS,
            tolerance=Tolerance(absolute=NOISE, relative=0.0),
        ),
    )
