"""The words, codes, units and ranges that the synthetic hospital is made of."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeVar

from taskkit.ehr.chance import Weighted
from taskkit.errors import SourceError, blame

Sex = Literal["m", "f"]
Entry = TypeVar("Entry")
VITAL_BASE, VOLUME_BASE, LAB_BASE = 100, 3000, 6000
"""An item's id is its place in its file after a base."""
GENERAL = "general"


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """An ICD-9 diagnosis."""

    code: str
    short: str
    long: str
    theme: str
    chronic: bool
    sex: str
    weight: float


@dataclass(frozen=True, slots=True)
class Procedure:
    """An ICD-9 procedure."""

    code: str
    short: str
    long: str
    themes: tuple[str, ...]
    sex: str
    weight: float


@dataclass(frozen=True, slots=True)
class Lab:
    """A laboratory test."""

    itemid: int
    label: str
    unit: str
    low: float
    high: float
    """The range of reference, from `low`."""
    floor: float
    ceiling: float
    """What is ever reported lies between `floor` and `ceiling`."""
    decimals: int
    panel: str
    effects: dict[str, float]
    """Theme to the factor that its patients' values have at full severity."""


@dataclass(frozen=True, slots=True)
class Panel:
    """Tests that are ordered together."""

    name: str
    chance: float
    boosted: float
    """The chance for a patient with one of `themes`."""
    themes: frozenset[str]
    labs: tuple[Lab, ...]


@dataclass(frozen=True, slots=True)
class Drug:
    """A drug as it is prescribed: one unit, some doses and routes."""

    name: str
    routes: tuple[str, ...]
    unit: str
    doses: tuple[str, ...]
    themes: tuple[str, ...]
    weight: float
    shortest: int
    longest: int
    """Days that one order lasts, from `shortest` on."""


@dataclass(frozen=True, slots=True)
class Vital:
    """A vital sign that is charted in intensive care."""

    itemid: int
    label: str
    unit: str
    mean: float
    spread: float
    """Standard deviation over all patients."""
    floor: float
    ceiling: float
    decimals: int
    effects: dict[str, float]


@dataclass(frozen=True, slots=True)
class Volume:
    """An input or an output of intensive care, in ml."""

    itemid: int
    label: str
    linksto: str
    mean: float
    floor: float
    ceiling: float
    weight: float
    themes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ward:
    """A ward; an intensive one has a care unit."""

    number: int
    careunit: str | None
    themes: tuple[str, ...]
    weight: float


@dataclass(frozen=True, slots=True)
class Specimen:
    """What is sent to microbiology, and how often something grows."""

    name: str
    weight: float
    growth: float
    organisms: Weighted[str]


@dataclass(frozen=True)
class Vocabulary:
    """All of it, in the order of its files."""

    themes: Weighted[str]
    diagnoses: tuple[Diagnosis, ...]
    procedures: tuple[Procedure, ...]
    labs: tuple[Lab, ...]
    panels: tuple[Panel, ...]
    drugs: tuple[Drug, ...]
    vitals: tuple[Vital, ...]
    volumes: tuple[Volume, ...]
    wards: tuple[Ward, ...]
    specimens: tuple[Specimen, ...]
    choices: dict[str, Weighted[str | None]]
    """Column of `admissions` to its values."""


def by_theme(
    entries: Sequence[Entry],
    themes: Callable[[Entry], Sequence[str]],
    weight: Callable[[Entry], float],
) -> dict[str, Weighted[Entry]]:
    """Sort entries under each of their themes."""
    names = dict.fromkeys(theme for entry in entries for theme in themes(entry))
    return {
        name: Weighted((entry, weight(entry)) for entry in entries if name in themes(entry))
        for name in names
    }


def read_vocabulary(folder: Path, *others: Path) -> Vocabulary:
    """Read the vocabulary of a domain.

    What its folder lacks is taken from the first of the others that has it.

    Raises:
        SourceError: a file is missing, or a line is not what it should be.
    """

    def find(name: str) -> Path:
        return find_words(name, folder, *others)

    labs = tuple(read_words(find("labs.tsv"), _lab))
    return Vocabulary(
        themes=Weighted(
            read_words(find("themes.tsv"), lambda _, row: (row["theme"], _weight(row)))
        ),
        diagnoses=tuple(read_words(find("diagnoses.tsv"), _diagnosis)),
        procedures=tuple(read_words(find("procedures.tsv"), _procedure)),
        labs=labs,
        panels=tuple(read_words(find("panels.tsv"), lambda _, row: _panel(row, labs))),
        drugs=tuple(read_words(find("drugs.tsv"), _drug)),
        vitals=tuple(read_words(find("vitals.tsv"), _vital)),
        volumes=tuple(read_words(find("volumes.tsv"), _volume)),
        wards=tuple(read_words(find("wards.tsv"), _ward)),
        specimens=_specimens(find("specimens.tsv"), find("organisms.tsv")),
        choices=_choices(find("admissions.tsv")),
    )


def find_words(name: str, *folders: Path) -> Path:
    """Give the file of a name in the first folder that has it; in the first where none has."""
    return next((f / name for f in folders if (f / name).is_file()), folders[0] / name)


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


def _weight(row: dict[str, str]) -> float:
    return float(row["weight"])


def _words(text: str) -> tuple[str, ...]:
    return () if text == "-" else tuple(text.split())


def _effects(text: str) -> dict[str, float]:
    pairs = (effect.split("*") for effect in _words(text))
    return {theme: float(factor) for theme, factor in pairs}


def _diagnosis(_: int, row: dict[str, str]) -> Diagnosis:
    return Diagnosis(
        row["code"].lower(),
        row["short"],
        row["long"],
        row["theme"],
        row["course"] == "chronic",
        row["sex"],
        _weight(row),
    )


def _procedure(_: int, row: dict[str, str]) -> Procedure:
    return Procedure(
        row["code"],
        row["short"],
        row["long"],
        _words(row["themes"]),
        row["sex"],
        _weight(row),
    )


def _lab(place: int, row: dict[str, str]) -> Lab:
    return Lab(
        LAB_BASE + place,
        row["label"],
        row["unit"],
        float(row["low"]),
        float(row["high"]),
        float(row["min"]),
        float(row["max"]),
        int(row["decimals"]),
        row["panel"],
        _effects(row["effects"]),
    )


def _panel(row: dict[str, str], labs: tuple[Lab, ...]) -> Panel:
    return Panel(
        row["panel"],
        float(row["chance"]),
        float(row["boosted"]),
        frozenset(_words(row["themes"])),
        tuple(lab for lab in labs if lab.panel == row["panel"]),
    )


def _drug(_: int, row: dict[str, str]) -> Drug:
    shortest, longest = row["days"].split(",")
    return Drug(
        row["drug"],
        tuple(row["routes"].split("/")),
        row["unit"],
        tuple(row["doses"].split(",")),
        _words(row["themes"]),
        _weight(row),
        int(shortest),
        int(longest),
    )


def _vital(place: int, row: dict[str, str]) -> Vital:
    return Vital(
        VITAL_BASE + place,
        row["label"],
        row["unit"],
        float(row["mean"]),
        float(row["spread"]),
        float(row["min"]),
        float(row["max"]),
        int(row["decimals"]),
        _effects(row["effects"]),
    )


def _volume(place: int, row: dict[str, str]) -> Volume:
    return Volume(
        VOLUME_BASE + place,
        row["label"],
        row["linksto"],
        float(row["mean"]),
        float(row["min"]),
        float(row["max"]),
        _weight(row),
        _words(row["themes"]),
    )


def _ward(_: int, row: dict[str, str]) -> Ward:
    unit = None if row["careunit"] == "-" else row["careunit"]
    return Ward(int(row["ward"]), unit, _words(row["themes"]), _weight(row))


def _specimens(names: Path, growths: Path) -> tuple[Specimen, ...]:
    organisms = list(
        read_words(
            growths,
            lambda _, r: (r["organism"], _words(r["groups"]), _weight(r)),
        )
    )

    def specimen(_: int, row: dict[str, str]) -> Specimen:
        groups = set(row["groups"].split("/"))
        growing = Weighted((name, w) for name, found, w in organisms if groups & set(found))
        return Specimen(row["specimen"], _weight(row), float(row["growth"]), growing)

    return tuple(read_words(names, specimen))


def _choices(path: Path) -> dict[str, Weighted[str | None]]:
    rows = list(read_words(path, lambda _, row: (row["field"], row["value"] or None, _weight(row))))
    return {
        field: Weighted((value, weight) for name, value, weight in rows if name == field)
        for field in dict.fromkeys(name for name, _, _ in rows)
    }
