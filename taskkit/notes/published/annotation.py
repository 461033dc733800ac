"""The annotations of EHRCon's folder: one for each entity of a note.

The form is that of the release's description (README of the publisher's repository): a dictionary
of the note's ROW_ID to a list of entities, each with `data` (cells by table, `label`, `errors`),
`position` (a line of the note) and `entity_type`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from taskkit.build.rejection import Rejection
from taskkit.errors import SourceError
from taskkit.notes.outline import Form
from taskkit.notes.published.pickled import read_pickles
from taskkit.spec.task import Split

ORIGINAL = "original"
"""The part of the release that is about the notes as MIMIC-III has them."""
SPLITS: Mapping[str, Split] = {"valid": "valid", "test": "test"}
ABOUT = ("label", "errors")  # keys of an entry of `data` that are no tables


@dataclass(frozen=True)
class Annotation:
    """What annotators made of one mention in one note."""

    row: int
    """ROW_ID in NOTEEVENTS."""
    entity: str
    line: int
    cells: Mapping[str, str]
    """What the note states, by `table.column` in lower case."""
    label: str
    form: Form
    split: Split

    @property
    def record(self) -> str:
        """Its name, for people."""
        return f"note {self.row} line {self.line} {self.entity}"


def read_annotations(folder: Path) -> list[Annotation | Rejection]:
    """Read every annotation of the notes as they are in MIMIC-III.

    Raises:
        SourceError: there is no such folder, or no pickle of labels in it.
    """
    if not folder.is_dir():
        raise SourceError(f"{folder}: not a folder: need EHRCon's, with original/test and valid")
    every = sorted(folder.rglob("*.pkl"))
    files = [one for one in every if ORIGINAL in one.relative_to(folder).parts]
    if not files:
        found = f"{len(every)} elsewhere" if every else "none"
        raise SourceError(
            f"{folder}: no pickle of labels below {ORIGINAL}/ ({found}): need the folder of"
            " ehrcon-consistency-of-notes 1.0.0"
        )
    read: list[Annotation | Rejection] = []
    for file, held in zip(files, read_pickles(files), strict=True):
        read += _of_file(file, file.relative_to(folder).as_posix(), held)
    return read


def _of_file(file: Path, name: str, held: Any) -> Iterator[Annotation | Rejection]:
    forms = [one for one in get_args(Form) if one in file.parts]
    splits = [split for part, split in SPLITS.items() if part in file.parts]
    if len(forms) != 1 or len(splits) != 1:
        raise SourceError(
            f"{file}: need it below test or valid, and discharge, nursing or physician"
        )
    if not isinstance(held, dict):
        raise SourceError(f"{file}: a {type(held).__name__}: need a dictionary by ROW_ID")
    for row, entities in held.items():
        if not str(row).isdigit() or not isinstance(entities, list):
            yield Rejection(f"{name} {row}", "malformed_record", "need a ROW_ID and a list")
            continue
        for number, one in enumerate(entities):
            yield from _of_entity(f"{name} {row}.{number}", int(row), one, forms[0], splits[0])


def _of_entity(
    record: str, row: int, one: Any, form: Form, split: Split
) -> Iterator[Annotation | Rejection]:
    if not isinstance(one, dict) or not one:
        yield Rejection(record, "malformed_record", "need a dictionary of one entity")
        return
    for entity, told in one.items():
        try:
            entries, line = told["data"], int(told["position"])
            read = [_entry(entry) for entry in entries]
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            detail = f"{entity}: {type(error).__name__}: {error}"
            yield Rejection(record, "malformed_record", detail[:200])
            continue
        if len(read) != 1:
            detail = f"{entity}: {len(read)} readings of one mention"
            yield Rejection(record, "several_readings", detail)
            continue
        cells, label = read[0]
        yield Annotation(row, str(entity), line, cells, label, form, split)


def _entry(entry: Mapping[str, Any]) -> tuple[dict[str, str], str]:
    """The cells and the label of one entry of `data`."""
    cells = {
        f"{table}.{column}".lower(): str(value).strip().lower()
        for table, columns in entry.items()
        if table not in ABOUT
        for column, value in columns.items()
    }
    return cells, str(entry["label"])
