"""Rows about instances, one each, in a SQLite file that survives whatever happens to the run."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import fields
from operator import attrgetter
from pathlib import Path
from typing import Any, Generic, TypeVar

from taskkit.errors import UsageError, blame

Row = TypeVar("Row")


class Store(Generic[Row]):
    """A file of rows of one dataclass, whose first field is the instance's id.

    Each row is safe as soon as it is written.
    """

    def __init__(self, path: Path, row: type[Row]) -> None:
        """Open the file, or make it.

        Raises:
            UsageError: the file is no results file, or another run is writing it.
        """
        self.path = path
        self._row = row
        self.columns = tuple(field.name for field in fields(row))  # type: ignore[arg-type]
        self._values = attrgetter(*self.columns)
        names = [f'"{name}"' for name in self.columns]
        table = (
            f"create table if not exists result ({names[0]} text primary key,"
            f" {', '.join(names[1:])}) without rowid"
        )
        path.parent.mkdir(parents=True, exist_ok=True)
        with usable(path):
            self.connection = sqlite3.connect(path, isolation_level=None, timeout=0)
            self.connection.execute("pragma journal_mode = wal")
            self.connection.execute("pragma synchronous = normal")  # safe against a killed process
            self.connection.execute("pragma locking_mode = exclusive")
            self.connection.execute("begin immediate")
            self.connection.execute(table)
            self.connection.execute("commit")
            self._check()

    def _check(self) -> None:
        found = [row[1] for row in self.connection.execute("pragma table_info(result)")]
        if tuple(found) != self.columns:
            raise sqlite3.DatabaseError("it holds other columns, of another version or command")

    def put(self, row: Row) -> None:
        """Keep a row, in place of an earlier one on the same instance."""
        marks = ", ".join("?" * len(self.columns))
        values: tuple[Any, ...] = self._values(row)
        with blame(UsageError, f"{self.path}: a result could not be written"):
            self.connection.execute(f"insert or replace into result values ({marks})", values)

    def forget(self, ids: Iterable[str]) -> None:
        """Drop rows on instances that are no longer there."""
        self.connection.executemany("delete from result where id = ?", [(one,) for one in ids])

    def ids(self) -> set[str]:
        """Give the ids of all rows."""
        return {row[0] for row in self.connection.execute("select id from result")}

    def __iter__(self) -> Iterator[Row]:
        with closing(self.connection.execute("select * from result order by id")) as cursor:
            for row in cursor:
                yield self._row(*row)

    def close(self) -> None:
        """Close the file; safe to call twice."""
        self.connection.close()


@contextmanager
def usable(path: Path) -> Iterator[None]:
    """Raise a UsageError that names the file in place of SQLite's errors."""
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


def require(path: Path, command: str) -> None:
    """Raise a UsageError where there is no results file yet."""
    if not path.exists():
        raise UsageError(f"{path}: no results yet: run `taskkit {command}` first")
