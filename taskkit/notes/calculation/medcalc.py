"""One generated medical calculation: note, question, answer and reference, each checked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from random import Random
from typing import Any

from pydantic import JsonValue

from taskkit.calculation.calculation import Calculation
from taskkit.calculation.calculators.catalogue import Calculator
from taskkit.calculation.calculators.score import Score
from taskkit.notes.calculation.extractor import UnreadableError, read
from taskkit.notes.calculation.findings import listed
from taskkit.notes.calculation.lexicon import Lexicon
from taskkit.notes.calculation.patient import Patient, Said
from taskkit.notes.calculation.program import factors, program
from taskkit.notes.calculation.sampling import draw
from taskkit.notes.calculation.writer import write
from taskkit.spec.answer import (
    AnswerSpec,
    CollectionAnswer,
    DateAnswer,
    IntegerAnswer,
    NumberAnswer,
)
from taskkit.spec.oracle import DateOracle, ExactOracle, NumericOracle, Tolerance, ValueOracle

NOISE = 1e-9  # of arithmetic, beyond half a unit of the last decimal asked for
KEPT = 9  # decimals of an expected value
FREE_UNIT = 0.4  # share of the tasks that take another unit too, where there is a usual one
OTHER_UNITS: Mapping[str, tuple[str, ...]] = {
    "mL/min": ("mL/s",),
    "mL/h": ("L/d",),
    "mm[Hg]": ("kPa",),
    "mg/dL": ("g/L",),
    "kg": ("[lb_av]",),
    "ms": ("s",),
    "L": ("mL",),
    "mg": ("g",),
    "m2": ("cm2",),
}
"""By the unit of a result: others of its dimension that are in use."""
NOTE = "-----"
EXACT = Tolerance(relative=0.0)


class NoteError(ValueError):
    """A note from which the inputs cannot be read back."""


def exercise(calculator: Calculator, words: Lexicon, chance: Random) -> Calculation:
    """Draw an exercise.

    Raises:
        NoteError: The extractor reads other inputs from the note than were written into it.
        DisputedError: The reference program gives another answer than the calculator.
        ValueError: The calculator refuses the patient.
    """
    patient = draw(calculator, words, chance)
    note = write(patient, words, chance)
    check_note(patient, note)
    result = calculator.explain(patient.inputs())
    text = asked(patient, note, words, chance)
    answer, oracle = typed(calculator, result, listing=bool(words.asking[calculator.name].items))
    if isinstance(answer, NumberAnswer) and chance.random() < FREE_UNIT:
        answer = answer.model_copy(update={"units": OTHER_UNITS.get(calculator.unit, ())})
    code = program(patient, words.programs[calculator.name])
    made = Calculation(text, answer, oracle, code)
    made.check()
    return made


def check_note(patient: Patient, note: str) -> None:
    """Refuse a note that does not give the patient's inputs back."""
    try:
        got = read(note, patient.calculator)
    except UnreadableError as error:
        raise NoteError(str(error)) from error
    for item in patient.calculator.inputs:
        want, have = (comparable(of.get(item.name)) for of in (patient.said, got))
        if want != have and not (item.kind == "boolean" and not want and not have):
            raise NoteError(f"{item.name}: wrote {want}, read {have}")


def comparable(value: Said | None) -> object:
    """Give what is equal for equal statements; the order of prescriptions says nothing."""
    return sorted(value) if isinstance(value, tuple) else value


def typed(calculator: Calculator, result: Any, *, listing: bool) -> tuple[AnswerSpec, ValueOracle]:
    """Give the type of a result and what judges it."""
    if isinstance(result, Score) and listing:
        points: list[JsonValue] = [as_number(item.points) for item in result.items]
        points.append(as_number(result.total))
        halves = calculator.kind == "decimal"
        item = NumberAnswer(kind="number") if halves else IntegerAnswer(kind="integer")
        # float noise is let through where points are halves
        tolerance = Tolerance() if halves else EXACT
        oracle = ExactOracle(kind="exact", expected=points, tolerance=tolerance)
        return CollectionAnswer(kind="list", item=item), oracle
    if isinstance(result, Score):
        return IntegerAnswer(kind="integer"), equal(as_number(result.total))
    if isinstance(result, date):
        oracle_of_day = DateOracle(kind="date", expected=result.isoformat())
        return DateAnswer(kind="date", precision="day"), oracle_of_day
    if calculator.kind == "weeks":
        pair: list[JsonValue] = [int(part) for part in result]
        return CollectionAnswer(kind="list", item=IntegerAnswer(kind="integer")), equal(pair)
    if calculator.kind == "integer":
        return IntegerAnswer(kind="integer"), equal(int(result))
    unit = None if calculator.unit == "1" else calculator.unit
    number = NumberAnswer(kind="number", unit=unit, decimals=calculator.digits)
    return number, NumericOracle(
        kind="numeric",
        expected=round(float(result), KEPT),
        unit=unit,
        decimals=calculator.digits,
        tolerance=Tolerance(absolute=NOISE, relative=0.0),
    )


def equal(expected: JsonValue) -> ExactOracle:
    """Give the oracle of whole numbers and other values without tolerance."""
    return ExactOracle(kind="exact", expected=expected, tolerance=EXACT)


def as_number(points: float) -> int | float:
    """Give whole points as an integer."""
    return int(points) if points == int(points) else float(points)


def asked(patient: Patient, note: str, words: Lexicon, chance: Random) -> str:
    """Write the whole question around a note."""
    asking = words.asking[patient.calculator.name]
    first = chance.choice(
        (
            "From the note below, compute the {}.",
            "For the patient in this note, give the {}.",
            "Read the note, then work out the {}.",
        )
    ).format(asking.ask)
    rules = [
        "The values of the day of the note count, not those of other days. "
        "A finding that the note does not mention is absent."
    ]
    known = factors(patient)
    if known:
        rules.append(f"For conversions use: {'; '.join(known)}. Do not round before the end.")
    if asking.items:
        total = [] if patient.calculator.kind == "weeks" else ["the total"]
        what = "Give" if patient.calculator.kind == "weeks" else "Give the points of each item:"
        rules.append(f"{what} {listed([*asking.items, *total], 'and')}, in this order.")
    return "\n".join([first, NOTE, note, NOTE, " ".join(rules)])
