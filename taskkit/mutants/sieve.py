"""Keep the questions whose data tell mistakes in answering them from the right query."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from taskkit.mutants.family import split
from taskkit.mutants.mutant import Mutant
from taskkit.mutants.sql import UnparsableError
from taskkit.mutants.trial import LEAST, OverBudgetError, Trials
from taskkit.oracles.document import MalformedError, parse
from taskkit.oracles.exact import compare
from taskkit.oracles.rows import from_rows
from taskkit.questions.question import Question
from taskkit.spec.fit import MisfitError
from taskkit.spec.oracle import ExactOracle

PILOT = 16  # questions of a template that show which of its mutants can be told apart
SURE = 5  # questions that all tell a mutant: the others are not asked
PASSING = 0.2  # share of the pilot that must pass; else a mistake or two more are let through

Name = tuple[str, str]
"""Kind of a mutation, and what it touches."""


@dataclass
class Sieve:
    """What a template's pilot shows about its mutants."""

    telling: list[Name] = field(default_factory=list)
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
            for mutant in mutants(question, trials):
                name = mutant.kind, mutant.about
                if told[name] >= SURE and not missed[name]:
                    continue
                if earns(question, mutant, trials):
                    survivors.add(name)
                    missed[name] += 1
                else:
                    told[name] += 1
            failures.append(survivors)
        telling = sorted((n for n in missed if told[n]), key=lambda n: (-missed[n], n))
        counts = sorted(len(survivors & set(telling)) for survivors in failures)
        allowed = counts[int(PASSING * len(counts))] if counts else 0
        return cls(telling, allowed)

    def untold(self, question: Question, trials: Trials) -> list[str]:
        """Give the changes that a question does not tell from its query, if they are too many."""
        if not self.telling:
            return []
        found: dict[Name, str] = {}
        by_name: dict[Name, list[Mutant]] = {}
        for mutant in mutants(question, trials):
            by_name.setdefault((mutant.kind, mutant.about), []).append(mutant)
        for name in self.telling:
            for mutant in by_name.get(name, ()):
                if earns(question, mutant, trials):
                    found[name] = f"{mutant.kind}: {mutant.change}"
                    break
            if len(found) > self.allowed:
                return list(found.values())
        return []


def mutants(question: Question, trials: Trials) -> Iterator[Mutant]:
    """Give the mutants of a question's query; none where it has no query that can be parsed."""
    if question.sql is None:
        return
    try:
        family, values = split(question.sql)
    except UnparsableError:
        return
    yield from family.mutants(values, trials.neighbour)


def earns(question: Question, mutant: Mutant, trials: Trials) -> bool:
    """Whether a mutant gives the question's answer on its own data."""
    oracle = ExactOracle(kind="exact", expected=question.expected, tolerance=question.tolerance)
    try:
        document = trials.run(mutant.code, mutant.values, max_steps=LEAST).document
        value = from_rows(question.answer, parse(document), booleans=True)
    except (OverBudgetError, sqlite3.Error, ValueError, MalformedError, MisfitError):
        return False
    return compare(question.answer, oracle, value).code == "right"
