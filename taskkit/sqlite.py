"""SQLite files that are only read: opened in one way, and queried within a budget.

The budget is counted in SQLite's own instructions, rows and bytes, so that what is refused does not
depend on the machine's speed. What runs inside a sandbox has its own limits (sandbox/guest).
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from taskkit.errors import SourceError

Value = str | int | float | None
MAX_STEPS = 200_000_000  # SQLite instructions, about 4 s here; far below a task's limits
GRAIN = 10_000  # instructions between two looks at the budget
STEPS_A_BYTE = (
    50  # of a file, to read all of its tables a few times: a row has more bytes than columns
)
MAX_VALUE = 1 << 24  # bytes of one value or row; the longest note of a hospital has far less
MAX_RESULT = 1 << 26  # bytes of the texts of one result
WIDE = re.compile(r"%[-+ #!0,]*(\*|\d{5}|\d*\.(\*|\d{5}))")
"""In a format: SQLite counts no instructions in it, and looks at no limit before it is done."""
REMEDIES = {
    "BUSY": "it closed by the program that writes it",
    "READONLY": "the transaction beside it ended: open it once where it can be written",
}
"""What is needed where a file cannot be opened, by SQLite's names of errors."""
MAX_HEAP = 1 << 30  # bytes that SQLite may use in this process, whatever a query asks of it


class BudgetError(Exception):
    """A query that needs more instructions, rows or bytes than it may."""


class TooManyRowsError(BudgetError):
    """A query that gives more rows than it may.

    Attributes:
        steps: SQLite instructions used up to there, rounded up.
    """

    def __init__(self, message: str, steps: int) -> None:
        """Say what happened, and what it has cost."""
        super().__init__(message)
        self.steps = steps


@dataclass(frozen=True, slots=True)
class Rows:
    """What a query gives."""

    columns: tuple[str, ...]
    rows: list[tuple[Value, ...]]
    steps: int = 0
    """SQLite instructions used, rounded up."""


def uri(path: Path, *, immutable: bool = True) -> str:
    """Write a path as SQLite has it, whatever signs are in it, to be read only.

    Args:
        path: The file.
        immutable: Nobody writes it: a log beside it does not count, and its folder may be
            read-only.
    """
    return f"{path.absolute().as_uri()}?mode=ro{'&immutable=1' if immutable else ''}"


def connect(
    path: Path, *, immutable: bool = True, statements: int = 128, one_thread: bool = True
) -> sqlite3.Connection:
    """Open a database to be read only; its queries can open no other file.

    Args:
        path: The file.
        immutable: Nobody writes it, see `uri`.
        statements: How many queries stay prepared.
        one_thread: No other thread uses it.

    Raises:
        SourceError: there is no regular file, or it is no SQLite database.
    """
    if not path.is_file():
        what = "not a regular file" if path.exists() else "no such file"
        raise SourceError(f"{path}: {what}: need a SQLite database")
    connection = sqlite3.connect(
        uri(path, immutable=immutable),
        uri=True,
        cached_statements=statements,
        check_same_thread=one_thread,
    )
    connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MAX_VALUE)
    for name in ("printf", "format"):
        connection.create_function(name, -1, _formatting(name), deterministic=True)
    try:
        connection.execute(f"pragma hard_heap_limit = {MAX_HEAP}").close()
        connection.execute("select 1 from sqlite_schema limit 1").close()
    except sqlite3.Error as error:
        connection.close()
        need = REMEDIES.get(_kind(error), "a SQLite database")
        raise SourceError(f"{path}: {error}: need {need}") from error
    return connection


def _kind(error: sqlite3.Error) -> str:
    """Give SQLite's name of an error, such as BUSY, without what it says more."""
    return getattr(error, "sqlite_errorname", "SQLITE_ERROR").split("_")[1]


def _formatting(name: str) -> Callable[..., Value]:
    """Stand for a function of SQLite that would repeat a sign as often as it is told to."""
    native = sqlite3.connect(":memory:", check_same_thread=False)

    def call(*values: Value | bytes) -> Value:
        form = values[0] if values else None
        if WIDE.search(form.decode("latin-1") if isinstance(form, bytes) else str(form)):
            raise ValueError(form)
        marks = ",".join("?" * len(values))
        result: Value = native.execute(f"select {name}({marks})", values).fetchone()[0]
        return result

    return call


class Meter:
    """Counts what is run."""

    def __init__(self, max_steps: int) -> None:
        """Allow so many instructions."""
        self._ticks, self._limit = 0, max_steps // GRAIN

    def tick(self) -> int:
        """Count `GRAIN` instructions; say whether that is the end."""
        self._ticks += 1
        return int(self.over)

    @property
    def over(self) -> bool:
        """The budget is spent."""
        return self._ticks > self._limit

    @property
    def steps(self) -> int:
        """Instructions used, rounded up."""
        return (self._ticks + 1) * GRAIN


@contextmanager
def bounded(connection: sqlite3.Connection, max_steps: int = MAX_STEPS) -> Iterator[Meter]:
    """Bound all that a connection runs inside.

    Raises:
        BudgetError: it needs more instructions, or more memory.
    """
    meter = Meter(max_steps)
    connection.set_progress_handler(meter.tick, GRAIN)
    try:
        yield meter
    except sqlite3.OperationalError as error:
        if meter.over:
            raise BudgetError(f"more than {max_steps:,} SQLite instructions") from error
        if "user-defined function" in f"{error}":  # of ours, no other one raises
            raise BudgetError("printf with a width of 10,000 or more, or a computed one") from error
        raise
    except MemoryError as error:
        raise BudgetError(f"more than {MAX_HEAP >> 20:,} MiB of memory") from error
    except sqlite3.DataError as error:
        raise BudgetError(f"a value of more than {MAX_VALUE >> 20} MiB") from error
    finally:
        connection.set_progress_handler(None, 0)


@contextmanager
def scan(connection: sqlite3.Connection, path: Path) -> Iterator[None]:
    """Bound the reading of a file's tables, however large: only an endless view takes longer.

    Raises:
        SourceError: a table has more rows than such a file can hold.
    """
    try:
        with bounded(connection, MAX_STEPS + STEPS_A_BYTE * path.stat().st_size):
            yield
    except BudgetError as error:
        raise SourceError(f"{path}: {error}: need tables, not views without an end") from error


def run(
    connection: sqlite3.Connection,
    sql: str,
    values: Mapping[str, Value] | None = None,
    *,
    max_rows: int = 1000,
    max_steps: int = MAX_STEPS,
) -> Rows:
    """Return the rows of one query.

    It is stopped at one row more than ``max_rows``, which spares much of the work of a query that
    has lost a condition.

    Args:
        connection: What `connect` gives.
        sql: The query.
        values: Of its parameters.
        max_rows: How many rows it may give.
        max_steps: How many SQLite instructions it may use.

    Raises:
        TooManyRowsError: more than ``max_rows`` rows.
        BudgetError: more instructions or bytes than it may.
        sqlite3.Error: the query is no SQL that this database can run.
    """
    cursor = connection.cursor()
    rows: list[tuple[Value, ...]] = []
    left = MAX_RESULT
    try:
        with bounded(connection, max_steps) as meter:
            for row in cursor.execute(sql, values or {}):
                rows.append(row)
                if len(rows) > max_rows:
                    raise TooManyRowsError(f"more than {max_rows:,} rows", meter.steps)
                left -= sum(len(cell) for cell in row if isinstance(cell, str | bytes))
                if left < 0:
                    raise BudgetError(f"more than {MAX_RESULT >> 20} MiB of text")
            columns = tuple(column[0] for column in cursor.description or ())
    finally:
        cursor.close()  # an open one keeps its connection from defining functions
    return Rows(columns, rows, meter.steps)
