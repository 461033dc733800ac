"""How one line of each table becomes an entry of the catalogue."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, cast

from taskkit.ehr.course.catalogue import (
    Analyte,
    Condition,
    Drug,
    DrugKind,
    Fluid,
    Organism,
    Panel,
    PersonEntry,
    Presentation,
    Reaction,
    Specimen,
    State,
    Support,
)
from taskkit.ehr.course.rule import Rule, read_rule

Row = Mapping[str, str]


def condition(row: Row) -> Condition:
    """A line of conditions.tsv."""
    return Condition(
        row["code"].lower(),
        row["icd10"],
        row["kind"] == "chronic",
        None if row["group"] == "-" else row["group"],
        tuple(row["as"].split()),
        row["sex"],
        float(row["from"]),
        float(row["full"]),
        read_rule(row["given"]),
    )


def presentation(name: str, fields: Mapping[str, Any]) -> Presentation:
    """An entry of presentations.yaml."""
    start, full = fields["ages"]
    return Presentation(
        name=name,
        weight=float(fields["weight"]),
        ages=(float(start), float(full)),
        codes=tuple((str(code).lower(), float(w)) for code, w in fields["codes"].items()),
        theme=fields["theme"],
        unit=fields["unit"],
        severity=float(fields["severity"]),
        days=float(fields["days"]),
        needs=frozenset(fields.get("needs", ())),
        boost=_pairs(fields.get("boost", {})),
        traits=tuple(fields.get("traits", ())),
        extra={str(code): trait for code, trait in fields.get("extra", {}).items()},
        elective=float(fields.get("elective", 0)),
        risk=float(fields.get("risk", 0)),
        own=bool(fields.get("own", False)),
    )


def _pairs(fields: Mapping[str, Any]) -> Rule:
    return tuple((trait, float(factor)) for trait, factor in fields.items())


def state(row: Row) -> State:
    """A line of states.tsv or signs.tsv."""
    return State(
        row["state"],
        float(row["own"]),
        float(row["wander"]),
        float(row["days"]),
        float(row["daily"]),
        float(row["limit"]),
        dict(read_rule(row["effects"])),
    )


def analyte(row: Row, places: Mapping[str, int]) -> Analyte:
    """A line of analytes.tsv."""
    return Analyte(
        name=row["analyte"],
        loinc=row["loinc"],
        unit=row["unit"],
        low=float(row["low"]),
        high=float(row["high"]),
        least=float(row["least"]),
        most=float(row["most"]),
        decimals=int(row["decimals"]),
        panel=row["panel"],
        log=row["scale"] == "log",
        base=float(row["base"]),
        loads=tuple((places[name], load) for name, load in read_rule(row["loads"])),
        noise=float(row["noise"]),
    )


def panel(row: Row, analytes: Mapping[str, Analyte]) -> Panel:
    """A line of panels.tsv."""
    tests = tuple(a for a in analytes.values() if a.panel == row["panel"])
    return Panel(row["panel"], float(row["first"]), read_rule(row["given"]), tests)


def drug(row: Row) -> Drug:
    """A line of drugs.tsv."""
    shortest, longest = row["days"].split(",")
    routes = (part.split("=") for part in row["doses"].split())
    return Drug(
        row["drug"],
        row["unit"],
        tuple((route, tuple(doses.split(","))) for route, doses in routes),
        int(shortest),
        int(longest),
        cast("DrugKind", row["kind"]),
        row["renal"],
        read_rule(row["given"]),
    )


def fluid(row: Row) -> Fluid:
    """A line of fluids.tsv."""
    return Fluid(
        row["item"],
        "in" if row["way"] == "in" else "out",
        float(row["mean"]),
        float(row["least"]),
        float(row["most"]),
        float(row["hours"]),
        read_rule(row["given"]),
    )


def support(row: Row) -> Support:
    """A line of supports.tsv."""
    return Support(
        row["support"],
        float(row["wait"]),
        float(row["least"]),
        float(row["most"]),
        read_rule(row["given"]),
    )


def specimen(row: Row) -> Specimen:
    """A line of specimens.tsv."""
    return Specimen(
        row["specimen"],
        float(row["growth"]),
        frozenset(row["sites"].split()),
        read_rule(row["given"]),
    )


def organism(row: Row) -> Organism:
    """A line of organisms.tsv."""
    answers = () if row["answers"] == "-" else tuple(row["answers"].split())
    return Organism(row["organism"], read_rule(row["traits"]), answers)


def reaction(row: Row, places: Mapping[str, int]) -> Reaction:
    """A line of reactions.tsv or products.tsv."""
    return Reaction(
        row["analyte"],
        row["side"] == "below",
        float(row["bound"]),
        float(row["chance"]),
        row["drug"] if "drug" in row else row["trait"],
        places[row["state"]],
        float(row["shift"]),
    )


def by_analyte(reactions: Iterable[Reaction]) -> dict[str, tuple[Reaction, ...]]:
    """Reactions under the test that they answer."""
    found: dict[str, tuple[Reaction, ...]] = {}
    for entry in reactions:
        found[entry.analyte] = (*found.get(entry.analyte, ()), entry)
    return found


def person(row: Row) -> PersonEntry:
    """A line of people.tsv."""
    return PersonEntry(
        row["field"],
        row["value"] or None,
        float(row["weight"]),
        float(row["from"]),
        float(row["until"]),
        None if row["given"] == "-" else row["given"],
    )
