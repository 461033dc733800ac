"""Compare a date with the expected one, in any form that the task allows."""

from __future__ import annotations

import re

from pydantic import JsonValue

from taskkit.errors import SpecError
from taskkit.oracles.verdict import Verdict
from taskkit.spec.answer import AnswerSpec, DateAnswer
from taskkit.spec.fit import MisfitError, scalar
from taskkit.spec.oracle import DateOracle

MONTH_FIRST = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})", re.ASCII)


def compare(answer: AnswerSpec, oracle: DateOracle, actual: JsonValue) -> Verdict:
    """Judge a date.

    Raises:
        SpecError: the task asks for something else, or the expected value is no date.
    """
    if not isinstance(answer, DateAnswer):
        raise SpecError(f"oracle: date, but the answer is of kind {answer.kind!r}")
    try:
        wanted = scalar(answer, oracle.expected)
    except MisfitError as error:
        raise SpecError(f"oracle.expected: {error}") from None
    try:
        given = scalar(answer, plain(answer, actual))
    except MisfitError as error:
        return Verdict("wrong_type", str(error))
    if given == wanted:
        return Verdict("right", "is the expected date")
    return Verdict("wrong", f"{given}, expected {wanted}")


def plain(answer: DateAnswer, actual: JsonValue) -> JsonValue:
    """Give a day that is written in another accepted form as YYYY-MM-DD."""
    if isinstance(actual, str) and "MM/DD/YYYY" in answer.also:
        match = MONTH_FIRST.fullmatch(actual.strip())
        if match is not None:
            month, day, year = match.groups()
            return f"{year}-{month:0>2}-{day:0>2}"
    return actual
