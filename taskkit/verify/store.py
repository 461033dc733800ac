"""Rows about instances, one each, in a SQLite file that survives whatever happens to the run.

One run at a time writes a file; beside it stands `.<name>.lock` for the while. Others may read it.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import fields
from operator import attrgetter
from pathlib import Path
from types import UnionType
from typing import Any, Generic, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from taskkit.errors import MissingError, UsageError, lack
from taskkit.lock import alone

Row = TypeVar("Row")
ALL = "select * from result order by id"
PATIENCE_S = 5.0  # of a reader, for the moment in which a run opens or closes the file


class Store(Generic[Row]):
    """A file of rows of one dataclass, whose first field is the instance's id.

    Each row is safe as soon as it is written.
    """

    def __init__(self, path: Path, row: type[Row], *, fresh: bool = False) -> None:
        """Open the file to write it, or make it.

        Args:
            path: The file; its folder is made where it is not there.
            row: The dataclass.
            fresh: Start over, whatever the file held.

        Raises:
            UsageError: the file is no results file, or another run is writing it.
        """
        self.path = path
        self._read = maker(row)
        columns = columns_of(row)
        self._values = attrgetter(*columns)
        self._put = f"insert or replace into result values ({', '.join('?' * len(columns))})"
        names = [f'"{name}"' for name in columns]
        table = (
            f"create table if not exists result ({names[0]} text primary key,"
            f" {', '.join(names[1:])}) without rowid"
        )
        busy = f"{path}: another run is writing it: wait, or name another file"
        with usable(path), ExitStack() as opened:
            path.parent.mkdir(parents=True, exist_ok=True)
            opened.enter_context(alone(path, busy))
            if fresh:
                for end in ("", "-wal", "-shm"):
                    path.with_name(path.name + end).unlink(missing_ok=True)
            self.connection = opened.enter_context(
                closing(sqlite3.connect(path, isolation_level=None, timeout=PATIENCE_S))
            )
            self.connection.execute("pragma journal_mode = wal")
            self.connection.execute("pragma synchronous = normal")  # safe against a killed process
            self.connection.execute(table)
            check_pages(self.connection)
            check(self.connection, columns)
            self._file = path.stat()
            self._opened = opened.pop_all()

    def put(self, row: Row) -> None:
        """Keep a row, in place of an earlier one on the same instance.

        Raises:
            MissingError: the disk is full, or the file has been deleted.
            UsageError: the file cannot be written any more.
        """
        values: tuple[Any, ...] = self._values(row)
        self._require_file()
        with usable(self.path):
            self.connection.execute(self._put, values)

    def _require_file(self) -> None:
        """Raise a `MissingError` where the file was taken away: what is written would be lost."""
        with suppress(OSError):
            if os.path.samestat(self._file, self.path.stat()):
                return
        raise MissingError(f"{self.path}: deleted while it was written: run it again")

    def forget(self, ids: Iterable[str]) -> None:
        """Drop rows on instances that are no longer there."""
        with usable(self.path):
            self.connection.executemany("delete from result where id = ?", [(one,) for one in ids])

    def ids(self) -> set[str]:
        """Give the ids of all rows."""
        return {row[0] for row in self.connection.execute("select id from result")}

    def __iter__(self) -> Iterator[Row]:
        with usable(self.path), closing(self.connection.execute(ALL)) as cursor:
            yield from map(self._read, cursor)

    def close(self) -> None:
        """Close the file; safe to call twice."""
        self._opened.close()


def read_rows(path: Path, row: type[Row]) -> Iterator[Row]:
    """Give the rows of a file as they stand now, though a run may be writing it.

    Args:
        path: The file, which is there.
        row: The dataclass.

    Raises:
        UsageError: the file is no results file, or cannot be read.
    """
    with usable(path), closing(_reader(path)) as connection:
        check_pages(connection)
        if check(connection, columns_of(row)):
            yield from map(maker(row), connection.execute(ALL))


def read_row(path: Path, row: type[Row], id: str) -> Row | None:
    """Give the row of one id, as it stands now; None where there is no such row or file.

    Raises:
        UsageError: the file is no results file, or cannot be read.
    """
    if not path.exists():
        return None
    with usable(path), closing(_reader(path)) as connection:
        if not check(connection, columns_of(row)):
            return None
        found = connection.execute("select * from result where id = ?", (id,)).fetchone()
        return maker(row)(found) if found else None


def _reader(path: Path) -> sqlite3.Connection:
    """Open a file to read it, in a folder that cannot be written as well."""
    how = "mode=rw"  # to share a file that is being written, a reader writes beside it
    if not os.access(path.parent, os.W_OK):
        how = "mode=ro" if path.with_name(f"{path.name}-wal").exists() else "immutable=1"
    return sqlite3.connect(f"{path.resolve().as_uri()}?{how}", uri=True, timeout=PATIENCE_S)


def columns_of(row: type[Any]) -> tuple[str, ...]:
    """Give the columns of a dataclass's rows."""
    return tuple(field.name for field in fields(row))


def maker(row: type[Row]) -> Callable[[Sequence[Any]], Row]:
    """Give what makes a row of the values in a file.

    It raises a DatabaseError where a value is none that its field can have.
    """
    hints = get_type_hints(row)
    kinds = {name: (kinds_of(hints[name]), choices(hints[name])) for name in columns_of(row)}

    def make(values: Sequence[Any]) -> Row:
        for (name, (types, allowed)), value in zip(kinds.items(), values, strict=True):
            if not isinstance(value, types) or (allowed and value not in allowed):
                raise sqlite3.DatabaseError(f"row {values[0]!r}: {name} is {value!r:.40}")
        return row(*values)

    return make


def choices(hint: Any) -> tuple[Any, ...]:
    """Give the values of a `Literal`; none of another type."""
    return get_args(hint) if get_origin(hint) is Literal else ()


def kinds_of(hint: Any) -> tuple[type, ...]:
    """Give the types that SQLite gives for a field."""
    if get_origin(hint) is Literal:
        return tuple({type(value) for value in get_args(hint)})
    if get_origin(hint) in (Union, UnionType):
        return tuple(kind for part in get_args(hint) for kind in kinds_of(part))
    return (float, int) if hint is float else (int,) if hint is bool else (hint,)


def check(connection: sqlite3.Connection, columns: tuple[str, ...]) -> bool:
    """Hold a file to its columns; False where it has no rows yet.

    Raises:
        DatabaseError: it has others.
    """
    found = tuple(row[1] for row in connection.execute("pragma table_info(result)"))
    if found and found != columns:
        raise sqlite3.DatabaseError("it holds other columns, of another version or command")
    return bool(found)


def check_pages(connection: sqlite3.Connection) -> None:
    """Read every page once: a damaged one is found before a row is taken from the file.

    Raises:
        DatabaseError: one is damaged.
    """
    (found,) = connection.execute("pragma quick_check(1)").fetchone()
    if found != "ok":
        raise sqlite3.DatabaseError("damaged: " + found.splitlines()[-1])


@contextmanager
def usable(path: Path) -> Iterator[None]:
    """Raise an error of ours that names the file in place of SQLite's and the system's.

    Raises:
        MissingError: the machine lacks something, such as room on the disk.
        UsageError: another run is writing the file, or it is no results file.
    """
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        if lacking := lack(error):
            raise MissingError(f"{path}: {lacking}: what it holds is kept") from error
        raise UsageError(f"{path}: {_told(error)}") from error


def _told(error: sqlite3.Error | OSError) -> str:
    """Say what a file is, and what is needed."""
    if isinstance(error, OSError):
        return f"{error.strerror}: need a file in a folder that can be written"
    if not isinstance(error, sqlite3.OperationalError):
        return f"no results file ({error}): delete it, or name another"
    if "locked" in str(error):
        return "another run is writing it: wait, or name another file"
    return f"{error}: need a file in a folder that can be written"


def require(path: Path, command: str) -> None:
    """Raise a UsageError where there is no results file yet."""
    if not path.exists():
        raise UsageError(f"{path}: no results yet: run `taskkit {command}` first")
