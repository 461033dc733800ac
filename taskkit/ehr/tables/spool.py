"""Rows on their way to a database: kept on disk, their values permuted across them."""

from __future__ import annotations

import marshal
import tempfile
from array import array
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import IO

from taskkit.ehr.tables.column import Cell
from taskkit.errors import MissingError

CHUNK = 10_000  # rows written to disk at once
Row = tuple[Cell, ...]


class Spool:
    """Rows in order, each a part that stays with its patient and a part that may change places.

    The first parts wait on disk; of the second, every distinct one is held once, and each row
    holds four bytes. So 30 million rows of laboratory values need about 300 MB.
    """

    def __init__(self, folder: Path) -> None:
        """Keep the rows in a file without a name in ``folder``."""
        self._folder = folder
        self._file: IO[bytes] = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115  # closed in exit
        self._pending: list[Row] = []
        self._codes: dict[Row, int] = {}
        self._order = array("I")

    def __enter__(self) -> Spool:
        """Give the spool."""
        return self

    def __exit__(self, *_: object) -> None:
        """Forget the rows."""
        self._file.close()

    def add(self, own: Row, values: Row) -> None:
        """Append a row."""
        self._order.append(self._codes.setdefault(values, len(self._codes)))
        self._pending.append(own)
        if len(self._pending) == CHUNK:
            self._flush()

    def shuffle(self, random: Random) -> None:
        """Permute the second parts over all rows."""
        random.shuffle(self._order)

    def distinct(self) -> list[Row]:
        """Give each second part once, in the order of first appearance."""
        return list(self._codes)

    def __iter__(self) -> Iterator[tuple[Row, Row]]:
        """Give the rows in order."""
        self._flush()
        values = list(self._codes)
        self._file.seek(0)
        done = 0
        while done < len(self._order):
            for own in marshal.load(self._file):  # written by this process
                yield own, values[self._order[done]]
                done += 1

    def _flush(self) -> None:
        if self._pending:
            try:
                marshal.dump(self._pending, self._file)
                self._file.flush()
            except OSError as error:
                raise MissingError(
                    f"{self._folder}: cannot keep rows here: {error.strerror}: need room for the "
                    "events of the patients taken"
                ) from error
            self._pending.clear()
