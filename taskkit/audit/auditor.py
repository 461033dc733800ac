"""Audit one instance: attack it, shoot mutants at it, and look at what its answer hangs on."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast
from zlib import crc32

from taskkit import __version__
from taskkit.audit import leak, likeness
from taskkit.audit.attack import Attack, Attacked
from taskkit.audit.determinism import static
from taskkit.audit.elsewhere import Elsewhere
from taskkit.audit.examiner import Examination, Fate, Ground, Traits, staged
from taskkit.audit.finding import Finding, InstanceCode
from taskkit.audit.probe import probes_of, turns
from taskkit.audit.record import Record
from taskkit.build.variants import fresh
from taskkit.clock import clock
from taskkit.errors import PluginError, SandboxError, SourceError, SpecError, TaskkitError
from taskkit.play.stage import Stage
from taskkit.sandbox.choose import Choice, choose
from taskkit.sandbox.conditions import Conditions
from taskkit.sandbox.namespace import Namespace
from taskkit.sandbox.subprocess import Subprocess
from taskkit.spec.action import CodeExecution, Terminal
from taskkit.spec.document import parse_task
from taskkit.spec.task import TaskSpec
from taskkit.taskset.folder import Taskset
from taskkit.verify.proof import Job

CODES: dict[type[TaskkitError], InstanceCode] = {
    **{SandboxError: "sandbox_failed", PluginError: "plugin_failed"},
    **{SpecError: "spec_invalid", SourceError: "asset_invalid"},
}
FAULTS = tuple(CODES)  # they end the audit of one instance, and no more
SAMPLE = 100  # one instance in so many gets the probes that are played on a sample


def version(domain: str) -> str:
    """Give what an audit depends on besides the task: taskkit, the probes, and a clock to move."""
    day = " day" * bool(clock())
    return f"{__version__} {' '.join(probe.name for probe in probes_of(domain))}{day}"


@dataclass(frozen=True)
class Auditing:
    """How every instance of a run is audited; makes the `Auditor` of a worker process."""

    taskset: Path
    cache: Path
    sandbox: Choice
    unsafe: bool

    def __call__(self) -> Auditor:
        return Auditor(self)


@dataclass
class _Case:
    """An instance being audited, and what is known of it so far."""

    job: Job
    data: bytes
    spec: TaskSpec | None = None
    parts: list[list[Finding]] = field(default_factory=list)
    attacked: list[Attacked] = field(default_factory=list)
    """Of each turn."""
    fates: list[tuple[str, Fate] | tuple[str, Fate, str]] = field(default_factory=list)
    survivors: list[dict[str, str]] = field(default_factory=list)
    failed: Finding | None = None
    """Why it could not be audited to its end."""
    wall_s: float = 0.0
    cpu_s: float = 0.0

    @property
    def findings(self) -> list[Finding]:
        """All findings so far."""
        found = [one for part in self.parts for one in part]
        return found if self.failed is None else [*found, self.failed]

    @property
    def guesses(self) -> list[str]:
        """Rules whose guess was right in every turn."""
        right = [set(one.guesses) for one in self.attacked]
        return [] if self.failed or not right else sorted(set.intersection(*right))

    @contextmanager
    def timed(self) -> Iterator[None]:
        """Count the time inside for this instance."""
        wall, cpu = time.perf_counter(), time.process_time()
        yield
        self.wall_s += time.perf_counter() - wall
        self.cpu_s += time.process_time() - cpu

    @contextmanager
    def guarded(self) -> Iterator[None]:
        """Make an error inside the finding that ends the audit of this instance."""
        try:
            yield
        except FAULTS as error:
            code = next(code for kind, code in CODES.items() if isinstance(error, kind))
            self.failed = Finding(code, "audit", str(error))


class Auditor:
    """Audits instances one after another, with sandboxes and databases that stay open."""

    def __init__(self, auditing: Auditing) -> None:
        """Open nothing but the taskset yet."""
        self._auditing = auditing
        self._taskset = Taskset(auditing.taskset)
        self._backend = choose(auditing.sandbox, unsafe=auditing.unsafe)
        self._stage = Stage(
            self._backend, self._taskset.asset, self._taskset.document, auditing.cache
        )
        domain = self._taskset.manifest.domain
        isolated = self._backend.name != "subprocess"
        self._attack = Attack(self._stage, probes_of(domain), isolated=isolated)
        self._version = version(domain)
        self._elsewhere = Elsewhere(self._staged)
        ground = Ground(self._stage, self._taskset, auditing.cache, fresh)
        self._examiners = staged(ground)
        self._seen: set[object] = set()

    def do(self, job: Job) -> Record:
        """Audit one instance; whatever is wrong with it becomes its record."""
        [record] = self.do_batch([job])
        return record

    def do_batch(self, jobs: Sequence[Job]) -> list[Record]:
        """Audit several instances, whose probes' programs are played together."""
        cases = []
        for job in jobs:
            path = self._auditing.taskset / job.file
            cases.append(case := _Case(job, path.read_bytes()))
            with case.timed(), case.guarded():
                case.spec = parse_task(case.data, path)
                self._audit(case.spec, case)
        self._play([case for case in cases if case.failed is None])
        return [self._recorded(case) for case in cases]

    def _play(self, cases: Sequence[_Case]) -> None:
        """Play what the probes of instances want played."""
        begun = time.perf_counter(), time.process_time()
        try:
            self._attack.finish(one for case in cases for one in case.attacked)
        except FAULTS:  # whose it is shows when each is played by itself
            for case in cases:
                with case.guarded():
                    self._attack.finish(case.attacked)
        wall, cpu = time.perf_counter() - begun[0], time.process_time() - begun[1]
        for case in cases:
            case.wall_s += wall / len(cases)
            case.cpu_s += cpu / len(cases)

    def _audit(self, spec: TaskSpec, case: _Case) -> None:
        """Audit every turn by itself; a guess pays where it is right in all of them."""
        sampled = self._is_sampled(spec)
        if self._backend.name != "docker":
            case.parts.append(list(self._elsewhere.findings(spec)))
        said: list[str] = []
        documents = [self._taskset.document(one.sha256) for one in spec.context]
        for turn in turns(spec):
            case.parts.append([*static(turn), *leak.readable(turn, said, documents)])
            case.attacked.append(attacked := self._attack.begin(turn, sampled=sampled))
            case.parts.append(attacked.findings)
            for examiner in self._examiners:
                if examiner.examines(turn):
                    self._tell(examiner.examine(turn, said), case)
            said.append(turn.instruction)

    @staticmethod
    def _tell(examined: Examination, case: _Case) -> None:
        case.parts.append(examined.findings)
        case.fates += examined.fates
        weak = []
        for one in examined.survivors:
            kind, change = one.mutant.kind, one.mutant.change[:200]
            case.survivors.append({"kind": kind, "change": change, "fate": one.fate})
            if one.fate == "weak":
                what = f"{kind}: {change} earns the reward"
                weak.append(Finding("weak", "mutants", what, one.evidence[:400]))
        case.parts.append(weak)

    def _staged(self, conditions: Conditions) -> Stage:
        """Give a stage whose programs run under these conditions."""
        backend = Subprocess if self._backend.name == "subprocess" else Namespace
        taskset, cache = self._taskset, self._auditing.cache
        return Stage(backend(conditions), taskset.asset, taskset.document, cache, max_workers=1)

    def _is_sampled(self, spec: TaskSpec) -> bool:
        key = spec.environment.image, spec.environment.assets, spec.actions
        first = key not in self._seen
        self._seen.add(key)
        return first or crc32(spec.id.encode()) % SAMPLE == 0

    def _traits(self, spec: TaskSpec) -> list[Traits]:
        """Give what is known of the references of all turns."""
        found = (
            examiner.traits(turn)
            for turn in turns(spec)
            for examiner in self._examiners
            if examiner.examines(turn)
        )
        return [one for one in found if one is not None]

    def _recorded(self, case: _Case) -> Record:
        """Give the record of a case, though an examiner or judge cannot say what it is like."""
        try:
            return self._record(case)
        except PluginError as error:
            case.failed, case.spec = Finding("plugin_failed", "audit", str(error)), None
            return self._record(case)

    def _record(self, case: _Case) -> Record:
        path, spec = Path(case.job.file), case.spec
        traits = self._traits(spec) if spec else []
        place = repr(spec.environment.assets) if spec else ""
        return Record(
            id=path.stem,
            file=case.job.file,
            sha256=hashlib.sha256(case.data).hexdigest(),
            domain=spec.domain if spec else "",
            split=path.parent.parent.name,
            category=path.parent.name,
            guessable=bool(spec and spec.guessable),
            template=likeness.template(spec, [one.template for one in traits]) if spec else "",
            codes=" ".join(sorted({one.code for one in case.findings})),
            findings=dumped(one.as_json() for one in case.findings),
            guesses=dumped(case.guesses),
            fates=dumped(case.fates),
            survivors=dumped(case.survivors),
            attempts=sum(one.attempts for one in case.attacked),
            answer=likeness.answer(spec) if spec else "",
            asks=likeness.digest(likeness.question(spec)) if spec else "",
            does=likeness.digest(" ".join((place, *(one.meaning for one in traits))))
            if traits
            else "",
            values=likeness.values(spec) if spec else "",
            signature=likeness.signature(spec) if spec else b"",
            facts=json.dumps(facts(spec, traits)) if spec else "{}",
            wall_s=case.wall_s,
            cpu_s=case.cpu_s,
            sandbox=self._backend.name,
            version=self._version,
        )

    def close(self) -> None:
        """End the warm sandboxes and close the databases."""
        self._stage.close()
        self._elsewhere.close()
        for examiner in self._examiners:
            examiner.close()


def dumped(items: Iterable[object]) -> str:
    """Write a JSON list."""
    return json.dumps(list(items), ensure_ascii=False)


def facts(spec: TaskSpec, traits: Iterable[Traits]) -> dict[str, object]:
    """Give what says how hard an instance is."""
    known: dict[str, object] = {"tables": []}
    for one in traits:
        tables = {*cast(list[str], known["tables"]), *cast(list[str], one.facts.get("tables", []))}
        known |= {**one.facts, "tables": sorted(tables)}
    steps = [step for turn in spec.dialogue for step in turn.reference.steps]
    written = [step.code for step in steps if isinstance(step, CodeExecution)]
    written += [step.command for step in steps if isinstance(step, Terminal)]
    return known | {
        "literals": likeness.literals(spec),
        "words": len(likeness.question(spec).split()),
        "reference": sum(map(len, written)),
        "steps": len(steps),
        "tries": spec.max_submissions if spec.feedback == "each" else 1,
        "answer": spec.answer.kind,
    }
