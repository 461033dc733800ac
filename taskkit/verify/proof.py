"""Prove one instance: its reference, played in fresh sandboxes, earns the reward each time."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass
from pathlib import Path

from taskkit import __version__
from taskkit.agents.reference import Play, play
from taskkit.env.stage import Stage
from taskkit.errors import SandboxError, SourceError, SpecError
from taskkit.sandbox.choose import Choice, choose
from taskkit.sandbox.docker import Isolation
from taskkit.spec.document import parse_task
from taskkit.spec.task import TaskSpec
from taskkit.taskset.folder import Taskset
from taskkit.verify.results import Code, Result

DETAIL = 500  # characters of a program's last words that a finding keeps


@dataclass(frozen=True)
class Job:
    """One file of a taskset."""

    file: str
    """Path below the taskset."""


@dataclass(frozen=True)
class Proving:
    """How every instance of a run is proved; makes the `Prover` of a worker process."""

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
        begun = time.perf_counter()
        path = self._proving.taskset / job.file
        data = path.read_bytes()
        played: list[Play] = []
        spec = None
        try:
            spec = parse_task(data, path)
            code, detail = self._play(spec, played)
        except SpecError as error:
            code, detail = "spec_invalid", str(error)
        except SourceError as error:
            code, detail = "asset_invalid", str(error)
        except SandboxError as error:
            code, detail = "sandbox_failed", str(error)
        return Result(
            id=path.stem,
            file=job.file,
            sha256=hashlib.sha256(data).hexdigest(),
            domain=spec.domain if spec else "",
            split=path.parent.parent.name,
            category=path.parent.name,
            code=code,
            detail=detail,
            repeats=len(played),
            answer=(played[-1].digest or "") if played else "",
            wall_s=time.perf_counter() - begun,
            program_s=sum(one.outcome.cpu_s for one in played if one.outcome),
            sandbox=self._backend.name,
            version=__version__,
        )

    def _play(self, spec: TaskSpec, played: list[Play]) -> tuple[Code, str]:
        for _ in range(self._proving.repeats):
            with self._stage.episode(spec) as episode:
                played.append(play(spec, episode))
            last = played[-1]
            if last.outcome and last.outcome.status != "ok":
                trouble = last.outcome.stderr.strip()[-DETAIL:]
                return "reference_failed", f"{last.outcome.status}: {trouble}"
            if last.verdict.reward != 1.0:
                return "reference_wrong", f"{last.verdict.code}: {last.verdict.explanation}"
            if last.digest != played[0].digest:
                return "unstable", f"repeat {len(played)} gave another answer than the first"
        return "proved", ""

    def close(self) -> None:
        """End the warm sandboxes."""
        self._stage.close()
