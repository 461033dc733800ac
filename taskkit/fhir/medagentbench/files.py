"""The files of a MedAgentBench folder."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from taskkit.build.published_file import parse_json, read_text
from taskkit.build.rejection import Rejection
from taskkit.errors import SourceError
from taskkit.fhir.index import Resource

TASKS, VALUES, PATIENTS = "test_data_v2.json", "audited_values.json", "patients.ndjson"
FUNCTIONS, OTHERS = "funcs_v1.json", "other_resources.ndjson"
NEEDED = (TASKS, VALUES, PATIENTS, FUNCTIONS)


@dataclass(frozen=True)
class Record:
    """One published task with what its real server was seen to hold."""

    id: str
    template: str
    """`task1` to `task10`."""
    instruction: str
    context: str
    patient: str | None
    """Medical record number; None where there is no such patient."""
    audited: Mapping[str, Any]


@dataclass(frozen=True)
class Folder:
    """What a folder holds."""

    records: tuple[Record, ...]
    patients: tuple[Resource, ...]
    others: tuple[Resource, ...]
    functions: str
    """Markdown for the agent."""
    sha256: str
    rejections: tuple[Rejection, ...] = ()
    """Entries that are no task."""


def is_folder(path: Path) -> bool:
    """Whether a path is such a folder."""
    return (path / TASKS).is_file()


def read(path: Path) -> Folder:
    """Read a folder.

    Raises:
        SourceError: a file is missing or cannot be read.
    """
    lacking = [name for name in NEEDED if not (path / name).is_file()]
    if lacking:
        raise SourceError(f"{path}: no {lacking[0]}: need {', '.join(NEEDED)}")
    audited = {str(one["id"]): one for one in document(path / VALUES)}
    entries = document(path / TASKS)
    if not isinstance(entries, list):
        raise SourceError(f"{path / TASKS}: {type(entries).__name__}: need a list of tasks")
    found = [record(number, one, audited) for number, one in enumerate(entries)]
    others = tuple(lines(path / OTHERS)) if (path / OTHERS).is_file() else ()
    total = hashlib.sha256()
    for name in sorted((*NEEDED, OTHERS)):
        if (path / name).is_file():
            total.update(name.encode() + (path / name).read_bytes())
    return Folder(
        tuple(one for one in found if isinstance(one, Record)),
        tuple(lines(path / PATIENTS)),
        others,
        markdown(document(path / FUNCTIONS)),
        total.hexdigest(),
        tuple(one for one in found if isinstance(one, Rejection)),
    )


def record(number: int, entry: Any, audited: Mapping[str, Any]) -> Record | Rejection:
    """One task, or why an entry is none."""
    place = f"{TASKS}#{number}"
    if not isinstance(entry, dict):
        return Rejection(place, "malformed_record", f"{type(entry).__name__}: need a task")
    name, asked, patient = entry.get("id"), entry.get("instruction"), entry.get("eval_MRN")
    if not (isinstance(name, str) and isinstance(asked, str)):
        return Rejection(place, "malformed_record", "need texts id and instruction")
    if not isinstance(patient, str | None):
        return Rejection(place, "malformed_record", f"eval_MRN {patient!r}: need a text")
    if name not in audited:
        return Rejection(place, "malformed_record", f"task {name!r}: {VALUES} has no value of it")
    context, template = str(entry.get("context") or "").strip(), name.partition("_")[0]
    return Record(name, template, asked.strip(), context, patient, audited[name])


def document(path: Path) -> Any:
    """The JSON document of a file.

    Raises:
        SourceError: it is none.
    """
    try:
        return parse_json(read_text(path))
    except ValueError as error:
        raise SourceError(f"{path}: no JSON: {error}") from error


def lines(path: Path) -> Iterator[Resource]:
    """The resources of an NDJSON file.

    Raises:
        SourceError: a line is no resource with an id.
    """
    for number, line in enumerate(read_text(path).split("\n"), start=1):
        if not line.strip():
            continue
        try:
            resource: Resource = parse_json(line)
            assert isinstance(resource["resourceType"], str)
            assert isinstance(resource["id"], str)
        except (ValueError, KeyError, TypeError, AssertionError) as error:
            raise SourceError(f"{path}:{number}: no resource with type and id") from error
        yield resource


def markdown(functions: list[dict[str, Any]]) -> str:
    """The published functions as a text for the agent."""
    parts = ["# What the server offers\n"]
    for one in functions:
        parts.append(f"## {one['name']}\n\n{one['description']}\n")
        table = one.get("parameters", {}).get("properties", {})
        parts += [f"- `{name}`: {told(value)}" for name, value in table.items()]
        parts.append("")
    return "\n".join(parts)


def told(value: Mapping[str, Any]) -> str:
    """A parameter in one line, its inner parts after it."""
    text = " ".join(str(value.get("description", value.get("type", ""))).split())
    inner = value.get("properties") or value.get("items", {}).get("properties") or {}
    if inner:
        text += " (" + "; ".join(f"{name}: {told(one)}" for name, one in inner.items()) + ")"
    return text
