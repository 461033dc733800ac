"""The lists of tasks that publishers ship: JSONL with a `task_name` on each line."""

from __future__ import annotations

import json
from pathlib import Path

from taskkit.build.published_file import parse_json, read_text
from taskkit.errors import SourceError

MAX_BYTES = 10_000_000  # a list of 15 tasks has 9 kB
LISTS = ("task.jsonl", "test_tasks.jsonl", "train_tasks.jsonl")


def task_names(source: Path) -> tuple[str, ...]:
    """The names of the tasks of a file, or of the lists in a folder; as often as they stand there.

    Raises:
        SourceError: there is no such list, or a line is no task.
    """
    files = [source]
    if source.is_dir():
        files = [source / name for name in LISTS if (source / name).is_file()]
        if not files:
            raise SourceError(f"{source}: no list of tasks: need one of {', '.join(LISTS)}")
    names = [name for file in files for name in names_of(file)]
    if not names:
        raise SourceError(f"{source}: no tasks: need lines with a task_name")
    return tuple(names)


def names_of(file: Path) -> list[str]:
    """The names of one list."""
    names = []
    lines = read_text(file, max_bytes=MAX_BYTES).split("\n")  # a text may hold other line ends
    for number, line in enumerate(lines, 1):
        if line.strip():
            names.append(name_of(line, f"{file}:{number}"))
    return names


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
