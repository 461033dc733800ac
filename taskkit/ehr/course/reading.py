"""Reads the tables of the hospital."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TypeVar

import yaml

import taskkit.ehr.course.entries as entries
from taskkit.ehr.course.catalogue import Catalogue, Procedure, State
from taskkit.ehr.course.rule import read_rule
from taskkit.errors import SourceError, blame

TABLES = Path(__file__).parent / "tables"
PRACTICES = Path(__file__).parent / "practices"
Entry = TypeVar("Entry")


def read_rows(
    name: str, make: Callable[[dict[str, str]], Entry], folder: Path = TABLES
) -> Iterator[Entry]:
    """What ``make`` makes of each line of a table of the hospital.

    Raises:
        SourceError: a line is not what it should be.
    """
    lines = (folder / name).read_text("utf-8").splitlines()
    rows = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
    for place, row in enumerate(rows, 2):
        with blame(SourceError, f"{name}:{place}"):
            yield make(row)


@cache
def read_catalogue(*, usual: bool = True) -> Catalogue:
    """Read the tables once; a practice that is not the usual one has effects of its own."""
    changes = _changes(usual)
    states = tuple(_changed(state, changes) for state in read_rows("states.tsv", entries.state))
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
        signs=tuple(_changed(sign, changes) for sign in read_rows("signs.tsv", entries.state)),
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


def _changes(usual: bool) -> dict[str, dict[str, str]]:
    """What only some practices know of states and signs, by name."""
    if usual:
        return {}
    return {row["state"]: row for row in read_rows("effects.tsv", dict, PRACTICES)}


def _changed(state: State, changes: dict[str, dict[str, str]]) -> State:
    if state.name not in changes:
        return state
    row = changes[state.name]
    own = state.own if row["own"] == "-" else float(row["own"])
    return replace(state, own=own, effects=state.effects | dict(read_rule(row["effects"])))
