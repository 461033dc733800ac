"""Tables of hospital data as they lie: in a SQLite file, or in a folder of CSV files."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol

from taskkit.ehr.tables.database import tables_of
from taskkit.errors import SourceError, blame
from taskkit.sqlite import connect, scan

Cell = str | float | None
Names = Sequence[str]
"""A column under each name that a release gives it."""


class Tables(Protocol):
    """Gives the rows of tables."""

    def has(self, table: str) -> bool:
        """Whether there is a table of this name."""
        ...

    def rows(self, table: str, columns: Sequence[Names]) -> Iterator[tuple[Cell, ...]]:
        """The wanted columns of every row; none for a column that is not there."""
        ...


def open_tables(source: Path) -> Tables:
    """Open a source.

    Raises:
        SourceError: it is neither a SQLite file nor a folder of CSV files.
    """
    if source.is_dir():
        return Folder(source)
    if not source.is_file():
        raise SourceError(f"{source}: no such file: need a SQLite database or a folder of tables")
    return Database(source)


class Database:
    """A SQLite file."""

    def __init__(self, path: Path) -> None:
        """Look at its tables."""
        self._path, self._connection = path, connect(path, immutable=False)
        with blame(SourceError, str(path)):
            self._columns = tables_of(self._connection)

    def has(self, table: str) -> bool:
        """Whether there is a table of this name."""
        return table in self._columns

    def rows(self, table: str, columns: Sequence[Names]) -> Iterator[tuple[Cell, ...]]:
        """The wanted columns of every row; none for a column that is not there."""
        known = self._columns[table]
        chosen = [next((name for name in names if name in known), "null") for names in columns]
        wanted = ", ".join(chosen)
        with scan(self._connection, self._path):
            yield from self._connection.execute(f"select {wanted} from {table}")


class Folder:
    """A folder of CSV files, gzipped or not, in it or in its folders."""

    def __init__(self, folder: Path) -> None:
        """Look for its files."""
        self._files: dict[str, Path] = {}
        for path in sorted(folder.rglob("*")):
            name = path.name.lower()
            if name.endswith((".csv", ".csv.gz")):
                self._files.setdefault(name.split(".")[0], path)
        if not self._files:
            raise SourceError(f"{folder}: no CSV files: need the tables of a release")

    def has(self, table: str) -> bool:
        """Whether there is a table of this name."""
        return table in self._files

    def rows(self, table: str, columns: Sequence[Names]) -> Iterator[tuple[Cell, ...]]:
        """The wanted columns of every row; none for a column that is not there."""
        path = self._files[table]
        with (
            blame(SourceError, str(path)),
            (
                gzip.open(path, "rt", encoding="utf-8", newline="")
                if path.name.endswith(".gz")
                else path.open(encoding="utf-8", newline="")
            ) as file,
        ):
            reader = csv.reader(file)
            head = [name.lower() for name in next(reader)]
            places = [
                next((head.index(name) for name in names if name in head), None)
                for names in columns
            ]
            for row in filter(None, reader):
                yield tuple(None if place is None else row[place] or None for place in places)
