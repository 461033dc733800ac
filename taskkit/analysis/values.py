"""The named values of a question: their types, what is expected, and how near it must be."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import JsonValue, TypeAdapter

from taskkit.analysis.bank import ValueSpec
from taskkit.oracles.values import NamedValue, ValuesOracle
from taskkit.spec.answer import (
    CollectionAnswer,
    Column,
    DateAnswer,
    Member,
    ObjectAnswer,
    ScalarAnswer,
    TableAnswer,
)
from taskkit.spec.oracle import Tolerance

KEPT = 10  # significant digits of an expected number
SLACK = 1.02  # of half a unit of the last decimal asked for: rounding after another way to compute
_SCALAR: TypeAdapter[ScalarAnswer] = TypeAdapter(ScalarAnswer)


class VagueError(ValueError):
    """An answer that is of no use: without a value, or the same whatever was done."""


def object_answer(asked: Sequence[ValueSpec], expected: Mapping[str, JsonValue]) -> ObjectAnswer:
    """Give the type of an answer; the width of an array is that of its expected value."""
    return ObjectAnswer(
        kind="object",
        members=tuple(Member(name=one.name, type=kind(one, expected[one.name])) for one in asked),
    )


def kind(asked: ValueSpec, expected: JsonValue) -> Any:
    """Give the type of a value."""
    if asked.kind in ("list", "set", "multiset"):
        return CollectionAnswer(kind=asked.kind, item=scalar(asked.item or "string", asked))
    if asked.kind == "table":
        columns = tuple(table_column(*column) for column in asked.columns)
        return TableAnswer(kind="table", columns=columns, ordered=asked.ordered)
    if asked.kind == "array":
        item = scalar(asked.item or "number", asked)
        rows = expected if isinstance(expected, list) else []
        if not rows or not isinstance(rows[0], list):
            return CollectionAnswer(kind="list", item=item)
        columns = tuple(Column(name=f"column {i + 1}", type=item) for i in range(len(rows[0])))
        return TableAnswer(kind="table", columns=columns, ordered=True)
    return scalar(asked.kind, asked)


def scalar(name: str, asked: ValueSpec) -> ScalarAnswer:
    """Give a scalar type; a number has the unit and decimals that are asked for."""
    if name == "date":
        return DateAnswer(kind="date", precision="day")
    more = {"unit": asked.unit, "decimals": asked.decimals} if name == "number" else {}
    return _SCALAR.validate_python({"kind": name, **more})


def table_column(name: str | int, form: str | int, decimals: str | int | None = None) -> Column:
    """Give a column of a table as the bank writes it: name, kind and decimals."""
    more = {"decimals": decimals} if form == "number" else {}
    return Column(name=str(name), type=_SCALAR.validate_python({"kind": form, **more}))


def values_oracle(asked: Sequence[ValueSpec], expected: Mapping[str, JsonValue]) -> ValuesOracle:
    """Give what judges the answer."""
    return ValuesOracle(
        kind="values",
        values=tuple(
            NamedValue(name=one.name, expected=expected[one.name], tolerance=tolerance(one))
            for one in asked
        ),
    )


def tolerance(asked: ValueSpec) -> Tolerance:
    """Give how near a value must be: half a unit of the last place that is asked for."""
    if asked.digits is not None:
        return Tolerance(absolute=0.0, relative=SLACK * 0.5 * 10.0 ** (1 - asked.digits))
    decimals = [int(column[2]) for column in asked.columns if len(column) > 2]
    if asked.decimals is not None:
        decimals.append(asked.decimals)
    if not decimals:
        return Tolerance()
    return Tolerance(absolute=SLACK * 0.5 * 10.0 ** -min(decimals), relative=1e-9)


def remarks(asked: Sequence[ValueSpec]) -> str:
    """Say what the names and types of the values do not."""
    said = []
    for one in asked:
        digits = f"{one.digits} significant digits" if one.digits is not None else None
        decimals = f"{one.decimals} decimals" if one.kind == "array" and one.decimals else None
        parts = [part for part in (one.about, digits, decimals) if part]
        if parts:
            said.append(f"{one.name}: {', '.join(parts)}")
    return f"In the answer, {'; '.join(said)}." if said else ""


def as_json(value: object) -> JsonValue:
    """Give a value of a program as JSON has it, numbers to ten significant digits.

    Raises:
        VagueError: it has no finite value, or is none that JSON knows.
    """
    if hasattr(value, "item") and not isinstance(value, list | tuple | dict):
        value = value.item()
    if isinstance(value, bool | str | int):
        return value
    if isinstance(value, float):
        if not math.isfinite(value):
            raise VagueError(f"a value is {value}")
        return float(f"{value:.{KEPT}g}")
    if isinstance(value, Mapping):
        return {str(name): as_json(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [as_json(item) for item in value]
    if isinstance(value, set | frozenset):
        return sorted((as_json(item) for item in value), key=repr)
    raise VagueError(f"a value is a {type(value).__name__}")
