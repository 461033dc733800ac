"""The audit of one MedCalc-Bench label: recomputed, compared, and a difference explained."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from taskkit.calculation.calculators.catalogue import CATALOGUE, Calculator, MissingInputError
from taskkit.calculation.calculators.medcalc.entities import DATE, Entities, EntityError, patient
from taskkit.calculation.calculators.medcalc.slip import Case, cause
from taskkit.calculation.calculators.medcalc.slips import SLIPS
from taskkit.calculation.calculators.obstetrics import GestationalAge
from taskkit.spec.quantity import ImpossibleValueError, OutOfScopeError
from taskkit.spec.units import UnitError

Status = Literal["agrees", "disagrees", "not_computable"]
WITHIN_LIMITS = {8, 23}
"""Whole or half points that the data set judges by its limits, as it does every decimal."""
WEEKS = re.compile(r"\D*(\d+) weeks?\D+(\d+) days?\D*")
LABEL_DECIMALS = 3  # of the labels, which some rows have as their own limits
MAX_LABEL = 200  # characters


@dataclass(frozen=True)
class Label:
    """What the data set gives as the answer of a row."""

    answer: str
    lower: str
    upper: str


@dataclass(frozen=True)
class Outcome:
    """What the audit says of one label."""

    status: Status
    ours: Any = None
    """Our result; None where it cannot be computed."""
    label: Any = None
    """The label, as a value of the same type."""
    cause: tuple[str, ...] = ()
    """Codes of what makes the difference; empty where there is none, or none is known."""
    party: str = ""
    """What is wrong: label, entities, variant, scope."""
    detail: str = ""
    """For a reader."""


def audit(number: int, entities: Entities, label: Label) -> Outcome:
    """Recompute a label from the entities of its row.

    Args:
        number: MedCalc-Bench's calculator id.
        entities: As the row has them.
        label: The answer and its limits.
    """
    calculator = CATALOGUE.get(number)
    if calculator is None:
        return Outcome("not_computable", cause=("unknown_calculator",), party="scope")
    try:
        target = read_label(calculator, label)
        agrees = judge(calculator, label, target)
    except ValueError as error:
        return Outcome(
            "not_computable", cause=("unreadable_label",), party="label", detail=str(error)
        )
    try:
        values = patient(calculator, entities)
        case = Case(calculator, entities, values, calculator.explain(values))
    except ValueError as error:
        code, party = refusal(error)
        return Outcome("not_computable", None, target, (code,), party, str(error))
    if agrees(case.total):
        return Outcome("agrees", case.total, target)
    slips = cause(case, agrees, SLIPS)
    if slips is None:
        return Outcome("disagrees", case.total, target)
    return Outcome(
        "disagrees",
        case.total,
        target,
        tuple(slip.code for slip in slips),
        slips[0].party,
        " ".join(slip.text for slip in slips),
    )


def refusal(error: ValueError) -> tuple[str, str]:
    """Give the code of why a row cannot be computed, and what is wrong."""
    kinds = {
        ImpossibleValueError: ("impossible_value", "entities"),
        OutOfScopeError: ("out_of_scope", "scope"),
        UnitError: ("wrong_unit", "entities"),
        EntityError: ("unreadable_entity", "entities"),
        MissingInputError: ("missing_input", "entities"),
    }
    return kinds.get(type(error), ("undefined", "entities"))


def read_label(calculator: Calculator, label: Label) -> Any:
    """Read an answer as a value of the calculator's type.

    Raises:
        ValueError: It is none.
    """
    text = label.answer.strip()[:MAX_LABEL]
    if calculator.kind == "date":
        return datetime.strptime(text, DATE).date()
    if calculator.kind == "weeks":
        match = WEEKS.fullmatch(text)
        if match is None:
            raise ValueError(f"answer {text!r}: need weeks and days")
        return GestationalAge(int(match[1]), int(match[2]))
    try:
        return float(ast.literal_eval(text))
    except (SyntaxError, TypeError, ValueError) as error:
        raise ValueError(f"answer {text!r}: need a number") from error


def judge(calculator: Calculator, label: Label, target: Any) -> Callable[[Any], bool]:
    """Give the data set's own comparison of a result with a label.

    A decimal is within the limits, if they are the label's, or is the label at the label's
    decimals; all else is equal.
    """
    if isinstance(target, date | GestationalAge):
        return lambda result: bool(result == target)
    if calculator.kind == "integer" and calculator.number not in WITHIN_LIMITS:
        return lambda result: round(result) == target
    low, high = sorted((float(label.lower), float(label.upper)))
    decimals = max(len(label.answer.strip().partition(".")[2]), LABEL_DECIMALS)
    half = 0.5 * 10.0**-decimals
    theirs = low - half <= target <= high + half  # limits that the label is outside of say nothing
    return lambda result: (theirs and low <= result <= high) or round(result, decimals) == target
