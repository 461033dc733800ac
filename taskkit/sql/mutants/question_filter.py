"""Keep the questions whose data tell mistakes in answering them from the right query."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias, cast

from pydantic import JsonValue

from taskkit.audit.mutant import Mutant
from taskkit.oracles.document import MalformedError
from taskkit.oracles.exact import compare
from taskkit.oracles.rows import from_rows
from taskkit.spec.fit import MisfitError
from taskkit.spec.oracle import ExactOracle
from taskkit.sql.mutants.family import split
from taskkit.sql.mutants.sql import UnparsableError
from taskkit.sql.mutants.trial import Trials, most_rows
from taskkit.sql.questions.question import Next, Question
from taskkit.sqlite import BudgetError, TooManyRowsError

SURE = 5  # questions that all tell a mutant: the others are not asked
HOPELESS = 12  # questions of which none tells a mutant: it is taken for equivalent
PASSING = 0.125  # more of the pilot must pass than this; else a mistake or two are let through
MAX_STEPS = 500_000  # SQLite instructions of a mutant, about 0.01 s; more than most references
COSTLY = 200_000  # instructions spent on a mutant that came out alike each time: enough is known

Turn: TypeAlias = Question | Next
Name: TypeAlias = tuple[int, str, str]
"""Turn of a dialogue, kind of a mutation, and what it touches."""


@dataclass
class _Ledger:
    """What a pilot has shown of each mutant so far."""

    told: Counter[Name] = field(default_factory=Counter)
    missed: Counter[Name] = field(default_factory=Counter)
    spent: Counter[Name] = field(default_factory=Counter)

    def settled(self, name: Name) -> bool:
        """Whether the rest of the pilot need not be asked about a mutant."""
        told, missed = self.told[name], self.missed[name]
        if told and missed:
            return False
        return told >= SURE or missed >= HOPELESS or self.spent[name] >= COSTLY


@dataclass(frozen=True)
class _Open:
    """The mutants of one turn that are not settled, by kind and what they touch."""

    ledger: _Ledger
    turn: int

    def __contains__(self, one: object) -> bool:
        kind, about = cast(tuple[str, str], one)
        return not self.ledger.settled((self.turn, kind, about))


@dataclass(frozen=True)
class QuestionFilter:
    """What a template's pilot shows about its mutants."""

    telling: tuple[Name, ...] = ()
    """Mutants that some questions of the pilot tell from the reference and others do not; those
    that pass most often come first."""
    allowed: int = 0
    """How many of them a question may fail to tell."""
    known: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Of the pilot's questions by their record, the changes that each does not tell."""

    @classmethod
    def of(cls, pilot: Sequence[Question], trials: Trials) -> QuestionFilter:
        """Learn from the first questions of a template."""
        ledger = _Ledger()
        failures = [_survivors(question, trials, ledger) for question in pilot]
        missed = ledger.missed
        telling = sorted((n for n in missed if ledger.told[n]), key=lambda n: (-missed[n], n))
        found = [
            {name: what for name, what in survivors.items() if name in telling}
            for survivors in failures
        ]
        counts = sorted(map(len, found))
        allowed = counts[int(PASSING * len(counts))] if counts else 0
        known = {
            question.record: tuple(survivors.values())
            for question, survivors in zip(pilot, found, strict=True)
        }
        return cls(tuple(telling), allowed, known)

    def missed(self, question: Question, trials: Trials, *, strict: bool = False) -> list[str]:
        """Give the changes that a question does not tell from its query, if they are too many.

        Args:
            question: The question.
            trials: Its database.
            strict: Not one of the mutants that some questions tell may pass.
        """
        if not self.telling:
            return []
        allowed = 0 if strict else self.allowed
        if (known := self.known.get(question.record)) is not None:
            return list(known) if len(known) > allowed else []
        found: dict[Name, str] = {}
        by_name: dict[Name, list[tuple[Turn, Mutant]]] = {}
        for number, turn, mutant in every(question, trials, self._of_turn):
            by_name.setdefault((number, mutant.kind, mutant.about), []).append((turn, mutant))
        for name in self.telling:
            for turn, mutant in by_name.get(name, ()):
                if tried(turn, mutant, trials).earns:
                    found[name] = f"{mutant.kind}: {mutant.change}"
                    break
            if len(found) > allowed:
                return list(found.values())
        return []

    def _of_turn(self, number: int) -> set[tuple[str, str]]:
        return {name[1:] for name in self.telling if name[0] == number}


@dataclass(frozen=True, slots=True)
class Tried:
    """What a mutant came to on a question's own data."""

    earns: bool
    """It gives the question's answer."""
    steps: int
    """SQLite instructions used, rounded up."""


def _survivors(question: Question, trials: Trials, ledger: _Ledger) -> dict[Name, str]:
    """Try the mutants of a question that are not settled; give those that earn, with the change."""
    survivors: dict[Name, str] = {}
    for number, turn, mutant in every(question, trials, lambda turn: _Open(ledger, turn)):
        name, result = (number, mutant.kind, mutant.about), tried(turn, mutant, trials)
        ledger.spent[name] += result.steps
        if result.earns:
            survivors[name] = f"{mutant.kind}: {mutant.change}"
            ledger.missed[name] += 1
        else:
            ledger.told[name] += 1
    return survivors


def every(
    question: Question,
    trials: Trials,
    wanted: Callable[[int], Container[tuple[str, str]] | None] = lambda turn: None,
) -> Iterator[tuple[int, Turn, Mutant]]:
    """Give the mutants of every turn of a question, with the turn's number.

    Args:
        question: A question, with its later turns.
        trials: Its database.
        wanted: Of a turn by its number, the kinds with what they touch; None for all.
    """
    turns: tuple[Turn, ...] = (question, *question.follow_ups)
    for number, turn in enumerate(turns):
        for mutant in mutants(turn, trials, wanted(number)):
            yield number, turn, mutant


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


def tried(turn: Turn, mutant: Mutant, trials: Trials) -> Tried:
    """Run a mutant on the question's own data, within `MAX_STEPS`."""
    oracle = ExactOracle(kind="exact", expected=turn.expected, tolerance=turn.tolerance)
    steps = MAX_STEPS
    try:
        columns, rows, steps = trials.rows(
            mutant.code,
            mutant.values,
            max_steps=MAX_STEPS,
            most=most_rows(turn.answer, turn.expected),
        )
        document = cast(JsonValue, {"columns": columns, "rows": rows})
        value = from_rows(turn.answer, document, booleans=True)
        return Tried(compare(turn.answer, oracle, value).code == "right", steps)
    except TooManyRowsError as error:
        return Tried(earns=False, steps=error.steps)
    except (BudgetError, sqlite3.Error, MalformedError, MisfitError):
        return Tried(earns=False, steps=steps)
