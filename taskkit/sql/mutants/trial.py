"""Run a query on the host, read-only and within a budget, as the document an agent would leave."""

from __future__ import annotations

import json
import sqlite3
from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from pydantic import JsonValue

from taskkit.spec.answer import AnswerSpec
from taskkit.sql.mutants.family import Scalar
from taskkit.sqlite import connect, run

LEAST = 2_000_000  # instructions that any query may use, about 0.05 s
FEW = 20_000  # values of a column that are kept
STATEMENTS = 256  # queries that stay prepared: those of a category, with their mutants
MAPPED = 1 << 34  # bytes of a database that are read in place
MAX_ROWS = 20_000  # more pass the output limit of any task


@dataclass(frozen=True, slots=True)
class Trial:
    """What a query gave."""

    document: bytes
    """`{"columns": [...], "rows": [...]}`, as a SQL program in a sandbox leaves it."""
    rows: int
    steps: int
    """SQLite instructions used, rounded up."""


def most_rows(answer: AnswerSpec, expected: JsonValue) -> int:
    """Give how many rows an answer may have and be right; of a set, rows may repeat."""
    if answer.kind == "set":
        return MAX_ROWS
    return len(expected) if isinstance(expected, list) else 1


def written(columns: list[str], rows: list[list[Scalar]]) -> bytes:
    """Write a result as a SQL program in a sandbox leaves it.

    Raises:
        ValueError: it holds a value that no document can.
    """
    try:
        return json.dumps({"columns": columns, "rows": rows}, allow_nan=False).encode()
    except TypeError as error:
        raise ValueError(str(error)) from error


class Trials:
    """A database to try queries on; never written."""

    def __init__(self, path: Path) -> None:
        """Open it."""
        self.path = path
        self._columns: dict[tuple[str, str], list[Scalar]] = {}
        self._near: dict[tuple[str, str, Scalar], Scalar] = {}

    @cached_property
    def connection(self) -> sqlite3.Connection:
        """The open database."""
        opened = connect(self.path, statements=STATEMENTS)
        opened.execute(
            f"pragma mmap_size = {MAPPED}"
        )  # its own cache holds 2 MB, and is in the way
        return opened

    @cached_property
    def tables(self) -> frozenset[str]:
        """Names of its tables, in lower case."""
        rows = self.connection.execute("select lower(name) from sqlite_schema")
        return frozenset(row[0] for row in rows)

    def run(
        self,
        sql: str,
        values: Mapping[str, Scalar] | None = None,
        *,
        max_steps: int = 200_000_000,
        most: int = MAX_ROWS,
    ) -> Trial:
        """Run one query.

        Args:
            values: Of its parameters.

        Raises:
            BudgetError: it needs more than ``max_steps``.
            TooManyRowsError: it gives more than ``most`` rows.
            sqlite3.Error: SQLite refuses it.
            ValueError: it gives a value that no document can hold.
        """
        columns, rows, steps = self.rows(sql, values, max_steps=max_steps, most=most)
        return Trial(written(columns, rows), len(rows), steps)

    def rows(
        self, sql: str, values: Mapping[str, Scalar] | None, *, max_steps: int, most: int
    ) -> tuple[list[str], list[list[Scalar]], int]:
        """Give the columns and rows of one query, and the SQLite instructions used.

        Raises:
            BudgetError: it needs more than ``max_steps``.
            TooManyRowsError: it gives more than ``most``.
            sqlite3.Error: SQLite refuses it.
        """
        found = run(self.connection, sql, values, max_rows=most, max_steps=max_steps)
        return list(found.columns), list(map(list, found.rows)), found.steps

    def neighbour(self, table: str, column: str, value: Scalar) -> Scalar:
        """Give the next value of a column, or the one before where it is the last."""
        key = table, column, value
        if key not in self._near:
            self._near[key] = self._find(*key)
        return self._near[key]

    def _find(self, table: str, column: str, value: Scalar) -> Scalar:
        known = self._column(table, column)
        if known and type(value) is type(known[0]):
            place = bisect_right(known, value)  # type: ignore[type-var]
            if place < len(known):
                return known[place]
            place = bisect_left(known, value)  # type: ignore[type-var]
            return known[place - 1] if place else None
        for choice, sign in (("min", ">"), ("max", "<")):
            query = f'select {choice}("{column}") from "{table}" where "{column}" {sign} ?'
            try:
                (found,) = self.connection.execute(query, (value,)).fetchone()
            except sqlite3.Error:
                return None
            if found is not None and type(found) in (str, int, float):
                near: Scalar = found
                return near
        return None

    def _column(self, table: str, column: str) -> list[Scalar]:
        """Give the values of a column in order where they are few and of one type."""
        key = table, column
        if key not in self._columns:
            query = f'select distinct "{column}" from "{table}" limit {FEW + 1}'
            try:
                found = [row[0] for row in self.connection.execute(query) if row[0] is not None]
            except sqlite3.Error:
                found = []
            alike = len(found) <= FEW and len(set(map(type, found))) == 1
            self._columns[key] = sorted(found) if alike else []
        return self._columns[key]

    def close(self) -> None:
        """Close the database."""
        if "connection" in self.__dict__:
            self.connection.close()
