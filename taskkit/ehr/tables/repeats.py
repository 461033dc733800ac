"""Rows of a table that stand in it twice."""

from __future__ import annotations

from collections.abc import Sequence

DIGIT = "7"  # no export rounds identifiers to it
HELD = 6_000  # rows remembered; of a larger table a share of the rows, by one of their cells
FEW = 20  # repeats, in however small a table
SHARE = 0.05  # of a table whose rows have no key of their own: some releases repeat a few
KEYED_SHARE = 0.25  # of one whose rows have: under new keys, releases repeat up to a twelfth


class Repeats:
    """Counts rows that are the same as an earlier one, all cells alike but for a key.

    Memory does not grow with the table: of a large one, a share of its rows is looked at.
    """

    def __init__(self, table: str, header: Sequence[str]) -> None:
        """Know nothing yet.

        Args:
            table: Its name, in lower case.
            header: The names of its columns, in lower case.
        """
        stem = table.removesuffix("s")
        self._keyed = header[0] in ("row_id", f"{table}id", f"{stem}_id", f"{stem}id")
        self.by = int(self._keyed and len(header) > 1)
        """The place of the cell that says which rows are looked at; a copy has the same one."""
        self.end = ""
        """What that cell ends with in the rows to look at; longer as the table grows."""
        self._seen: dict[int, tuple[int, str, str]] = {}  # by the cells: line, that cell, key
        self._looked = self._found = 0

    def twice(self, cells: Sequence[str], line: int) -> int | None:
        """Give the line of an earlier row where that tells a table that is not whole.

        That is the first repeat of a row with a key of its own, else None.
        """
        self._looked += 1
        here = line, cells[self.by], cells[0]
        first = self._seen.setdefault(hash(tuple(cells[self.by :])), here)
        if first is not here:
            self._found += 1
            return first[0] if self._keyed and first[2] == cells[0] else None
        if len(self._seen) > HELD:
            self.end = end = f"{DIGIT}{self.end}"
            self._seen = {row: one for row, one in self._seen.items() if one[1].endswith(end)}
        return None

    @property
    def many(self) -> bool:
        """Whether more rows are repeated than any release repeats."""
        share = KEYED_SHARE if self._keyed else SHARE
        return self._found >= FEW and self._found > share * self._looked
