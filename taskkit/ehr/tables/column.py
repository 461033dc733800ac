"""A column wanted from a table: how its cells are read, and which rows it turns away."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Container
from dataclasses import dataclass
from datetime import date, time
from functools import lru_cache
from typing import Literal

Cell = str | int | float | None
MISSING = frozenset(
    {
        *("", "N/A", "n/a", "NA", "<NA>", "#N/A", "#NA", "NULL", "Null", "null", "(null)", r"\N"),
        *("NaN", "nan", "NAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "-1.#IND", "-1.#QNAN"),
        *("NaT", "None", ".", "-", "--"),
    }
)
"""What exports write where there is no value: R, pandas, SQL, BigQuery, SAS, spreadsheets."""
BITS = 1 << 63  # what SQLite holds as a whole number is below
MOMENT = re.compile(
    r"(\d{4}-\d\d-\d\d[ Tt]\d\d:\d\d)(:\d\d)?(?:[.,]0{1,9})?"
    r"(?: ?(?:UTC|GMT|[Zz]|[+-]00(?::?00)?))?",
    re.ASCII,
)
WHOLE = re.compile(r"([+-]?\d+)(?:\.0*)?", re.ASCII)
SHAPE = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d", re.ASCII)
DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
UNDECODED = re.compile("[\udc80-\udcff]")
LONGEST = 40  # characters of a foreign cell worth repeating in a message


@dataclass(frozen=True)
class Listed:
    """Where the values of a column are listed: other ones are counted, and said."""

    values: Container[Cell]
    table: str
    dictionary: bool = True
    """It says what codes mean, and has most of them; else it has the stays that were taken."""


@dataclass(frozen=True)
class Column:
    """A column by its lower-case name."""

    name: str
    kind: Literal["integer", "number", "text", "verbatim", "time"]
    absent: Literal["refuse", "skip", "null"] = "refuse"
    """What a missing value means: an error, a row to leave out, or a null."""
    among: Container[Cell] | None = None
    """The only values whose rows are wanted."""
    blank: Literal["absent", "null"] = "absent"
    """Whether spaces alone count as a missing value or as a null."""
    unique: bool = False
    """Each value stands once in the table, or each tuple of values of such columns."""
    listed: Listed | None = None
    """The table that lists the values, where `among` turns others away."""

    @property
    def selective(self) -> bool:
        """Whether any row can be turned away here."""
        return self.absent == "skip" or self.among is not None

    def wanted(self) -> Callable[[str], bool]:
        """Give a test of raw cells; each distinct one is read once where there are few."""
        if self.among is None:
            return self._present
        return _Known(self).__getitem__

    def read(self, raw: str) -> Cell:
        """Give the value of a raw cell.

        Raises:
            ValueError: it is not of this kind, or missing where it must not be.
        """
        if marked(raw):
            return self._nothing()
        value = READERS[self.kind](raw)
        if value is None and self.blank == "absent":
            return self._nothing()
        return value

    def check(self, raw: str) -> None:
        """Raise `ValueError` where a raw cell cannot be read at all."""
        if self._present(raw) or self.absent == "refuse":
            self.read(raw)

    def _present(self, raw: str) -> bool:
        return not marked(raw) and (self.blank == "null" or not raw.isspace())

    def _nothing(self) -> Cell:
        if self.absent == "refuse":
            raise ValueError("empty: need a value")
        return None


def marked(raw: str) -> bool:
    """Whether a raw cell is a mark of a missing value, spaces around it or not."""
    if raw in MISSING:
        return True
    return (raw[0] <= " " or raw[-1] <= " ") and not raw.isspace() and raw.strip() in MISSING


class _Known(dict[str, bool]):
    """Whether a raw cell's value is among those wanted, remembered."""

    def __init__(self, column: Column) -> None:
        self._column = column
        self._among = column.among or frozenset()

    def __missing__(self, raw: str) -> bool:
        present = self._column._present(raw) or self._column.absent == "refuse"
        self[raw] = present and self._column.read(raw) in self._among
        return self[raw]


def integer(raw: str) -> int | None:
    """Read a whole number; `12.0`, as some exports write it, is one."""
    try:
        value = int(plain(raw))
    except ValueError:
        value = _whole(raw)
    if not -BITS <= value < BITS:
        raise ValueError(f"{raw[:LONGEST]!r}: need a whole number of 64 bits")
    return value


def _whole(raw: str) -> int:
    """Read `12.0`; what spreadsheets shorten to `1E+05` has lost its digits."""
    found = WHOLE.fullmatch(raw.strip())
    if found is None:
        raise ValueError(f"{raw[:LONGEST]!r}: need a whole number")
    return int(found[1]) if len(found[1]) <= LONGEST else BITS


def number(raw: str) -> float | None:
    """Read a finite number."""
    try:
        value = float(plain(raw))
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise ValueError(f"{raw[:LONGEST]!r}: need a number")
    return value


def plain(raw: str) -> str:
    """Give back a number's text.

    Raises:
        ValueError: Python alone would read it: with underscores, or in the digits of other scripts.
    """
    if "_" in raw or not raw.isascii():
        raise ValueError
    return raw


def text(raw: str) -> str | None:
    """Read a text in lower case, without spaces around it."""
    return decoded(raw).strip().lower() or None


def verbatim(raw: str) -> str | None:
    """Read a text in its own case, without spaces around it."""
    return decoded(raw).strip() or None


def decoded(raw: str) -> str:
    """Give back a text that was UTF-8.

    Raises:
        ValueError: it holds a byte that is none, which reading has kept as half a surrogate pair,
            or the byte 0.
    """
    if "\0" in raw:
        raise ValueError("byte 0x00: need text in UTF-8")
    if not raw.isascii() and (found := UNDECODED.search(raw)):
        raise ValueError(f"byte {ord(found[0]) - 0xDC00:#04x}: need text in UTF-8")
    return raw


def moment(raw: str) -> str | None:
    """Read a date, at midnight, or a date with time; gives `YYYY-MM-DD HH:MM:SS`.

    The forms of DuckDB, BigQuery and pandas are read too: without seconds, with a fraction that is
    zero, with a zone that is UTC.
    """
    try:
        if len(raw) == 10 and DAY.fullmatch(raw):
            return _day(raw) + " 00:00:00"
        if len(raw) != 19:
            found = MOMENT.fullmatch(raw.strip())
            if found is None:
                raise ValueError
            raw = found[1] + (found[2] or ":00")
        if SHAPE.fullmatch(raw) is None:  # fromisoformat reads weeks and zones too
            raise ValueError
        return f"{_day(raw[:10])} {_clock(raw[11:])}"
    except ValueError:
        message = (
            f"{raw[:LONGEST]!r}: need a date YYYY-MM-DD or a time YYYY-MM-DD HH:MM:SS, in whole"
            " seconds and without a zone but UTC"
        )
        raise ValueError(message) from None


@lru_cache(maxsize=1 << 16)
def _day(raw: str) -> str:
    return date.fromisoformat(raw).isoformat()


@lru_cache(maxsize=1 << 17)
def _clock(raw: str) -> str:
    return time.fromisoformat(raw).isoformat()


READERS: dict[str, Callable[[str], Cell]] = {
    "integer": integer,
    "number": number,
    "text": text,
    "verbatim": verbatim,
    "time": moment,
}
