"""Inspect tasks in chunks, in several processes where there are many."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from itertools import chain, islice
from pathlib import Path

from taskkit.processes import in_order
from taskkit.taskset.inspection import Inspected, Inspector

CHUNK = 200  # tasks; about 0.1 s of work, so that passing them costs nothing
ALONE = 2 * CHUNK  # fewer tasks than it takes to start processes for


def inspect_all(root: Path, paths: Iterable[Path], jobs: int) -> Iterator[Inspected]:
    """Inspect tasks in ``jobs`` processes and give the results in order.

    Raises:
        MissingError: a process was killed from outside.
    """
    rest = iter(paths)
    first = list(islice(rest, ALONE))
    size = jobs if len(first) == ALONE else 1
    for chunk in in_order(partial(Inspection, root), _chunks(chain(first, rest)), size):
        yield from chunk


def _chunks(paths: Iterator[Path]) -> Iterator[list[Path]]:
    while chunk := list(islice(paths, CHUNK)):
        yield chunk


class Inspection:
    """Inspects chunks of a taskset, in one process."""

    def __init__(self, root: Path) -> None:
        self._inspector = Inspector(root)

    def __call__(self, paths: list[Path]) -> list[Inspected]:
        """Inspect one chunk."""
        return [self._inspector.inspect(path) for path in paths]
