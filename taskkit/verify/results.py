"""What was found of each instance, in a SQLite file that survives whatever happens to the run."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from typing import Literal

from taskkit.errors import UsageError, blame

Code = Literal[
    "proved",
    "reference_wrong",
    "reference_failed",
    "unstable",
    "spec_invalid",
    "asset_invalid",
    "sandbox_failed",
]
"""`proved`, or why not; `sandbox_failed` says nothing about the instance and is tried again."""


@dataclass(frozen=True, slots=True)
class Result:
    """The finding on one instance."""

    id: str
    file: str
    """Path below the taskset."""
    sha256: str
    """Digest of the file's bytes; it covers the assets too, which the file names by digest."""
    domain: str
    split: str
    category: str
    code: Code
    detail: str
    repeats: int
    """How often the reference was played in a fresh sandbox."""
    answer: str
    """Digest of the answer that the reference gave."""
    wall_s: float
    """Seconds for all repeats, sandbox included."""
    program_s: float
    """CPU seconds of the reference's programs."""
    sandbox: str
    """Backend that it was played in."""
    version: str
    """Version of taskkit that found it."""


COLUMNS = tuple(field.name for field in fields(Result))
TABLE = f"""
create table if not exists result (
    {COLUMNS[0]} text primary key, {", ".join(COLUMNS[1:])}
) without rowid
"""


class Results:
    """The findings on one taskset, one row an instance; each is safe as soon as it is written."""

    def __init__(self, path: Path) -> None:
        """Open the file, or make it.

        Raises:
            UsageError: the file is no results file, or another run is writing it.
        """
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        with _usable(path):
            self._connection = sqlite3.connect(path, isolation_level=None, timeout=0)
            self._connection.execute("pragma journal_mode = wal")
            self._connection.execute("pragma synchronous = normal")  # safe against a killed process
            self._connection.execute("pragma locking_mode = exclusive")
            self._connection.execute("begin immediate")
            self._connection.execute(TABLE)
            self._connection.execute("commit")

    def put(self, result: Result) -> None:
        """Keep a finding, in place of an earlier one on the same instance."""
        marks = ", ".join("?" * len(COLUMNS))
        with blame(UsageError, f"{self.path}: a result could not be written"):
            self._connection.execute(
                f"insert or replace into result values ({marks})", astuple(result)
            )

    def forget(self, ids: list[str]) -> None:
        """Drop findings on instances that are no longer there."""
        self._connection.executemany("delete from result where id = ?", [(one,) for one in ids])

    def current(self, sandbox: str, version: str, repeats: int) -> dict[str, tuple[str, Code]]:
        """Give file digest and code by id, of findings that need not be made again."""
        rows = self._connection.execute(
            "select id, sha256, code from result where sandbox = ? and version = ?"
            " and repeats >= ? and code <> 'sandbox_failed'",
            (sandbox, version, repeats),
        )
        return {row[0]: (row[1], row[2]) for row in rows}

    def __iter__(self) -> Iterator[Result]:
        with closing(self._connection.execute("select * from result order by id")) as cursor:
            for row in cursor:
                yield Result(*row)

    def close(self) -> None:
        """Close the file; safe to call twice."""
        self._connection.close()


@contextmanager
def _usable(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:
        if "locked" not in str(error):
            raise UsageError(
                f"{path}: {error}: need a file in a folder that can be written"
            ) from error
        raise UsageError(
            f"{path}: another run is writing it: wait, or name another file"
        ) from error
    except sqlite3.DatabaseError as error:
        raise UsageError(
            f"{path}: no results file ({error}): delete it, or name another"
        ) from error


def read_results(path: Path) -> Iterator[Result]:
    """Give the findings of a results file, while no run is writing it.

    Raises:
        UsageError: there is no such file, or it is being written.
    """
    if not path.exists():
        raise UsageError(f"{path}: no results yet: run `taskkit verify` first")
    results = Results(path)
    try:
        yield from results
    finally:
        results.close()
