"""A folder of tables as CSV or gzipped CSV, read as streams; names and headers in any case."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import re
import stat
import zlib
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from difflib import get_close_matches
from functools import partial
from pathlib import Path

from taskkit.build.origin import Progress, silent
from taskkit.ehr.tables.column import Cell, Column
from taskkit.ehr.tables.repeats import Repeats
from taskkit.ehr.tables.sums import Sums, hashes
from taskkit.errors import SourceError

SUBFOLDERS = ("core", "hosp", "icu")  # MIMIC-IV keeps its modules apart
TABLE = re.compile(r"\.csv(\.gz)?([._-]?(part|chunk)?[._-]?\d+)?$", re.IGNORECASE)
NUMBER = r"[ ._-]?\(?(part|chunk|split|shard)?[ ._-]?\d+([ ._-]?of[ ._-]?\d+)?\)?"
PART = re.compile(rf"{NUMBER}\.csv(\.gz)?|\.csv(\.gz)?{NUMBER}")
"""What the name of a numbered part adds to the table's: `.0.csv`, `_2.csv.gz`, `.csv.001`."""
GZIP = b"\x1f\x8b"
MARKS = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16"}
MAX_LINE = 1 << 20  # characters; no table has a row of as many
DELIMITERS = (";", "\t", "|")
BUFFER = 1 << 20  # bytes; progress is told this often
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
            self.paths = _find(folder, sorted(set(needed)), sorted(set(optional)))
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

    def has(self, table: str, column: str) -> bool:
        """Whether a table's header names a column; False too where it cannot be read."""
        path = self.paths[table]
        with suppress(*BROKEN), path.open("rb") as raw:
            zipped = raw.peek(2)[:2] == GZIP
            with gzip.GzipFile(fileobj=raw) if zipped else raw as stream:
                line = stream.readline(MAX_LINE).decode("utf-8-sig", "replace")
                return column in (name.strip().lower() for name in next(csv.reader([line]), []))
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
            start = buffered.peek(2)[:2]
            if start in MARKS:
                raise SourceError(f"{path}:1: text in {MARKS[start]}: need UTF-8")
            zipped = start == GZIP or path.suffix == ".gz"
            stream = gzip.GzipFile(fileobj=buffered) if zipped else buffered
            ended = _Ended(stream)
            with io.TextIOWrapper(
                io.BufferedReader(ended, BUFFER), "utf-8-sig", "surrogateescape", newline=""
            ) as text:
                lines = iter(partial(text.readline, MAX_LINE), "")
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
            header = next(reader, None)
        except BROKEN as error:
            raise self._broken(1, error) from error
        if header is None:
            raise SourceError(f"{self.path}: empty file: need a header and rows")
        positions = self._positions(header, columns)
        wanted = [(i, c.wanted()) for i, c in zip(positions, columns, strict=True) if c.selective]
        readers = [(i, c.read) for i, c in zip(positions, columns, strict=True)]
        width = len(header)
        count = 0
        repeats = Repeats(self.name, [name.strip().lower() for name in header])
        try:
            for cells in reader:
                count += 1
                if len(cells) != width:
                    if not cells:
                        count -= 1
                        continue  # an empty line, such as a last one
                    raise SourceError(
                        f"{self.path}:{reader.line_num}: {len(cells)} fields: need {width}"
                    )
                if cells[0].endswith(repeats.end):
                    first = repeats.twice(cells, reader.line_num)
                    if first is not None:
                        raise self._repeated(reader.line_num, first)
                for i, wants in wanted:
                    if not wants(cells[i]):
                        break
                else:
                    yield tuple([read(cells[i]) for i, read in readers])
            if repeats.many:
                raise SourceError(f"{self.path}: many of its rows stand twice: need each once")
            return count
        except ValueError as error:
            if isinstance(error, UnicodeDecodeError):
                raise self._broken(reader.line_num + 1, error) from error
            raise self._unreadable(reader.line_num, cells, positions, columns) from error
        except csv.Error as error:
            raise self._broken(reader.line_num, error) from error
        except BROKEN as error:
            raise self._broken(reader.line_num + 1, error) from error

    def _repeated(self, line: int, first: int) -> SourceError:
        return SourceError(f"{self.path}:{line}: the same row as line {first}: need each once")

    def _positions(self, header: Sequence[str], columns: Sequence[Column]) -> list[int]:
        names = [name.strip().lower() for name in header]
        if len(names) == 1 and (found := [one for one in DELIMITERS if one in names[0]]):
            raise SourceError(f"{self.path}:1: fields parted by {found[0]!r}: need commas")
        for column in columns:
            if names.count(column.name) > 1:
                raise SourceError(f"{self.path}:1: column {column.name!r} stands twice: need once")
            if column.name not in names:
                near = get_close_matches(column.name, names, n=1)
                hint = f" (there is {near[0]!r})" if near else ""
                raise SourceError(f"{self.path}:1: no column {column.name!r}: need it{hint}")
        return [names.index(column.name) for column in columns]

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


def _find(folder: Path, needed: Sequence[str], optional: Sequence[str]) -> dict[str, Path]:
    files = sorted(
        (file.name.lower(), file)
        for place in (folder, *_subfolders(folder))
        for file in place.iterdir()
        if TABLE.search(file.name) and _regular(file)
    )
    if not files and (below := _below(folder)) is not None:
        raise SourceError(f"{folder}: no tables, but {below} has some: give that folder")
    found, missing = {}, []
    for table in (*needed, *optional):
        exact = [file for name, file in files if name in (f"{table}.csv", f"{table}.csv.gz")]
        parts = [file for name, file in files if _is_part(name, table)]
        other = [
            file
            for name, file in files
            if name.startswith(f"{table}.") and name.endswith((".csv", ".csv.gz"))
        ]
        held = [*exact, *parts] or other
        if len(held) > 1 or parts:
            named = ", ".join(file.name for file in held)
            count = f"{len(held)} files: {named}" if len(held) > 1 else f"parts, such as {named}"
            raise SourceError(f"{folder}: table {table} stands in {count}: need one, whole")
        if held:
            found[table] = held[0]
        elif table in needed:
            missing.append(table)
    if missing:
        raise SourceError(
            f"{folder}: no {', '.join(f'{table}.csv[.gz]' for table in missing)}: "
            f"need {'this table' if len(missing) == 1 else 'these tables'} besides the others"
        )
    return found


def _is_part(name: str, table: str) -> bool:
    """Whether a file, by its name in lower case, is a numbered part of a table."""
    rest = name.removeprefix(table)
    return rest != name and PART.fullmatch(rest) is not None


def _regular(file: Path) -> bool:
    """Whether a path is a file of a known size, which reading will come to the end of."""
    mode = file.stat().st_mode
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):  # a folder is told where it is opened
        raise SourceError(f"{file}: no regular file: need one that can be read to its end")
    return True


def _below(folder: Path) -> Path | None:
    """Give a folder deeper down that has tables, such as `wget -r` leaves."""
    for depth in range(1, 6):
        for path in sorted(folder.glob("/".join(["*"] * depth) + "/*.csv*")):
            return path.parent.parent if path.parent.name in SUBFOLDERS else path.parent
    return None


def _subfolders(folder: Path) -> list[Path]:
    return sorted(p for p in folder.iterdir() if p.name.lower() in SUBFOLDERS and p.is_dir())
