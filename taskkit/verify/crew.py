"""Worker processes that take one job at a time and outlive the death of any of them."""

from __future__ import annotations

import multiprocessing
import signal
from collections import defaultdict, deque
from collections.abc import Callable, Hashable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Generic, Protocol, TypeVar

from taskkit.errors import TaskkitError

Job = TypeVar("Job")
Finding = TypeVar("Finding")
AHEAD = 2  # jobs a worker holds, so that it never waits for the next


class Hand(Protocol[Job, Finding]):  # type: ignore[misc]  # Job is only taken, Finding only given
    """What a worker process does, with what it keeps warm."""

    def do(self, job: Job) -> Finding:
        """Do one job; a `TaskkitError` ends the whole crew."""
        ...

    def close(self) -> None:
        """Let go of what is kept warm."""
        ...


@dataclass(frozen=True)
class Lost(Generic[Job]):
    """A job whose worker process died twice over it."""

    job: Job
    exit_code: int | None


def _serve(connection: Connection, make: Callable[[], Hand[Job, Finding]]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent hears it, and ends us in good order
    try:
        hand = make()
    except TaskkitError as error:
        connection.send(error)
        return
    try:
        while (job := connection.recv()) is not None:
            try:
                connection.send(hand.do(job))
            except TaskkitError as error:
                connection.send(error)
    except (EOFError, ConnectionError):  # the run is gone; nobody is left to tell
        pass
    finally:
        hand.close()


class _Worker(Generic[Job, Finding]):
    def __init__(self, make: Callable[[], Hand[Job, Finding]]) -> None:
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload([type(make).__module__])  # loaded once, for all workers
        self.connection, theirs = context.Pipe()
        self.jobs: deque[tuple[Job, int]] = deque()
        self.process: BaseProcess = context.Process(target=_serve, args=(theirs, make), daemon=True)
        self.process.start()
        theirs.close()

    def give(self, job: Job, tries: int) -> None:
        self.jobs.append((job, tries))
        with suppress(BrokenPipeError, ConnectionResetError):  # seen when its findings are read
            self.connection.send(job)

    def close(self, grace_s: float = 10.0) -> None:
        with suppress(OSError):
            self.connection.send(None)
        self.process.join(grace_s)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()
        self.connection.close()


class _Lanes(Generic[Job]):
    """Jobs parted into lanes, of which a worker takes one after the other.

    What a worker has learnt of a lane serves the rest of it, and no other has to learn it. Lanes
    are shared only once there are too few of them.
    """

    def __init__(self, jobs: Iterable[Job], lane: Callable[[Job], Hashable]) -> None:
        self._left: defaultdict[Hashable, deque[Job]] = defaultdict(deque)
        for job in jobs:
            self._left[lane(job)].append(job)
        self._taken: dict[int, Hashable] = {}

    def next(self, taker: int) -> Job:
        """Give a job to a worker; raise StopIteration where none is left."""
        own = self._taken.get(taker)
        if not self._left.get(own):
            self._left.pop(own, None)
            taken = set(self._taken.values())
            free = [lane for lane in self._left if lane not in taken] or list(self._left)
            if not free:
                raise StopIteration
            own = self._taken[taker] = max(free, key=lambda lane: len(self._left[lane]))
        job = self._left[own].popleft()
        if not self._left[own]:
            del self._left[own]
        return job


class Crew(Generic[Job, Finding]):
    """A number of worker processes, each with a `Hand` of its own."""

    def __init__(self, size: int, make: Callable[[], Hand[Job, Finding]]) -> None:
        self._make = make
        self._workers: list[_Worker[Job, Finding]] = [_Worker(make) for _ in range(size)]

    def run(
        self, jobs: Iterable[Job], lane: Callable[[Job], Hashable] | None = None
    ) -> Iterator[tuple[Job, Finding] | Lost[Job]]:
        """Give each job's finding as it comes, in whatever order.

        A job whose worker dies is done again by a new one, once; the second time it is `Lost`.

        Args:
            lane: What jobs share that are best done by one worker; by default any takes the next.

        Raises:
            TaskkitError: what a hand raised; the jobs under way are given up.
        """
        stream = iter(jobs)
        take = _Lanes(stream, lane).next if lane else lambda _: next(stream)
        again: deque[tuple[Job, int]] = deque()

        def feed(worker: _Worker[Job, Finding]) -> None:
            while len(worker.jobs) < AHEAD:
                if again:
                    worker.give(*again.popleft())
                    continue
                try:
                    worker.give(take(self._workers.index(worker)), 0)
                except StopIteration:
                    return

        for worker in self._workers:
            feed(worker)
        while busy := [worker for worker in self._workers if worker.jobs]:
            ready = wait([worker.connection for worker in busy])
            for worker in (worker for worker in busy if worker.connection in ready):
                try:
                    finding = worker.connection.recv()
                except (EOFError, ConnectionResetError):
                    lost = self._replace(worker, again)
                    if lost:
                        yield lost
                else:
                    if isinstance(finding, TaskkitError):
                        raise finding
                    yield worker.jobs.popleft()[0], finding
            for worker in self._workers:
                feed(worker)

    def _replace(
        self, worker: _Worker[Job, Finding], again: deque[tuple[Job, int]]
    ) -> Lost[Job] | None:
        worker.process.join()
        (job, tries), *rest = worker.jobs
        again.extend(rest)
        self._workers[self._workers.index(worker)] = _Worker(self._make)
        if tries:
            return Lost(job, worker.process.exitcode)
        again.append((job, tries + 1))
        return None

    def close(self) -> None:
        """End every worker."""
        for worker in self._workers:
            worker.close()
