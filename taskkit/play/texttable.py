"""What a file of delimited text holds: columns with their types, missing values, odd cells."""

from __future__ import annotations

import csv
import io
import itertools
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

MISSING = frozenset(("", "NA", "N/A", "n/a", "NaN", "nan", "NULL", "null", "None", "<NA>", "#N/A"))
"""Cells that pandas reads as missing."""
READ = 16 * 1024**2  # bytes of a file that are looked at
CELLS = 400_000  # that are looked at one by one, about half a second; the rest is only counted
MOSTLY = 0.8  # of the cells, from which a column has a type and the others are odd
ODD = 3  # odd cells that are kept of a column
DISTINCT = 2000  # different values that are counted of a column
DAY = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:[ T]\d\d:\d\d(?::\d\d(?:\.\d+)?)?)?")
NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
WHOLE = re.compile(r"[+-]?\d+")
DELIMITERS = {"\t": "tabs", ",": "commas", ";": "semicolons", "|": "bars"}

csv.field_size_limit(10 * 1024**2)  # a cell; the default is too small for lists of samples


@dataclass
class Column:
    """What is known of a column."""

    name: str
    missing: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    values: Counter[str] = field(default_factory=Counter)
    """How often each value stands; no new ones beyond `DISTINCT`."""
    strange: dict[str, list[tuple[int, str]]] = field(default_factory=dict)
    """By kind, the first rows of it with their cells; rows count from 1 below the names."""
    full: bool = False
    """There are more different values than are counted."""

    def add(self, cell: str, row: int) -> None:
        """Take note of a cell."""
        if cell in MISSING:
            self.missing += 1
            return
        kind = kind_of(cell)
        self.kinds[kind] += 1
        kept = self.strange.setdefault(kind, [])
        if len(kept) < ODD:
            kept.append((row, cell))
        if cell in self.values or len(self.values) < DISTINCT:
            self.values[cell] += 1
        else:
            self.full = True

    @property
    def kind(self) -> str:
        """`whole number`, `number`, `date` or `text`; `empty` where every cell is missing."""
        total = sum(self.kinds.values())
        if not total:
            return "empty"
        whole, fraction = self.kinds["whole number"], self.kinds["number"]
        if whole + fraction >= MOSTLY * total:
            return "number" if fraction else "whole number"
        days = self.kinds["date"] + self.kinds["no day of the calendar"]
        return "date" if days >= MOSTLY * total else "text"

    @property
    def odd(self) -> list[tuple[int, str]]:
        """The first cells that are not of the column's kind, with their rows."""
        fits = {
            "number": ("number", "whole number"),
            "whole number": ("whole number",),
            "date": ("date",),
        }.get(self.kind)
        if fits is None:
            return []
        others = [
            cell for kind, cells in self.strange.items() if kind not in fits for cell in cells
        ]
        return sorted(others)[:ODD]

    @property
    def oddities(self) -> int:
        """How many cells are not of the column's kind."""
        if self.kind in ("text", "empty"):
            return 0
        kinds = ("number", "whole number") if "number" in self.kind else ("date",)
        return sum(count for kind, count in self.kinds.items() if kind not in kinds)


@dataclass(frozen=True)
class TextTable:
    """What is known of a file."""

    name: str
    size: int
    delimiter: str
    comments: int
    """Lines with # before the names of the columns."""
    columns: tuple[Column, ...]
    first: tuple[tuple[str, ...], ...]
    """The first rows."""
    rows: int
    ragged: tuple[int, int] | None
    """The first row of another width, and that width."""
    hashes: int | None
    """The first row with # inside a cell, which `comment="#"` would cut."""
    whole: bool
    """The file was read to its end."""
    examined: int = 0
    """Rows, from the first, that types and missing values are known of."""

    @property
    def names(self) -> list[str]:
        """The names of the columns."""
        return [column.name for column in self.columns]

    def column(self, name: str) -> Column | None:
        """Give a column by its name, whatever its case."""
        wanted = name.strip().lower()
        return next((one for one in self.columns if one.name.lower() == wanted), None)


def read_table(path: Path, name: str) -> TextTable | None:
    """Look through a file of delimited text; None where it is none.

    Args:
        name: What the agent calls it.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        begin = file.read(READ)
    whole = size <= len(begin)
    if b"\0" in begin[:4096]:
        return None
    text = (begin if whole else begin[: begin.rfind(b"\n") + 1]).decode("utf-8", "replace")
    lines = io.StringIO(text, newline="")
    comments = 0
    while (line := lines.readline()).startswith("#"):
        comments += 1
    if not line.strip():
        return TextTable(name, size, "\t", comments, (), (), 0, None, None, whole)
    delimiter = max(DELIMITERS, key=line.count)
    reader = csv.reader(itertools.chain([line], lines), delimiter=delimiter)
    head = next(rows_of(reader), [])
    columns = tuple(Column(cell.strip()) for cell in head)
    empty = TextTable(name, size, delimiter, comments, columns, (), 0, None, None, whole)
    return counted(empty, rows_of(reader))


def counted(empty: TextTable, rows: Iterator[list[str]]) -> TextTable:
    """Go through the rows of a table of which the names of the columns are known."""
    first: list[tuple[str, ...]] = []
    ragged: tuple[int, int] | None = None
    hashes: int | None = None
    number = examined = 0
    for row in rows:
        if not row:
            continue
        number += 1
        if len(first) < ODD:
            first.append(tuple(row))
        if len(row) != len(empty.columns) and ragged is None:
            ragged = number, len(row)
        if number * len(empty.columns) <= CELLS:
            examined = number
            for column, cell in zip(empty.columns, row, strict=False):
                column.add(cell.strip(), number)
        if hashes is None and any("#" in cell for cell in row):
            hashes = number
    return replace(
        empty, first=tuple(first), rows=number, ragged=ragged, hashes=hashes, examined=examined
    )


def rows_of(reader: Iterator[list[str]]) -> Iterator[list[str]]:
    """Give the rows of a reader, up to one that is too broken to be read."""
    try:
        yield from reader
    except csv.Error:
        return


def kind_of(cell: str) -> str:
    """Name the type that a cell looks like."""
    if WHOLE.fullmatch(cell):
        return "whole number"
    if NUMBER.fullmatch(cell):
        return "number"
    match = DAY.fullmatch(cell)
    if match is None:
        return "text"
    try:
        date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        return "no day of the calendar"
    return "date"
