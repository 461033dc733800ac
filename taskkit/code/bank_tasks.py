"""Tasks of the bank: the variants of a family that differ enough, each with its calls."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from random import Random

from taskkit.build.draft import Desk
from taskkit.build.rejection import Rejection
from taskkit.code.choice import HIDDEN, Chooser, Chosen, distance
from taskkit.code.family import Family, Variant
from taskkit.code.wording import Wording, instruction
from taskkit.oracles.cases import CasesOracle
from taskkit.oracles.comparison import Comparison
from taskkit.spec.answer import CodeAnswer
from taskkit.spec.task import TaskSpec

APART = 0.08  # share of inputs on which two variants of a family must differ
MONOTONY = 0.7  # share of the hidden calls that may have one result
MARGIN = 115  # percent drawn of what is wanted: some families have few variants
FORM = "answer = '''\\\n{source}'''\n"


def drawn(
    family: Family, wording: Wording, desk: Desk, wanted: int, seed: int
) -> Iterator[TaskSpec | Rejection]:
    """Give tasks of a family, each a function that no other one of them nearly is."""
    chooser = Chooser(family)
    for variant in chosen(chooser, wanted, seed):
        chance = Random(f"{variant.name}:{seed}")
        name = chance.choice(wording.names)
        source = variant.source(name)
        calls = chooser.choose(variant, source, name, chance)
        if why := dull(calls):
            yield Rejection(variant.name, "degenerate_answer", why)
            continue
        text = instruction(variant, wording, name, calls.visible, source, chance)
        yield task(variant, name, source, calls, text, desk)


def chosen(chooser: Chooser, wanted: int, seed: int) -> list[Variant]:
    """Choose variants in an order that the seed gives, each apart from those before it."""
    family = chooser.family
    variants = list(family.variants())
    Random(f"{family.name}:{seed}").shuffle(variants)
    kept: list[Variant] = []
    for one in variants:
        if len(kept) == wanted:
            break
        outcomes = chooser.outcomes(one)
        others = (chooser.outcomes(other) for other in kept)
        if all(distance(family.compare, outcomes, other) >= APART for other in others):
            kept.append(one)
    return kept


def dull(calls: Chosen) -> str | None:
    """Say why a function is not worth asking for; None where it is."""
    if len(calls.hidden) < HIDDEN - 2:
        return f"{len(calls.hidden)} hidden calls, need {HIDDEN - 2}"
    commonest = Counter(one.expected or one.raises for one in calls.hidden).most_common(1)[0][1]
    if commonest > MONOTONY * len(calls.hidden):
        return f"{commonest} of {len(calls.hidden)} hidden calls give one result"
    return None


def task(
    variant: Variant, name: str, source: str, calls: Chosen, text: str, desk: Desk
) -> TaskSpec:
    """Make the task of a variant."""
    compare: Comparison = variant.family.compare
    oracle = CasesOracle(
        kind="cases",
        function=name,
        calls=calls.hidden,
        visible=calls.visible,
        compare=compare,
    )
    return desk.draft(
        text,
        CodeAnswer(kind="code", function=name),
        oracle,
        FORM.format(source=source.replace("\\", "\\\\")),
        category=variant.family.name.replace("_", "-"),
        record=variant.name,
        content={"record": variant.name},
    )
