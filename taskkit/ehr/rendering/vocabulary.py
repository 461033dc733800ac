"""What MIMIC-III and eICU call things: the words, codes, item ids and ranges of the renderings."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from taskkit.ehr.chance import Weighted
from taskkit.errors import SourceError, blame

Entry = TypeVar("Entry")
VITAL_BASE, VOLUME_BASE, LAB_BASE = 100, 3000, 6000
"""An item's id is its place in its file after a base."""
GENERAL = "general"


@dataclass(frozen=True, slots=True)
class Coded:
    """A diagnosis or a procedure, by its code."""

    code: str
    short: str
    long: str


@dataclass(frozen=True, slots=True)
class Lab:
    """A laboratory test."""

    itemid: int
    label: str
    low: float
    high: float
    """The range of reference, from `low`."""
    floor: float
    ceiling: float
    """What is ever reported lies between `floor` and `ceiling`."""
    panel: str


@dataclass(frozen=True, slots=True)
class Vital:
    """A vital sign that is charted in intensive care."""

    itemid: int
    label: str
    unit: str
    floor: float
    ceiling: float
    decimals: int


@dataclass(frozen=True, slots=True)
class Volume:
    """An input or an output of intensive care, in ml."""

    itemid: int
    label: str
    linksto: str
    floor: float
    ceiling: float


@dataclass(frozen=True, slots=True)
class Ward:
    """A ward; an intensive one has a care unit."""

    number: int
    careunit: str | None
    themes: tuple[str, ...]
    weight: float
    name: str | None = None
    """What the tables call it."""


@dataclass(frozen=True)
class Vocabulary:
    """The dictionaries of MIMIC-III, in the order of their files."""

    diagnoses: tuple[Coded, ...]
    procedures: tuple[Coded, ...]
    labs: tuple[Lab, ...]
    vitals: tuple[Vital, ...]
    volumes: tuple[Volume, ...]
    wards: tuple[Ward, ...]


def read_vocabulary(folder: Path) -> Vocabulary:
    """Read the vocabulary of MIMIC-III.

    Raises:
        SourceError: a file is missing, or a line is not what it should be.
    """
    return Vocabulary(
        labs=tuple(read_words(folder / "labs.tsv", _lab)),
        diagnoses=read_coded(folder / "diagnoses.tsv"),
        procedures=read_coded(folder / "procedures.tsv"),
        vitals=tuple(read_words(folder / "vitals.tsv", _vital)),
        volumes=tuple(read_words(folder / "volumes.tsv", _volume)),
        wards=read_wards(folder),
    )


def read_wards(folder: Path) -> tuple[Ward, ...]:
    """Read wards.tsv; without a column `name`, only care units have one.

    Raises:
        SourceError: the file is missing, or a line is not what it should be.
    """
    return tuple(read_words(folder / "wards.tsv", _ward))


def read_coded(path: Path) -> tuple[Coded, ...]:
    """Read diagnoses or procedures.

    Raises:
        SourceError: the file is missing, or a line is not what it should be.
    """
    return tuple(
        read_words(path, lambda _, row: Coded(row["code"].lower(), row["short"], row["long"]))
    )


def read_choices(path: Path) -> dict[str, Weighted[str | None]]:
    """Read the values of each column, and how often they occur.

    Raises:
        SourceError: the file is missing, or a line is not what it should be.
    """
    rows = list(
        read_words(path, lambda _, row: (row["field"], row["value"] or None, float(row["weight"])))
    )
    return {
        field: Weighted((value, weight) for name, value, weight in rows if name == field)
        for field in dict.fromkeys(name for name, _, _ in rows)
    }


def read_words(path: Path, make: Callable[[int, dict[str, str]], Entry]) -> Iterator[Entry]:
    """Give what ``make`` makes of the place, from 1, and the cells of each line of a file."""
    try:
        lines = path.read_text("utf-8").splitlines()
    except OSError as error:
        raise SourceError(f"{path}: {error.strerror}: need this vocabulary file") from error
    rows = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
    for place, row in enumerate(rows, 1):
        with blame(SourceError, f"{path}:{place + 1}"):
            yield make(place, row)


def _lab(place: int, row: dict[str, str]) -> Lab:
    return Lab(
        LAB_BASE + place,
        row["label"],
        float(row["low"]),
        float(row["high"]),
        float(row["min"]),
        float(row["max"]),
        row["panel"],
    )


def _vital(place: int, row: dict[str, str]) -> Vital:
    return Vital(
        VITAL_BASE + place,
        row["label"],
        row["unit"],
        float(row["min"]),
        float(row["max"]),
        int(row["decimals"]),
    )


def _volume(place: int, row: dict[str, str]) -> Volume:
    return Volume(
        VOLUME_BASE + place,
        row["label"],
        row["linksto"],
        float(row["min"]),
        float(row["max"]),
    )


def _ward(_: int, row: dict[str, str]) -> Ward:
    unit = None if row["careunit"] == "-" else row["careunit"]
    themes, weight = tuple(row["themes"].split()), float(row["weight"])
    return Ward(int(row["ward"]), unit, themes, weight, row.get("name", unit))
