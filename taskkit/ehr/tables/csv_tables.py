"""A folder of tables as CSV or gzipped CSV, read as streams; names and headers in any case."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import re
import zlib
from collections import Counter
from collections.abc import Collection, Generator, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import chain, islice
from pathlib import Path

from taskkit.build.origin import Progress, silent
from taskkit.ehr.tables.column import Cell, Column
from taskkit.ehr.tables.consistency import Consistency
from taskkit.ehr.tables.lines import BROKEN, BUFFER, Counted, blank, header, lines
from taskkit.ehr.tables.repeats import Repeats
from taskkit.ehr.tables.sums import Sums
from taskkit.ehr.tables.table_files import find
from taskkit.errors import SourceError

SMALL = 100_000_000  # bytes of a file whose content is digested too; the demos' have far less
LONGEST_SHOWN = 60  # characters of a line that is no header
LINES = 10  # looked at for the way that the file was written
HIDDEN = re.compile(r', "[^",\r\n]')  # in no valid CSV: a quote inside quotes is doubled
NO_WORD = re.compile(r"\W")


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
        self.contents: dict[str, str] = {}
        """SHA-256 of each table that was read, as it is unzipped; of a large file, of the file."""
        self.owners: dict[Cell, Cell] = {}
        """The patient of each stay, in the order of the source, once its stays have been read."""
        self.notes: list[str] = [f"{t}: rows of {file} alone" for t, file in self.excerpts.items()]
        """What of the tables was left out, a line each."""
        self.doubts: list[str] = []
        """What tells that a table may not be whole, a line each."""

    def has(self, table: str, column: str) -> bool:
        """Whether a table's header names a column; False too where it cannot be read."""
        path = self.paths[table]
        with suppress(SourceError, *BROKEN), path.open("rb", buffering=0) as raw:
            names = header(csv.reader(lines(path, io.BufferedReader(raw))[0]))
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
            counted = Counted(raw, algorithms, lambda size: self._read(table, size))
            buffered = io.BufferedReader(counted, BUFFER)
            plain = path.with_suffix("") if path.suffix.lower() == ".gz" else path
            small = {"sha256"} if path.stat().st_size <= SMALL else set()
            text, ended = lines(path, buffered, self._sums.algorithms(plain) | small)
            told = [column.name for column in columns[:2]] == ["subject_id", "hadm_id"]
            contents = Consistency(path, columns, self.owners if told else None)
            self.counts[table] = yield from _Table(table, path, text, contents).rows(columns)
            self.notes += contents.notes(table)
            if told:
                self.doubts += contents.tail(table, columns[1].among)
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
        unzipped = {name: one.hexdigest() for name, one in ended.hashes.items()}
        if unzipped:
            self._sums.check(plain, unzipped)
        self.contents[table] = unzipped.get("sha256", digests["sha256"])

    def digest(self) -> str:
        """Give one digest of all the tables read to their end so far."""
        listed = (f"{name} {self._digests[name]}\n" for name in sorted(self._digests))
        return hashlib.sha256("".join(listed).encode()).hexdigest()

    def _read(self, table: str, size: int) -> None:
        self._done += size
        self._progress(f"reading {table}", min(self._done, self._total), self._total)


@dataclass
class _Table:
    """One file being read."""

    name: str
    path: Path
    text: Iterable[str]
    contents: Consistency

    def rows(self, columns: Sequence[Column]) -> Generator[tuple[Cell, ...], None, int]:
        """See `TableFolder.rows`; returns how many rows there were."""
        try:
            start = list(islice(self.text, LINES))
            reader = csv.reader(chain(start, self.text), strict=True)
            names = header(reader)
        except BROKEN as error:
            raise self._broken(1, error) from error
        if not names:
            raise SourceError(f"{self.path}: empty file: need a header and rows")
        for line, text in enumerate(start, 1):
            if HIDDEN.search(text):
                raise SourceError(f"{self.path}:{line}: a blank before a quote: need none")
        positions = self._positions(names, columns)
        check, stranger = self.contents.check, self.contents.stranger
        wanted = [
            (i, column.wanted(), stranger(column))
            for i, column in zip(positions, columns, strict=True)
            if column.selective
        ]
        readers = [(i, c.read) for i, c in zip(positions, columns, strict=True)]
        width = len(names)
        count = 0
        repeats = Repeats(self.name, names)
        by = repeats.by
        try:
            for cells in reader:
                count += 1
                if len(cells) != width:
                    if blank(cells):
                        count -= 1
                        continue  # such as a last line
                    raise self._misfit(reader.line_num, cells, width)
                if cells[by].endswith(repeats.end):
                    first = repeats.twice(cells, reader.line_num)
                    if first is not None:
                        raise self._repeated(reader.line_num, first)
                for i, wants, meet in wanted:
                    if not wants(cells[i]):
                        if meet is not None:
                            meet(cells[i])
                        break
                else:
                    row = tuple([read(cells[i]) for i, read in readers])
                    check(row, reader.line_num)
                    yield row
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


def _delimiter(header: str, wanted: Collection[str]) -> str | None:
    """Give the sign that parts the names in a header that has no comma."""
    signs: Counter[str] = Counter(NO_WORD.findall(header))
    for sign, _ in signs.most_common():
        if any(part.strip(" \"'") in wanted for part in header.split(sign)):
            return sign
    return None


def _unopened(path: Path, error: OSError) -> SourceError:
    return SourceError(f"{error.filename or path}: {error.strerror}: need files that can be read")
