"""Reads the tables of the hospital."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import TypeVar

import yaml

import taskkit.ehr.course.entries as entries
from taskkit.ehr.course.catalogue import Catalogue, Procedure
from taskkit.ehr.course.rule import read_rule
from taskkit.errors import SourceError, blame

TABLES = Path(__file__).parent / "tables"
Entry = TypeVar("Entry")


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
