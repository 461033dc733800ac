"""The lists of tasks that publishers ship: JSONL with a `task_name` on each line."""

from __future__ import annotations

import json
from pathlib import Path

from taskkit.build.published_file import parse_json, read_text
from taskkit.build.rejection import Rejection
from taskkit.errors import SourceError

MAX_BYTES = 10_000_000  # a list of 15 tasks has 9 kB
LISTS = ("task.jsonl", "test_tasks.jsonl", "train_tasks.jsonl")


def task_names(source: Path) -> tuple[str | Rejection, ...]:
    """The names of the tasks of a file, or of the lists in a folder; as often as they stand there.

    A line that is no task is put aside where others are.

    Raises:
        SourceError: there is no such list, or no line of it is a task.
    """
    files = [source]
    if source.is_dir():
        files = [source / name for name in LISTS if (source / name).is_file()]
        if not files:
            raise SourceError(f"{source}: no list of tasks: need one of {', '.join(LISTS)}")
    found = [one for file in files for one in names_of(file)]
    if not any(isinstance(one, str) for one in found):
        none = f"{source}: no tasks: need lines with a task_name"
        raise SourceError(next((one.detail for one in found if isinstance(one, Rejection)), none))
    return tuple(found)


def names_of(file: Path) -> list[str | Rejection]:
    """The names of one list."""
    found: list[str | Rejection] = []
    lines = read_text(file, max_bytes=MAX_BYTES).split("\n")  # a text may hold other line ends
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                found.append(name_of(line, f"{file}:{number}"))
            except SourceError as error:
                found.append(Rejection(f"{file.name}:{number}", "malformed_record", str(error)))
    return found


def name_of(line: str, where: str) -> str:
    """The name of one task."""
    try:
        record = parse_json(line)
    except json.JSONDecodeError as error:
        raise SourceError(f"{where}: no JSON: {error.msg}") from None
    name = record.get("task_name") if isinstance(record, dict) else None
    if not isinstance(name, str):
        raise SourceError(f"{where}: task_name {name!r}: need a text")
    return name
