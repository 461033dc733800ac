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
    CollectionAnswer,
    DateAnswer,
    FileAnswer,
    IntegerAnswer,
    NoAnswer,
    NumberAnswer,
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


def normal(answer: AnswerSpec, value: JsonValue) -> Cell | list[Cell] | list[list[Cell]]:
    """Give the normal form of an answer: what may differ without meaning is made equal.

    Raises:
        MisfitError: the value does not have the type.
    """
    if isinstance(answer, CollectionAnswer):
        return [
            cell(answer.item, item, f"item {number}", nullable=answer.nullable)
            for number, item in enumerate(sequence(value, f"a {answer.kind}"), 1)
        ]
    if isinstance(answer, TableAnswer):
        rows = sequence(value, "a table")
        return [row(answer, item, f"row {number}") for number, item in enumerate(rows, 1)]
    if isinstance(answer, FileAnswer | NoAnswer):
        raise MisfitError(f"an answer of kind {answer.kind!r} has no value to compare")
    return scalar(answer, value)


def sequence(value: JsonValue, what: str) -> list[JsonValue]:
    """Give back a JSON list, or raise MisfitError."""
    if not isinstance(value, list):
        raise MisfitError(f"{kind_of(value)}, need {what} as a JSON list")
    return value


def row(table: TableAnswer, value: JsonValue, where: str) -> list[Cell]:
    """Give the normal form of one row."""
    cells = sequence(value, f"{where} of the table")
    if table.columns is None:
        return [untyped(item, f"{where}, column {number}") for number, item in enumerate(cells, 1)]
    if len(cells) != len(table.columns):
        raise MisfitError(f"{where}: {len(cells)} values, need {len(table.columns)}")
    return [
        cell(column.type, item, f"{where}, column {column.name!r}", nullable=column.nullable)
        for column, item in zip(table.columns, cells, strict=True)
    ]


def cell(kind: ScalarAnswer, value: JsonValue, where: str, *, nullable: bool) -> Cell:
    """Give the normal form of one value of a list or table."""
    if value is None and nullable:
        return None
    try:
        return scalar(kind, value)
    except MisfitError as error:
        raise MisfitError(f"{where}: {error}") from None


def untyped(value: JsonValue, where: str) -> Cell:
    """Give the normal form of a cell whose type follows from its value."""
    if isinstance(value, str):
        return text(value)
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return number(value)
    raise MisfitError(f"{where}: {kind_of(value)}, need a single value")


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
