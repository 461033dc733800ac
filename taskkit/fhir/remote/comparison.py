"""The references of verified tasks that read, played again with another FHIR server beside them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from taskkit import __version__
from taskkit.fhir import service
from taskkit.fhir.remote import forward
from taskkit.fhir.remote.loading import Target
from taskkit.oracles.state import StateOracle
from taskkit.pool.pool import Bug, Lost, Pool
from taskkit.spec.document import parse_task
from taskkit.spec.task import TaskSpec
from taskkit.verify.engine_results import (
    EngineCode,
    EngineName,
    EngineResult,
    Engines,
    engines_path,
)
from taskkit.verify.proof import Job, Prover, Proving
from taskkit.verify.results import Result
from taskkit.verify.store import Store

NAME: EngineName = "fhir"


@dataclass(frozen=True)
class Replaying:
    """Makes what plays references in a worker process."""

    proving: Proving
    targets: Mapping[str, Target]
    """By the digest of the store that they have."""

    def __call__(self) -> Replayer:
        return Replayer(self)


class Replayer:
    """Plays references whose FHIR service is another server."""

    def __init__(self, replaying: Replaying) -> None:
        self.replaying = replaying
        for digest, target in replaying.targets.items():  # this process plays nothing else
            service.STAND_INS[digest] = partial(forward.ForwardParent, target)
        self.prover = Prover(replace(replaying.proving, repeats=1, isolation="worker"))

    def do(self, job: Job) -> EngineResult:
        """Play one task."""
        path = self.replaying.proving.taskset / job.file
        data = path.read_bytes()
        code, detail = self.asked(job, parse_task(data, path))
        return EngineResult(
            path.stem, job.file, hashlib.sha256(data).hexdigest(), path.parent.parent.name,
            path.parent.name, code, detail, mark(self.replaying.targets),
        )  # fmt: skip

    def asked(self, job: Job, spec: TaskSpec) -> tuple[EngineCode, str]:
        """What the other server makes of a task."""
        if not reads(spec):
            return "not_asked", ""
        forward.TROUBLES.clear()
        return finding(self.prover.do(job), list(forward.TROUBLES))

    def close(self) -> None:
        """End the sandboxes."""
        self.prover.close()


def reads(spec: TaskSpec) -> bool:
    """Whether a task has a FHIR server and changes nothing on it."""
    kinds = {one.kind for one in spec.environment.services}
    return kinds == {"fhir"} and not (isinstance(spec.oracle, StateOracle) and spec.oracle.changes)


def finding(result: Result, troubles: list[str]) -> tuple[EngineCode, str]:
    """What a result says of the other server."""
    if result.code == "verified":
        return "agrees", ""
    if any(one.startswith("no answer") for one in troubles) or result.code == "sandbox_failed":
        return "engine_failed", (troubles or [result.detail])[0]
    if troubles:
        return "untranslated", troubles[0].partition(": ")[2]
    return "differs", result.detail


def mark(targets: Mapping[str, Target]) -> str:
    """The version of a finding: of taskkit, and of the server."""
    return f"{__version__} {' '.join(sorted({one.base for one in targets.values()}))}"


def compare(
    replaying: Replaying,
    wanted: Mapping[str, str],
    jobs: int,
    *,
    fresh: bool = False,
    watch: Callable[[EngineResult], None] = lambda one: None,
) -> Engines:
    """Play every wanted task that was not played with this server before; keep what is found.

    Args:
        wanted: Digest of the file by its path below the taskset.
        fresh: Play every one.
    """
    report = Engines(NAME)
    store = Store(engines_path(replaying.proving.taskset, NAME), EngineResult, fresh=fresh)
    try:
        left = dict(wanted)
        for one in store:
            same = one.version == mark(replaying.targets)
            if same and left.get(one.file) == one.sha256:
                del left[one.file]
                report.add(one)
        for one in results(replaying, left, jobs):
            if one.code != "engine_failed":
                store.put(one)
            report.add(one)
            watch(one)
    finally:
        store.close()
    report.findings.sort(key=lambda one: one.file)
    return report


def results(replaying: Replaying, left: Mapping[str, str], jobs: int) -> Iterator[EngineResult]:
    """What comes of the tasks that are left."""
    pool: Pool[Job, EngineResult] = Pool(max(1, min(jobs, len(left))), replaying)
    try:
        for one in pool.run(Job(file) for file in left):
            if isinstance(one, Lost):
                path = Path(one.job.file)
                yield EngineResult(
                    path.stem, one.job.file, left[one.job.file], path.parent.parent.name,
                    path.parent.name, "engine_failed", "the process died over it twice",
                    mark(replaying.targets),
                )  # fmt: skip
            elif isinstance(one[1], Bug):
                raise one[1].error()
            else:
                yield one[1]
    finally:
        pool.close()
