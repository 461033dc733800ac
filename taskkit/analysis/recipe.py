"""What a synthetic study is drawn from: disease, subtypes, drivers, arms, and its layout."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Subtype:
    """A molecular subtype."""

    name: str
    share: float
    """Of the patients."""
    hazard: float
    """Logarithm of its hazard ratio for death."""
    burden: float
    """Median of nonsynonymous mutations per megabase."""
    marker: str
    """Gene whose expression is raised in it."""


@dataclass(frozen=True, slots=True)
class Driver:
    """A gene that is mutated more often than chance would have it."""

    gene: str
    shares: tuple[float, ...]
    """Share of mutated tumours, by subtype."""
    role: Literal["hotspot", "loss"]
    """`hotspot`: missense at few residues; `loss`: truncations as well."""
    hazard: float = 0.0
    """Logarithm of the hazard ratio of its mutation."""
    residues: tuple[str, ...] = ()
    """Hotspots, such as `G12D`."""


@dataclass(frozen=True, slots=True)
class CopyDriver:
    """A gene whose copies are often gained or lost."""

    gene: str
    level: Literal[2, -2]
    shares: tuple[float, ...]
    """Share of tumours with the amplification or deep deletion, by subtype."""


@dataclass(frozen=True, slots=True)
class Layout:
    """How a publisher writes the tables."""

    suffix: Literal["txt", "csv"] = "txt"
    """`txt`: tabs, four comment lines over clinical tables; `csv`: commas and no comment."""
    age: str = "AGE"
    stage: str = "STAGE"
    response: str = "BEST_RESPONSE"
    arm: str = "TREATMENT_ARM"
    subtype: str = "SUBTYPE"
    burden: str = "TMB_NONSYNONYMOUS"
    purity: str = "TUMOR_PURITY"
    missing: str = ""
    """What stands for a missing stage or response."""
    coded: bool = True
    """Events as `1:DECEASED`, or as `DECEASED` alone."""
    sexes: tuple[str, str] = ("Female", "Male")
    dotted: bool = False
    """Sample names have dots for hyphens in the heads of matrices."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """A study to be drawn."""

    name: str
    """Identifier, with which its files begin."""
    title: str
    titles: tuple[str, ...]
    """Other ways to speak of it."""
    cancer: str
    histologies: tuple[tuple[str, str, float], ...]
    """OncoTree code, name and share."""
    patients: int
    female: float
    age: tuple[float, float]
    """Mean and standard deviation, years."""
    survival: float
    """Median survival of the baseline, months."""
    stages: tuple[str, ...]
    arms: tuple[str, str]
    benefit: float
    """Logarithm of the hazard ratio of the second arm."""
    subtypes: tuple[Subtype, ...]
    drivers: tuple[Driver, ...]
    copies: tuple[CopyDriver, ...]
    layout: Layout
    prefix: str
    """Of patient identifiers."""

    def file(self, table: str) -> str:
        """Name the file of a table, such as `clinical_patient`."""
        return f"{self.name}_data_{table}.{self.layout.suffix}"
