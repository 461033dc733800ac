"""The tables of the hospital: conditions, presentations, states, tests, drugs and the rest."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, TypeVar

import yaml

from taskkit.ehr.course.rule import Rule, read_rule
from taskkit.errors import SourceError, blame

TABLES = Path(__file__).parent / "tables"
Entry = TypeVar("Entry")
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


def read_rows(name: str, make: Callable[[dict[str, str]], Entry]) -> Iterator[Entry]:
    """What ``make`` makes of each line of a table of the hospital.

    Raises:
        SourceError: a line is not what it should be.
    """
    lines = (TABLES / name).read_text("utf-8").splitlines()
    rows = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
    for place, row in enumerate(rows, 2):
        with blame(SourceError, f"{name}:{place}"):
            yield make(row)


@cache
def read_catalogue() -> Catalogue:
    """Read the tables once."""
    from taskkit.ehr.course import entries

    states = tuple(read_rows("states.tsv", entries.state))
    places = {state.name: place for place, state in enumerate(states)}
    analytes = {
        analyte.name: analyte
        for analyte in read_rows("analytes.tsv", lambda row: entries.analyte(row, places))
    }
    with blame(SourceError, "presentations.yaml"):
        text = (TABLES / "presentations.yaml").read_text("utf-8")
        presentations = tuple(
            entries.presentation(name, fields) for name, fields in yaml.safe_load(text).items()
        )
    return Catalogue(
        conditions={c.code: c for c in read_rows("conditions.tsv", entries.condition)},
        presentations=presentations,
        states=states,
        signs=tuple(read_rows("signs.tsv", entries.state)),
        panels=tuple(read_rows("panels.tsv", lambda row: entries.panel(row, analytes))),
        analytes=analytes,
        drugs={drug.name: drug for drug in read_rows("drugs.tsv", entries.drug)},
        fluids=tuple(read_rows("fluids.tsv", entries.fluid)),
        supports=tuple(read_rows("supports.tsv", entries.support)),
        procedures=tuple(
            read_rows(
                "procedures.tsv",
                lambda row: Procedure(row["code"], row["sex"], read_rule(row["given"])),
            )
        ),
        specimens=tuple(read_rows("specimens.tsv", entries.specimen)),
        organisms=tuple(read_rows("organisms.tsv", entries.organism)),
        reactions=entries.by_analyte(
            read_rows("reactions.tsv", lambda row: entries.reaction(row, places))
        ),
        products=entries.by_analyte(
            read_rows("products.tsv", lambda row: entries.reaction(row, places))
        ),
        people=tuple(read_rows("people.tsv", entries.person)),
    )
