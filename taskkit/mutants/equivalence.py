"""Whether a mutant could ever be told from its reference: the same question about other values."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from random import Random
from typing import Literal

from sqlglot import exp

from taskkit.mutants.mutant import Key
from taskkit.mutants.sql import Scalar, apply
from taskkit.mutants.trial import OverBudgetError, Trials
from taskkit.oracles.judge import judge
from taskkit.oracles.rows import from_rows
from taskkit.questions.reground import draws
from taskkit.questions.slot import find_slots, replace_in_tree
from taskkit.spec.fit import MisfitError, normal
from taskkit.spec.oracle import ExactOracle
from taskkit.spec.task import TaskSpec

ENOUGH = 12  # answers compared on each database before two programs count as one
TRIES = 60  # values drawn on each database; most name nothing there
MAX_STEPS = 20_000_000  # SQLite instructions of a query, about 0.4 s

Fate = Literal["equivalent", "differs", "undecided"]


@dataclass(frozen=True, slots=True)
class Comparison:
    """What comparing a mutant with its reference on other data gave."""

    fate: Fate
    """`undecided`: there were no other answers to compare."""
    compared: int
    evidence: str = ""
    """Where they differ: the query over other values, and both answers."""


class Equivalence:
    """Compares mutants with references on a task's database and its siblings."""

    def __init__(self, paths: list[Path]) -> None:
        """Compare on these databases."""
        self._all = [Trials(path) for path in paths]

    def compare(self, spec: TaskSpec, tree: exp.Query, key: Key) -> Comparison:
        """Ask reference and mutant about other patients and values; compare their answers."""
        compared = 0
        for trials in self._all:
            here = 0
            for variant in _variants(tree, spec, trials):
                found = _differ(spec, variant, key, trials)
                if found is None:
                    continue
                if found:
                    return Comparison("differs", compared + 1, found)
                here += 1
                compared += 1
                if here >= ENOUGH:
                    break
        return Comparison("equivalent" if compared else "undecided", compared)

    def close(self) -> None:
        """Close the databases."""
        for trials in self._all:
            trials.close()


def _variants(tree: exp.Query, spec: TaskSpec, trials: Trials) -> Iterator[exp.Query]:
    """Give the query as it is, and over other values that its database has."""
    yield tree
    random = Random(spec.id)  # a fixed choice
    slots = [slot for slot in find_slots(tree, spec.instruction) if slot.table in trials.tables]
    if not slots:
        return
    seen: set[str] = set()
    drawn = draws(_richest(tree), slots, trials.connection, random)
    for values in islice(drawn, TRIES):
        bound: Mapping[tuple[str, str], Scalar] = {
            slot.key: value for slot, value in values.items() if value is not None
        }
        if repr(bound) not in seen:
            seen.add(repr(bound))
            yield replace_in_tree(tree, bound)


def _richest(tree: exp.Query) -> exp.Query:
    """Give the part of a query whose conditions tell most about values that belong together.

    That is the query itself, or the common table expression with most literals.
    """
    parts: list[exp.Query] = [cte.this for cte in tree.find_all(exp.CTE)]
    return max(parts, key=lambda part: len(list(part.find_all(exp.Literal))), default=tree)


def _differ(spec: TaskSpec, tree: exp.Query, key: Key, trials: Trials) -> str | None:
    """Say how the answers differ, empty where they do not; None where there is no answer."""
    sql = tree.sql(dialect="sqlite")
    mutant = apply(tree, key, trials.neighbour)
    if mutant is None:
        return None
    try:
        right = trials.run(sql, max_steps=MAX_STEPS)
        value = from_rows(spec.answer, json.loads(right.document), booleans=True)
        normal(spec.answer, value)
    except (OverBudgetError, sqlite3.Error, MisfitError, ValueError):
        return None
    if not right.rows or value in (None, []):
        return None
    oracle = spec.oracle
    assert isinstance(oracle, ExactOracle)
    asked = spec.model_copy(update={"oracle": oracle.model_copy(update={"expected": value})})
    try:
        other = trials.run(mutant.code, max_steps=MAX_STEPS).document
    except (OverBudgetError, sqlite3.Error, ValueError) as error:
        return f"{sql}: answers, the mutant does not: {error}"
    if judge(asked, other, origin="sql").reward:
        return ""
    return f"{sql}: {right.document.decode()[:200]}, the mutant {other.decode()[:200]}"
