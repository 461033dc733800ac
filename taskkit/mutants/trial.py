"""Run a query on the host, read-only and within a budget, as the document an agent would leave."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from taskkit.mutants.family import Scalar
from taskkit.questions.execution import connect

GRAIN = 10_000  # SQLite instructions between two looks at the budget
LEAST = 2_000_000  # instructions that any query may use, about 0.05 s
MAX_ROWS = 20_000  # more pass the output limit of any task


class OverBudgetError(Exception):
    """A query that needs more instructions, or gives more rows, than allowed."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What a query gave."""

    document: bytes
    """`{"columns": [...], "rows": [...]}`, as a SQL program in a sandbox leaves it."""
    rows: int
    steps: int
    """SQLite instructions used, rounded up."""


class Trials:
    """A database to try queries on; never written."""

    def __init__(self, path: Path) -> None:
        """Open it."""
        self.path = path
        self._near: dict[tuple[str, str, Scalar], Scalar] = {}

    @cached_property
    def connection(self) -> sqlite3.Connection:
        """The open database."""
        return connect(self.path)

    @cached_property
    def tables(self) -> frozenset[str]:
        """Names of its tables, in lower case."""
        rows = self.connection.execute("select lower(name) from sqlite_schema")
        return frozenset(row[0] for row in rows)

    def run(
        self, sql: str, values: Mapping[str, Scalar] | None = None, *, max_steps: int = 200_000_000
    ) -> Trial:
        """Run one query.

        Args:
            values: Of its parameters.

        Raises:
            OverBudgetError: it needs more than ``max_steps``, or gives too many rows.
            sqlite3.Error: SQLite refuses it.
            ValueError: it gives a value that no document can hold.
        """
        ticks = 0
        limit = max_steps // GRAIN

        def tick() -> int:
            nonlocal ticks
            ticks += 1
            return int(ticks > limit)

        self.connection.set_progress_handler(tick, GRAIN)
        try:
            cursor = self.connection.execute(sql, values or {})
            rows = cursor.fetchmany(MAX_ROWS + 1)
        except sqlite3.OperationalError as error:
            if ticks > limit:
                raise OverBudgetError(f"more than {max_steps:,} SQLite instructions") from error
            raise
        finally:
            self.connection.set_progress_handler(None, 0)
        if len(rows) > MAX_ROWS:
            raise OverBudgetError(f"more than {MAX_ROWS:,} rows")
        columns = [column[0] for column in cursor.description or ()]
        try:
            text = json.dumps({"columns": columns, "rows": rows}, allow_nan=False)
        except TypeError as error:
            raise ValueError(str(error)) from error
        return Trial(text.encode(), len(rows), (ticks + 1) * GRAIN)

    def neighbour(self, table: str, column: str, value: Scalar) -> Scalar:
        """Give the next value of a column, or the one before where it is the last."""
        key = table, column, value
        if key not in self._near:
            self._near[key] = self._find(*key)
        return self._near[key]

    def _find(self, table: str, column: str, value: Scalar) -> Scalar:
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

    def close(self) -> None:
        """Close the database."""
        if "connection" in self.__dict__:
            self.connection.close()
