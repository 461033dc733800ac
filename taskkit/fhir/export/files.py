"""The files of a bulk export: NDJSON by resource type, with or without a manifest.

The manifest is the one that FHIR's Bulk Data Access answers (`output`, `error`, `deleted`).
"""

from __future__ import annotations

import gzip
import json
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from taskkit.errors import SourceError

MANIFEST = "manifest.json"
NAME = re.compile(r"([A-Z][A-Za-z]{2,40})(?:[._-][\w.-]+)?\.ndjson(?:\.gz)?")
MOST_LINE = 50_000_000  # bytes of one resource


@dataclass(frozen=True)
class File:
    """One file of an export."""

    path: Path
    type: str
    """Of every resource in it."""
    count: int | None = None
    """Lines that the manifest says it has."""


@dataclass(frozen=True)
class Export:
    """A folder's files, and what its manifest says besides."""

    files: tuple[File, ...]
    transaction_time: str | None = None
    errors: tuple[str, ...] = ()
    """What the exporting server could not export, in its own words."""


def is_export(folder: Path) -> bool:
    """Whether a folder looks like a bulk export."""
    return folder.is_dir() and bool(named(folder) or (folder / MANIFEST).is_file())


def named(folder: Path) -> list[File]:
    """The NDJSON files whose names begin with a type, in the order of their names."""
    found = []
    for path in sorted(folder.iterdir()):
        match = NAME.fullmatch(path.name)
        if match and path.is_file():
            found.append(File(path, match[1]))
    return found


def read_export(folder: Path) -> Export:
    """The files of an export.

    Raises:
        SourceError: a file that the manifest names is missing, or there is none.
    """
    manifest = folder / MANIFEST
    if not manifest.is_file():
        return Export(tuple(named(folder)))
    document = load(manifest)
    files = tuple(listed(manifest, document, "output"))
    if not files:
        raise SourceError(f"{manifest}: output: no file: need an export that is finished")
    time = document.get("transactionTime")
    errors = [said for file in listed(manifest, document, "error") for said in outcomes(file)]
    errors += [
        f"{file.path.name} lists resources that were deleted: they are not taken out"
        for file in listed(manifest, document, "deleted")
    ]
    return Export(files, time if isinstance(time, str) else None, tuple(errors))


def load(manifest: Path) -> dict[str, object]:
    """The manifest's object.

    Raises:
        SourceError: it is none.
    """
    try:
        document = json.loads(manifest.read_bytes())
    except ValueError as error:
        raise SourceError(f"{manifest}: no JSON: {error}") from error
    if not isinstance(document, dict):
        raise SourceError(f"{manifest}: need an object with output: a list of type and url")
    return document


def listed(manifest: Path, document: dict[str, object], member: str) -> Iterator[File]:
    """The files of one list of a manifest, which stand beside it."""
    entries = document.get(member) or []
    if not isinstance(entries, list):
        raise SourceError(f"{manifest}: {member}: need a list")
    for number, entry in enumerate(entries):
        place = f"{manifest}: {member}[{number}]"
        if not (isinstance(entry, dict) and isinstance(entry.get("url"), str)):
            raise SourceError(f"{place}: {entry!r:.80}: need an object with type and url")
        path = manifest.parent / Path(urlsplit(entry["url"]).path).name
        given = [path, path.with_name(f"{path.name}.gz")]
        there = [one for one in given if one.is_file()]
        if not there:
            raise SourceError(f"{place}: {path.name}: no such file: need all files of the export")
        count = entry.get("count")
        yield File(there[0], str(entry.get("type", "")), count if isinstance(count, int) else None)


def outcomes(file: File) -> Iterator[str]:
    """What a file of OperationOutcomes says."""
    for _, line in lines(file.path):
        try:
            document = json.loads(line)
        except ValueError:
            document = None
        issues = document.get("issue") if isinstance(document, dict) else None
        for issue in issues if isinstance(issues, list) else ():
            if isinstance(issue, dict):
                details = issue.get("details")
                text = details.get("text") if isinstance(details, dict) else None
                yield str(issue.get("diagnostics") or text or issue.get("code"))[:300]


def lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """Number and bytes of each line that is not empty; read as it is asked for.

    Raises:
        SourceError: the file cannot be read, is cut, or has a line over the limit.
    """
    opened = gzip.open if path.suffix == ".gz" else open
    number = 0
    try:
        with opened(path, "rb") as file:
            while line := file.readline(MOST_LINE + 1):
                number += 1
                if len(line) > MOST_LINE:
                    raise SourceError(
                        f"{path.name}:{number}: line: need at most {MOST_LINE:,} bytes"
                    )
                if line.strip():
                    yield number, line
    except (OSError, EOFError, zlib.error) as error:
        raise SourceError(f"{path}: after line {number}: cannot be read: {error}") from error
