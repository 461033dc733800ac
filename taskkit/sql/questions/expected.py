"""The rows of a query as the canonical answer of a declared type."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import JsonValue

from taskkit.spec.answer import (
    AnswerSpec,
    BooleanAnswer,
    CollectionAnswer,
    NumberAnswer,
    ScalarAnswer,
    TableAnswer,
)
from taskkit.spec.fit import MisfitError, normal
from taskkit.spec.oracle import Tolerance
from taskkit.sql.questions.question import NO_TOLERANCE
from taskkit.sqlite import Rows

SLACK = 1.01  # units of the last decimal: half a unit, and rounding ties that go either way
Value = str | int | float | None


class UnfitError(Exception):
    """Rows that are no answer of the type; says why."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code


def expected(rows: Rows, answer: AnswerSpec, *, max_rows: int, zero: bool) -> JsonValue:
    """Give the answer that a query's rows are.

    Raises:
        UnfitError: there is no answer in them, or none worth asking for.
    """
    values = rows.rows
    if not values or all(value is None for row in values for value in row):
        raise UnfitError("empty_answer", "no rows" if not values else "nothing but NULL")
    if len(values) > max_rows:
        code: str = "ambiguous_order" if max_rows == 1 else "too_many_rows"
        raise UnfitError(code, f"{len(values)} rows, at most {max_rows}")
    document = _document(values, answer)
    try:
        normal(answer, document)
    except MisfitError as error:
        raise UnfitError("missing_value", str(error)) from None
    if document == 0 and not zero and not isinstance(document, bool):
        raise UnfitError("degenerate_answer", "a lone 0")
    return document


def tolerance(answer: AnswerSpec) -> Tolerance:
    """How far a number may be off: a unit of the last decimal that is asked for, else noise."""
    decimals = [kind.decimals for kind in _numbers(answer) if kind.decimals is not None]
    if not decimals:
        return NO_TOLERANCE
    return Tolerance(absolute=round(SLACK * 10 ** -min(decimals), max(decimals) + 2))


def _numbers(answer: AnswerSpec) -> list[NumberAnswer]:
    kinds: Sequence[object] = (answer,)
    if isinstance(answer, CollectionAnswer):
        kinds = (answer.item,)
    elif isinstance(answer, TableAnswer):
        kinds = [column.type for column in answer.columns or ()]
    return [kind for kind in kinds if isinstance(kind, NumberAnswer)]


def _document(rows: Sequence[tuple[Value, ...]], answer: AnswerSpec) -> JsonValue:
    if isinstance(answer, TableAnswer):
        columns = answer.columns or ()
        if len(columns) != len(rows[0]):
            raise UnfitError("sql_error", f"{len(rows[0])} columns, the answer has {len(columns)}")
        return [
            [_cell(value, column.type) for value, column in zip(row, columns, strict=True)]
            for row in rows
        ]
    if len(rows[0]) != 1:
        raise UnfitError("sql_error", f"{len(rows[0])} columns, the answer has one")
    if isinstance(answer, CollectionAnswer):
        return [_cell(row[0], answer.item) for row in rows]
    if len(rows) > 1:
        raise UnfitError("ambiguous_order", f"{len(rows)} rows, the answer is one value")
    return _cell(rows[0][0], answer)


def _cell(value: Value, kind: ScalarAnswer | AnswerSpec) -> JsonValue:
    if isinstance(kind, NumberAnswer) and isinstance(value, int | float):
        return round(float(value), 9 if kind.decimals is None else kind.decimals)
    if isinstance(kind, BooleanAnswer) and value in (0, 1):
        return bool(value)
    return value
