"""What the tables of the hospital hold: conditions, presentations, states, tests, drugs, care."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from taskkit.ehr.course.rule import Rule

DrugKind = Literal["home", "acute", "brief", "antibiotic"]


@dataclass(frozen=True, slots=True)
class Condition:
    """A disease or finding, by its ICD-9-CM code."""

    code: str
    icd10: str
    chronic: bool
    group: str | None
    """At most one condition of a group at a time."""
    traits: tuple[str, ...]
    sex: str
    start: float
    """Youngest age, in years; at `full` it is as frequent as it gets."""
    full: float
    given: Rule


@dataclass(frozen=True, slots=True)
class Presentation:
    """Why a patient comes to hospital."""

    name: str
    weight: float
    ages: tuple[float, float]
    codes: tuple[tuple[str, float], ...]
    """Principal diagnoses, weighted."""
    theme: str
    unit: str
    severity: float
    days: float
    """Median length of stay of a survivor of mean severity."""
    needs: frozenset[str]
    boost: Rule
    traits: tuple[str, ...]
    extra: dict[str, str]
    """Principal diagnosis to a trait that it adds."""
    elective: float
    risk: float
    own: bool
    """A chronic principal diagnosis has to be one that the patient has."""


@dataclass(frozen=True, slots=True)
class State:
    """A latent quantity of the body, which returns to its mean within some days."""

    name: str
    own: float
    """Standard deviation between patients."""
    wander: float
    """Standard deviation within a patient."""
    days: float
    """Time constant."""
    daily: float
    """What a day in hospital adds, for `limit` days."""
    limit: float
    effects: dict[str, float]


@dataclass(frozen=True, slots=True)
class Analyte:
    """A laboratory test: what it reads from the states."""

    name: str
    loinc: str
    unit: str
    low: float
    high: float
    """The range of reference."""
    least: float
    most: float
    """What is ever reported."""
    decimals: int
    panel: str
    log: bool
    base: float
    loads: tuple[tuple[int, float], ...]
    """Place of a state, and how much of it is read."""
    noise: float


@dataclass(frozen=True, slots=True)
class Panel:
    """Tests that are ordered together."""

    name: str
    first: float
    """The chance of being ordered on arrival."""
    given: Rule
    analytes: tuple[Analyte, ...]


@dataclass(frozen=True, slots=True)
class Drug:
    """A drug with its doses by route and its indications."""

    name: str
    unit: str
    doses: tuple[tuple[str, tuple[str, ...]], ...]
    shortest: int
    longest: int
    """Half days that one order lasts."""
    kind: DrugKind
    renal: str
    """What poor kidneys ask for: `low` dose, `avoid`, or `-`."""
    given: Rule


@dataclass(frozen=True, slots=True)
class Fluid:
    """What goes in or comes out, in ml."""

    name: str
    way: Literal["in", "out"]
    mean: float
    least: float
    most: float
    hours: float
    """Between two entries; 0 for what happens once."""
    given: Rule


@dataclass(frozen=True, slots=True)
class Support:
    """What is kept up for hours: ventilation, vasopressors, dialysis, lines."""

    name: str
    wait: float
    least: float
    most: float
    given: Rule


@dataclass(frozen=True, slots=True)
class Procedure:
    """A procedure, by its ICD-9-CM code."""

    code: str
    sex: str
    given: Rule


@dataclass(frozen=True, slots=True)
class Specimen:
    """What is sent to microbiology."""

    name: str
    growth: float
    sites: frozenset[str]
    given: Rule


@dataclass(frozen=True, slots=True)
class Organism:
    """What may grow, and the antibiotics that answer it."""

    name: str
    traits: Rule
    answers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reaction:
    """What is done about a result beyond a bound."""

    analyte: str
    below: bool
    bound: float
    chance: float
    action: str
    """A drug, or the trait of having been given a blood product."""
    state: int
    shift: float


@dataclass(frozen=True, slots=True)
class PersonEntry:
    """A value of a field of administration, and whom it is for."""

    field: str
    value: str | None
    weight: float
    start: float
    until: float
    given: str | None


@dataclass(frozen=True)
class Catalogue:
    """All of it, in the order of the files."""

    conditions: dict[str, Condition]
    presentations: tuple[Presentation, ...]
    states: tuple[State, ...]
    signs: tuple[State, ...]
    panels: tuple[Panel, ...]
    analytes: dict[str, Analyte]
    drugs: dict[str, Drug]
    fluids: tuple[Fluid, ...]
    supports: tuple[Support, ...]
    procedures: tuple[Procedure, ...]
    specimens: tuple[Specimen, ...]
    organisms: tuple[Organism, ...]
    reactions: dict[str, tuple[Reaction, ...]]
    products: dict[str, tuple[Reaction, ...]]
    people: tuple[PersonEntry, ...]
