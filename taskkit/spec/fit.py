"""What a value must look like to have the type of an answer."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Sequence
from datetime import date

from pydantic import JsonValue

from taskkit.spec.answer import (
    AnswerSpec,
    BooleanAnswer,
    CodeAnswer,
    CollectionAnswer,
    DateAnswer,
    FileAnswer,
    IntegerAnswer,
    NoAnswer,
    NumberAnswer,
    ObjectAnswer,
    ScalarAnswer,
    StringAnswer,
    TableAnswer,
)

Cell = str | int | float | bool | None
"""A normal value: texts in Unicode NFC without outer blanks, dates cut to what counts."""

DATE = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)(?:[ T]([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d)(?:\.\d+)?)?)?", re.ASCII
)
NORMAL_LENGTH = {"day": 10, "minute": 16, "second": 19}


class MisfitError(ValueError):
    """A value that does not have the type asked for; the message says why."""


def fits(answer: AnswerSpec, expected: JsonValue) -> str | None:
    """Say why ``expected`` does not have the type of ``answer``; None where it does."""
    try:
        normal(answer, expected)
    except MisfitError as error:
        return str(error)
    return None


def normal(
    answer: AnswerSpec, value: JsonValue
) -> Cell | list[Cell] | list[list[Cell]] | dict[str, object]:
    """Give the normal form of an answer: what may differ without meaning is made equal.

    Raises:
        MisfitError: the value does not have the type.
    """
    if isinstance(answer, CollectionAnswer):
        return items(answer, sequence(value, f"a {answer.kind}"))
    if isinstance(answer, TableAnswer):
        return [row(answer, item, number) for number, item in enumerate(sequence(value, "a table"))]
    if isinstance(answer, ObjectAnswer):
        return members(answer, value)
    if isinstance(answer, CodeAnswer):
        if isinstance(value, str):
            return value
        raise MisfitError(f"{kind_of(value)}, need the source as a text")
    if isinstance(answer, FileAnswer | NoAnswer):
        raise MisfitError(f"an answer of kind {answer.kind!r} has no value to compare")
    return scalar(answer, value)


def members(answer: ObjectAnswer, value: JsonValue) -> dict[str, object]:
    """Give the normal form of the values of an object, in the order of its type."""
    if not isinstance(value, dict):
        raise MisfitError(f"{kind_of(value)}, need an object of named values")
    names = [member.name for member in answer.members]
    for what, found in (
        ("missing", [name for name in names if name not in value]),
        ("not asked for", [name for name in value if name not in names]),
    ):
        if found:
            raise MisfitError(f"{what}: {', '.join(map(repr, found))[:200]}")
    made: dict[str, object] = {}
    for member in answer.members:
        given = value[member.name]
        try:
            missing = given is None and member.nullable
            made[member.name] = None if missing else normal(member.type, given)
        except MisfitError as error:
            raise MisfitError(f"{member.name!r}: {error}") from None
    return made


def sequence(value: JsonValue, what: str) -> list[JsonValue]:
    """Give back a JSON list, or raise MisfitError."""
    if not isinstance(value, list):
        raise MisfitError(f"{kind_of(value)}, need {what} as a JSON list")
    return value


def items(collection: CollectionAnswer, values: list[JsonValue]) -> list[Cell]:
    """Give the normal form of the values of a collection."""
    made: list[Cell] = []
    try:
        for value in values:
            made.append(cell(collection.item, value, nullable=collection.nullable))
    except MisfitError as error:
        raise MisfitError(f"item {len(made) + 1}: {error}") from None
    return made


def row(table: TableAnswer, value: JsonValue, number: int) -> list[Cell]:
    """Give the normal form of one row; ``number`` counts from 0."""
    where = f"row {number + 1}"
    cells = sequence(value, f"{where} of the table")
    if table.columns is not None and len(cells) != len(table.columns):
        raise MisfitError(f"{where}: {len(cells)} values, need {len(table.columns)}")
    made: list[Cell] = []
    try:
        if table.columns is None:
            made.extend(map(untyped, cells))
        else:
            for column, item in zip(table.columns, cells, strict=True):
                made.append(cell(column.type, item, nullable=column.nullable))
    except MisfitError as error:
        at = len(made)
        name = repr(table.columns[at].name) if table.columns is not None else at + 1
        raise MisfitError(f"{where}, column {name}: {error}") from None
    return made


def cell(kind: ScalarAnswer, value: JsonValue, *, nullable: bool) -> Cell:
    """Give the normal form of one value of a list or table."""
    return None if value is None and nullable else scalar(kind, value)


def untyped(value: JsonValue) -> Cell:
    """Give the normal form of a cell whose type follows from its value."""
    if isinstance(value, str):
        return text(value)
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return number(value)
    raise MisfitError(f"{kind_of(value)}, need a single value")


def scalar(kind: ScalarAnswer, value: JsonValue) -> str | int | float | bool:
    """Give the normal form of a single value."""
    if isinstance(kind, IntegerAnswer):
        return integer(value)
    if isinstance(kind, NumberAnswer):
        return number(value)
    if isinstance(kind, BooleanAnswer):
        if isinstance(value, bool):
            return value
        raise MisfitError(f"{kind_of(value)}, need true or false")
    if not isinstance(value, str):
        need = "a text" if isinstance(kind, StringAnswer) else "a date as text"
        raise MisfitError(f"{kind_of(value)}, need {need}")
    return text(value) if isinstance(kind, StringAnswer) else moment(kind, value)


def integer(value: JsonValue) -> int:
    """Give a whole number; 5.0 is one, since SQL and JSON writers make it of 5."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise MisfitError(f"{kind_of(value)}, need a whole number")


def number(value: JsonValue) -> int | float:
    """Give a finite number; a boolean is none."""
    if isinstance(value, float):
        return finite(value)
    if isinstance(value, int) and not isinstance(value, bool):
        try:
            float(value)
        except OverflowError:
            raise MisfitError("a number out of range") from None
        return value
    raise MisfitError(f"{kind_of(value)}, need a number")


def finite(value: float) -> float:
    """Give back a finite number, or raise MisfitError."""
    if not math.isfinite(value):
        raise MisfitError(f"{value}, need a finite number")
    return value


def text(value: str) -> str:
    """Give a text in Unicode NFC without outer blanks; case and inner blanks count."""
    stripped = value.strip()
    return stripped if stripped.isascii() else unicodedata.normalize("NFC", stripped)


def moment(kind: DateAnswer, value: str) -> str:
    """Give a date cut to the precision that counts, with a blank before the time.

    A time that does not count may be there; one that counts may not be missing.
    """
    match = DATE.fullmatch(value.strip())
    if match is None:
        raise MisfitError(f"the text {value[:40]!r}, need a date as YYYY-MM-DD[ HH:MM:SS]")
    year, month, day, _, minute, second = match.groups()
    try:
        date(int(year), int(month), int(day))
    except ValueError as error:
        raise MisfitError(f"the text {match[0]!r}, need a day of the calendar: {error}") from None
    if kind.precision != "day" and (second if kind.precision == "second" else minute) is None:
        raise MisfitError(f"the date {match[0]!r}, need its time to the {kind.precision}")
    return match[0].replace("T", " ")[: NORMAL_LENGTH[kind.precision]]


def kind_of(value: object) -> str:
    """Name the JSON type of a value, with the value where it is short."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return f"the boolean {str(value).lower()}"
    if isinstance(value, int | float):
        return f"the number {value:.15g}" if isinstance(value, float) else "a number"
    if isinstance(value, str):
        return f"the text {value[:40]!r}"
    return f"a list of {len(value)}" if isinstance(value, Sequence) else "an object"
