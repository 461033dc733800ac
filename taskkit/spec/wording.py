"""The sentence that tells an agent what form its answer takes."""

from __future__ import annotations

import json
from collections.abc import Sequence

from taskkit.spec.answer import (
    AnswerSpec,
    BooleanAnswer,
    CodeAnswer,
    CollectionAnswer,
    Column,
    DateAnswer,
    FileAnswer,
    IntegerAnswer,
    NoAnswer,
    NumberAnswer,
    ObjectAnswer,
    ScalarAnswer,
    TableAnswer,
)

SPOKEN = {"a": "years", "mo": "months", "wk": "weeks", "d": "days", "h": "hours", "min": "minutes"}
"""UCUM codes of time, which a reader would take for words."""
DATE_FORMS = {
    "day": "YYYY-MM-DD",
    "minute": "YYYY-MM-DD HH:MM",
    "second": "YYYY-MM-DD HH:MM:SS",
}


def describe(answer: AnswerSpec) -> str:
    """Say in plain words what an answer must be; all that the oracle minds is said."""
    if isinstance(answer, CollectionAnswer):
        return describe_collection(answer)
    if isinstance(answer, TableAnswer):
        return describe_table(answer)
    if isinstance(answer, ObjectAnswer):
        return describe_object(answer)
    if isinstance(answer, CodeAnswer):
        what = f"that defines {answer.function}" if answer.function else "of a whole program"
        return f"Answer with one text: Python source {what}."
    if isinstance(answer, FileAnswer):
        return f"Leave your answer in the file /workspace/{answer.path}."
    if isinstance(answer, NoAnswer):
        return "No answer is asked for: what you do is judged."
    if isinstance(answer, BooleanAnswer):
        return "Answer with true or false."
    if isinstance(answer, NumberAnswer) and answer.units:
        return f"Answer with one {noun(answer)}{details(answer)}, {otherwise(answer)}."
    return f"Answer with one {noun(answer)}{details(answer)}."


def describe_object(answer: ObjectAnswer) -> str:
    """Describe named values, a line each."""
    lines = ["Answer with one object of these values:"]
    for member in answer.members:
        kind, null = member.type, ", or null" * member.nullable
        if isinstance(kind, CollectionAnswer | TableAnswer):
            what = describe(kind).removeprefix("Answer with ").rstrip(".")
        else:
            what = f"{noun(kind)}{details(kind)}"
        lines.append(f"- {member.name}: {what}{null}")
    return "\n".join(lines)


def describe_collection(answer: CollectionAnswer) -> str:
    """Describe a list, set or multiset."""
    rules = {
        "list": "the order counts",
        "multiset": "the order does not matter, repeats count",
        "set": "the order does not matter, repeats do not count",
    }
    null = "; null stands for a missing value" if answer.nullable else ""
    what = f"{nouns(answer.item)}{details(answer.item)}"
    return f"Answer with a list of {what}; {rules[answer.kind]}{null}."


def describe_table(answer: TableAnswer) -> str:
    """Describe a table."""
    order = "the order of the rows counts" if answer.ordered else "the rows may be in any order"
    repeats = "repeated rows do not count" if answer.distinct else "repeated rows count"
    if answer.columns is None:
        return (
            "Answer with a list of rows, each a list of the values asked for, in the order asked; "
            f"{order}, {repeats}, null stands for a missing value."
        )
    if not answer.columns:
        return f"Answer with a list of empty rows; {order}."
    width = len(answer.columns)
    return (
        f"Answer with a list of rows, each a list of {width} value{'s' * (width != 1)}: "
        f"{listed(answer.columns)}; {order}, {repeats}."
    )


def listed(columns: Sequence[Column]) -> str:
    """List the columns with their types."""
    parts = [
        f"{column.name} ({noun(column.type)}{details(column.type)}{', or null' * column.nullable})"
        for column in columns
    ]
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def noun(kind: ScalarAnswer) -> str:
    """Name one value of a type."""
    if isinstance(kind, IntegerAnswer):
        return "whole number"
    if isinstance(kind, DateAnswer):
        return "date" if kind.precision == "day" else "date with time"
    return {"number": "number", "string": "text", "boolean": "true or false"}[kind.kind]


def nouns(kind: ScalarAnswer) -> str:
    """Name several values of a type."""
    if isinstance(kind, DateAnswer):
        return "dates" if kind.precision == "day" else "dates with time"
    if isinstance(kind, BooleanAnswer):
        return "true and false"
    return f"{noun(kind)}s"


def otherwise(answer: NumberAnswer) -> str:
    """Say which other units are accepted, and how a value in one is written."""
    first, *rest = (json.dumps(unit, ensure_ascii=False) for unit in answer.units)
    form = f'{{"value": number, "unit": {first}}}'
    several = f" (or {', '.join(rest)})" if rest else ""
    return f"or as precisely in another unit, as {form}{several}"


def details(kind: ScalarAnswer) -> str:
    """Say the unit and decimals of a number, or the form of a date."""
    if isinstance(kind, DateAnswer):
        return f" as {' or '.join((DATE_FORMS[kind.precision], *kind.also))}"
    if not isinstance(kind, NumberAnswer):
        return ""
    unit = f" in {SPOKEN.get(kind.unit, kind.unit)}" if kind.unit else ""
    if kind.decimals is None:
        return unit
    return f"{unit} rounded to {kind.decimals} decimal{'s' * (kind.decimals != 1)}"
