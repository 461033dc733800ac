"""The guide of a task with files of tables: files, columns, values, and errors about them."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar

from rapidfuzz import fuzz, process

from taskkit.play.guide import Failure, Guide, Surroundings
from taskkit.play.tableerrors import explain_table_error, remark
from taskkit.play.texttable import DELIMITERS, Column, TextTable, kind_of, read_table
from taskkit.spec.action import RequestInfo

SUFFIXES = (".txt", ".csv", ".tsv", ".maf", ".tab")
EXAMPLES = 3  # values shown of a column
WIDTH = 12  # columns shown of a first row
MAX_SHOWN = 60  # characters of a value


class FilesGuide(Guide):
    """Answers for the text tables below /data; each is read once, when it is asked about."""

    topics: ClassVar[tuple[str, ...]] = ("files", "columns", "values")
    usage: ClassVar[str] = (
        '{"action": "request_info", "about": "files"} lists the files below /data; "about": '
        '"columns" needs a file as "table", and shows its columns, types, missing values and first '
        'rows; "values" needs a "table" and a "column".'
    )

    def __init__(self, files: Mapping[str, Path]) -> None:
        """Answer by the files, by their names below /data."""
        self.files = dict(files)
        self._tables: dict[str, TextTable | None] = {}

    def table(self, name: str) -> TextTable | None:
        """Give what is known of a file; None where it is no table of text."""
        if name not in self._tables:
            known = name.lower().endswith(SUFFIXES)
            self._tables[name] = read_table(self.files[name], name) if known else None
        return self._tables[name]

    def tables(self) -> list[TextTable]:
        """Give all tables of text."""
        return [table for name in self.files if (table := self.table(name)) is not None]

    def answer(self, request: RequestInfo) -> str:
        """Answer about files, columns or values."""
        if request.about == "files":
            return self.listed(request.limit)
        if request.table is None:
            return f'To ask about {request.about}, give a file as "table".'
        name = self.resolve(request.table)
        if name is None:
            return f"There is no file {shown(request.table)}. {nearest(request.table, self.files)}"
        table = self.table(name)
        if table is None:
            return f"/data/{name} is no table of text: {size(self.files[name].stat().st_size)}."
        if request.about == "columns":
            return described(table, request.limit)
        if request.column is None:
            return 'To ask about values, give a "column".'
        column = table.column(request.column)
        if column is None:
            near = nearest(request.column, table.names)
            return f"/data/{name} has no column {shown(request.column)}. {near}"
        return values(table, column, request.limit)

    def listed(self, limit: int) -> str:
        """List the files."""
        lines = [self.line(name) for name in sorted(self.files)]
        more = [f"... and {len(lines) - limit} more files"] if len(lines) > limit else []
        return "\n".join([*lines[:limit], *more])

    def line(self, name: str) -> str:
        """Write what a file is."""
        table = self.table(name)
        about = f"/data/{name} ({size(self.files[name].stat().st_size)})"
        if table is None:
            return f"{about}: no table of text"
        return f"{about}: {shape(table)}"

    def resolve(self, name: str) -> str | None:
        """Give the file that a name means, with or without its folder."""
        wanted = name.strip().rpartition("/")[2].lower()
        return next((one for one in self.files if one.lower() == wanted), None)

    def hint(self, name: str, message: str, code: str) -> str | None:
        """Explain an error of pandas, lifelines or scikit-learn by the tables that were read."""
        return explain_table_error(name, message, code, self.used(code))

    def remarks(self, failure: Failure) -> list[str]:
        """Say what a program read in another way than the file is written."""
        return remark(failure.code, self.used(failure.code)) if failure.code else []

    def used(self, code: str) -> list[TextTable]:
        """Give the tables that a program names; all of them where it names none."""
        named = [name for name in self.files if name in code]
        wanted = named or [name for name in self.files if stem(name) in code] or list(self.files)
        return [table for name in wanted if (table := self.table(name)) is not None]

    def names(self, code: str) -> Sequence[str]:
        """Give the columns of the tables that are known by now."""
        known = [table for table in self._tables.values() if table is not None]
        return list(dict.fromkeys(name for table in known for name in table.names))


class FilesMaker:
    """Makes the guide to the files of an environment."""

    per_episode = False

    def make(self, surroundings: Surroundings) -> FilesGuide | None:
        """Make it; None where no file is a table of text."""
        files = {name: Path(path) for name, path in surroundings.files.items()}
        return FilesGuide(files) if any(n.lower().endswith(SUFFIXES) for n in files) else None


FILES = FilesMaker()


def stem(name: str) -> str:
    """Give the name of a file without its ending, as a program may put it together."""
    return name.rpartition(".")[0]


def described(table: TextTable, limit: int) -> str:
    """Describe the columns of a table, then its first rows."""
    lines = [f"/data/{table.name}: {shape(table)}", *partly(table)]
    lines += [column_line(column) for column in table.columns[:limit]]
    if len(table.columns) > limit:
        lines.append(f"... and {len(table.columns) - limit} more columns")
    if table.first:
        lines.append("First rows:")
        lines += [row_line(row) for row in table.first]
    return "\n".join(lines)


def partly(table: TextTable) -> list[str]:
    """Say where types and values are only known of the first rows."""
    if table.examined == table.rows:
        return []
    return [f"(of the first {table.examined:,} rows:)"]


def shape(table: TextTable) -> str:
    """Write how large a table is, and how it is written."""
    if not table.columns:
        return "empty: no names of columns"
    part = "" if table.whole else " at least, in the part that was looked at"
    parts = [f"{table.rows:,} rows{part}, {len(table.columns):,} columns"]
    parts.append(f"separated by {DELIMITERS[table.delimiter]}")
    if table.comments:
        parts.append(f"after {table.comments} lines with #")
    if not table.rows:
        parts.append("no data below the names of the columns")
    if table.ragged:
        row, width = table.ragged
        parts.append(f"row {row} has {width} cells")
    return ", ".join(parts)


def column_line(column: Column) -> str:
    """Write what is known of a column."""
    missing = f"; {column.missing:,} missing" if column.missing else ""
    odd = "".join(f"; row {row} is {shown(cell)}" for row, cell in column.odd)
    oddities = f"; {column.oddities} of another type" if column.oddities else ""
    examples = ", ".join(shown(value) for value in list(column.values)[:EXAMPLES])
    return f"{column.name}: {column.kind}{missing}{oddities}{odd}; such as {examples or 'nothing'}"


def row_line(row: Sequence[str]) -> str:
    """Write the beginning of a row."""
    more = f" | ... {len(row) - WIDTH} more" if len(row) > WIDTH else ""
    return " | ".join(cell[:MAX_SHOWN] for cell in row[:WIDTH]) + more


def values(table: TextTable, column: Column, limit: int) -> str:
    """List the values of a column, most frequent first, with the range of numbers."""
    lines = [f"{column.name} of /data/{table.name}: {column.kind}, {column.missing:,} missing"]
    lines += partly(table)
    if "number" in column.kind and column.values:
        numbers = [float(v) for v in column.values.elements() if "number" in kind_of(v)]
        low, middle, high = min(numbers), statistics.median(numbers), max(numbers)
        lines.append(f"from {low:g} to {high:g}, median {middle:g}")
    common = sorted(column.values.items(), key=lambda pair: (-pair[1], pair[0]))
    lines += [f"{shown(value)}  ({count} rows)" for value, count in common[:limit]]
    if column.full or len(common) > limit:
        most = "more than " if column.full else ""
        lines.append(f"... of {most}{len(common):,} different values")
    return "\n".join(lines)


def nearest(name: str, known: Sequence[str] | Mapping[str, object]) -> str:
    """Name what was perhaps meant, then what there is."""
    names = list(known)
    lowered = [one.lower() for one in names]
    wanted = name.rpartition("/")[2].lower()
    hits = process.extract(wanted, lowered, scorer=fuzz.ratio, limit=3, score_cutoff=60)
    meant = [names[place] for _, _, place in hits]
    guess = f"Perhaps you mean {' or '.join(meant)}. " if meant else ""
    rest = f" and {len(names) - 40} more" if len(names) > 40 else ""
    return f"{guess}There are: {', '.join(names[:40])}{rest}."


def size(count: int) -> str:
    """Write a number of bytes."""
    for unit in ("bytes", "KiB", "MiB"):
        if count < 1024:
            return f"{count:,.0f} {unit}" if unit == "bytes" else f"{count:,.1f} {unit}"
        count /= 1024  # type: ignore[assignment]
    return f"{count:,.1f} GiB"


def shown(value: str) -> str:
    """Quote a value, cut where it is long."""
    return repr(value if len(value) <= MAX_SHOWN else f"{value[:MAX_SHOWN]}...")
