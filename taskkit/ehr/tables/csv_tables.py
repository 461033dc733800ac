"""A folder of tables as CSV or gzipped CSV, read as streams; names and headers in any case."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import re
import zlib
from collections import Counter
from collections.abc import Callable, Collection, Generator, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from difflib import get_close_matches
from functools import partial
from pathlib import Path
from typing import Any

from taskkit.build.origin import Progress, silent
from taskkit.ehr.tables.column import Cell, Column
from taskkit.ehr.tables.file_kind import LONGEST, fault
from taskkit.ehr.tables.finding import find
from taskkit.ehr.tables.repeats import Repeats
from taskkit.ehr.tables.sums import Sums, hashes
from taskkit.errors import SourceError

GZIP = b"\x1f\x8b"
MAX_LINE = 1 << 20  # characters; no table has a row of as many
BUFFER = 1 << 20  # bytes; progress is told this often
LONGEST_SHOWN = 60  # characters of a line that is no header
NO_WORD = re.compile(r"\W")
BROKEN = (OSError, EOFError, zlib.error, UnicodeDecodeError, csv.Error)


class TableFolder:
    """The tables of a folder; a table that is needed and absent is an error at once."""

    def __init__(
        self,
        folder: Path,
        needed: Sequence[str],
        progress: Progress = silent,
        optional: Sequence[str] = (),
    ) -> None:
        """Find the files of the ``needed`` tables, which are named in lower case.

        ``needed`` has one entry for each time that a table will be read: progress adds them up.
        So has ``optional``, whose tables are read where they are there.
        """
        if not folder.is_dir():
            raise SourceError(f"{folder}: not a folder: need one with the tables as CSV files")
        self.folder = folder
        try:
            found = find(folder, sorted(set(needed)), sorted(set(optional)))
            self.paths = found.paths
            read = (name for name in (*needed, *optional) if name in self.paths)
            self._total = sum(self.paths[name].stat().st_size for name in read)
        except OSError as error:
            raise _unopened(folder, error) from error
        self._done = 0
        self._progress = progress
        self._digests: dict[str, str] = {}
        self._sums = Sums(folder)
        self.counts: dict[str, int] = {}
        """Rows of each table that was read to its end, those included that nobody wanted."""
        self.excerpts = {name: found.paths[name].name for name in sorted(found.excerpts)}
        """The files that say in their names that they have some rows of a table."""

    def has(self, table: str, column: str) -> bool:
        """Whether a table's header names a column; False too where it cannot be read."""
        path = self.paths[table]
        with suppress(SourceError, *BROKEN), path.open("rb", buffering=0) as raw:
            names = _header(csv.reader(_lines(path, io.BufferedReader(raw))[0]))
            return column in names
        return False

    def rows(self, table: str, columns: Sequence[Column]) -> Iterator[tuple[Cell, ...]]:
        """Give the wanted columns of every row that no column turns away, in the file's order.

        Memory does not grow with the file.

        Raises:
            SourceError: names the file and the line that cannot be read, and what is needed.
        """
        path = self.paths[table]
        try:
            raw = path.open("rb", buffering=0)
        except OSError as error:
            raise _unopened(path, error) from error
        with raw:
            algorithms = self._sums.algorithms(path)
            counted = _Counted(raw, algorithms, lambda size: self._read(table, size))
            buffered = io.BufferedReader(counted, BUFFER)
            lines, ended = _lines(path, buffered)
            self.counts[table] = yield from _Table(table, path, lines).rows(columns)
            while buffered.read(BUFFER):
                pass
            if not ended.whole:
                raise SourceError(
                    f"{path}: ends in the middle of a line: need the whole file: copy it again (or"
                    " end its last line, if that is whole)"
                )
        digests = {name: one.hexdigest() for name, one in counted.hashes.items()}
        self._digests[table] = digests["sha256"]
        self._sums.check(path, digests)

    def digest(self) -> str:
        """Give one digest of all the tables read to their end so far."""
        lines = (f"{name} {self._digests[name]}\n" for name in sorted(self._digests))
        return hashlib.sha256("".join(lines).encode()).hexdigest()

    def _read(self, table: str, size: int) -> None:
        self._done += size
        self._progress(f"reading {table}", min(self._done, self._total), self._total)


@dataclass
class _Table:
    """One file being read."""

    name: str
    path: Path
    text: Iterable[str]

    def rows(self, columns: Sequence[Column]) -> Generator[tuple[Cell, ...], None, int]:
        """See `TableFolder.rows`; returns how many rows there were."""
        reader = csv.reader(self.text, strict=True)
        try:
            header = _header(reader)
        except BROKEN as error:
            raise self._broken(1, error) from error
        if not header:
            raise SourceError(f"{self.path}: empty file: need a header and rows")
        positions = self._positions(header, columns)
        wanted = [(i, c.wanted()) for i, c in zip(positions, columns, strict=True) if c.selective]
        readers = [(i, c.read) for i, c in zip(positions, columns, strict=True)]
        width = len(header)
        count = 0
        repeats = Repeats(self.name, header)
        try:
            for cells in reader:
                count += 1
                if len(cells) != width:
                    if _blank(cells):
                        count -= 1
                        continue  # such as a last line
                    raise self._misfit(reader.line_num, cells, width)
                if cells[0].endswith(repeats.end):
                    first = repeats.twice(cells, reader.line_num)
                    if first is not None:
                        raise self._repeated(reader.line_num, first)
                for i, wants in wanted:
                    if not wants(cells[i]):
                        break
                else:
                    yield tuple([read(cells[i]) for i, read in readers])
            self._check(repeats, count)
            return count
        except ValueError as error:
            if isinstance(error, UnicodeDecodeError):
                raise self._broken(reader.line_num + 1, error) from error
            raise self._unreadable(reader.line_num, cells, positions, columns) from error
        except csv.Error as error:
            raise self._broken(reader.line_num, error) from error
        except BROKEN as error:
            raise self._broken(reader.line_num + 1, error) from error

    def _check(self, repeats: Repeats, count: int) -> None:
        if repeats.many:
            raise SourceError(f"{self.path}: many of its rows stand twice: need each once")
        if not count:
            raise SourceError(f"{self.path}: no rows below its header: need the table whole")

    def _repeated(self, line: int, first: int) -> SourceError:
        return SourceError(f"{self.path}:{line}: the same row as line {first}: need each once")

    def _positions(self, names: Sequence[str], columns: Sequence[Column]) -> list[int]:
        wanted = [column.name for column in columns]
        missing = [name for name in wanted if name not in names]
        if len(names) == 1 and (sign := _delimiter(names[0], wanted)):
            raise SourceError(f"{self.path}:1: fields parted by {sign!r}: need commas")
        if len(missing) == len(wanted):
            raise SourceError(
                f"{self.path}:1: {','.join(names)[:LONGEST_SHOWN]!r}: need a header, with the"
                f" columns {', '.join(wanted)}"
            )
        if missing:
            listed = ", ".join(map(repr, missing))
            near = get_close_matches(missing[0], names, n=1)
            hint = f" (there is {near[0]!r})" if near else ""
            raise SourceError(f"{self.path}:1: no column {listed}: need it{hint}")
        for name in wanted:
            if names.count(name) > 1:
                raise SourceError(f"{self.path}:1: column {name!r} stands twice: need once")
        return [names.index(name) for name in wanted]

    def _misfit(self, line: int, cells: Sequence[str], width: int) -> SourceError:
        """Say what is wrong with a row of another number of fields than its header."""
        counts = Counter(NO_WORD.findall(cells[0])) if len(cells) == 1 else {}
        what = f"{len(cells)} fields: need {width}"
        if parted := [sign for sign in counts if counts[sign] == width - 1]:
            what = f"fields parted by {parted[0]!r}: need commas, as in the header"
        elif any("\0" in cell for cell in cells):
            what = "bytes 0x00: need text: the file is not whole, copy it again"
        return SourceError(f"{self.path}:{line}: {what}")

    def _unreadable(
        self, line: int, cells: Sequence[str], positions: Sequence[int], columns: Sequence[Column]
    ) -> SourceError:
        for i, column in zip(positions, columns, strict=True):
            try:
                column.check(cells[i])
            except ValueError as error:
                return SourceError(f"{self.path}:{line}: column {column.name!r}: {error}")
        return SourceError(f"{self.path}:{line}: unreadable row {cells!r}")

    def _broken(self, line: int, error: BaseException) -> SourceError:
        if isinstance(error, EOFError):
            what = "the gzip stream ends too early: need the whole file, copy it again"
        elif isinstance(error, (zlib.error, gzip.BadGzipFile)):
            what = f"damaged gzip data ({error}): need the file as published, copy it again"
        elif isinstance(error, UnicodeDecodeError):
            what = f"byte {error.object[error.start]:#04x}: need text in UTF-8"
        elif isinstance(error, csv.Error):
            what = f"not CSV ({error}): need fields parted by commas, quoted where they hold one"
        else:
            what = f"cannot be read: {error}"
        return SourceError(f"{self.path}:{line}: {what}")


def _lines(path: Path, stream: io.BufferedReader[Any]) -> tuple[Iterator[str], _Ended]:
    """Give the lines of a file, unzipped, and what knows whether the last one has ended.

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
        ended = _Ended(unzipped)
    else:
        ended = _Ended(stream)
    if what is not None:
        raise SourceError(f"{path}:1: {what}")
    text = io.TextIOWrapper(
        io.BufferedReader(ended, BUFFER), "utf-8-sig", "surrogateescape", newline=""
    )
    return iter(partial(text.readline, MAX_LINE), ""), ended


def _header(reader: Iterator[list[str]]) -> list[str]:
    """Give the names in the first line that is not blank, in lower case; none of an empty file."""
    first = next((cells for cells in reader if not _blank(cells)), [])
    return [name.strip().lower() for name in first]


def _blank(cells: Sequence[str]) -> bool:
    return not cells or (len(cells) == 1 and not cells[0].strip())


def _delimiter(header: str, wanted: Collection[str]) -> str | None:
    """Give the sign that parts the names in a header that has no comma."""
    signs: Counter[str] = Counter(NO_WORD.findall(header))
    for sign, _ in signs.most_common():
        if any(part.strip(" \"'") in wanted for part in header.split(sign)):
            return sign
    return None


class _Ended(io.RawIOBase):
    """A stream that knows whether it ended with a line."""

    def __init__(self, stream: io.BufferedIOBase) -> None:
        self.whole = True
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # typeshed: Buffer
        size = self._stream.readinto(buffer)
        if size:
            self.whole = buffer[size - 1] in b"\r\n"
        return size


class _Counted(io.RawIOBase):
    """A file that digests and counts what is read of it."""

    def __init__(self, raw: io.FileIO, algorithms: set[str], told: Callable[[int], None]) -> None:
        self.hashes = hashes(algorithms)
        self._raw = raw
        self._told = told

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # typeshed: Buffer
        size = self._raw.readinto(buffer) or 0
        for one in self.hashes.values():
            one.update(buffer[:size])
        self._told(size)
        return size


def _unopened(path: Path, error: OSError) -> SourceError:
    return SourceError(f"{error.filename or path}: {error.strerror}: need files that can be read")
