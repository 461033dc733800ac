"""Compare a number with the expected one, in its own unit or in another that the task allows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from pydantic import JsonValue

from taskkit.errors import SpecError
from taskkit.oracles.evidence import Evidence
from taskkit.oracles.example import Example
from taskkit.oracles.kind import Asked, Case, Fault, Fixtures
from taskkit.oracles.near import slack
from taskkit.oracles.value import ValueJudge
from taskkit.oracles.verdict import Verdict
from taskkit.spec.answer import AnswerSpec, NumberAnswer
from taskkit.spec.fit import MisfitError, fits, number
from taskkit.spec.oracle import NumericOracle, Tolerance

QUANTITY = {"value", "unit"}


class NumericJudge(ValueJudge[NumericOracle]):
    """Compares a number with its unit."""

    model: ClassVar[type[NumericOracle]] = NumericOracle

    def compare(self, answer: AnswerSpec, oracle: NumericOracle, value: JsonValue) -> Verdict:
        """Judge a number or a quantity."""
        return compare(answer, oracle, value)

    def expecting(self, asked: Asked, value: JsonValue) -> NumericOracle | None:
        """Expect another number, to float noise."""
        if fits(asked.answer, value) is not None:
            return None
        changed = {"expected": value, "tolerance": Tolerance(), "interval": None, "decimals": None}
        made: NumericOracle = asked.oracle.model_copy(update=changed)
        return made

    def faults(self, asked: Asked) -> Iterator[Fault]:
        """Check the type, the unit and the decimals, and the units that are accepted as well."""
        answer, oracle = asked.answer, asked.oracle
        if not isinstance(answer, NumberAnswer):
            message = f"numeric, but the answer is a {answer.kind}"
            yield Fault(("oracle", "kind"), message, "need a number, or `exact`")
            yield from self.lenient(asked)
            return
        for name in ("unit", "decimals"):
            said, wanted = getattr(oracle, name), getattr(answer, name)
            if said != wanted:
                yield Fault(("oracle", name), repr(said), f"need the answer's, {wanted!r}")
        yield from other_units(answer)

    def fixtures(self) -> Fixtures:
        """Give a clearance of 50 mL/min."""
        answer = NumberAnswer(kind="number", unit="mL/min", decimals=1)
        oracle = NumericOracle(kind="numeric", expected=50.04, unit="mL/min", decimals=1)
        asked = Example(answer, oracle)
        return Fixtures(
            full=[Case(asked, Evidence(b"50"), 1.0), Case(asked, Evidence(b"50.0"), 1.0)],
            zero=[Case(asked, Evidence(b"50.2"), 0.0), Case(asked, Evidence(b"0"), 0.0)],
            malformed=[
                Case(asked, Evidence(b'"50"'), 0.0),
                Case(asked, Evidence(b"NaN"), 0.0),
                Case(asked, Evidence(None), 0.0),
            ],
        )


def other_units(answer: NumberAnswer) -> Iterator[Fault]:
    """Check that other units are of the unit's dimension, and are others."""
    if not answer.units:
        return
    from taskkit.spec.units import UnitError, rescale  # pint takes a second to load

    for number_, unit in enumerate(answer.units):
        at = ("answer", "units", number_)
        try:
            same = rescale(1.0, unit, answer.unit or "1") == 1.0
        except UnitError as error:
            yield Fault(at, str(error), f"need a unit of the dimension of {answer.unit}")
        else:
            if same:
                yield Fault(at, f"{unit!r} is {answer.unit}", "need another unit")


def compare(answer: AnswerSpec, oracle: NumericOracle, actual: JsonValue) -> Verdict:
    """Judge a number, or a quantity such as `{"value": 0.9, "unit": "g/L"}`.

    Raises:
        SpecError: the task asks for something else than a number in the oracle's unit.
    """
    if not isinstance(answer, NumberAnswer) or answer.unit != oracle.unit:
        wanted = answer.unit if isinstance(answer, NumberAnswer) else answer.kind
        raise SpecError(f"oracle: numeric in {oracle.unit}, but the answer is {wanted}")
    try:
        given = amount(answer, actual)
    except MisfitError as error:
        return Verdict("wrong_type", str(error))
    if accepted(oracle, given):
        return Verdict("right", "as near as is accepted")
    return Verdict("wrong", f"{given!r}, expected {oracle.expected!r}")


def accepted(oracle: NumericOracle, given: float) -> bool:
    """Say whether a number in the oracle's unit is right."""
    if oracle.interval is not None and oracle.interval.low <= given <= oracle.interval.high:
        return True
    half = 0.0 if oracle.decimals is None else 0.5 * 10.0**-oracle.decimals
    return abs(given - oracle.expected) <= half + slack(oracle.expected, oracle.tolerance)


def amount(answer: NumberAnswer, actual: JsonValue) -> float:
    """Give an answer as a number in the unit asked for.

    Raises:
        MisfitError: it is none, or its unit is not one that the task allows.
    """
    if not (isinstance(actual, dict) and answer.units and actual.keys() == QUANTITY):
        return float(number(actual))
    value, unit = number(actual["value"]), actual["unit"]
    if unit == answer.unit:
        return float(value)
    if not isinstance(unit, str) or unit not in answer.units:
        allowed = ", ".join((str(answer.unit), *answer.units))
        raise MisfitError(f"the unit {str(unit)[:40]!r}, need one of {allowed}")
    return converted(float(value), unit, str(answer.unit))


def converted(value: float, unit: str, wanted: str) -> float:
    """Convert a value.

    Raises:
        SpecError: the units have not the same dimension.
        MisfitError: the result is out of range.
    """
    from taskkit.spec.units import UnitError, rescale  # pint takes a second to load

    try:
        return float(number(rescale(value, unit, wanted)))
    except UnitError as error:
        raise SpecError(f"answer.units: {error}") from error
