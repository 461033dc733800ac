"""Results in the order of their items, of worker processes that keep what is costly to make."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import chain, islice
from typing import Any, TypeVar

from taskkit.errors import MissingError, PluginError, TaskkitError
from taskkit.pool.pool import Bug, Lost, Pool

Item = TypeVar("Item")
Result = TypeVar("Result")
CHUNK = 200  # items; about 0.1 s of work, so that passing them costs nothing
ALONE = 2 * CHUNK  # fewer items than it takes to start processes for
AHEAD = 4  # items under way per process: enough that none waits, few enough for the memory


def in_order(
    make: Callable[[], Callable[[Item], Result]], items: Iterable[Item], jobs: int
) -> Iterator[Result]:
    """Give the result of each item, in the order of the items whatever the number of jobs.

    Few items are under way at a time, so memory does not grow with their number. An error of an
    item is raised in its turn. An item over which a process dies is done once more.

    Args:
        make: Makes, once in each process, what turns an item into its result; picklable.
        items: Picklable.
        jobs: Processes; with 1, all is done in this one.

    Raises:
        MissingError: a process was killed twice, which is most often for want of memory.
    """
    if jobs == 1:
        yield from map(make(), items)
        return
    under_way: deque[int] = deque()
    results: dict[int, Any] = {}

    def numbered() -> Iterator[tuple[int, Item]]:
        for number, item in enumerate(items):
            under_way.append(number)
            yield number, item

    pool: Pool[tuple[int, Item], Any] = Pool(jobs, partial(_Hand, make), preload=_module(make))
    try:
        for one in pool.run(numbered(), room=lambda: len(under_way) < AHEAD * jobs):
            if isinstance(one, Lost):
                raise (PluginError if one.by_plugin else MissingError)(one.told("building"))
            (number, _), results[number] = one
            while under_way and under_way[0] in results:
                result = results.pop(under_way.popleft())
                if isinstance(result, Bug):
                    raise result.error()
                if isinstance(result, TaskkitError):
                    raise result
                yield result
    finally:
        pool.close()


def _module(make: Callable[[], object]) -> str:
    """Name the module that makes the workers."""
    made = make.func if isinstance(make, partial) else make
    return made.__module__


class _Hand:
    """Does one item after the other; an error of one is its result."""

    def __init__(self, make: Callable[[], Callable[[Any], Any]]) -> None:
        self._do = make()

    def do(self, job: tuple[int, Any]) -> Any:
        """Give the result of an item, or its error."""
        try:
            return self._do(job[1])
        except TaskkitError as error:
            return error

    def close(self) -> None:
        """It keeps nothing that must be let go of."""


def in_chunks(
    make: Callable[[], Callable[[Item], Result]], items: Iterable[Item], jobs: int
) -> Iterator[Result]:
    """As `in_order`, of items that take no longer than handing them over: several go at a time.

    Few of them are done in this process, whatever ``jobs`` says.

    Raises:
        MissingError: a process was killed twice.
    """
    rest = iter(items)
    first = list(islice(rest, ALONE))
    if jobs == 1 or len(first) < ALONE:
        yield from map(make(), chain(first, rest))
        return
    for chunk in in_order(partial(_Chunks, make), _chunks(chain(first, rest)), jobs):
        yield from chunk


def _chunks(items: Iterator[Item]) -> Iterator[list[Item]]:
    while chunk := list(islice(items, CHUNK)):
        yield chunk


class _Chunks:
    """Does chunks of items, in one process."""

    def __init__(self, make: Callable[[], Callable[[Any], Any]]) -> None:
        self._do = make()

    def __call__(self, items: list[Any]) -> list[Any]:
        return list(map(self._do, items))
