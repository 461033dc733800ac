"""Read a table of predictions and the hidden labels, row by row."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from taskkit.errors import SpecError
from taskkit.oracles.document import MalformedError

SHOWN = 3  # names of rows in a message
FEWEST = 10  # rows that two scores cannot rank


@dataclass(frozen=True)
class Sheet:
    """A table whose first column names its rows."""

    columns: tuple[str, ...]
    """Names of the columns after the first."""
    rows: Mapping[str, tuple[str, ...]]
    """What stands in them, by the name of the row."""

    def column(self, name: str) -> list[str]:
        """What stands in a column, in the order of the rows."""
        place = self.columns.index(name)
        return [cells[place] for cells in self.rows.values()]


def sheet(lines: Iterable[Sequence[str]], columns: Sequence[str], key: str) -> Sheet:
    """Make a sheet of rows; each name once.

    Raises:
        MalformedError: a row has another width, or its name stands above already.
    """
    rows: dict[str, tuple[str, ...]] = {}
    doubled: list[str] = []
    for number, (name, *cells) in enumerate(lines, 1):
        if len(cells) != len(columns):
            raise MalformedError(
                f"row {number}: {len(cells) + 1} values, need {len(columns) + 1}: "
                f"{', '.join((key, *columns))}"
            )
        if name in rows:
            doubled.append(name)
        rows[name] = tuple(cells)
    if doubled:
        raise MalformedError(f"{counted(doubled, key)} twice: need every row once")
    return Sheet(tuple(columns), rows)


def read_csv(data: bytes, key: str, columns: Sequence[str]) -> Sheet:
    """Read a CSV file of predictions; its columns may stand in any order.

    Raises:
        MalformedError: it is no such file.
    """
    wanted = [key, *columns]
    try:
        lines = [line for line in csv.reader(io.StringIO(data.decode("utf-8-sig"))) if line]
    except (UnicodeDecodeError, csv.Error) as error:
        raise MalformedError(f"no CSV file in UTF-8: {error}") from None
    if not lines:
        raise MalformedError(f"an empty file: need the columns {', '.join(wanted)}")
    head = [name.strip() for name in lines[0]]
    if sorted(head) != sorted(wanted):
        raise MalformedError(f"columns {', '.join(head)[:200]}: need {', '.join(wanted)}")
    order = [head.index(name) for name in wanted]
    for number, line in enumerate(lines[1:], 1):
        if len(line) != len(head):
            raise MalformedError(f"row {number}: {len(line)} values, need {len(head)}")
    return sheet(([line[i].strip() for i in order] for line in lines[1:]), columns, key)


def read_labels(path: Path, key: str) -> Sheet:
    """Read the hidden labels.

    Raises:
        SpecError: the file is no CSV table of that key.
    """
    try:
        with path.open(newline="", encoding="utf-8") as file:
            head, *lines = csv.reader(file)
        if head[0] != key:
            raise MalformedError(f"first column {head[0]!r}: need {key!r}")
        return sheet(lines, head[1:], key)
    except (OSError, ValueError, csv.Error) as error:
        raise SpecError(f"{path.name}: no labels can be read: {error}") from None


def require_rows(given: Sheet, hidden: Sheet, key: str) -> None:
    """Refuse predictions that are not for exactly the hidden rows.

    Raises:
        MalformedError: rows are missing or unknown.
    """
    missing = [name for name in hidden.rows if name not in given.rows]
    if missing:
        raise MalformedError(
            f"{counted(missing, key)} missing: need a prediction for all {len(hidden.rows)} rows"
        )
    unknown = [name for name in given.rows if name not in hidden.rows]
    if unknown:
        raise MalformedError(f"{counted(unknown, key)} unknown: need the rows asked for, no others")


def counted(names: Sequence[str], key: str) -> str:
    """How many rows, and the first of them."""
    some = ", ".join(name[:40] for name in names[:SHOWN])
    return (
        f"{len(names)} row{'s' * (len(names) != 1)} ({key} {some}{', ...' * (len(names) > SHOWN)})"
    )


def numbers(cells: Sequence[str], column: str) -> list[float]:
    """Read scores.

    Raises:
        MalformedError: one is no finite number, or they are labels.
    """
    values: list[float] = []
    for cell in cells:
        try:
            value = float(cell)
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            raise MalformedError(f"column {column!r}: {cell[:40]!r}: need a finite number")
        values.append(value)
    kinds = len(set(values))
    if kinds <= 2 and len(values) >= FEWEST:
        held = f"{kinds} different value{'s' * (kinds != 1)} in {len(values)} rows"
        raise MalformedError(
            f"column {column!r}: {held}, labels or a constant in place of scores: "
            "need scores that rank the rows"
        )
    return values


def classes(cells: Sequence[str], column: str, known: Sequence[str]) -> list[str]:
    """Read predicted labels.

    Raises:
        MalformedError: one is not among the known ones.
    """
    for cell in cells:
        if cell not in known:
            raise MalformedError(
                f"column {column!r}: {cell[:40]!r}: need one of {', '.join(known)}"
            )
    return list(cells)
