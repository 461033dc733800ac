"""Compare a date with the expected one, in any form that the task allows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import ClassVar

from pydantic import JsonValue

from taskkit.errors import SpecError
from taskkit.oracles.evidence import Evidence
from taskkit.oracles.example import Example
from taskkit.oracles.kind import Asked, Case, Fault, Fixtures
from taskkit.oracles.value import ValueJudge
from taskkit.oracles.verdict import Verdict
from taskkit.spec.answer import AnswerSpec, DateAnswer
from taskkit.spec.fit import MisfitError, fits, scalar
from taskkit.spec.oracle import DateOracle

MONTH_FIRST = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})", re.ASCII)


class DateJudge(ValueJudge[DateOracle]):
    """Compares dates to the precision of the answer."""

    model: ClassVar[type[DateOracle]] = DateOracle

    def compare(self, answer: AnswerSpec, oracle: DateOracle, value: JsonValue) -> Verdict:
        """Judge a date."""
        return compare(answer, oracle, value)

    def expecting(self, asked: Asked, value: JsonValue) -> DateOracle | None:
        """Expect another date."""
        if not isinstance(value, str) or fits(asked.answer, value) is not None:
            return None
        return DateOracle(kind="date", expected=value)

    def lenient(self, asked: Asked) -> Iterator[Fault]:
        """Check that the answer is a date, and that other forms are of a day."""
        answer = asked.answer
        if not isinstance(answer, DateAnswer):
            message = f"date, but the answer is a {answer.kind}"
            yield Fault(("oracle", "kind"), message, "need a date, or `exact`")
            yield from super().lenient(asked)
        elif answer.also and answer.precision != "day":
            message = f"a day's form, but the precision is {answer.precision}"
            yield Fault(("answer", "also"), message, "need precision: day")

    def fixtures(self) -> Fixtures:
        """Give a day."""
        answer = DateAnswer(kind="date", precision="day", also=("MM/DD/YYYY",))
        asked = Example(answer, DateOracle(kind="date", expected="2105-03-04"))
        return Fixtures(
            full=[
                Case(asked, Evidence(b'"2105-03-04"'), 1.0),
                Case(asked, Evidence(b'"3/4/2105"'), 1.0),
            ],
            zero=[Case(asked, Evidence(b'"2105-04-03"'), 0.0)],
            malformed=[
                Case(asked, Evidence(b"20050304"), 0.0),
                Case(asked, Evidence(b'"March 4"'), 0.0),
                Case(asked, Evidence(None), 0.0),
            ],
        )


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
        given = scalar(answer, iso_day(answer, actual))
    except MisfitError as error:
        return Verdict("wrong_type", str(error))
    if given == wanted:
        return Verdict("right", "is the expected date")
    return Verdict("wrong", f"{given}, expected {wanted}")


def iso_day(answer: DateAnswer, actual: JsonValue) -> JsonValue:
    """Give a day that is written in another accepted form as YYYY-MM-DD."""
    if isinstance(actual, str) and "MM/DD/YYYY" in answer.also:
        match = MONTH_FIRST.fullmatch(actual.strip())
        if match is not None:
            month, day, year = match.groups()
            return f"{year}-{month:0>2}-{day:0>2}"
    return actual
