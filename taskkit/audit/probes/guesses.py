"""Answers by rule: a fixed value, or a piece of the prompt given back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import ClassVar

from pydantic import JsonValue

from taskkit.audit.finding import ExploitCode
from taskkit.audit.probe import Attempt, Guess, Pace, Subject
from taskkit.oracles.judge import judge_of
from taskkit.spec.answer import (
    AnswerSpec,
    BooleanAnswer,
    CollectionAnswer,
    DateAnswer,
    IntegerAnswer,
    NumberAnswer,
    StringAnswer,
    TableAnswer,
)

NUMBERS: tuple[int | float, ...] = (
    0,
    1,
    2,
    3,
    4,
    5,
    6,
    7,
    8,
    9,
    10,
    12,
    20,
    24,
    30,
    50,
    100,
    -1,
    0.5,
)
TEXTS = ("yes", "no", "True", "False", "None", "null", "unknown", "0", "1", "m", "f", "emergency")
TRUTHS = (True, False)
DATES = ("2100-01-01 00:00:00", "2100-12-31 23:59:00", "2105-12-31 23:59:00", "2105-12-31 00:00:00")
CONSTANTS: tuple[JsonValue, ...] = (*NUMBERS, *TEXTS, *TRUTHS, *DATES)
"""The published list of answers that cost nothing."""
POSITIONS = (0, 1, 2, -1)  # which of the pieces of one kind is given back
PIECES: dict[str, re.Pattern[str]] = {
    "number": re.compile(r"(?<![\w.-])-?\d+(?:\.\d+)?(?![\w-]|\.\d)"),
    "date": re.compile(r"\d{4}-\d\d-\d\d(?: \d\d:\d\d(?::\d\d)?)?"),
    "quoted": re.compile(r'"([^"]{2,80})"'),
    "word": re.compile(r"\b[A-Za-z][\w-]{2,}\b"),
}


class RuleProbe:
    """Gives what the oracle's kind knows that a guesser would."""

    name: ClassVar[str] = "rule"
    code: ClassVar[ExploitCode] = "passes_among_others"
    pace: ClassVar[Pace] = "every"

    def attempts(self, subject: Subject) -> Iterator[Attempt]:
        """Give the guesses of the kind."""
        for rule, document in judge_of(subject.spec).guesses(subject.spec):
            yield Guess(rule, document=document)


class ConstantProbe:
    """Gives the same answer to every task, whatever is asked."""

    name: ClassVar[str] = "constant"
    code: ClassVar[ExploitCode] = "passes_among_others"
    pace: ClassVar[Pace] = "every"

    def attempts(self, subject: Subject) -> Iterator[Attempt]:
        """Give every constant in the shape that the task asks for."""
        for constant in CONSTANTS:
            value = shaped(subject.spec.answer, constant)
            if value is not None:
                yield Guess(f"always {constant!r}", value)
        if subject.spec.abstention:
            yield Guess("always abstain", {"abstain": True})


class EchoProbe:
    """Gives a number, date, quoted text or word of the instruction back."""

    name: ClassVar[str] = "echo"
    code: ClassVar[ExploitCode] = "passes_among_others"
    pace: ClassVar[Pace] = "every"

    def attempts(self, subject: Subject) -> Iterator[Attempt]:
        """Give the first, second, third and last piece of every kind."""
        for kind, pattern in PIECES.items():
            found = pattern.findall(subject.spec.instruction)
            for position in POSITIONS:
                if -len(found) <= position < len(found) and (position >= 0 or len(found) > 1):
                    piece = number(found[position]) if kind == "number" else found[position]
                    value = shaped(subject.spec.answer, piece)
                    if value is not None:
                        name = "last" if position < 0 else str(position + 1)
                        yield Guess(f"echo {kind} {name}", value)


def number(text: str) -> int | float:
    """Read a number of the prompt."""
    return float(text) if "." in text else int(text)


def shaped(answer: AnswerSpec, value: JsonValue) -> JsonValue:
    """Put a value into the shape of an answer; None where it cannot be one.

    A table gets one row with the value wherever its type fits and the commonest value of the type
    elsewhere.
    """
    if isinstance(answer, CollectionAnswer):
        return [value] if fits(answer.item, value) else None
    if isinstance(answer, TableAnswer):
        columns = answer.columns or ()
        if not any(fits(column.type, value) for column in columns):
            return None
        return [[value if fits(c.type, value) else commonest(c.type) for c in columns]]
    return value if fits(answer, value) else None


def fits(kind: AnswerSpec, value: JsonValue) -> bool:
    """Whether a value has the type of a scalar answer."""
    if isinstance(kind, BooleanAnswer):
        return isinstance(value, bool)
    if isinstance(kind, IntegerAnswer):
        return isinstance(value, int) and not isinstance(value, bool)
    if isinstance(kind, NumberAnswer):
        return isinstance(value, int | float) and not isinstance(value, bool)
    if isinstance(kind, DateAnswer):
        return isinstance(value, str) and value[:1].isdigit() and value[4:5] == "-"
    return isinstance(kind, StringAnswer) and isinstance(value, str)


def commonest(kind: AnswerSpec) -> JsonValue:
    """Give what a guesser puts where the value does not fit."""
    if isinstance(kind, BooleanAnswer):
        return True
    if isinstance(kind, IntegerAnswer | NumberAnswer):
        return 1
    return DATES[0] if isinstance(kind, DateAnswer) else "yes"
