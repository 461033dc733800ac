"""Compare an answer with the expected one, by the type that the task asks for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Literal, TypeAlias, cast

from pydantic import JsonValue

from taskkit.errors import SpecError
from taskkit.oracles.evidence import Evidence
from taskkit.oracles.example import Example
from taskkit.oracles.kind import Asked, Case, Fixtures
from taskkit.oracles.pairing import Row, same_multiset, same_order, same_set
from taskkit.oracles.value import ValueJudge
from taskkit.oracles.verdict import Verdict
from taskkit.spec.answer import (
    AnswerSpec,
    CollectionAnswer,
    IntegerAnswer,
    NumberAnswer,
    TableAnswer,
    counts_repeats,
)
from taskkit.spec.fit import Cell, MisfitError, fits, normal
from taskkit.spec.oracle import ExactOracle, Tolerance

Mode: TypeAlias = Literal["equal", "near"]
"""How the cells of one column are compared; whole numbers are equal or not, so that no
tolerance ever joins two identifiers."""
PLACE = object()  # where a number stands in the part of a row that must be equal
SHOWN = 300  # characters of a value in an explanation


class ExactJudge(ValueJudge[ExactOracle]):
    """Compares by the type of the answer."""

    model: ClassVar[type[ExactOracle]] = ExactOracle

    def compare(self, answer: AnswerSpec, oracle: ExactOracle, value: JsonValue) -> Verdict:
        """Judge a value."""
        return compare(answer, oracle, value)

    def expecting(self, asked: Asked, value: JsonValue) -> ExactOracle | None:
        """Expect another value, numbers to float noise."""
        if fits(asked.answer, value) is not None:
            return None
        return ExactOracle(kind="exact", expected=value)

    def fixtures(self) -> Fixtures:
        """Give a multiset of numbers."""
        answer = CollectionAnswer(kind="multiset", item=IntegerAnswer(kind="integer"))
        asked = Example(answer, ExactOracle(kind="exact", expected=[1, 2, 2]))
        return Fixtures(
            full=[Case(asked, Evidence(b"[2, 1, 2]"), 1.0)],
            zero=[Case(asked, Evidence(b"[1, 2]"), 0.0), Case(asked, Evidence(b"[]"), 0.0)],
            malformed=[
                Case(asked, Evidence(b"1 2 2"), 0.0),
                Case(asked, Evidence(b'"1"'), 0.0),
                Case(asked, Evidence(None), 0.0),
            ],
        )


def compare(answer: AnswerSpec, oracle: ExactOracle, actual: JsonValue) -> Verdict:
    """Judge a value against the expected one.

    Raises:
        SpecError: the expected value does not have the answer's type.
    """
    wanted = expected(answer, oracle)
    try:
        given = normal(answer, actual)
    except MisfitError as error:
        return Verdict("wrong_type", str(error))
    if same(answer, wanted, given, oracle.tolerance):
        return Verdict("right", "equals the expected value")
    return Verdict("wrong", f"{shown(given)}, expected {shown(wanted)}")


def expected(answer: AnswerSpec, oracle: ExactOracle) -> object:
    """Give the normal form of the expected value; nobody may change it.

    That of the last oracle is kept, since an audit has it judge a hundred answers.

    Raises:
        SpecError: it does not have the answer's type.
    """
    if _last and (last := _last[0]) and last[0] is answer and last[1] is oracle:
        return last[2]
    try:
        made: object = normal(answer, oracle.expected)
    except MisfitError as error:
        raise SpecError(f"oracle.expected: {error}") from None
    _last[:] = [(answer, oracle, made)]
    return made


_last: list[tuple[AnswerSpec, ExactOracle, object]] = []


def same(answer: AnswerSpec, wanted: object, given: object, tolerance: Tolerance) -> bool:
    """Say whether two normal values are the same answer."""
    if (
        isinstance(answer, TableAnswer | CollectionAnswer)
        and counts_repeats(answer)
        and len(cast(list[object], wanted)) != len(cast(list[object], given))
    ):
        return False
    if isinstance(answer, TableAnswer):
        wanted_rows, given_rows = cast(list[list[Cell]], wanted), cast(list[list[Cell]], given)
        modes = table_modes(answer, wanted_rows)
        left, right = split(modes, wanted_rows), split(modes, given_rows)
        unordered = same_multiset if counts_repeats(answer) else same_set
        return (same_order if answer.ordered else unordered)(left, right, tolerance)
    if isinstance(answer, CollectionAnswer):
        modes = [mode(answer.item)]
        left = split(modes, [[item] for item in cast(list[Cell], wanted)])
        right = split(modes, [[item] for item in cast(list[Cell], given)])
        compared = {"list": same_order, "set": same_set, "multiset": same_multiset}
        return compared[answer.kind](left, right, tolerance)
    modes = [mode(answer)]
    left, right = split(modes, [[cast(Cell, wanted)]]), split(modes, [[cast(Cell, given)]])
    return same_order(left, right, tolerance)


def mode(kind: AnswerSpec) -> Mode:
    """Say how values of a scalar type are compared."""
    return "near" if isinstance(kind, NumberAnswer) else "equal"


def table_modes(answer: TableAnswer, wanted: Sequence[Sequence[Cell]]) -> list[Mode]:
    """Say how each column is compared.

    Where the task gives no columns, one is compared as numbers if the expected value holds a
    fraction there; whole numbers, texts and null are then equal or not.
    """
    if answer.columns is not None:
        return [mode(column.type) for column in answer.columns]
    width = max((len(row) for row in wanted), default=0)
    return [
        "near" if any(len(row) > i and isinstance(row[i], float) for row in wanted) else "equal"
        for i in range(width)
    ]


def split(modes: Sequence[Mode], rows: Sequence[Sequence[Cell]]) -> list[Row]:
    """Part each row into what must be equal and the numbers that must be near."""
    if "near" not in modes:
        return [(tuple(map(tagged, row)), ()) for row in rows]
    return [split_row(modes, row) for row in rows]


def split_row(modes: Sequence[Mode], row: Sequence[Cell]) -> Row:
    """Part one row; a row of another width is kept whole and equals none."""
    if len(row) != len(modes):
        return tuple(map(tagged, row)), ()
    key: list[object] = []
    numbers: list[int | float] = []
    for how, cell in zip(modes, row, strict=True):
        if how == "near" and isinstance(cell, int | float) and not isinstance(cell, bool):
            key.append(PLACE)
            numbers.append(cell)
        else:
            key.append(tagged(cell))
    return tuple(key), tuple(numbers)


def tagged(cell: Cell) -> object:
    """Tell true from 1, which Python holds equal."""
    return ("boolean", cell) if isinstance(cell, bool) else cell


def shown(value: object) -> str:
    """Write a value for an explanation, cut where it is long."""
    text = repr(value)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}... ({len(text)} characters)"
