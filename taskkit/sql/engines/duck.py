"""DuckDB as a second engine: a file of its own for every database, in a temporary folder."""

from __future__ import annotations

import csv
import tempfile
from dataclasses import dataclass
from pathlib import Path
from threading import Timer
from types import ModuleType
from typing import TYPE_CHECKING

from pydantic import JsonValue

from taskkit.errors import MissingError, SourceError, blame
from taskkit.sql.engines.duck_dialect import DUCKDB, MACROS
from taskkit.sql.engines.engine import MAX_ROWS, QUERY_S, SHOWN, EngineError, as_sqlite, original
from taskkit.verify.engine_results import EngineCode, EngineName

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

NULL = "\\N"  # how a NULL stands in the file that goes between the two
MEMORY = "1GB"
KINDS = {"integer": "bigint", "real": "double", "text": "varchar", "blob": "varchar"}
REFUSALS: tuple[tuple[str, EngineCode], ...] = (
    ("must appear in the GROUP BY clause", "bare_column"),
    ("Cannot compare values of type", "text_affinity"),
    ("Could not convert string", "text_affinity"),
    ("No function matches", "text_affinity"),
    ("No operator matches", "text_affinity"),
    ('Referenced column "', "quoted_text"),
    ("INTERRUPT", "engine_failed"),
    ("Out of Memory", "engine_failed"),
)
"""How DuckDB says that a query rests on something that only SQLite does."""


class DuckFiles:
    """Copies databases to files of DuckDB, which go with the run."""

    name: EngineName = "duckdb"

    def __init__(self) -> None:
        """Make the folder of the copies.

        Raises:
            MissingError: DuckDB is not installed.
        """
        _engine()
        self._folder = tempfile.TemporaryDirectory(prefix="taskkit-duckdb-")

    def copy(self, source: Path, sha256: str) -> DuckFile:
        """Copy a database to a file."""
        path = Path(self._folder.name) / sha256
        return DuckFile(path if path.exists() else copy(source, path))

    def close(self) -> None:
        """Remove the files."""
        self._folder.cleanup()


@dataclass(frozen=True)
class DuckFile:
    """Where a copy is."""

    path: Path

    def open(self) -> Duck:
        """Open the file."""
        return Duck(self.path)


def copy(source: Path, target: Path) -> Path:
    """Write every table of a SQLite database to a DuckDB file, each column in its values' type.

    Raises:
        MissingError: DuckDB is not installed.
        SourceError: the database cannot be read.
    """
    duckdb = _engine()
    passing = target.with_name(f"{target.name}.csv")
    try:
        with (
            blame(SourceError, f"{source}: copying to DuckDB"),
            original(source) as given,
            duckdb.connect(str(target)) as made,
        ):
            for macro in MACROS:
                made.execute(macro)
            for table, columns in given.tables():
                kinds = [f'"{one.name}" {KINDS[one.kind]}' for one in columns]
                made.execute(f'create table "{table}" ({", ".join(kinds)})')
                with passing.open("w", encoding="utf-8", newline="") as file:
                    csv.writer(file).writerows(
                        [NULL if cell is None else cell for cell in row]
                        for row in given.rows(table)
                    )
                made.execute(
                    f"copy \"{table}\" from '{passing}' (header false, nullstr '{NULL}',"
                    " delimiter ',', quote '\"', escape '\"', auto_detect false)"
                )
    finally:
        passing.unlink(missing_ok=True)
    return target


class Duck:
    """A copy that is read: by one thread, with bounded memory, without files or network."""

    dialect = DUCKDB

    def __init__(self, path: Path) -> None:
        limits = {
            "threads": 1,
            "memory_limit": MEMORY,
            "enable_external_access": False,
            "ieee_floating_point_ops": False,  # as in SQLite, a division by zero is NULL
            "lock_configuration": True,
        }
        self._connection: DuckDBPyConnection = _engine().connect(
            str(path), read_only=True, config=limits
        )

    def rows(self, sql: str) -> tuple[int, list[list[JsonValue]]]:
        """Give the number of columns and the rows, as plain values.

        Raises:
            EngineError: DuckDB refuses the query, or it takes too long or gives too many rows.
        """
        duckdb = _engine()
        watch = Timer(QUERY_S, self._connection.interrupt)
        watch.start()
        try:
            done = self._connection.execute(sql)
            width, rows = len(done.description or ()), done.fetchmany(MAX_ROWS + 1)
        except duckdb.Error as error:
            raise _refusal(str(error)) from error
        finally:
            watch.cancel()
        if len(rows) > MAX_ROWS:
            raise EngineError("engine_failed", f"DuckDB: more than {MAX_ROWS} rows")
        return width, [[as_sqlite(cell) for cell in row] for row in rows]

    def close(self) -> None:
        """Close the file."""
        self._connection.close()


def _refusal(message: str) -> EngineError:
    head = message.splitlines()[0]
    for words, code in REFUSALS:
        if words in message:
            return EngineError(code, f"DuckDB: {head[:SHOWN]}")
    construct = head.split(" with name ", 1)[-1].split(" does not exist")[0]
    return EngineError("untranslated", construct[:80])


def _engine() -> ModuleType:
    try:
        import duckdb
    except ImportError as error:
        raise MissingError(
            "duckdb is not installed: --cross-check duckdb needs it: pip install 'taskkit[sql]'"
        ) from error
    return duckdb
