"""What clinicians call the items of a database, and what the units look like in a note."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from taskkit.notes.record import Kind

UNITS: Mapping[str, tuple[str, ...]] = {
    "meq/l": ("mEq/L",),
    "mg/dl": ("mg/dL",),
    "g/dl": ("g/dL",),
    "g/l": ("g/L",),
    "k/ul": ("K/uL",),
    "m/ul": ("M/uL",),
    "fl": ("fL",),
    "pg": ("pg",),
    "sec": ("seconds", "sec"),
    "ng/ml": ("ng/mL",),
    "pg/ml": ("pg/mL",),
    "iu/l": ("IU/L",),
    "umol/l": ("umol/L",),
    "mmol/l": ("mmol/L",),
    "uiu/ml": ("uIU/mL",),
    "ng/dl": ("ng/dL",),
    "ug/dl": ("ug/dL",),
    "ug/ml": ("ug/mL",),
    "mm hg": ("mm Hg", "mmHg"),
    "mmhg": ("mm Hg", "mmHg"),
    "mosm/kg": ("mOsm/kg",),
    "mg/l": ("mg/L",),
    "mm/hr": ("mm/hr",),
    "mm": ("mm",),
    "deg. c": ("deg C", "degrees Celsius"),
    "deg. f": ("deg F", "degrees Fahrenheit"),
    "bpm": ("bpm",),
    "%": ("%", "percent"),
    "ratio": ("ratio",),
    "u/ml": ("U/mL",),
    "ug/l": ("ug/L",),
    "kpa": ("kPa",),
    "cm h2o": ("cm H2O",),
    "ml": ("mL", "cc"),
    "mcg": ("mcg",),
    "mg": ("mg",),
    "g": ("g", "grams"),
    "gm": ("gm",),
    "unit": ("units",),
    "units": ("units",),
    "meq": ("mEq",),
    "puff": ("puffs",),
    "kg": ("kg",),
    "lb": ("lb",),
    "cm": ("cm",),
    "in": ("in",),
    "min": ("min",),
    "tab": ("tab",),
    "cap": ("cap",),
    "neb": ("neb",),
}
"""A unit of the record, and how notes write it. Where there is no entry it is written as it is."""
DOSE_SLIPS: Mapping[str, tuple[str, ...]] = {
    "mg": ("mcg", "g", "ml"),
    "mcg": ("mg",),
    "g": ("mg",),
    "gm": ("mg",),
    "ml": ("mg",),
    "unit": ("mg",),
    "meq": ("mg",),
    "tab": ("cap",),
    "cap": ("tab",),
    "puff": ("neb",),
    "neb": ("puff",),
}
"""Units that a dose is confused with."""


@dataclass(frozen=True)
class Term:
    """How one item is spoken of."""

    kind: Kind
    item: str
    prose: tuple[str, ...]
    short: tuple[str, ...]
    system: str = "general"
    wrong_units: tuple[str, ...] = ()
    coupled: str = ""
    """Items that share this follow from one another: a note states one of them at a time."""


@dataclass(frozen=True)
class Lexicon:
    """The terms of a database's items."""

    terms: Mapping[tuple[Kind, str], Term]
    specimens: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def term(self, kind: Kind, item: str) -> Term | None:
        """How an item is spoken of; None where a note had better not name it."""
        return self.terms.get((kind, item)) or self._unlisted(kind, item)

    def _unlisted(self, kind: Kind, item: str) -> Term | None:
        """Of a drug, diagnosis or procedure that is not listed: its own name, if that is simple."""
        plain = item.replace("-", "").replace(" ", "").isalpha() and 4 <= len(item) <= 60
        if not plain or kind not in ("drug", "diagnosis", "procedure"):
            return None
        if kind == "drug" and item in self._spoken:
            return None
        words = item if kind == "drug" else item[:1].upper() + item[1:]
        return Term(kind, item, (words,), (words,))

    @cached_property
    def _spoken(self) -> frozenset[str]:
        return frozenset(
            word.lower() for one in self.terms.values() for word in (*one.prose, *one.short)
        )


def read_lexicon(folder: Path) -> Lexicon:
    """Read the lexicon of a domain's folder."""
    terms: dict[tuple[Kind, str], Term] = {}
    for row in _rows(folder / "measures.tsv"):
        kind = row["kind"]
        terms[kind, row["item"]] = Term(  # type: ignore[index]
            kind=kind,  # type: ignore[arg-type]
            item=row["item"],
            prose=tuple(row["prose"].split("|")),
            short=tuple(row["short"].split("|")),
            system=row["system"],
            wrong_units=tuple(row["wrong_units"].strip("-").split("|"))
            if row["wrong_units"] != "-"
            else (),
            coupled=row["coupled"].strip("-"),
        )
    files: tuple[tuple[Kind, str], ...] = (
        ("drug", "drugs"),
        ("organism", "organisms"),
        ("diagnosis", "diagnoses"),
        ("procedure", "procedures"),
    )
    for kind, name in files:
        for row in _rows(folder / f"{name}.tsv"):
            spoken = tuple(row["spoken"].split("|"))
            system = row.get("system") or "general"
            terms[kind, row["item"]] = Term(kind, row["item"], spoken, spoken, system)
    specimens = {
        row["item"]: tuple(row["spoken"].split("|")) for row in _rows(folder / "specimens.tsv")
    }
    return Lexicon(terms, specimens)


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def number(value: object) -> str:
    """Write a number without needless zeros."""
    if not isinstance(value, float | int):
        return str(value)
    return str(int(value)) if float(value).is_integer() else repr(float(value))
