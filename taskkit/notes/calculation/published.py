"""A row of MedCalc-Bench as a calculation: its label audited, its reference run."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import MISSING, fields
from datetime import date
from typing import Any

from pydantic import JsonValue

from taskkit.build.labels import Labelled
from taskkit.calculation.calculation import Calculation
from taskkit.calculation.calculators.calculator import inputs
from taskkit.calculation.calculators.catalogue import CATALOGUE, Calculator
from taskkit.calculation.calculators.medcalc.audit import Outcome, read_label
from taskkit.calculation.calculators.medcalc.entities import patient
from taskkit.calculation.published import MedcalcRow
from taskkit.notes.calculation.lexicon import Lexicon
from taskkit.notes.calculation.medcalc import NOISE, equal
from taskkit.spec.answer import (
    AnswerSpec,
    CollectionAnswer,
    DateAnswer,
    IntegerAnswer,
    NumberAnswer,
)
from taskkit.spec.oracle import DateOracle, Interval, NumericOracle, Tolerance, ValueOracle

WITH_TOTAL = "answer = answer[-1]"


def published(row: MedcalcRow, words: Lexicon, *, agrees: bool) -> Calculation:
    """Give the calculation of a row.

    Args:
        row: Of a known calculator.
        words: Has the calculator's program.
        agrees: The label is what the formula gives; if not, the reference is the label itself.

    Raises:
        ValueError: The label cannot be read.
        DisputedError: The reference program gives another answer than the label.
    """
    calculator = CATALOGUE[row.calculator]
    label = read_label(calculator, row.label)
    answer, oracle = typed(calculator, row, label)
    if agrees:
        if isinstance(answer, IntegerAnswer):
            oracle = equal(round(calculator.compute(patient(calculator, row.entities))))
        code = program(calculator, patient(calculator, row.entities), words)
    else:
        code = f"answer = {oracle.expected!r}\n"
    made = Calculation(asked(row, answer), answer, oracle, code)
    made.check()
    return made


def typed(calculator: Calculator, row: MedcalcRow, label: Any) -> tuple[AnswerSpec, ValueOracle]:
    """Give the answer's type and what judges it: of a decimal, the publisher's limits.

    A date may be written as the publisher asks for it, with the month first.
    """
    if isinstance(label, date):
        day = DateAnswer(kind="date", precision="day", also=("MM/DD/YYYY",))
        return day, DateOracle(kind="date", expected=label.isoformat())
    if calculator.kind == "weeks":
        pair: list[JsonValue] = [int(part) for part in label]
        return CollectionAnswer(kind="list", item=IntegerAnswer(kind="integer")), equal(pair)
    if calculator.kind == "integer":
        return IntegerAnswer(kind="integer"), equal(round(label))
    low, high = sorted((float(row.label.lower), float(row.label.upper)))
    half = 0.5 * 10.0**-calculator.digits + NOISE
    unit = None if calculator.unit == "1" else calculator.unit
    return NumberAnswer(kind="number", unit=unit), NumericOracle(
        kind="numeric",
        expected=float(label),
        unit=unit,
        tolerance=Tolerance(absolute=half, relative=0.0),
        interval=Interval(low=low, high=high),
    )


def asked(row: MedcalcRow, answer: AnswerSpec) -> str:
    """Give the row's note and question."""
    order = "Give the weeks, then the days." if isinstance(answer, CollectionAnswer) else ""
    return "\n".join(part for part in (row.question.strip(), row.note.strip(), order) if part)


def program(calculator: Calculator, values: Mapping[str, Any], words: Lexicon) -> str:
    """Give a Python program that sets `answer` from the values of a row."""
    given = {**defaults(calculator), **values}
    head = [f"{item.name} = {literal(given[item.name])}" for item in calculator.inputs]
    if calculator.kind in ("date", "weeks"):
        head.insert(0, "from datetime import date\n")
    parts = ["# The values of the row, in the calculator's units.", *head, ""]
    parts.append(words.programs[calculator.name])
    if words.asking[calculator.name].items and calculator.kind != "weeks":
        parts.append(WITH_TOTAL + "\n")
    return "\n".join(parts)


def defaults(calculator: Calculator) -> dict[str, Any]:
    """Give what stands for each input that may be left out."""
    found: dict[str, Any] = {}
    for name, parameter in inspect.signature(calculator.function).parameters.items():
        if parameter.default is not parameter.empty:
            found[name] = parameter.default
    for item in inputs(calculator.function):
        if item.kind == "record" and item.record is not None:
            parts = fields(item.record)
            found |= {one.name: one.default for one in parts if one.default is not MISSING}
    return found


def literal(value: Any) -> str:
    """Write a value as a Python expression."""
    if isinstance(value, date):
        return f"date({value.year}, {value.month}, {value.day})"
    if isinstance(value, frozenset | set) or value == ():
        return f"{{{', '.join(repr(one) for one in sorted(value))}}}" if value else "set()"
    if isinstance(value, list | tuple):
        return repr([(one.opioid, one.dose, one.per_day) for one in value])
    return repr(value)


def labelled(row: MedcalcRow, outcome: Outcome) -> Labelled:
    """Give what the audit found of a row's label."""
    known = CATALOGUE.get(row.calculator)
    return Labelled(
        record=row.name,
        category=known.name if known else f"calculator {row.calculator}",
        status=outcome.status,
        label="" if outcome.label is None else shown(outcome.label),
        computed="" if outcome.ours is None else shown(outcome.ours),
        cause=", ".join(outcome.cause),
        party=outcome.party,
        detail=outcome.detail,
    )


def shown(value: Any) -> str:
    """Write a result."""
    return f"{value:.10g}" if isinstance(value, float) else str(value)
