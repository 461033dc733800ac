"""The bank has what it says: families, variants that differ, calls that tell, texts for all."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from random import Random

import pytest

from taskkit.build.draft import Desk
from taskkit.build.origin import Origin
from taskkit.code.bank_tasks import APART, chosen, drawn
from taskkit.code.choice import HIDDEN, Chooser, agree, distance, outcome
from taskkit.code.family import families, named
from taskkit.code.wording import matched, matters, wordings
from taskkit.errors import SpecError
from taskkit.oracles.cases import CasesOracle
from taskkit.spec.task import TaskSpec

FOLDER = Path(__file__).parents[2] / "domains" / "biocoder"
SOME = sorted(families())[::6]


def tasks(name: str, count: int) -> list[TaskSpec]:
    desk = Desk("biocoder", "base", Origin("test", "CC0-1.0", "open", "0" * 64))
    made = drawn(families()[name], wordings(FOLDER)[name], desk, count, 0)
    return [one for one in made if isinstance(one, TaskSpec)]


def test_there_are_sixty_families_and_more_in_ten_fields() -> None:
    assert len(families()) >= 60
    assert len(Counter(one.field for one in families().values())) >= 10


def test_every_option_has_its_text() -> None:
    matched(families(), wordings(FOLDER))


def test_a_text_without_its_option_is_named() -> None:
    texts = wordings(FOLDER)
    lacking = {name: one for name, one in families().items() if name != "translate"}
    with pytest.raises(SpecError, match=r"^family 'translate': it has no reference: need both$"):
        matched(lacking, texts)


@pytest.mark.parametrize("name", SOME)
def test_chosen_variants_differ_on_many_inputs(name: str) -> None:
    chooser = Chooser(families()[name])
    kept = [chooser.outcomes(one) for one in chosen(chooser, 6, 0)]
    compare = chooser.family.compare
    pairs = [(a, b) for at, a in enumerate(kept) for b in kept[:at]]
    assert pairs
    assert all(distance(compare, *pair) >= APART for pair in pairs)


@pytest.mark.parametrize("name", SOME)
def test_hidden_calls_tell_a_variant_from_every_neighbour_that_differs(name: str) -> None:
    [spec] = tasks(name, 1)
    variant = named(spec.provenance.record)
    assert variant is not None
    oracle = spec.oracle
    assert isinstance(oracle, CasesOracle)
    inputs = [json.loads(one.arguments) for one in oracle.calls]
    right = [outcome(variant, one) for one in inputs]
    chooser = Chooser(variant.family)
    for other in variant.neighbours():
        wrong = [outcome(other, one) for one in inputs]
        equal = all(agree(oracle.compare, a, b) for a, b in zip(right, wrong, strict=True))
        shares = distance(oracle.compare, chooser.outcomes(variant), chooser.outcomes(other))
        assert not equal or shares == 0, other.name


@pytest.mark.parametrize("name", SOME)
def test_a_task_shows_two_calls_and_hides_thirty_others(name: str) -> None:
    [spec] = tasks(name, 1)
    oracle = spec.oracle
    assert isinstance(oracle, CasesOracle)
    arguments = [one.arguments for one in (*oracle.visible, *oracle.calls)]
    assert len(oracle.visible) == 2
    assert len(oracle.calls) >= HIDDEN - 2 >= 30
    assert len(set(arguments)) == len(arguments)
    assert spec.instruction.count(f"{oracle.function}(") >= 3


def test_the_same_seed_gives_the_same_tasks() -> None:
    assert tasks("consensus", 2) == tasks("consensus", 2)


def test_calls_are_chosen_until_no_input_tells_another_mutant() -> None:
    family = families()["edit_distance"]
    variant = next(family.variants())
    made = Chooser(family).choose(variant, variant.source("f"), "f", Random(0))
    assert made.killed / made.mutants >= 0.95


def test_a_requirement_that_changes_nothing_is_not_said() -> None:
    variant = named("leaf_relation clade edges none alphabet")
    assert variant is not None
    source = variant.source("f")
    assert not matters(variant, "lengths", source, "f")
    assert all(matters(variant, one, source, "f") for one in ("report", "missing", "order"))


def test_texts_name_no_switch_and_have_no_blank_to_fill() -> None:
    for name, wording in wordings(FOLDER).items():
        said = [
            *wording.texts,
            *(text for one in wording.switches.values() for text in one.values()),
        ]
        assert not [text for text in said if re.search(r"[{}]|\bTODO\b|_[a-z]+_", text)], name
