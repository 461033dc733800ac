"""Compare a number with the expected one, in its own unit or in another that the task allows."""

from __future__ import annotations

from pydantic import JsonValue

from taskkit.errors import SpecError
from taskkit.oracles.near import slack
from taskkit.oracles.verdict import Verdict
from taskkit.spec.answer import AnswerSpec, NumberAnswer
from taskkit.spec.fit import MisfitError, number
from taskkit.spec.oracle import NumericOracle

QUANTITY = {"value", "unit"}


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
