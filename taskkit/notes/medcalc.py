"""One generated medical calculation: note, question, answer and reference, each checked."""

from __future__ import annotations

from datetime import date
from random import Random
from typing import Any

from pydantic import JsonValue

from taskkit.calculators.catalogue import Calculator
from taskkit.calculators.score import Score
from taskkit.notes.extractor import UnreadableError, read
from taskkit.notes.lexicon import Lexicon
from taskkit.notes.patient import Patient, Said
from taskkit.notes.program import factors, program
from taskkit.notes.sampling import draw
from taskkit.notes.writer import listed, write
from taskkit.questions.calculation import Calculation
from taskkit.spec.answer import (
    AnswerSpec,
    CollectionAnswer,
    DateAnswer,
    IntegerAnswer,
    NumberAnswer,
)
from taskkit.spec.oracle import Tolerance

NOISE = 1e-9  # of arithmetic, beyond half a unit of the last decimal asked for
KEPT = 9  # decimals of an expected value
NOTE = "-----"


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
    answer, expected, tolerance = typed(
        calculator, result, listing=bool(words.asking[calculator.name].items)
    )
    code = program(patient, words.programs[calculator.name])
    made = Calculation(asked(patient, note, words, chance), answer, expected, tolerance, code)
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


def typed(
    calculator: Calculator, result: Any, *, listing: bool
) -> tuple[AnswerSpec, JsonValue, Tolerance]:
    """Give type, expected value and tolerance of a result.

    The tolerance is half a unit of the last decimal, so that either rounding of a tie passes.
    """
    exact = Tolerance(relative=0.0)
    if isinstance(result, Score) and listing:
        points: list[JsonValue] = [plain(item.points) for item in result.items]
        points.append(plain(result.total))
        halves = calculator.kind == "decimal"
        item = NumberAnswer(kind="number") if halves else IntegerAnswer(kind="integer")
        # float noise is let through where points are halves
        tolerance = Tolerance() if halves else exact
        return CollectionAnswer(kind="list", item=item), points, tolerance
    if isinstance(result, Score):
        return IntegerAnswer(kind="integer"), plain(result.total), exact
    if isinstance(result, date):
        return DateAnswer(kind="date", precision="day"), result.isoformat(), exact
    if calculator.kind == "weeks":
        pair: list[JsonValue] = [int(part) for part in result]
        return CollectionAnswer(kind="list", item=IntegerAnswer(kind="integer")), pair, exact
    if calculator.kind == "integer":
        return IntegerAnswer(kind="integer"), int(result), exact
    unit = None if calculator.unit == "1" else calculator.unit
    half = 0.5 * 10.0**-calculator.digits + NOISE
    return (
        NumberAnswer(kind="number", unit=unit, decimals=calculator.digits),
        round(float(result), KEPT),
        Tolerance(absolute=half, relative=0.0),
    )


def plain(points: float) -> int | float:
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
