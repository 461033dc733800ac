"""What a run over a taskset has to do: which instances are wanted, new or changed."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

from taskkit.errors import UsageError
from taskkit.taskset.folder import Taskset

FILTERS = ("id", "split", "category")


@dataclass(frozen=True)
class Filter:
    """Which instances to take: every field given must match one of its patterns."""

    patterns: tuple[tuple[str, str], ...] = ()

    @classmethod
    def parse(cls, texts: tuple[str, ...]) -> Filter:
        """Read filters of the form ``field=pattern``, such as ``category=cost*``.

        Raises:
            UsageError: one has another form or names another field.
        """
        pairs = []
        for text in texts:
            name, equals, pattern = text.partition("=")
            if not equals or name not in FILTERS:
                raise UsageError(
                    f"--filter {text!r}: need FIELD=PATTERN with a field of {', '.join(FILTERS)},"
                    " such as category=cost*"
                )
            pairs.append((name, pattern))
        return cls(tuple(pairs))

    def takes(self, file: Path) -> bool:
        """Say whether an instance, by its path, is wanted."""
        values = dict(zip(("category", "split"), (p.name for p in file.parents), strict=False))
        values["id"] = file.stem
        wanted: dict[str, bool] = {}
        for name, pattern in self.patterns:
            wanted[name] = wanted.get(name, False) or fnmatchcase(values[name], pattern)
        return all(wanted.values())


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
