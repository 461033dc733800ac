"""The lines of a file of a table: unzipped, counted, digested, and known to be whole."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import zlib
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from taskkit.ehr.tables.file_kind import LONGEST, fault
from taskkit.ehr.tables.sums import hashes
from taskkit.errors import SourceError

GZIP = b"\x1f\x8b"
MAX_LINE = 1 << 20  # characters; no table has a row of as many
BUFFER = 1 << 20  # bytes; progress is told this often
BROKEN = (OSError, EOFError, zlib.error, UnicodeDecodeError, csv.Error)


def lines(
    path: Path, stream: io.BufferedReader[Any], algorithms: Collection[str] = ()
) -> tuple[Iterator[str], Ended]:
    """Give the lines of a file, unzipped, and what knows whether the last one has ended.

    Args:
        path: What messages name.
        stream: The file.
        algorithms: What is to be digested of a zipped one's content.

    Raises:
        SourceError: it is of another kind than CSV.
    """
    start = stream.peek(LONGEST)[:LONGEST]
    zipped = start[:2] == GZIP
    what = None if zipped else fault(start)
    if what is None and (zipped or path.suffix.lower() == ".gz"):
        unzipped = gzip.GzipFile(fileobj=stream)
        with suppress(*BROKEN):  # told when it is read
            what = fault(unzipped.peek(LONGEST)[:LONGEST])
        ended = Ended(unzipped, algorithms)
    else:
        ended = Ended(stream)
    if what is not None:
        raise SourceError(f"{path}:1: {what}")
    text = io.TextIOWrapper(
        io.BufferedReader(ended, BUFFER), "utf-8-sig", "surrogateescape", newline=""
    )
    return iter(partial(text.readline, MAX_LINE), ""), ended


def header(reader: Iterator[list[str]]) -> list[str]:
    """Give the names in the first line that is not blank, in lower case; none of an empty file."""
    first = next((cells for cells in reader if not blank(cells)), [])
    return [name.strip().lower() for name in first]


def blank(cells: Sequence[str]) -> bool:
    """Whether a line has nothing on it but spaces."""
    return not cells or (len(cells) == 1 and not cells[0].strip())


class Ended(io.RawIOBase):
    """A stream that knows whether it ended with a line, and digests what is read of it."""

    def __init__(self, stream: io.BufferedIOBase, algorithms: Collection[str] = ()) -> None:
        """Have read nothing yet."""
        self.whole = True
        self.hashes = {name: hashlib.new(name) for name in algorithms}
        self._stream = stream

    def readable(self) -> bool:
        """Say that it is."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # typeshed: Buffer
        """Read the next bytes."""
        size = self._stream.readinto(buffer)
        if size:
            self.whole = buffer[size - 1] in b"\r\n"
            for one in self.hashes.values():
                one.update(buffer[:size])
        return size


class Counted(io.RawIOBase):
    """A file that digests and counts what is read of it."""

    def __init__(self, raw: io.FileIO, algorithms: set[str], told: Callable[[int], None]) -> None:
        """Digest by algorithms, and by SHA-256; tell the size of each reading."""
        self.hashes = hashes(algorithms)
        self._raw = raw
        self._told = told

    def readable(self) -> bool:
        """Say that it is."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # typeshed: Buffer
        """Read the next bytes."""
        size = self._raw.readinto(buffer) or 0
        for one in self.hashes.values():
            one.update(buffer[:size])
        self._told(size)
        return size
