"""The right value in another type or shape, and the right answer amid wrong ones."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import ClassVar

from pydantic import JsonValue

from taskkit.audit.finding import ExploitCode
from taskkit.audit.probe import Answer, Attempt, Pace, Subject
from taskkit.spec.answer import CollectionAnswer, NumberAnswer, TableAnswer, counts_repeats

OTHER = 987654321.5  # no answer holds it
SPARE = "no such answer"


class TypeProbe:
    """Submits the right value as text, in a list, in an object, or as another kind of number."""

    name: ClassVar[str] = "type"
    code: ClassVar[ExploitCode] = "passes_wrong_type"
    pace: ClassVar[Pace] = "every"

    def attempts(self, subject: Subject) -> Iterator[Attempt]:
        """Give the forms that are wrong for the task's type of answer."""
        value = subject.expected
        if value is None:
            return
        if subject.abstains:
            yield from (Answer.value("abstaining in words", text) for text in ("abstain", "true"))
            yield Answer.value("abstaining, not quite", {"abstain": 1})
            return
        yield Answer.value("in an object", {"answer": value})
        yield Answer("text that is no JSON", f"answer: {subject.text}".encode())
        if isinstance(value, list):
            yield Answer.value("the whole as text", subject.text)
            yield Answer.value("one list too deep", [value])
            yield Answer.value("cells of another type", retyped(value))
            if isinstance(subject.spec.answer, TableAnswer):
                flat = [cell for row in value for cell in (row if isinstance(row, list) else [row])]
                yield Answer.value("rows run together", flat)
            return
        yield Answer.value("in a list", [value])
        yield Answer.value("another type", retyped(value))
        rows = json.dumps({"columns": ["x", "y"], "rows": [[value, value]]})
        yield Answer("in two columns", rows.encode(), "sql")
        if isinstance(subject.spec.answer, NumberAnswer):
            yield from quantities(subject.spec.answer, value)


def quantities(answer: NumberAnswer, value: JsonValue) -> Iterator[Attempt]:
    """Give the right number with units that the task does not allow, or that make it wrong."""
    yield Answer.value("in a unit that nobody asked for", {"value": value, "unit": "no such unit"})
    yield Answer.value("with the unit in a list", [value, answer.unit])
    if not answer.units:
        yield Answer.value("with its unit", {"value": value, "unit": answer.unit})
        return
    yield Answer.value("as text with its unit", {"value": str(value), "unit": answer.unit})
    yield Answer.value("in two units", {"value": value, "unit": [answer.unit, *answer.units]})
    if value:  # nothing is nothing in every unit
        for unit in answer.units:
            yield Answer.value("the same number of another unit", {"value": value, "unit": unit})


def retyped(value: JsonValue) -> JsonValue:
    """Give a value with every number as text, every text in a list, every truth as a number."""
    if isinstance(value, list):
        return [retyped(item) for item in value]
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, int | float):
        return json.dumps(value)
    return [value] if isinstance(value, str) else {"null": True}


class AmidProbe:
    """Submits the right answer together with others."""

    name: ClassVar[str] = "amid"
    code: ClassVar[ExploitCode] = "passes_among_others"
    pace: ClassVar[Pace] = "every"

    def attempts(self, subject: Subject) -> Iterator[Attempt]:
        """Give the right answer first and last among others, and one item or row too many."""
        value, answer = subject.expected, subject.spec.answer
        if value is None:
            return
        yield Answer.value("in a sentence", f"{subject.text} or {SPARE}")
        yield Answer.value("one of two", [value, OTHER])
        yield Answer.value("the last of several", [SPARE, OTHER, None, value])
        yield Answer.value("with alternatives", {"answer": value, "or": OTHER})
        yield Answer("two documents", f"{subject.text}\n{subject.text}".encode())
        yield Answer("a column of several", rows([[OTHER], [value]]), "sql")
        if not isinstance(value, list) or not value:
            return
        if isinstance(answer, TableAnswer):
            wide = [[*row, OTHER] if isinstance(row, list) else row for row in value]
            yield Answer.value("one column too many", wide)
            if counts_repeats(answer):
                yield Answer.value("one row too many", [*value, value[-1]])
            yield Answer.value("a wrong row too many", [*value, another(value)])
        elif isinstance(answer, CollectionAnswer):
            yield Answer.value("one item too many", [*value, another(value)])
            if counts_repeats(answer):
                yield Answer.value("an item twice", [*value, value[-1]])


def another(values: list[JsonValue]) -> JsonValue:
    """Give an item of the type of the first that is none of them."""
    made = altered(values[0])
    while made in values:
        made = altered(made)
    return made


def altered(value: JsonValue) -> JsonValue:
    """Give another value, of the same type where the type has more than two."""
    if isinstance(value, list):
        return [altered(item) for item in value]
    if isinstance(value, bool) or value is None:
        return f"not {value}"
    if isinstance(value, int | float):
        return value + 1
    return f"{value} x"


def rows(cells: list[list[JsonValue]]) -> bytes:
    """Write rows as a SQL program leaves them."""
    return json.dumps({"columns": ["x"], "rows": cells}).encode()
