"""Keep the questions whose data tell mistakes in answering them from the right query."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias, cast

from pydantic import JsonValue

from taskkit.audit.mutant import Key, Mutant
from taskkit.oracles.document import MalformedError
from taskkit.oracles.exact import compare
from taskkit.oracles.rows import from_rows
from taskkit.spec.fit import MisfitError
from taskkit.spec.oracle import ExactOracle
from taskkit.sql.mutants.family import split
from taskkit.sql.mutants.sql import UnparsableError
from taskkit.sql.mutants.trial import LEAST, Trials, most_rows
from taskkit.sql.questions.question import Next, Question
from taskkit.sqlite import BudgetError, TooManyRowsError

SURE = 5  # questions that all tell a mutant of a kind that is certain: the others are not asked
LIKELY = 2  # so many of another kind, which is tried on every question that is kept
HOPELESS = 10  # questions of which none tells a mutant: other data are asked
CERTAIN = ("predicate_dropped", "predicate_negated")  # told by nearly all; they cost most
PAIRING = "join"  # tells of rows without a partner; if the pilot meets none, others hardly do
PASSING = 0.125  # more of the pilot must pass than this; else a mistake or two are let through
MAX_STEPS = 200_000  # SQLite instructions of a mutant, about 0.01 s; more than most references
COSTLY = 400_000  # instructions spent on a mutant that came out alike each time: enough is known

Turn: TypeAlias = Question | Next
Name: TypeAlias = tuple[int, str, str]
"""Turn of a dialogue, kind of a mutation, and what it touches."""
Differs: TypeAlias = Callable[[Question, int, Key], bool]
"""Says whether a mutant of a question's turn answers otherwise on other data."""


@dataclass
class _Ledger:
    """What a pilot has shown of each mutant so far."""

    told: Counter[Name] = field(default_factory=Counter)
    missed: Counter[Name] = field(default_factory=Counter)
    spent: Counter[Name] = field(default_factory=Counter)
    example: dict[Name, tuple[Question, Key]] = field(default_factory=dict)
    """A question that does not tell it within its budget, and its key there."""

    def settled(self, name: Name) -> bool:
        """Whether the rest of the pilot need not be asked about a mutant."""
        told, missed = self.told[name], self.missed[name]
        if told and missed:
            return False
        enough = SURE if name[1] in CERTAIN else LIKELY
        return told >= enough or missed >= HOPELESS or self.spent[name] >= COSTLY

    def survival(self, name: Name) -> float:
        """The share of the questions asked that do not tell a mutant; those unjudged come last."""
        asked = self.missed[name] + self.told[name]
        return self.missed[name] / asked if asked else 0.0


@dataclass(frozen=True)
class _Open:
    """The mutants of one turn that are not settled, by kind and what they touch."""

    ledger: _Ledger
    turn: int

    def __contains__(self, one: object) -> bool:
        kind, about = cast(tuple[str, str], one)
        return not self.ledger.settled((self.turn, kind, about))


def unknown(question: Question, turn: int, key: Key) -> bool:
    """Know of no other data."""
    return False


@dataclass(frozen=True, slots=True)
class Known:
    """What one question of a pilot showed."""

    missed: tuple[str, ...]
    """The changes that it does not tell though others do."""
    unasked: tuple[Name, ...]
    """Mutants that can be told and were not tried on it."""


@dataclass(frozen=True)
class QuestionFilter:
    """What a template's pilot shows about its mutants."""

    telling: tuple[Name, ...] = ()
    """Mutants that some questions, or other data, tell from the reference and others may not; those
    that pass most often come first."""
    allowed: int = 0
    """How many of them a question may fail to tell."""
    known: Mapping[str, Known] = field(default_factory=dict)
    """What the pilot's questions showed, by their record."""

    @classmethod
    def of(
        cls, pilot: Sequence[Question], trials: Trials, differs: Differs = unknown
    ) -> QuestionFilter:
        """Learn from the first questions of a template.

        Args:
            pilot: They.
            trials: Their database.
            differs: Asked about mutants that none of them tells.
        """
        ledger = _Ledger()
        failures = [_survivors(question, trials, ledger) for question in pilot]
        telling = tuple(sorted(_telling(ledger, differs), key=lambda n: (-ledger.survival(n), n)))
        known = [
            Known(
                tuple(survivors[name] for name in telling if name in survivors),
                tuple(name for name in telling if name not in asked),
            )
            for asked, survivors in failures
        ]
        counts = sorted(len(one.missed) for one in known)
        allowed = counts[int(PASSING * len(counts))] if counts else 0
        records = (question.record for question in pilot)
        return cls(telling, allowed, dict(zip(records, known, strict=True)))

    def passes(self, question: Question, *, strict: bool) -> bool:
        """Whether a question of the pilot may be asked, by what it showed."""
        return len(self.known[question.record].missed) <= (0 if strict else self.allowed)

    def missed(self, question: Question, trials: Trials, *, strict: bool = False) -> list[str]:
        """Give the changes that a question does not tell from its query, if they are too many.

        Args:
            question: The question.
            trials: Its database.
            strict: Not one of the mutants that can be told may pass.
        """
        allowed = 0 if strict else self.allowed
        known = self.known.get(question.record) or Known((), self.telling)
        found = list(known.missed)
        if len(found) > allowed:
            return found
        for what in _missed(question, known.unasked, trials):
            found.append(what)
            if len(found) > allowed:
                return found
        return []


@dataclass(frozen=True, slots=True)
class Tried:
    """What a mutant came to on a question's own data."""

    earns: bool
    """It gives the question's answer."""
    steps: int
    """SQLite instructions used, rounded up."""
    judged: bool = True
    """It ended within its budget."""


def _telling(ledger: _Ledger, differs: Differs) -> Iterator[Name]:
    """Give the mutants that can be told, and that not every question is sure to tell."""
    for name, told in ledger.told.items():
        if told and (ledger.missed[name] or name[1] not in CERTAIN):
            yield name
    for name, (question, key) in ledger.example.items():
        if ledger.told[name] or name[1] == PAIRING:
            continue
        costly = not ledger.missed[name] and name[1] in CERTAIN
        if not costly and differs(question, name[0], key):
            yield name


def _missed(question: Question, names: Sequence[Name], trials: Trials) -> Iterator[str]:
    """Give the changes of those of some mutants that earn a question's reward.

    They may use what the audit allows any.
    """
    turns: tuple[Turn, ...] = (question, *question.follow_ups)
    for number, *name in names:
        turn = turns[number]
        if turn.sql is None:
            continue
        family, values = split(turn.sql)
        key = family.names.get((name[0], name[1]))
        mutant = family.mutant(key, values, trials.neighbour) if key else None
        if mutant and tried(turn, mutant, trials, max_steps=LEAST).earns:
            yield f"{mutant.kind}: {mutant.change}"


def _survivors(
    question: Question, trials: Trials, ledger: _Ledger
) -> tuple[set[Name], dict[Name, str]]:
    """Try the mutants that are not settled; give those judged, and the changes that earn."""
    asked: set[Name] = set()
    survivors: dict[Name, str] = {}
    for number, turn, mutant in every(question, trials, lambda turn: _Open(ledger, turn)):
        name, result = (number, mutant.kind, mutant.about), tried(turn, mutant, trials)
        ledger.spent[name] += result.steps if result.judged else COSTLY
        if result.judged:
            asked.add(name)
        if result.earns:
            survivors[name] = f"{mutant.kind}: {mutant.change}"
            ledger.missed[name] += 1
        elif result.judged:
            ledger.told[name] += 1
        if result.earns or not result.judged:
            ledger.example.setdefault(name, (question, mutant.key))
    return asked, survivors


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


def tried(turn: Turn, mutant: Mutant, trials: Trials, *, max_steps: int | None = None) -> Tried:
    """Run a mutant on the question's own data, within `MAX_STEPS` or other instructions."""
    oracle = ExactOracle(kind="exact", expected=turn.expected, tolerance=turn.tolerance)
    budget = steps = MAX_STEPS if max_steps is None else max_steps
    try:
        columns, rows, steps = trials.rows(
            mutant.code,
            mutant.values,
            max_steps=budget,
            most=most_rows(turn.answer, turn.expected),
        )
        document = cast(JsonValue, {"columns": columns, "rows": rows})
        value = from_rows(turn.answer, document, booleans=True)
        return Tried(compare(turn.answer, oracle, value).code == "right", steps)
    except TooManyRowsError as error:
        return Tried(earns=False, steps=error.steps)
    except BudgetError:
        return Tried(earns=False, steps=steps, judged=False)
    except (sqlite3.Error, MalformedError, MisfitError):
        return Tried(earns=False, steps=steps)
