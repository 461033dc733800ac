"""Rows of a table that stand in it twice."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

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
        self._seen: dict[int, int] = {}  # by the row: its line, and what chooses it
        self._mask = 0
        self._looked = self._found = 0

    def twice(self, cells: Sequence[str], line: int) -> int | None:
        """Give the line of an earlier row where that tells a table that is not whole.

        That is the first repeat where rows have a key of their own, else None.
        """
        share = zlib.crc32(cells[0].encode("utf-8", "replace"))
        if share & self._mask:
            return None
        self._looked += 1
        first = self._seen.setdefault(hash(tuple(cells)), line << 32 | share) >> 32
        if first != line:
            self._found += 1
            return first if self._keyed else None
        if len(self._seen) > HELD:
            self._mask = 2 * self._mask + 1
            self._seen = {row: one for row, one in self._seen.items() if not one & self._mask}
        return None

    @property
    def many(self) -> bool:
        """Whether more rows are repeated than any release repeats."""
        return self._found >= FEW and self._found > SHARE * self._looked
