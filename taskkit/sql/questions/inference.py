"""The form of an answer, from the rows that a query gave and from its shape."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from pydantic import JsonValue

from taskkit.spec.answer import (
    AnswerSpec,
    CollectionAnswer,
    Column,
    DateAnswer,
    IntegerAnswer,
    NumberAnswer,
    ScalarAnswer,
    StringAnswer,
    TableAnswer,
)
from taskkit.sql.questions.shape import Shape

Scalar: TypeAlias = str | int | float | None
ANY_ROWS = TableAnswer(kind="table")
"""Rows of any width: the form that fits every question alike."""
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_SECOND = re.compile(r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}")


class MixedTypesError(Exception):
    """A column that holds both texts and numbers."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer and its form."""

    form: AnswerSpec
    expected: JsonValue


def infer(rows: Sequence[tuple[Scalar, ...]], shape: Shape) -> Answer:
    """Give the narrowest form that fits the rows, and the rows in that form.

    One row of one column is a scalar, unless the question asks for any number of values. Rows
    whose order does not count are sorted, so that the answer does not hang on the engine.

    Raises:
        MixedTypesError: a column of several types.
    """
    if any(len(row) != 1 for row in rows):
        return _table(rows, shape)
    values = [row[0] for row in rows]
    item = _type(values)
    if len(values) == 1 and not shape.several:
        return Answer(item, values[0])
    if not shape.ordered:
        values.sort(key=_rank)
    kind = _kind(item, shape)
    form = CollectionAnswer(kind=kind, item=item, nullable=None in values)
    return Answer(form, [*(dict.fromkeys(values) if kind == "set" else values)])


def as_rows(rows: Sequence[tuple[Scalar, ...]]) -> Answer:
    """Give the rows in the form that fits every question."""
    return Answer(ANY_ROWS, _sorted(rows))


def _kind(item: ScalarAnswer, shape: Shape) -> Literal["list", "set", "multiset"]:
    """Say whether order and repeats count: of names and times they do not, of measurements they do.

    Published queries repeat a drug for each pair of rows that a join happens to make.
    """
    if shape.ordered:
        return "list"
    names = isinstance(item, (StringAnswer, DateAnswer)) or str(shape.column).endswith("id")
    return "set" if shape.distinct or (shape.column is not None and names) else "multiset"


def _table(rows: Sequence[tuple[Scalar, ...]], shape: Shape) -> Answer:
    """Give rows of several values; those that a join repeats count once."""
    columns = tuple(
        Column(name=name, type=_type(values), nullable=None in values)
        for name, values in zip(_unique(shape.columns), zip(*rows, strict=True), strict=True)
    )
    if shape.ordered:
        form = TableAnswer(kind="table", columns=columns, ordered=True)
        return Answer(form, [list(row) for row in rows])
    form = TableAnswer(kind="table", columns=columns, distinct=shape.stored)
    return Answer(form, _sorted([*dict.fromkeys(rows)] if shape.stored else rows))


def _sorted(rows: Sequence[tuple[Scalar, ...]]) -> list[JsonValue]:
    return [list(row) for row in sorted(rows, key=lambda row: [_rank(value) for value in row])]


def _rank(value: Scalar) -> tuple[int, float, str]:
    """Order numbers before texts before nothing."""
    if value is None:
        return 2, 0.0, ""
    return (1, 0.0, value) if isinstance(value, str) else (0, value, "")


def _unique(names: Iterable[str]) -> list[str]:
    """Number the names that come again."""
    seen: list[str] = []
    for name in names:
        again = sum(other == name or other.startswith(f"{name} ") for other in seen)
        seen.append(f"{name} {again + 1}" if again else name)
    return seen


def _type(values: Iterable[Scalar]) -> ScalarAnswer:
    present = [value for value in values if value is not None]
    texts = [value for value in present if isinstance(value, str)]
    if texts and len(texts) < len(present):
        raise MixedTypesError(f"texts and numbers in one column, such as {present[:2]}")
    if texts:
        return _text_type(texts)
    whole = all(isinstance(value, int) for value in present)
    return IntegerAnswer(kind="integer") if whole else NumberAnswer(kind="number")


def _text_type(texts: list[str]) -> ScalarAnswer:
    if all(map(_SECOND.fullmatch, texts)):
        return DateAnswer(kind="date", precision="second")
    if all(map(_DAY.fullmatch, texts)):
        return DateAnswer(kind="date", precision="day")
    return StringAnswer(kind="string")
