"""Turn the rows of a SQL query into the answer document that the task asks for."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import JsonValue

from taskkit.oracles.document import MalformedError
from taskkit.spec.answer import (
    AnswerSpec,
    BooleanAnswer,
    CollectionAnswer,
    TableAnswer,
)
from taskkit.spec.fit import MisfitError


def from_rows(answer: AnswerSpec, document: JsonValue, *, booleans: bool) -> JsonValue:
    """Give the value that `{"columns": [...], "rows": [[...], ...]}` stands for.

    One row of one column is a scalar, one column a list, any rows a table.

    Args:
        booleans: Where a boolean is asked for, 0 and 1 are false and true: SQLite has no other.

    Raises:
        MalformedError: the document is no such object.
        MisfitError: the rows have another shape than the answer.
    """
    width, rows = read(document)
    if isinstance(answer, TableAnswer):
        types = None if answer.columns is None else [column.type for column in answer.columns]
        if types is not None and width != len(types):
            raise MisfitError(f"{shape(width, rows)}, need {len(types)} columns")
        return [truths(types, row) if booleans and types else row for row in rows]
    if width != 1:
        raise MisfitError(f"{shape(width, rows)}, need one column")
    item = answer.item if isinstance(answer, CollectionAnswer) else answer
    cells = [truth(item, row[0]) if booleans else row[0] for row in rows]
    if isinstance(answer, CollectionAnswer):
        return cells
    if len(cells) != 1:
        raise MisfitError(f"{shape(width, rows)}, need exactly one row")
    return cells[0]


def read(document: JsonValue) -> tuple[int, list[list[JsonValue]]]:
    """Give the number of columns and the rows, each as wide."""
    if not isinstance(document, dict) or document.keys() != {"columns", "rows"}:
        raise MalformedError("no object of columns and rows")
    columns, rows = document["columns"], document["rows"]
    if not isinstance(columns, list) or not isinstance(rows, list):
        raise MalformedError("columns and rows are no lists")
    width = len(columns)
    made: list[list[JsonValue]] = []
    for row in rows:
        if not isinstance(row, list) or len(row) != width:
            raise MalformedError(f"a row is no list of {width} values")
        made.append(row)
    return width, made


def truths(types: Sequence[AnswerSpec], row: list[JsonValue]) -> JsonValue:
    """Read a row's 0 and 1 where booleans are asked for."""
    return [truth(kind, cell) for kind, cell in zip(types, row, strict=True)]


def truth(kind: AnswerSpec, cell: JsonValue) -> JsonValue:
    """Read 0 and 1 as false and true where a boolean is asked for."""
    if isinstance(kind, BooleanAnswer) and type(cell) is int and cell in (0, 1):
        return cell == 1
    return cell


def shape(width: int, rows: list[list[JsonValue]]) -> str:
    """Write the shape of a result."""
    return f"{len(rows)} row{'s' * (len(rows) != 1)} of {width} column{'s' * (width != 1)}"
