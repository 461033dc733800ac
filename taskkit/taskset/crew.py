"""Processes that inspect tasks in chunks, so that memory does not grow with their number."""

from __future__ import annotations

import multiprocessing
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from pathlib import Path

from taskkit.errors import MissingError
from taskkit.taskset.inspection import Inspected, Inspector

CHUNK = 200  # tasks; about 0.1 s of work, so that passing them costs nothing
ALONE = 2 * CHUNK  # fewer tasks than it takes to start processes for

_inspector: Inspector | None = None  # of a worker process


def inspect_all(root: Path, paths: Iterable[Path], jobs: int) -> Iterator[Inspected]:
    """Inspect tasks in ``jobs`` processes and give the results in order.

    Raises:
        MissingError: a process was killed from outside.
    """
    rest = iter(paths)
    first = list(islice(rest, ALONE))
    if jobs < 2 or len(first) < ALONE:
        yield from _inspect_here(root, first)
        yield from _inspect_here(root, rest)
        return
    context = multiprocessing.get_context("spawn")  # safe whatever threads the caller has
    with ProcessPoolExecutor(jobs, context, initializer=_start, initargs=(root,)) as pool:
        waiting: deque[Future[list[Inspected]]] = deque()
        try:
            for chunk in _chunks(first, rest):
                waiting.append(pool.submit(_inspect, chunk))
                if len(waiting) > 2 * jobs:
                    yield from waiting.popleft().result()
            while waiting:
                yield from waiting.popleft().result()
        except BrokenProcessPool as error:
            raise MissingError(
                f"{root}: a validating process was killed: free some memory, or use fewer --jobs"
            ) from error


def _inspect_here(root: Path, paths: Iterable[Path]) -> Iterator[Inspected]:
    inspector = Inspector(root)
    try:
        for path in paths:
            yield inspector.inspect(path)
    finally:
        inspector.close()


def _chunks(first: list[Path], rest: Iterator[Path]) -> Iterator[list[Path]]:
    for start in range(0, len(first), CHUNK):
        yield first[start : start + CHUNK]
    while chunk := list(islice(rest, CHUNK)):
        yield chunk


def _start(root: Path) -> None:
    global _inspector
    _inspector = Inspector(root)


def _inspect(paths: list[Path]) -> list[Inspected]:
    assert _inspector is not None
    return [_inspector.inspect(path) for path in paths]
