"""Worker processes that keep what is costly to make, and give results in order."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from functools import partial
from itertools import chain, islice
from threading import Thread, current_thread, main_thread
from typing import Any, TypeVar

from taskkit.errors import MissingError

Item = TypeVar("Item")
Result = TypeVar("Result")
CHUNK = 200  # items; about 0.1 s of work, so that passing them costs nothing
ALONE = 2 * CHUNK  # fewer items than it takes to start processes for
AHEAD = 4  # items under way per process: enough that none waits, few enough for the memory

_work: Callable[[Any], Any] | None = None  # of a worker process


def in_order(
    make: Callable[[], Callable[[Item], Result]], items: Iterable[Item], jobs: int
) -> Iterator[Result]:
    """Give the result of each item, in the order of the items whatever the number of jobs.

    Few items are under way at a time, so memory does not grow with their number.

    Args:
        make: Makes, once in each process, what turns an item into its result; picklable.
        items: Picklable.
        jobs: Processes; with 1, all is done in this one.

    Raises:
        MissingError: a process was killed, which is most often for want of memory.
    """
    if jobs == 1:
        yield from map(make(), items)
        return
    context = multiprocessing.get_context("spawn")  # safe whatever threads the caller has
    waiting: deque[Future[Result]] = deque()
    with ProcessPoolExecutor(jobs, context, _start, (make,)) as pool:
        try:
            for item in items:
                with _deaf():
                    waiting.append(pool.submit(_do, item))
                if len(waiting) > AHEAD * jobs:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        except BrokenProcessPool as error:
            raise MissingError(
                "a worker process was killed: free some memory, or use fewer --jobs"
            ) from error
        finally:
            pool.shutdown(cancel_futures=True)


def in_chunks(
    make: Callable[[], Callable[[Item], Result]], items: Iterable[Item], jobs: int
) -> Iterator[Result]:
    """As `in_order`, of items that take no longer than handing them over: several go at a time.

    Few of them are done in this process, whatever ``jobs`` says.

    Raises:
        MissingError: a process was killed from outside.
    """
    rest = iter(items)
    first = list(islice(rest, ALONE))
    size = jobs if len(first) == ALONE else 1
    for chunk in in_order(partial(_Chunks, make), _chunks(chain(first, rest)), size):
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


@contextmanager
def _deaf() -> Iterator[None]:
    """Have processes that are begun inside not hear ctrl-c before they are ready for it."""
    if current_thread() is not main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _start(make: Callable[[], Callable[[Any], Any]]) -> None:
    global _work
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # ends it without a word: the parent has one
    Thread(target=_end_with_parent, daemon=True).start()
    _work = make()


def _end_with_parent() -> None:
    """End this process once the one that began it is gone: killed, it can tell nobody."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)


def _do(item: Any) -> Any:
    assert _work is not None
    return _work(item)
