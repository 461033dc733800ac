"""Names of patients, and the titles of what is coded: from the vocabularies of the domains."""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files
from pathlib import Path

from taskkit.ehr.chance import Chance


def vocabulary(domain: str) -> Path:
    """The folder of a built-in domain's vocabulary."""
    return Path(str(files("taskkit.domains"))) / domain / "vocabulary"


def person(seed: int, number: int, sex: str) -> tuple[str, str]:
    """First and last name of a patient of a hospital; invented, and not unique."""
    chance = Chance(f"name {seed} {number}")
    parts = _parts()
    return chance.one(parts["male" if sex == "m" else "female"]), chance.one(parts["last"])


@cache
def titles(table: str) -> dict[str, str]:
    """Long title of each code of `diagnoses` or `procedures`."""
    return {row["code"].lower(): row["long"] for row in _rows(vocabulary("mimic") / f"{table}.tsv")}


@cache
def _parts() -> dict[str, list[str]]:
    parts: dict[str, list[str]] = {}
    for row in _rows(vocabulary("treqs") / "names.tsv"):
        parts.setdefault(row["part"], []).append(row["name"])
    return parts


def _rows(path: Path) -> list[dict[str, str]]:
    lines = path.read_text("utf-8").splitlines()
    return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
