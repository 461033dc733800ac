"""The words that only the synthetic eICU needs: hospitals with their units, allergies."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from taskkit.ehr.chance import Weighted
from taskkit.ehr.rendering.vocabulary import Ward, read_words

FORMS = {
    "po": "tab", "ng": "liquid", "iv": "inj", "sc": "inj", "im": "inj", "id": "inj",
    "ih": "neb soln", "tp": "oint", "td": "patch", "pr": "supp", "ou": "ophth soln",
    "sl": "sl tab", "or": "oral soln",
}  # fmt: skip
"""How a drug comes that is given by a route."""
ROUTES: dict[str, dict[str, str]] = {
    "plain": {"ih": "inh", "tp": "top", "td": "transderm", "ou": "both eyes", "or": "po"},
    "upper": {"po": "oral", "iv": "ivpb", "sc": "subq", "ih": "nebulization", "ng": "ngt"},
    "long": {
        "po": "oral", "iv": "intravenous", "sc": "subcutaneous", "im": "intramuscular",
        "ih": "inhalation", "tp": "topical", "td": "transdermal", "pr": "rectal",
        "ng": "per ng tube", "sl": "sublingual", "ou": "ophthalmic", "or": "oral",
    },
}  # fmt: skip
"""What each style of hospital calls a route, where it is not the usual short name."""


@dataclass(frozen=True)
class House:
    """A hospital: how it names its patients and its routes, and its units by theme."""

    number: int
    prefix: str
    routes: dict[str, str]
    units: dict[str, Weighted[Ward]]


@dataclass(frozen=True, slots=True)
class Allergy:
    """What somebody is allergic to; a drug of the formulary or something else."""

    name: str
    drug: str | None


def read_houses(folder: Path) -> Weighted[House]:
    """Read hospitals.tsv and units.tsv."""
    units = list(
        read_words(
            folder / "units.tsv",
            lambda _, row: (
                row["hospital"],
                Ward(
                    int(row["ward"]),
                    row["hospital"],
                    tuple(row["themes"].split()),
                    float(row["weight"]),
                ),
            ),
        )
    )

    def house(_: int, row: dict[str, str]) -> tuple[House, float]:
        own = [ward for hospital, ward in units if hospital == row["hospital"]]
        by_theme = {
            theme: Weighted((ward, ward.weight) for ward in own if theme in ward.themes)
            for theme in dict.fromkeys(theme for ward in own for theme in ward.themes)
        }
        made = House(int(row["hospital"]), row["prefix"], ROUTES[row["style"]], by_theme)
        return made, float(row["weight"])

    return Weighted(read_words(folder / "hospitals.tsv", house))


def read_allergies(folder: Path) -> Weighted[Allergy]:
    """Read allergies.tsv."""
    return Weighted(
        read_words(
            folder / "allergies.tsv",
            lambda _, row: (
                Allergy(row["allergy"], None if row["drug"] == "-" else row["drug"]),
                float(row["weight"]),
            ),
        )
    )
