"""MedCalc-Bench's files (versions 1.0 and 1.2, and Verified) as CSV or Parquet, read as rows."""

from __future__ import annotations

import ast
import csv
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from pydantic import JsonValue

from taskkit.build.draft import published_split
from taskkit.build.rejection import Rejection
from taskkit.calculation.calculators.medcalc.audit import Label
from taskkit.errors import MissingError, SourceError, blame
from taskkit.spec.task import Split

NEEDED = (
    "Row Number",
    "Calculator ID",
    "Note ID",
    "Note Type",
    "Patient Note",
    "Question",
    "Relevant Entities",
    "Ground Truth Answer",
    "Lower Limit",
    "Upper Limit",
)
JSON_WORDS = re.compile(r"[:,\[] ?(?:true|false|null)\b")  # no Python literal has them
PARQUET = ".parquet"
MAX_ENTITIES = 100_000  # characters; the longest published is below 2,000
MAX_FIELD = 10_000_000  # characters of one cell; a file with an unclosed quote ends here


@dataclass(frozen=True)
class MedcalcRow:
    """One record."""

    where: str
    """File and line, for messages."""
    number: str
    """Row number, as published."""
    calculator: int
    """Calculator id."""
    note_id: str
    note_type: str
    """Extracted, Template or Synthetic."""
    note: str
    question: str
    entities: Mapping[str, Any]
    label: Label
    split: Split | None = None
    """The publisher's, by the file's name."""

    @property
    def name(self) -> str:
        """The publisher's number of the row, and its note."""
        return f"row {self.number}, calculator {self.calculator}, note {self.note_id}"

    @property
    def content(self) -> dict[str, JsonValue]:
        """What makes the record this one, whatever the name of its file."""
        return {"calculator": self.calculator, "note": self.note, "question": self.question}


def read_medcalc(path: Path) -> Iterator[MedcalcRow | Rejection]:
    """Give the records of a file, or of all CSV files of a folder by name, or else Parquet.

    A record that cannot be read is put aside by itself.

    Raises:
        SourceError: Names the file and line that cannot be read, and what is needed.
    """
    for file in files(path):
        if file.suffix == PARQUET:
            yield from parquet_records(file)
            continue
        try:
            with file.open(encoding="utf-8-sig", newline="") as text:
                yield from records(file, csv.reader(text, strict=True))
        except UnicodeDecodeError as error:
            raise SourceError(f"{file}: byte {error.start}: not UTF-8: need it saved so") from error
        except OSError as error:
            raise SourceError(f"{file}: {error.strerror}: need a readable file") from error


def files(path: Path) -> list[Path]:
    """Give the files to read.

    Raises:
        SourceError: There are none.
    """
    if not path.is_dir():
        if path.is_file():
            return [path]
        raise SourceError(f"{path}: not found: need MedCalc-Bench's CSV file or their folder")
    found = sorted(path.glob("*.csv")) or sorted(path.glob(f"*{PARQUET}"))
    if not found:
        raise SourceError(f"{path}: no CSV file: need MedCalc-Bench's")
    return found


def parquet_records(file: Path) -> Iterator[MedcalcRow | Rejection]:
    """Give the records of a Parquet file.

    Raises:
        MissingError: No library that reads Parquet is installed.
        SourceError: The file cannot be read, or lacks a column.
    """
    if find_spec("pyarrow") is None:
        remedy = "`pip install 'taskkit[parquet]'`, or give the CSV"
        raise MissingError(f"{file}: Parquet needs pyarrow: {remedy}")
    parquet = import_module("pyarrow.parquet")
    with blame(SourceError, str(file)):
        table = parquet.read_table(file)
    places = columns(file, list(table.column_names))
    for number, cells in enumerate(table.select(list(places)).to_pylist(), 1):
        text = {name: "" if value is None else str(value) for name, value in cells.items()}
        yield record(f"{file}:{number}", text)


def records(file: Path, rows: Any) -> Iterator[MedcalcRow | Rejection]:
    """Give the records of one file's rows, the first of which is the header."""
    before = csv.field_size_limit(MAX_FIELD)
    try:
        header = next(rows, None) or []
        places = columns(file, header)
        for cells in rows:
            where = f"{file}:{rows.line_num}"
            if not any(cells):
                continue  # an empty line, such as a last one
            if len(cells) != len(header):
                what = f"{where}: {len(cells)} columns, need {len(header)}"
                yield Rejection(f"line {rows.line_num}", "malformed_record", what)
                continue
            yield record(where, {name: cells[place] for name, place in places.items()})
    except csv.Error as error:
        raise SourceError(f"{file}:{rows.line_num}: {error}: need well-formed CSV") from error
    finally:
        csv.field_size_limit(before)


def columns(file: Path, header: list[str]) -> dict[str, int]:
    """Give the place of every needed column.

    Raises:
        SourceError: One is missing; names the nearest.
    """
    for name in NEEDED:
        if name not in header:
            near = get_close_matches(name, header, 1)
            hint = f"; there is {near[0]!r}" if near else ""
            raise SourceError(f"{file}:1: no column {name!r}{hint}: need MedCalc-Bench's columns")
    return {name: header.index(name) for name in NEEDED}


def record(where: str, cells: Mapping[str, str]) -> MedcalcRow | Rejection:
    """Give one record from its cells; a rejection where it cannot be read."""
    try:
        return readable(where, cells)
    except SourceError as error:
        return Rejection(f"row {cells['Row Number']}", "malformed_record", str(error))


def readable(where: str, cells: Mapping[str, str]) -> MedcalcRow:
    """Give one record from its cells.

    Raises:
        SourceError: The calculator id or the entities cannot be read.
    """
    number = cells["Calculator ID"].strip().removesuffix(".0")
    if not (number.isascii() and number.isdigit() and len(number) < 6):
        raise SourceError(f"{where}: Calculator ID {number[:20]!r}: need a number")
    return MedcalcRow(
        where=where,
        number=cells["Row Number"],
        calculator=int(number),
        note_id=cells["Note ID"],
        note_type=cells["Note Type"],
        note=cells["Patient Note"],
        question=cells["Question"],
        entities=entities(where, cells["Relevant Entities"]),
        label=Label(cells["Ground Truth Answer"], cells["Lower Limit"], cells["Upper Limit"]),
        split=published_split(Path(where.rpartition(":")[0])),
    )


def entities(where: str, text: str) -> dict[str, Any]:
    """Read the entities, which are a Python literal, without running anything.

    Raises:
        SourceError: They are too long, no literal, or no mapping from names.
    """
    if len(text) > MAX_ENTITIES:
        size = f"{len(text):,} characters, need at most {MAX_ENTITIES:,}"
        raise SourceError(f"{where}: Relevant Entities: {size}")
    try:
        value = json.loads(text) if JSON_WORDS.search(text) else ast.literal_eval(text)
    except (SyntaxError, ValueError, TypeError, MemoryError, RecursionError) as error:
        kind = type(error).__name__
        raise SourceError(
            f"{where}: Relevant Entities {text[:40]!r}: {kind}: need a Python literal"
        ) from error
    if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
        raise SourceError(f"{where}: Relevant Entities {text[:40]!r}: need a mapping from names")
    return value
