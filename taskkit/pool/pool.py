"""Worker processes that take one job at a time and outlive the death of any of them."""

from __future__ import annotations

import multiprocessing
import signal
import time
import traceback
import warnings
from collections import defaultdict, deque
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from queue import SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar, runtime_checkable

from taskkit.errors import InternalError, MissingError, TaskkitError, report_bug
from taskkit.plugin import note_in

if TYPE_CHECKING:
    from ctypes import Array, c_char

warnings.filterwarnings("ignore", "resource_tracker: process died")  # begun again; we use none
Job = TypeVar("Job")
Finding = TypeVar("Finding")
AHEAD = 2  # lots a worker holds, so that it never waits for the next
SHARES = 4  # lots that every worker has still to come, at the least, so that all end together
MAX_NOTE = 300  # bytes of the name of a call
MOST_KILLED = 10  # workers in a row, and two for each: where no more comes of it, the run ends
UNKNOWN = 255  # multiprocessing's word for a process whose server has died
OUTSIDE = (-signal.SIGKILL, -signal.SIGTERM, UNKNOWN)
HOLD_S = 0.1  # how long findings wait for more of them, before they are told


class Worker(Protocol[Job, Finding]):  # type: ignore[misc]  # Job is only taken, Finding only given
    """What a worker process does, with what it keeps warm."""

    def do(self, job: Job) -> Finding:
        """Do one job; a `TaskkitError` ends the whole pool."""
        ...

    def close(self) -> None:
        """Let go of what is kept warm."""
        ...


@runtime_checkable
class BatchWorker(Worker[Job, Finding], Protocol[Job, Finding]):  # type: ignore[misc]
    """A hand that does several jobs better together."""

    def do_batch(self, jobs: Sequence[Job]) -> Iterable[Finding]:
        """Do a lot of jobs; give the finding of each in turn."""
        ...


@dataclass(frozen=True)
class Bug:
    """Our own code failed over a job."""

    what: str
    """The exception, in one line."""
    traceback: str

    def error(self) -> InternalError:
        """The error of a run that cannot go on after it."""
        return InternalError(report_bug(self.what, self.traceback))


@dataclass(frozen=True)
class Lost(Generic[Job]):
    """A job whose worker process died twice over it."""

    job: Job
    exit_code: int | None
    within: str = ""
    """The call of a domain's or a plugin's code that it died in; empty where in none."""

    @property
    def killed(self) -> bool:
        """Something outside ended it, such as the system for want of memory."""
        return killed(self.exit_code)

    @property
    def by_plugin(self) -> bool:
        """The code that it was in ended it."""
        return bool(self.within) and not self.killed

    def told(self, doing: str) -> str:
        """Say how it died over its job, and in whose code."""
        place = f"{self.within}: " if self.within else ""
        if self.killed:
            what = f"the {doing} process was killed over it twice: free some memory"
            return f"{place}{what}, or use fewer --jobs"
        what = f"the {doing} process died over it twice (exit code {self.exit_code})"
        return f"{place}{what}: need one that does not end its process" if place else what


def killed(exit_code: int | None) -> bool:
    """Say whether a process was ended from outside, as far as its exit code is known."""
    return exit_code is None or exit_code in OUTSIDE


def _bug(error: Exception) -> Bug:
    return Bug(f"{type(error).__name__}: {error}", traceback.format_exc())


def _serve(connection: Connection, within: Array[c_char]) -> None:
    """Work until told to end: first comes what makes the hand, then lots of jobs."""
    note_in(within)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent hears it, and ends us in good order
    try:
        make: Callable[[], Worker[Any, Any]] = connection.recv()
        hand = make()
    except EOFError:
        return
    except TaskkitError as error:
        connection.send(error)
        return
    except Exception as error:
        connection.send(_bug(error))
        return
    lots: SimpleQueue[list[Any] | None] = SimpleQueue()
    Thread(target=_receive, args=(connection, lots), daemon=True).start()
    try:
        while (jobs := lots.get()) is not None:
            _work(connection, hand, jobs)
    except ConnectionError:  # the run is gone; nobody is left to tell
        pass
    except Exception as error:  # a finding that cannot be sent
        connection.send(_bug(error))
    finally:
        hand.close()


def _receive(connection: Connection, lots: SimpleQueue[list[Any] | None]) -> None:
    """Read all that comes: a run that sends a large lot must not wait for one that sends too."""
    with suppress(EOFError, ConnectionError):
        while (jobs := connection.recv()) is not None:
            lots.put(jobs)
    lots.put(None)


def _work(connection: Connection, hand: Worker[Job, Finding], jobs: list[Job]) -> None:
    """Do a lot, and tell what was found of it: all at once, unless that takes long."""
    found: list[Finding | Bug] = []
    told = time.monotonic()
    try:
        for finding in _findings(hand, jobs):
            found.append(finding)
            if time.monotonic() - told > HOLD_S:
                connection.send(found)
                found, told = [], time.monotonic()
    except TaskkitError as error:
        connection.send(found)
        connection.send(error)
    else:
        connection.send(found)


def _findings(hand: Worker[Job, Finding], jobs: list[Job]) -> Iterator[Finding | Bug]:
    """Give the finding of each job; where our own code fails over one, that it did."""
    done = 0
    if isinstance(hand, BatchWorker):
        try:
            for finding in hand.do_batch(jobs):
                done += 1
                yield finding
            return
        except TaskkitError:
            raise
        except Exception:  # whose job it is shows when each is done by itself
            jobs = jobs[done:]
    for job in jobs:
        try:
            yield hand.do(job)
        except TaskkitError:
            raise
        except Exception as error:
            yield _bug(error)


@dataclass(frozen=True)
class _Try(Generic[Job]):
    """A job, and how often a worker has died over it alone."""

    job: Job
    tries: int = 0
    suspect: bool = False
    """A worker died over a lot that held it: it is done alone."""


class _Process(Generic[Job, Finding]):
    def __init__(self, preload: str) -> None:
        context = multiprocessing.get_context("forkserver")  # safe whatever threads we have
        context.set_forkserver_preload([preload])  # loaded once, for all workers
        self.connection, theirs = context.Pipe()
        self.lots: deque[deque[_Try[Job]]] = deque()
        self.within: Array[c_char] = context.Array("c", MAX_NOTE, lock=False)
        arguments = theirs, self.within
        self.process: BaseProcess = context.Process(target=_serve, args=arguments, daemon=True)
        with suppress(OSError, EOFError):  # killed at once: seen when its findings are read
            self.process.start()
        theirs.close()

    def give(self, lot: Iterable[_Try[Job]]) -> None:
        self.lots.append(deque(lot))
        self.send([one.job for one in self.lots[-1]])

    def send(self, message: object) -> None:
        with suppress(BrokenPipeError, ConnectionResetError):  # seen when its findings are read
            self.connection.send(message)

    def done(self) -> Job:
        """Give the job that the next finding is of."""
        job = self.lots[0].popleft().job
        if not self.lots[0]:
            self.lots.popleft()
        return job

    def exit_code(self) -> int | None:
        """Wait for its end; None where it did not even start."""
        if self.process.pid is not None:
            self.process.join()
        return self.process.exitcode

    def close(self, grace_s: float = 10.0) -> None:
        with suppress(OSError):
            self.connection.send(None)
        if self.process.pid is not None:
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


class Pool(Generic[Job, Finding]):
    """A number of worker processes, each with a `Worker` of its own."""

    def __init__(
        self,
        size: int,
        make: Callable[[], Worker[Job, Finding]],
        *,
        together: int = 1,
        preload: str | None = None,
    ) -> None:
        """Start the workers.

        Args:
            size: How many.
            make: Makes the hand of each, in its process.
            together: Jobs that a hand is given in one lot, at the most.
            preload: Module that workers need; by default that of ``make``.
        """
        self._make, self._together = make, together
        self._preload = preload or type(make).__module__
        self._workers: list[_Process[Job, Finding]] = [_Process(self._preload) for _ in range(size)]
        for worker in self._workers:
            worker.send(make)
        self._again: deque[_Try[Job]] = deque()
        self._killed = 0
        """Workers killed since the last finding."""

    def run(
        self,
        jobs: Iterable[Job],
        lane: Callable[[Job], Hashable] | None = None,
        room: Callable[[], bool] = lambda: True,
    ) -> Iterator[tuple[Job, Finding | Bug] | Lost[Job]]:
        """Give each job's finding as it comes, in whatever order.

        A lot whose worker dies is done again by a new one, each job of it alone; a job over which
        one dies again, and once more, is `Lost`.

        Args:
            jobs: Read as they are done; before all of them where lots or lanes are planned.
            lane: What jobs share that are best done by one worker; by default any takes the next.
            room: Whether one more may be begun; it must be true once none is under way.

        Raises:
            MissingError: workers are killed one after the other.
            TaskkitError: what a hand raised; the jobs under way are given up.
        """
        planned = list(jobs) if lane or self._together > 1 else None
        stream, left = iter(jobs if planned is None else planned), len(planned or ())
        take = _Lanes(stream, lane).next if lane else lambda _: next(stream)

        def lot(worker: _Process[Job, Finding]) -> Iterator[_Try[Job]]:
            nonlocal left
            if self._again and self._again[0].suspect:
                yield self._again.popleft()
                return
            share = left // (SHARES * len(self._workers))
            for _ in range(max(1, min(self._together, share))):
                if self._again and not self._again[0].suspect:
                    yield self._again.popleft()
                    continue
                if not room():
                    return
                try:
                    job = take(self._workers.index(worker))
                except StopIteration:
                    return
                left -= 1
                yield _Try(job)

        def feed(worker: _Process[Job, Finding]) -> None:
            while len(worker.lots) < AHEAD and (made := list(lot(worker))):
                worker.give(made)

        for worker in self._workers:
            feed(worker)
        while busy := [worker for worker in self._workers if worker.lots]:
            ready = wait([worker.connection for worker in busy])
            for worker in (worker for worker in busy if worker.connection in ready):
                try:
                    found = worker.connection.recv()
                except (EOFError, ConnectionResetError):
                    lost = self._replace(worker)
                    if lost:
                        yield lost
                    continue
                if isinstance(found, Bug):
                    raise found.error()
                if isinstance(found, TaskkitError):
                    raise found
                self._killed = 0
                for finding in found:
                    yield worker.done(), finding
            for worker in self._workers:
                feed(worker)

    def _replace(self, worker: _Process[Job, Finding]) -> Lost[Job] | None:
        """Have a new worker in the place of one that died, and its jobs done again."""
        exit_code = worker.exit_code()
        self._killed += killed(exit_code)
        if self._killed >= MOST_KILLED + 2 * len(self._workers):
            raise MissingError(
                f"{self._killed} worker processes were killed, with no result between them: free"
                " some memory, or use fewer --jobs; run it again to go on"
            )
        first, *rest = worker.lots
        self._again.extend(one for lot in rest for one in lot)
        fresh: _Process[Job, Finding] = _Process(self._preload)
        fresh.send(self._make)
        self._workers[self._workers.index(worker)] = fresh
        if len(first) > 1:
            self._again.extendleft(replace(one, suspect=True) for one in first)
            return None
        [one] = first
        if one.tries:
            within = worker.within.value.decode("utf-8", "replace")
            return Lost(one.job, exit_code, within)
        self._again.appendleft(replace(one, tries=one.tries + 1, suspect=True))
        return None

    def close(self) -> None:
        """End every worker."""
        for worker in self._workers:
            worker.close()
