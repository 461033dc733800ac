"""Keep the questions whose data tell mistakes in answering them from the right query."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias, cast

from pydantic import JsonValue

from taskkit.mutants.family import split
from taskkit.mutants.mutant import Mutant
from taskkit.mutants.sql import UnparsableError
from taskkit.mutants.trial import OverBudgetError, TooManyRowsError, Trials, most_rows
from taskkit.oracles.document import MalformedError
from taskkit.oracles.exact import compare
from taskkit.oracles.rows import from_rows
from taskkit.questions.question import Next, Question
from taskkit.spec.fit import MisfitError
from taskkit.spec.oracle import ExactOracle

SURE = 5  # questions that all tell a mutant: the others are not asked
HOPELESS = 8  # questions of which none tells a mutant: it is taken for equivalent
PASSING = 0.25  # share of the pilot that must pass; else a mistake or two more are let through
MAX_STEPS = 1_000_000  # SQLite instructions of a mutant, about 0.02 s; more than most references

Turn: TypeAlias = Question | Next
Name: TypeAlias = tuple[int, str, str]
"""Turn of a dialogue, kind of a mutation, and what it touches."""


@dataclass(frozen=True)
class Sieve:
    """What a template's pilot shows about its mutants."""

    telling: tuple[Name, ...] = ()
    """Mutants that some questions of the pilot tell from the reference and others do not; those
    that pass most often come first."""
    allowed: int = 0
    """How many of them a question may fail to tell."""

    @classmethod
    def of(cls, pilot: Sequence[Question], trials: Trials) -> Sieve:
        """Learn from the first questions of a template."""
        told: Counter[Name] = Counter()
        missed: Counter[Name] = Counter()
        failures: list[set[Name]] = []
        for question in pilot:
            survivors: set[Name] = set()
            for name, turn, mutant in _all(question, trials):
                if told[name] >= SURE and not missed[name]:
                    continue
                if missed[name] >= HOPELESS and not told[name]:
                    continue
                try:
                    if earns(turn, mutant, trials):
                        survivors.add(name)
                        missed[name] += 1
                    else:
                        told[name] += 1
                except OverBudgetError:
                    told[name] += SURE  # costs too much to be asked again
            failures.append(survivors)
        telling = sorted((n for n in missed if told[n]), key=lambda n: (-missed[n], n))
        counts = sorted(len(survivors & set(telling)) for survivors in failures)
        allowed = counts[int(PASSING * len(counts))] if counts else 0
        return cls(tuple(telling), allowed)

    def untold(self, question: Question, trials: Trials) -> list[str]:
        """Give the changes that a question does not tell from its query, if they are too many."""
        if not self.telling:
            return []
        found: dict[Name, str] = {}
        by_name: dict[Name, list[tuple[Turn, Mutant]]] = {}
        for name, turn, mutant in _all(question, trials, wanted=self.telling):
            by_name.setdefault(name, []).append((turn, mutant))
        for name in self.telling:
            for turn, mutant in by_name.get(name, ()):
                if self._untold(turn, mutant, trials):
                    found[name] = f"{mutant.kind}: {mutant.change}"
                    break
            if len(found) > self.allowed:
                return list(found.values())
        return []

    @staticmethod
    def _untold(turn: Turn, mutant: Mutant, trials: Trials) -> bool:
        try:
            return earns(turn, mutant, trials)
        except OverBudgetError:
            return False


def _all(
    question: Question, trials: Trials, wanted: Sequence[Name] | None = None
) -> Iterator[tuple[Name, Turn, Mutant]]:
    """Give the mutants of every turn of a question with their names."""
    turns: tuple[Turn, ...] = (question, *question.follow_ups)
    for number, turn in enumerate(turns):
        of_turn = None if wanted is None else {name[1:] for name in wanted if name[0] == number}
        for mutant in mutants(turn, trials, of_turn):
            yield (number, mutant.kind, mutant.about), turn, mutant


def mutants(
    turn: Turn, trials: Trials, wanted: Container[tuple[str, str]] | None = None
) -> Iterator[Mutant]:
    """Give the mutants of a question's query; none where it has no query that can be parsed."""
    if turn.sql is None or wanted == set():
        return
    try:
        family, values = split(turn.sql)
    except UnparsableError:
        return
    yield from family.mutants(values, trials.neighbour, wanted=wanted)


def earns(turn: Turn, mutant: Mutant, trials: Trials) -> bool:
    """Whether a mutant gives the question's answer on its own data.

    Raises:
        OverBudgetError: it needs more than `MAX_STEPS`.
    """
    oracle = ExactOracle(kind="exact", expected=turn.expected, tolerance=turn.tolerance)
    try:
        most = most_rows(turn.answer, turn.expected)
        columns, rows, _ = trials.rows(mutant.code, mutant.values, max_steps=MAX_STEPS, most=most)
        document = cast(JsonValue, {"columns": columns, "rows": rows})
        value = from_rows(turn.answer, document, booleans=True)
        return compare(turn.answer, oracle, value).code == "right"
    except (TooManyRowsError, sqlite3.Error, MalformedError, MisfitError):
        return False
