"""What eICU calls what happens to a patient: tables from the names of the course to its own."""

from __future__ import annotations

import csv
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import NamedTuple

from taskkit.ehr.chance import Chance
from taskkit.ehr.course.rule import Rule, read_rule
from taskkit.ehr.course.ruled import Table
from taskkit.ehr.course.stay import Stay
from taskkit.ehr.rendering.vocabulary import Coded

TABLES = Path(__file__).parent / "tables"
CATEGORY = 3  # characters of an ICD-9 code that name its category


class Named(NamedTuple):
    """A diagnosis or treatment of eICU, and what it is entered for."""

    name: str
    given: Rule


def read_names(table: str) -> dict[str, str]:
    """The name in eICU of each test, fluid, specimen or organism that it has."""
    return {row["course"]: row["eicu"] for row in _rows(f"eicu_{table}.tsv")}


def read_rules(table: str) -> Table[Named]:
    """The entries that follow from traits: `findings` or `treatments`."""
    rows = _rows(f"eicu_{table}.tsv")
    return Table(Named(row["name"], read_rule(row["given"])) for row in rows)


def _rows(name: str) -> list[dict[str, str]]:
    lines = (TABLES / name).read_text("utf-8").splitlines()
    return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


class Names:
    """Names the diagnoses and treatments of stays."""

    def __init__(self, diagnoses: Sequence[Coded]) -> None:
        """Sort eICU's diagnoses by their ICD-9 codes."""
        self.codes = {d.short: None if d.code == "-" else d.code for d in diagnoses}
        self._findings, self._treatments = read_rules("findings"), read_rules("treatments")
        by_rule = {row["name"] for row in _rows("eicu_findings.tsv")}
        self._exact: dict[str, list[str]] = {}
        self._near: dict[str, list[str]] = {}
        for diagnosis in diagnoses:
            if diagnosis.short not in by_rule:
                code = diagnosis.code.split(",")[0].replace(".", "").strip()
                self._exact.setdefault(code, []).append(diagnosis.short)
                self._near.setdefault(code[:CATEGORY], []).append(diagnosis.short)

    def diagnoses(self, chance: Chance, stay: Stay) -> list[str]:
        """What is entered as diagnoses, the principal one first."""
        found = []
        for finding in stay.findings:
            code = finding.code
            if names := self._exact.get(code) or self._near.get(code[:CATEGORY]):
                found.append(chance.one(names))
        found += _drawn(chance, self._findings, stay.onsets)
        return list(dict.fromkeys(found))

    def treatments(self, chance: Chance, stay: Stay) -> list[str]:
        """What is entered as treatments."""
        return _drawn(chance, self._treatments, stay.onsets)


def _drawn(chance: Chance, table: Table[Named], traits: Collection[str]) -> list[str]:
    return [entry.name for entry, likely in table.likely(traits) if chance.random() < likely]
