"""What a run over a taskset has to do: which instances are wanted, new or changed."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

from taskkit.taskset.filter import Filter
from taskkit.taskset.folder import Taskset


@dataclass
class Todo:
    """A taskset against what is known of it."""

    todo: list[str] = field(default_factory=list)
    """Files, below the taskset, that were asked for and are new or changed."""
    known: list[str] = field(default_factory=list)
    """Ids of those asked for that are as they were."""
    present: set[str] = field(default_factory=set)
    """Ids of all instances, asked for or not."""


def compare(taskset: Path, known: dict[str, str], chosen: Filter) -> Todo:
    """Find what is left to do.

    Args:
        known: Digest of the file by id, of the instances whose finding still stands.
    """
    made = Todo()
    for path in Taskset(taskset).paths():
        made.present.add(path.stem)
        if not chosen.takes(path):
            continue
        before = known.get(path.stem)
        if before and before == hashlib.sha256(path.read_bytes()).hexdigest():
            made.known.append(path.stem)
        else:
            made.todo.append(str(path.relative_to(taskset)))
    return made
