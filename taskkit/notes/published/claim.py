"""What an annotation says a note states, as a statement that the record can be asked about."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from taskkit.notes.lexicon import number
from taskkit.notes.moment import When, whole
from taskkit.notes.published.annotation import Annotation
from taskkit.notes.record import SOURCES, Cell, Kind, Record
from taskkit.notes.statement import Finding, Statement, UnclearError, findings

KINDS: Mapping[str, Kind] = {
    "labevents": "lab",
    "d_labitems": "lab",
    "chartevents": "vital",
    "prescriptions": "drug",
    "microbiologyevents": "organism",
    "inputevents_cv": "intake",
    "outputevents": "output",
    "diagnoses_icd": "diagnosis",
    "d_icd_diagnoses": "diagnosis",
    "procedures_icd": "procedure",
    "d_icd_procedures": "procedure",
}
DICTIONARY = "d_items"  # of several tables: it tells no kind
NAMING = ("label", "drug", "org_name", "long_title", "short_title")
NUMBERS = ("valuenum", "amount", "value")
BEGINS = ("charttime", "startdate")
ENDS = "enddate"
NOTHING = ("", "nan", "none", "null")
MOMENT = re.compile(r"\d{4}-\d\d-\d\d(?:[ t]\d\d:\d\d(?::\d\d)?)?")
QUOTED = re.compile(r"'([a-z_0-9]+)'")
MINUTE = 16  # characters of `YYYY-MM-DD HH:MM`


class ClaimError(ValueError):
    """An annotation that becomes no statement: with a code of the domain's rejections."""

    def __init__(self, code: str, detail: str) -> None:
        """Keep the code."""
        super().__init__(detail)
        self.code = code


@dataclass(frozen=True)
class Claim:
    """A statement, with where the record disagrees with it."""

    statement: Statement
    findings: tuple[Finding, ...]


def claim(annotation: Annotation, record: Record, titles: Mapping[str, str]) -> Claim:
    """Make a statement of an annotation, and compare it with the record anew.

    Args:
        annotation: What annotators read in the note.
        record: The stay that the note is about.
        titles: Long titles by short ones, of diagnoses and procedures.

    Raises:
        ClaimError: it states what is not compared, or the record and the label differ.
    """
    statement = _statement(annotation, titles)
    if not record.about(statement.kind, statement.item):
        found: tuple[Finding, ...] = (Finding(SOURCES[statement.kind].naming, None),)
    else:
        try:
            found = findings(record, statement)
        except UnclearError as error:
            raise ClaimError("label_disagrees", str(error)) from error
    said = labelled(annotation.label)
    computed = {one.column for one in found}
    if said != computed:
        raise ClaimError(
            "label_disagrees",
            f"annotated {', '.join(sorted(said)) or 'consistent'}, by the record"
            f" {', '.join(sorted(computed)) or 'consistent'}",
        )
    return Claim(statement, found)


def labelled(label: str) -> set[str]:
    """The columns that a label calls inconsistent; the titles of a code are one."""
    text = label.lower()
    if "inconsisten" not in text:
        return set()
    return {"long_title" if one == "short_title" else one for one in QUOTED.findall(text)}


def _statement(annotation: Annotation, titles: Mapping[str, str]) -> Statement:
    kinds = set()
    cells: dict[str, str] = {}
    for place, value in annotation.cells.items():
        table, _, column = place.partition(".")
        if table != DICTIONARY:
            if table not in KINDS:
                raise ClaimError("unsupported_column", f"table {table}: not compared")
            kinds.add(KINDS[table])
        if value not in NOTHING:
            cells[column] = value
    if len(kinds) != 1:
        raise ClaimError("several_readings", f"tables of {len(kinds)} kinds: need one")
    return _of_kind(kinds.pop(), cells, annotation.entity.lower(), titles)


def _of_kind(
    kind: Kind, cells: Mapping[str, str], entity: str, titles: Mapping[str, str]
) -> Statement:
    named = [cells[column] for column in NAMING if column in cells]
    item = named[0] if named else entity
    made = Statement(kind, titles.get(item, item), verbatim=entity)
    for column, value in cells.items():
        if column in NAMING:
            continue
        if column not in SOURCES[kind].columns:
            raise ClaimError("unsupported_column", f"{kind}: {column} is not compared")
        if column in BEGINS:
            made.when = spanned(value)
        elif column == ENDS:
            made.until = spanned(value)
        else:
            made.stated[column] = _cell(column, value)
    return made


def _cell(column: str, value: str) -> Cell:
    try:
        if column in NUMBERS:
            return float(value)
        return number(float(value)) if column == "dose_val_rx" else value
    except ValueError as error:
        if column == "dose_val_rx":
            return value
        raise ClaimError("malformed_record", f"{column} {value!r}: need a number") from error


def spanned(value: str) -> When:
    """The span of an annotated time: a day, a minute, or what lies between two of these.

    Raises:
        ClaimError: it names no date.
    """
    found = MOMENT.findall(value)
    if not 1 <= len(found) <= 2:
        raise ClaimError("unreadable_time", f"{value[:60]!r}: need one or two dates")
    ends = [_bounds(one) for one in found]
    return When("day" if len(found[0]) < MINUTE else "minute", value, ends[0][0], ends[-1][1])


def _bounds(text: str) -> tuple[str, str]:
    try:
        at = datetime.fromisoformat(text.replace("t", " "))
    except ValueError as error:
        raise ClaimError("unreadable_time", f"{text!r}: {error}") from error
    if len(text) < MINUTE:
        return whole(at.date())
    minute = f"{at:%Y-%m-%d %H:%M}"
    return f"{minute}:00", f"{minute}:59"


def long_titles(connection: sqlite3.Connection) -> dict[str, str]:
    """The long titles of diagnoses and procedures, by their short ones."""
    query = (
        "select short_title, long_title from d_icd_diagnoses"
        " union all select short_title, long_title from d_icd_procedures"
    )
    return dict(connection.execute(query))
