"""Many episodes at once, each in a thread and a session of its own; results kept as they come."""

from __future__ import annotations

import hashlib
import queue
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from threading import Event, Thread

from taskkit.agents.endpoint.endpoint import HopelessError
from taskkit.errors import AgentError, EndpointError, InternalError, PluginError, SandboxError
from taskkit.play.stage import Stage
from taskkit.run.failures import cause
from taskkit.run.play import Cast, Play, StoppedError
from taskkit.run.results import Episodes, Row, row_of, void
from taskkit.run.settings import Settings
from taskkit.run.trajectory import key
from taskkit.spec.document import parse_task
from taskkit.taskset.folder import Taskset

SESSIONS = 32  # episodes of one stage; a worker holds 64 sessions, and one may have to be replaced
IN_A_ROW = 20  # episodes that the endpoint failed, one after another: it is down
Watcher = Callable[[Row], None]


@dataclass(frozen=True)
class Job:
    """An episode to be played."""

    file: Path
    attempt: int


@dataclass
class Tally:
    """What a run came to so far."""

    known: int = 0
    """Episodes that an earlier run played."""
    done: int = 0
    """Episodes that came to their end, those known included."""
    right: int = 0
    """Of them, those rewarded."""
    void: int = 0
    """Episodes that say nothing about the agent, of this run."""
    cost: float = 0.0
    """US dollars, of all episodes that are done."""
    priced: bool = False
    """A price is known."""
    stopped: str = ""
    """Why the run ended early; empty where it did not."""

    def add(self, row: Row) -> None:
        """Count an episode."""
        if row.done:
            self.done += 1
            self.right += row.reward >= 1.0
        else:
            self.void += 1
        if row.cost is not None:
            self.cost += row.cost
            self.priced = True

    @property
    def success(self) -> float | None:
        """Share of the episodes that were rewarded; None where none is done."""
        return self.right / self.done if self.done else None


@dataclass
class Runner:
    """Plays the episodes of a run."""

    taskset: Taskset
    settings: Settings
    cast: Cast
    cache: Path
    """Folder of search indexes."""
    concurrency: int
    """Episodes at once, each in a session of its own."""
    max_cost: float | None = None
    """US dollars at which no further episode begins."""
    stop: Event = field(default_factory=Event)
    """Set to end every wait; what is under way is dropped, and played again by the next run."""
    tally: Tally = field(default_factory=Tally)

    def run(self, jobs: Sequence[Job], episodes: Episodes, watch: Watcher) -> Tally:
        """Play what is left to do, and keep each episode as it comes.

        Raises:
            HopelessError: the endpoint refuses every call.
            TaskkitError: the run cannot go on; what was played is kept.
        """
        failed = 0
        for row in self._rows(jobs):
            episodes.put(row)
            self.tally.add(row)
            watch(row)
            failed = failed + 1 if row.standing == "endpoint" else 0
            if failed >= IN_A_ROW and not self.tally.stopped:
                self._end(f"the endpoint failed {failed} episodes in a row: {row.detail}")
            if self.max_cost is not None and self.tally.cost >= self.max_cost:
                self._end(f"${self.tally.cost:.2f} of ${self.max_cost:.2f} are spent")
        return self.tally

    def _end(self, why: str) -> None:
        self.tally.stopped = self.tally.stopped or why
        self.stop.set()

    def _rows(self, jobs: Sequence[Job]) -> Iterator[Row]:
        """Give each episode as it ends; an error of a thread is raised here."""
        todo: queue.SimpleQueue[Job] = queue.SimpleQueue()
        for job in jobs:
            todo.put(job)
        ended: queue.SimpleQueue[Row | BaseException | None] = queue.SimpleQueue()
        threads = min(self.concurrency, len(jobs))
        with self._stages(threads) as stages:
            for number in range(threads):
                stage = stages[number % len(stages)]
                Thread(target=self._serve, args=(stage, todo, ended), daemon=True).start()
            try:
                while threads:
                    one = ended.get()
                    if isinstance(one, BaseException):
                        raise one
                    if one is None:
                        threads -= 1
                    else:
                        yield one
            finally:
                self.stop.set()

    def _serve(
        self,
        stage: Stage,
        todo: queue.SimpleQueue[Job],
        ended: queue.SimpleQueue[Row | BaseException | None],
    ) -> None:
        """Play episodes one after another, beside those of the other threads."""
        try:
            while not self.stop.is_set():
                try:
                    job = todo.get_nowait()
                except queue.Empty:
                    break
                row = self._play(stage, job)
                if row is not None:
                    ended.put(row)
        except BaseException as error:  # raised again in the main thread
            ended.put(error)
        finally:
            ended.put(None)

    @contextmanager
    def _stages(self, threads: int) -> Iterator[list[Stage]]:
        """Give as many stages as it takes: a worker of each holds so many sessions."""
        taskset, count = self.taskset, -(-threads // SESSIONS)
        with ExitStack() as stack:
            yield [
                stack.enter_context(
                    Stage(self.cast.backend, taskset.asset, taskset.document, self.cache)
                )
                for _ in range(count)
            ]

    def _play(self, stage: Stage, job: Job) -> Row | None:
        """Play one episode; None where the run was stopped before its end."""
        data = job.file.read_bytes()
        sha256 = hashlib.sha256(data).hexdigest()
        try:
            spec = self.settings.applied(parse_task(data, job.file))
            for last in (False, True):
                try:
                    with stage.open(spec) as episode:
                        trajectory = Play(self.cast, episode, sha256, job.attempt).run()
                    return row_of(trajectory, cause(trajectory) or "")
                except SandboxError as error:  # its worker is new the second time
                    if last:
                        return void(job.file, sha256, job.attempt, "sandbox", str(error))
        except StoppedError:
            return None
        except HopelessError:
            raise
        except PluginError as error:
            return void(job.file, sha256, job.attempt, "plugin", str(error))
        except InternalError as error:
            return void(job.file, sha256, job.attempt, "service", str(error))
        except EndpointError as error:
            return void(job.file, sha256, job.attempt, "endpoint", str(error))
        except AgentError as error:
            return void(job.file, sha256, job.attempt, "agent", str(error))
        raise AssertionError("the second attempt returns")


def chosen(files: Sequence[Path], count: int | None) -> list[Path]:
    """Give so many of the tasks, drawn by the digest of their ids; all where not given."""
    if count is None or count >= len(files):
        return list(files)
    drawn = sorted(files, key=lambda file: hashlib.sha256(file.stem.encode()).digest())[:count]
    kept = set(drawn)
    return [file for file in files if file in kept]


def stale(rows: Iterable[Row], taskset: Taskset) -> list[str]:
    """Give the episodes of tasks that are gone, or are not what they were."""
    files = {path.stem: path for path in taskset.paths()}
    digest = cache(lambda task: hashlib.sha256(files[task].read_bytes()).hexdigest())
    return [row.id for row in rows if row.task not in files or digest(row.task) != row.sha256]


def jobs_of(
    files: Sequence[Path], attempts: int, known: dict[str, str]
) -> tuple[list[Job], list[str]]:
    """Give what is left to play, first attempts first, and the episodes that are known.

    Args:
        known: Digest of the task's file by episode.
    """
    digests = {file: hashlib.sha256(file.read_bytes()).hexdigest() for file in files}
    left, there = [], []
    for attempt in range(1, attempts + 1):
        for file in files:
            name = key(file.stem, attempt)
            if known.get(name) == digests[file]:
                there.append(name)
            else:
                left.append(Job(file, attempt))
    return left, there
