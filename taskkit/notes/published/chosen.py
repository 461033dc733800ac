"""The mentions that other records name: by admission and entity, whatever label they give."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from taskkit.build.published_file import parse_json, read_text
from taskkit.errors import SourceError

ADMISSION, ENTITY = "hospital admission", "medical entity"
Mention = tuple[int, str]
"""Admission and entity, in lower case."""


def read_mentions(file: Path) -> frozenset[Mention]:
    """Read MedAgentGym's records of EHRCon, as CSV, JSON or JSON Lines; nothing else of them.

    Raises:
        SourceError: it cannot be read, or a record names no admission or entity.
    """
    try:
        records = list(_records(file))
    except (json.JSONDecodeError, csv.Error) as error:
        raise SourceError(f"{file}: {error}: need CSV, JSON or JSON Lines") from error
    if not records:
        raise SourceError(f"{file}: no records: need one at least")
    return frozenset(_mention(file, number, one) for number, one in enumerate(records, 1))


def _records(file: Path) -> Iterable[Any]:
    text = read_text(file)
    if file.suffix == ".csv":
        return csv.DictReader(io.StringIO(text, newline=""))
    if file.suffix == ".jsonl":
        return [parse_json(line) for line in text.split("\n") if line.strip()]
    held: Any = parse_json(text)
    return held if isinstance(held, list) else []


def _mention(file: Path, number: int, record: Any) -> Mention:
    named: Mapping[str, Any] = {}
    if isinstance(record, dict):
        named = {str(key).strip().lower().replace("_", " "): one for key, one in record.items()}
    try:
        return int(float(named[ADMISSION])), str(named[ENTITY]).strip().lower()
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise SourceError(
            f"{file}: record {number}: {type(error).__name__}: {error}: need {ADMISSION!r}, a"
            f" number, and {ENTITY!r}"
        ) from error
