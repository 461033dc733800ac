"""Rows of a table that stand in it twice."""

from __future__ import annotations

from collections.abc import Sequence

DIGIT = "7"  # no export rounds identifiers to it
HELD = 8_000  # rows remembered; of a larger table a share of the rows, by their first cell
FEW = 20  # repeats, in however small a table
SHARE = 0.05  # of a table whose rows have no key of their own: some releases repeat a few


class Repeats:
    """Counts rows that are the same as an earlier one, all cells alike.

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
        self.end = ""
        """What the first cells of the rows to look at end with; longer as the table grows."""
        self._seen: dict[int, tuple[int, str]] = {}  # by the row: its line and first cell
        self._looked = self._found = 0

    def twice(self, cells: Sequence[str], line: int) -> int | None:
        """Give the line of an earlier row where that tells a table that is not whole.

        That is the first repeat where rows have a key of their own, else None.
        """
        self._looked += 1
        first, _ = self._seen.setdefault(hash(tuple(cells)), (line, cells[0]))
        if first != line:
            self._found += 1
            return first if self._keyed else None
        if len(self._seen) > HELD:
            self.end = end = f"{DIGIT}{self.end}"
            self._seen = {row: one for row, one in self._seen.items() if one[1].endswith(end)}
        return None

    @property
    def many(self) -> bool:
        """Whether more rows are repeated than any release repeats."""
        return self._found >= FEW and self._found > SHARE * self._looked
