"""Audit one instance: attack it, shoot mutants at it, and look at what its answer hangs on."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from zlib import crc32

from taskkit import __version__
from taskkit.audit import leak, likeness
from taskkit.audit.attack import Attack
from taskkit.audit.determinism import Orders, static
from taskkit.audit.elsewhere import Elsewhere
from taskkit.audit.finding import Finding, InstanceCode
from taskkit.audit.killing import Fate, Killing, Range, last_sql
from taskkit.audit.prepared import prepared
from taskkit.audit.probe import probes_of, turns
from taskkit.audit.programs import Programs, last_python
from taskkit.audit.record import Record
from taskkit.build.variants import fresh, populations
from taskkit.env.stage import Stage
from taskkit.errors import SandboxError, SourceError, SpecError
from taskkit.mutants.siblings import measured, shuffled, siblings
from taskkit.mutants.sql import UnparsableError
from taskkit.sandbox.choose import Choice, choose
from taskkit.sandbox.conditions import Conditions, clock
from taskkit.sandbox.namespace import Namespace
from taskkit.sandbox.subprocess import Subprocess
from taskkit.spec.action import CodeExecution, Terminal
from taskkit.spec.document import parse_task
from taskkit.spec.task import TaskSpec
from taskkit.taskset.folder import Taskset
from taskkit.verify.proof import Job

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
class _Found:
    """What is known so far of an instance."""

    findings: list[Finding] = field(default_factory=list)
    guesses: list[str] = field(default_factory=list)
    fates: list[tuple[str, Fate] | tuple[str, Fate, str]] = field(default_factory=list)
    survivors: list[dict[str, str]] = field(default_factory=list)
    attempts: int = 0

    @property
    def codes(self) -> str:
        return " ".join(sorted({one.code for one in self.findings}))


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
        self._programs = Programs(self._stage, fresh)
        self._ranges: dict[str, Range] = {}
        self._orders: dict[str, Orders] = {}
        self._seen: set[object] = set()

    def do(self, job: Job) -> Record:
        """Audit one instance; whatever is wrong with it becomes its record."""
        wall, cpu = time.perf_counter(), time.process_time()
        path = self._auditing.taskset / job.file
        data = path.read_bytes()
        found = _Found()
        spec = None
        code: InstanceCode
        try:
            spec = parse_task(data, path)
            self._audit(spec, found)
        except (SpecError, SourceError, SandboxError) as error:
            if isinstance(error, SandboxError):
                code = "sandbox_failed"
            else:
                code = "spec_invalid" if isinstance(error, SpecError) else "asset_invalid"
            found.findings.append(Finding(code, "audit", str(error)))
        return self._record(
            job, data, spec, found, time.perf_counter() - wall, time.process_time() - cpu
        )

    def _audit(self, spec: TaskSpec, found: _Found) -> None:
        """Audit every turn by itself; a guess pays where it is right in all of them."""
        sampled = self._is_sampled(spec)
        guesses: list[set[str]] = []
        if self._backend.name != "docker":
            found.findings += self._elsewhere.findings(spec)
        said: list[str] = []
        documents = [self._taskset.document(one.sha256) for one in spec.context]
        for turn in turns(spec):
            found.findings += static(turn)
            found.findings += leak.readable(turn, said, documents)
            attacked = self._attack.run(turn, sampled=sampled)
            found.findings += attacked.findings
            found.attempts += attacked.attempts
            guesses.append(set(attacked.guesses))
            self._query(turn, said, found)
            self._program(turn, found)
            said.append(turn.instruction)
        found.guesses = sorted(set.intersection(*guesses))

    def _query(self, spec: TaskSpec, said: list[str], found: _Found) -> None:
        """Look at what the answer hangs on, and shoot mutants, where the reference is a query."""
        sql, environment = last_sql(spec), spec.environment
        assets = {asset.name: asset.sha256 for asset in environment.assets}
        if sql is None or environment.database not in assets:
            return
        sha256 = assets[environment.database]
        orders = self._order(sha256)
        found.findings += orders.findings(spec, sql)
        found.findings += leak.read_out(spec, sql, said, orders.usual)
        self._tell(self._range(spec, sha256).kill(spec, sql), found)

    def _program(self, spec: TaskSpec, found: _Found) -> None:
        """Shoot mutants where the reference is one Python program."""
        code = last_python(spec)
        if code is not None and "code_execution" in spec.actions:
            self._tell(self._programs.kill(spec, code), found)

    @staticmethod
    def _tell(killing: Killing, found: _Found) -> None:
        found.fates += killing.fates
        for one in killing.survivors:
            kind, change = one.mutant.kind, one.mutant.change[:200]
            found.survivors.append({"kind": kind, "change": change, "fate": one.fate})
            if one.fate == "weak":
                what = f"{kind}: {change} earns the reward"
                found.findings.append(Finding("weak", "mutants", what, one.evidence[:400]))

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

    def _range(self, spec: TaskSpec, sha256: str) -> Range:
        if sha256 not in self._ranges:
            path, cache = self._taskset.asset(sha256), self._auditing.cache

            def others() -> list[Path]:
                return populations(spec, cache) or siblings(path, sha256, cache)

            self._ranges[sha256] = Range(measured(path, sha256, cache), others)
        return self._ranges[sha256]

    def _order(self, sha256: str) -> Orders:
        if sha256 not in self._orders:
            path = self._taskset.asset(sha256)
            self._orders[sha256] = Orders(path, shuffled(path, sha256, self._auditing.cache))
        return self._orders[sha256]

    def _record(
        self, job: Job, data: bytes, spec: TaskSpec | None, found: _Found, wall: float, cpu: float
    ) -> Record:
        path = Path(job.file)
        queries = [sql for turn in turns(spec) if (sql := last_sql(turn))] if spec else []
        place = repr(spec.environment.assets) if spec else ""
        return Record(
            id=path.stem,
            file=job.file,
            sha256=hashlib.sha256(data).hexdigest(),
            domain=spec.domain if spec else "",
            split=path.parent.parent.name,
            category=path.parent.name,
            guessable=bool(spec and spec.guessable),
            template=likeness.template(spec, queries) if spec else "",
            codes=found.codes,
            findings=dumped(one.as_json() for one in found.findings),
            guesses=dumped(found.guesses),
            fates=dumped(found.fates),
            survivors=dumped(found.survivors),
            attempts=found.attempts,
            answer=likeness.answer(spec) if spec else "",
            asks=likeness.digest(likeness.question(spec)) if spec else "",
            does=likeness.digest(" ".join(likeness.meaning(sql, place) for sql in queries))
            if queries
            else "",
            values=likeness.values(spec) if spec else "",
            signature=likeness.signature(spec) if spec else b"",
            facts=json.dumps(facts(spec, queries)) if spec else "{}",
            wall_s=wall,
            cpu_s=cpu,
            sandbox=self._backend.name,
            version=self._version,
        )

    def close(self) -> None:
        """End the warm sandboxes and close the databases."""
        self._stage.close()
        self._elsewhere.close()
        for range_ in self._ranges.values():
            range_.close()
        for order in self._orders.values():
            order.close()


def dumped(items: Iterable[object]) -> str:
    """Write a JSON list."""
    return json.dumps(list(items), ensure_ascii=False)


def facts(spec: TaskSpec, queries: Iterable[str]) -> dict[str, object]:
    """Give what says how hard an instance is."""
    tables: set[str] = set()
    for sql in queries:
        try:
            tables |= prepared(sql)[0].tables
        except UnparsableError:
            continue
    steps = [step for turn in spec.dialogue for step in turn.reference.steps]
    written = [step.code for step in steps if isinstance(step, CodeExecution)]
    written += [step.command for step in steps if isinstance(step, Terminal)]
    return {
        "tables": sorted(tables),
        "literals": likeness.literals(spec),
        "words": len(likeness.question(spec).split()),
        "reference": sum(map(len, written)),
        "steps": len(steps),
        "tries": spec.max_submissions if spec.feedback == "each" else 1,
        "answer": spec.answer.kind,
    }
