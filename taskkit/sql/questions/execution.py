"""Run a query within a budget that does not depend on the machine's speed."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from pathlib import Path

MAX_STEPS = 200_000_000  # SQLite instructions, about 4 s here; far below a task's limits
MAX_VALUE = 1 << 20  # bytes of one value, also on the way to the answer
UNBOUNDED = ("printf", "format", "randomblob", "zeroblob")
"""Functions that one instruction keeps busy for a minute, or whose value is chance."""
FAILED = "user-defined function raised exception"
STEP_GRAIN = 100_000  # instructions between two looks at the budget


class BudgetError(Exception):
    """A query that needs more instructions, or gives more rows, than a task may."""


class TooManyRowsError(BudgetError):
    """A query that gives more rows than a task may."""


@dataclass(frozen=True, slots=True)
class Rows:
    """What a query gives."""

    columns: tuple[str, ...]
    rows: list[tuple[str | int | float | None, ...]]


def connect(path: Path, *, statements: int = 128) -> sqlite3.Connection:
    """Open a database that nobody writes, read-only, for queries that may be hostile.

    Args:
        statements: How many queries stay prepared.
    """
    place = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
    connection = sqlite3.connect(place, uri=True, cached_statements=statements)
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MAX_VALUE)
    for name in UNBOUNDED:
        connection.create_function(name, -1, _refused)
    return connection


def _refused(*_: object) -> None:
    raise ValueError


def run(
    connection: sqlite3.Connection,
    sql: str,
    parameters: dict[str, str | int | float | None] | None = None,
    *,
    max_rows: int = 1000,
    max_steps: int = MAX_STEPS,
) -> Rows:
    """Return the rows of one query.

    Raises:
        TooManyRowsError: more than ``max_rows`` rows.
        BudgetError: more than ``max_steps`` instructions.
        sqlite3.Error: the query is no SQL that this database can run.
    """
    left = max_steps // STEP_GRAIN

    def tick() -> int:
        nonlocal left
        left -= 1
        return int(left < 0)

    connection.set_progress_handler(tick, STEP_GRAIN)
    cursor = connection.cursor()
    try:
        cursor.execute(sql, parameters or {})
        columns = tuple(column[0] for column in cursor.description or ())
        rows = cursor.fetchmany(max_rows + 1)
    except sqlite3.OperationalError as error:
        if left < 0:
            raise BudgetError(f"more than {max_steps} SQLite instructions") from error
        if str(error) == FAILED:
            named = ", ".join(UNBOUNDED)
            raise sqlite3.OperationalError(f"calls a function without bounds ({named})") from error
        raise
    finally:
        cursor.close()  # an open one keeps its connection from defining functions
        connection.set_progress_handler(None, 0)
    if len(rows) > max_rows:
        raise TooManyRowsError(f"more than {max_rows} rows")
    return Rows(columns, rows)
