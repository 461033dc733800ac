"""What the rows of a table say that contradicts the other tables, or one another."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from itertools import takewhile
from pathlib import Path

from taskkit.ehr.tables.column import Cell, Column, Listed
from taskkit.errors import SourceError

UNLIKELY = 1e-6  # that so many stays have no row by chance


class Consistency:
    """Looks at the rows of a table as they are read."""

    def __init__(
        self, path: Path, columns: Sequence[Column], owners: Mapping[Cell, Cell] | None = None
    ) -> None:
        """Know nothing yet.

        Args:
            path: The file.
            columns: Those that are read.
            owners: The patient of each stay of the source, in the order of their table; the first
                two columns are then a patient and a stay.
        """
        self._path = path
        self._keys = [i for i, column in enumerate(columns) if column.unique]
        self._columns = columns
        self._lines: dict[tuple[Cell, ...], int] = {}
        self._owners = owners
        self._stays: set[Cell] = set()
        self._strangers = [Strangers(one, one.listed) for one in columns if one.listed is not None]
        self._rows = 0

    def stranger(self, column: Column) -> Callable[[str], None] | None:
        """Give what counts a cell that turned its row away, if its column is listed elsewhere."""
        return next((one.meet for one in self._strangers if one.column is column), None)

    def check(self, row: tuple[Cell, ...], line: int) -> None:
        """Look at a row that is wanted.

        Raises:
            SourceError: its key stands in an earlier row, or its stay is another patient's.
        """
        self._rows += 1
        if self._keys:
            key = tuple([row[i] for i in self._keys])
            first = self._lines.setdefault(key, line)
            if first != line:
                names = ", ".join(f"{self._columns[i].name} {row[i]}" for i in self._keys)
                raise SourceError(f"{self._path}:{line}: {names}: as in line {first}: need it once")
        if self._owners is not None:
            patient, stay = row[:2]
            owner = self._owners.get(stay, patient)
            if owner != patient:
                person, place = (column.name for column in self._columns[:2])
                raise SourceError(
                    f"{self._path}:{line}: {place} {stay}: of {person} {patient}, elsewhere of"
                    f" {owner}: need tables of one release"
                )
            self._stays.add(stay)

    def notes(self, table: str) -> list[str]:
        """Say what of the table was left out, or seems not to be there, a line each.

        Raises:
            SourceError: more of its rows have a code that the dictionary lacks than have one.
        """
        return [
            f"{table}: {one.said(self._path, self._rows)}" for one in self._strangers if one.count
        ]

    def tail(self, table: str, taken: Container[Cell] | None) -> Iterable[str]:
        """Say where a table has no row of the last stays, though of nearly all before."""
        stays = [stay for stay in self._owners or () if taken is None or stay in taken]
        last = len(list(takewhile(lambda stay: stay not in self._stays, reversed(stays))))
        others = len(stays) - last
        seen = sum(stay in self._stays for stay in stays)
        if ((others - seen + 1) / (others + 2)) ** last < UNLIKELY:
            yield (
                f"{table}: no row of the last {last:,} of {len(stays):,} stays, but of {seen:,}"
                " before: is the file whole?"
            )


class Strangers:
    """Counts the cells of a column that are not in the table which lists its values."""

    def __init__(self, column: Column, listed: Listed) -> None:
        """Have met none yet."""
        self.column = column
        self.count = 0
        self._listed = listed
        self._first = ""
        self._known: dict[str, bool] = {}

    def meet(self, raw: str) -> None:
        """Count a cell if its value is not listed."""
        known = self._known.get(raw)
        if known is None:
            value = self.column.read(raw)
            known = self._known[raw] = value is None or value in self._listed.values
        if not known:
            self.add(raw)

    def add(self, raw: str) -> None:
        """Count a cell whose value is not listed."""
        self._first = self._first or raw
        self.count += 1

    def said(self, path: Path, others: int) -> str:
        """Say how many there are.

        Args:
            path: The file.
            others: Rows of it whose value is listed.

        Raises:
            SourceError: most codes are in no dictionary.
        """
        said = (
            f"{self.count:,} rows whose {self.column.name} is not in {self._listed.table}, such as"
            f" {self._first!r}"
        )
        if self._listed.dictionary and self.count > others:
            raise SourceError(
                f"{path}: {said}, and {others:,} others: need both tables of one release, as"
                " published"
            )
        return said
