"""Prove one instance: its reference, played in fresh sandboxes, earns the reward each time."""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

from taskkit import __version__
from taskkit.agents.reference import Play, begin, is_query, play
from taskkit.errors import PluginError, SandboxError, SourceError, SpecError, TaskkitError
from taskkit.play.stage import Stage
from taskkit.sandbox.choose import Choice, choose
from taskkit.sandbox.docker import Isolation
from taskkit.spec.document import parse_task
from taskkit.spec.task import TaskSpec
from taskkit.taskset.folder import Taskset
from taskkit.verify.results import Code, Result

PLACE = re.compile(r'^  File "<program>", line (\d+)', re.MULTILINE)
DETAIL = 500  # characters of a program's last words that a finding keeps


@dataclass(frozen=True)
class Job:
    """One file of a taskset."""

    file: str
    """Path below the taskset."""


@dataclass
class _Case:
    """An instance being verified."""

    job: Job
    path: Path
    data: bytes
    spec: TaskSpec | SpecError
    played: list[Play] = field(default_factory=list)
    wall_s: float = 0.0


@dataclass(frozen=True)
class Proving:
    """How every instance of a run is verified; makes the `Prover` of a worker process."""

    taskset: Path
    cache: Path
    sandbox: Choice
    unsafe: bool
    repeats: int
    isolation: Isolation = "worker"
    """What a container is for, where the sandbox has any."""

    def __call__(self) -> Prover:
        return Prover(self)


class Prover:
    """Proves instances one after another in sandboxes that stay warm."""

    def __init__(self, proving: Proving) -> None:
        self._proving = proving
        self._taskset = Taskset(proving.taskset)
        self._backend = choose(proving.sandbox, unsafe=proving.unsafe, isolation=proving.isolation)
        self._stage = Stage(
            self._backend, self._taskset.asset, self._taskset.document, proving.cache
        )

    def do(self, job: Job) -> Result:
        """Prove one instance; whatever is wrong with it becomes its result."""
        return self._prove(self._read(job))

    def do_batch(self, jobs: Sequence[Job]) -> Iterator[Result]:
        """Prove several instances, those that can be in one go."""
        cases = [self._read(job) for job in jobs]
        for shared, members in groupby(cases, self._shares):
            together = list(members)
            if shared is not None and len(together) > 1:
                yield from self._prove_together(together)
            else:
                yield from map(self._prove, together)

    def _read(self, job: Job) -> _Case:
        path = self._proving.taskset / job.file
        data = path.read_bytes()
        spec: TaskSpec | SpecError
        try:
            spec = parse_task(data, path)
        except SpecError as error:
            spec = error
        return _Case(job, path, data, spec)

    def _shares(self, case: _Case) -> Hashable:
        """Give what cases have in common that can be played together; None where none can."""
        if isinstance(case.spec, SpecError) or not is_query(case.spec):
            return None
        try:
            return self._stage.shares(case.spec)
        except TaskkitError:  # it will be told of the case by itself
            return None

    def _prove_together(self, cases: list[_Case]) -> Iterator[Result]:
        """Play single queries, all of them begun before the first one's end is waited for."""
        try:
            for _ in range(self._proving.repeats):
                if good := [case for case in cases if _judged(case.played)[0] == "verified"]:
                    self._play_together(good)
        except (SandboxError, PluginError):  # whose fault it is shows when each is played by itself
            for case in cases:
                case.played.clear()
            yield from map(self._prove, cases)
            return
        for case in cases:
            yield self._result(case, *_judged(case.played))

    def _play_together(self, cases: list[_Case]) -> None:
        begun = time.perf_counter()
        specs = [case.spec for case in cases if isinstance(case.spec, TaskSpec)]
        with self._stage.episodes(specs) as episodes:
            for spec, episode in zip(specs, episodes, strict=True):
                begin(spec, episode)
            for case, spec, episode in zip(cases, specs, episodes, strict=True):
                case.played.append(play(spec, episode))
                ended = time.perf_counter()
                case.wall_s += ended - begun  # they are run one after another
                begun = ended

    def _prove(self, case: _Case) -> Result:
        begun = time.perf_counter()
        code: Code
        try:
            if isinstance(case.spec, SpecError):
                raise case.spec
            self._play(case.spec, case.played)
            code, detail = _judged(case.played)
        except SpecError as error:
            code, detail = "spec_invalid", str(error)
        except SourceError as error:
            code, detail = "asset_invalid", str(error)
        except SandboxError as error:
            code, detail = "sandbox_failed", str(error)
        except PluginError as error:
            code, detail = "plugin_failed", str(error)
        case.wall_s = time.perf_counter() - begun
        return self._result(case, code, detail)

    def _play(self, spec: TaskSpec, played: list[Play]) -> None:
        for _ in range(self._proving.repeats):
            with self._stage.episode(spec) as episode:
                played.append(play(spec, episode))
            if _judged(played)[0] != "verified":
                return

    def _result(self, case: _Case, code: Code, detail: str) -> Result:
        path, played = case.path, case.played
        return Result(
            id=path.stem,
            file=case.job.file,
            sha256=hashlib.sha256(case.data).hexdigest(),
            domain=case.spec.domain if isinstance(case.spec, TaskSpec) else "",
            split=path.parent.parent.name,
            category=path.parent.name,
            code=code,
            detail=detail,
            repeats=len(played),
            answer=(played[-1].digest or "") if played else "",
            wall_s=case.wall_s,
            program_s=sum(one.outcome.cpu_s for one in played if one.outcome),
            sandbox=self._backend.name,
            version=__version__,
        )

    def close(self) -> None:
        """End the warm sandboxes."""
        self._stage.close()


def _judged(played: Sequence[Play]) -> tuple[Code, str]:
    """Say what the repeats of a reference show."""
    for number, one in enumerate(played, 1):
        if one.outcome and one.outcome.status != "ok":
            return "reference_failed", f"{one.outcome.status}: {last_words(one.outcome.stderr)}"
        if one.verdict.reward != 1.0:
            return "reference_wrong", f"{one.verdict.code}: {one.verdict.explanation}"
        if one.digest != played[0].digest:
            return "unstable", f"repeat {number} gave another answer than the first"
    return "verified", ""


def last_words(text: str) -> str:
    """Give the last of what a program wrote; of a Python traceback the line and the exception."""
    lines = text.strip().splitlines()
    places = PLACE.findall(text)
    return f"line {places[-1]}: {lines[-1]}"[:DETAIL] if places else text.strip()[-DETAIL:]
