"""Audit a whole taskset: what is left to do, in parallel, every record kept as it comes."""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from taskkit.audit.auditor import Auditing, version
from taskkit.audit.record import Record, Records
from taskkit.audit.survivors import Kind, by_kind
from taskkit.audit.wholeset import WholeSet, examine
from taskkit.errors import report_bug
from taskkit.pool.pool import Bug, Lost, Pool
from taskkit.taskset.filter import Filter
from taskkit.taskset.folder import Taskset
from taskkit.verify.proof import Job
from taskkit.verify.todo import compare

Watcher = Callable[[Record], None]
TOGETHER = 8  # instances that a worker is given in one lot
EXPLOITS = ("passes_", "oracle_visible")

TELLING = ("killed", "invalid")
"""Fates of a Python mutant that an instance tells: it answered otherwise, or failed."""


@dataclass
class Summary:
    """What an audit found of the instances asked for, earlier runs included."""

    instances: int = 0
    sound: int = 0
    """Without any finding, those of the whole set included."""
    known: int = 0
    done: int = 0
    codes: Counter[str] = field(default_factory=Counter)
    """Instances by code; one instance can have several."""
    by_category: dict[str, Counter[str]] = field(default_factory=dict)
    """`instances`, `sound` and codes of each."""
    exploits: Counter[str] = field(default_factory=Counter)
    """Instances that each probe passed."""
    attempts: int = 0
    kinds: list[Kind] = field(default_factory=list)
    """Mutants by domain and kind, with those that survived."""
    fates_by_category: dict[str, Counter[str]] = field(default_factory=dict)
    told: dict[str, dict[str, bool]] = field(default_factory=dict)
    """By category, the mutants of Python programs that are not equivalent, by name: whether any
    instance told them."""
    whole: WholeSet = field(default_factory=WholeSet)
    cpu_s: float = 0.0

    @property
    def fates(self) -> Counter[str]:
        """Fates of all mutants."""
        return sum((kind.fates for kind in self.kinds), Counter())

    @property
    def fates_by_kind(self) -> dict[str, Counter[str]]:
        """Fates of the mutants by kind of mutation."""
        made: defaultdict[str, Counter[str]] = defaultdict(Counter)
        for kind in self.kinds:
            made[kind.name] += kind.fates
        return dict(made)

    @property
    def holds(self) -> bool:
        """Every instance is sound, and no guess pays."""
        return self.sound == self.instances and not self.whole.paying


def told_rate(told: dict[str, bool]) -> float | None:
    """Give the share of mutants that at least one instance of a category tells."""
    return sum(told.values()) / len(told) if told else None


class Audit:
    """A run over a taskset; what earlier runs found of unchanged instances stands."""

    def __init__(self, auditing: Auditing, records: Records, chosen: Filter, backend: str) -> None:
        """Find what is left to do."""
        self._auditing, self._records, self._chosen = auditing, records, chosen
        self._version = version(Taskset(auditing.taskset).manifest.domain)
        current = records.current(backend, self._version)
        self._work = compare(auditing.taskset, current, chosen)
        records.forget(records.ids() - self._work.present)
        self.todo = self._work.todo
        self.known = self._work.known

    def run(self, jobs: int, watch: Watcher = lambda record: None) -> Summary:
        """Audit what is left to do; sum up all that was asked for.

        Raises:
            TaskkitError: the run cannot go on; the records so far are kept.
        """
        if self.todo:
            size = max(1, min(jobs, len(self.todo)))
            pool: Pool[Job, Record] = Pool(size, self._auditing, together=TOGETHER)
            try:
                for one in pool.run(map(Job, self.todo), lane=_category):
                    record = self._record(one)
                    self._records.put(record)
                    watch(record)
            finally:
                pool.close()
        made = summarise(self.asked())
        made.known, made.done = len(self._work.known), len(self.todo)
        return made

    def asked(self) -> list[Record]:
        """Give the records of all that was asked for."""
        root = self._auditing.taskset
        return [one for one in self._records if self._chosen.takes(root / one.file)]

    def _record(self, one: tuple[Job, Record | Bug] | Lost[Job]) -> Record:
        if isinstance(one, Lost):
            code = "plugin_failed" if one.by_plugin else "sandbox_failed"
            return self._unaudited(one.job, code, one.told("auditing"))
        job, found = one
        if isinstance(found, Bug):
            what = report_bug(found.what, found.traceback)
            return self._unaudited(job, "internal_error", what)
        return found

    def _unaudited(self, job: Job, code: str, detail: str) -> Record:
        path = self._auditing.taskset / job.file
        finding = {"code": code, "probe": "audit", "detail": detail}
        return Record(
            id=path.stem,
            file=job.file,
            sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
            domain="",
            split=path.parent.parent.name,
            category=path.parent.name,
            guessable=False,
            template="",
            codes=code,
            findings=json.dumps([finding]),
            guesses="[]",
            fates="[]",
            survivors="[]",
            attempts=0,
            answer="",
            asks="",
            does="",
            values="",
            signature=b"",
            facts="{}",
            wall_s=0.0,
            cpu_s=0.0,
            sandbox="",
            version=self._version,
        )


def _category(job: Job) -> str:
    """Name what instances share templates with."""
    return PurePosixPath(job.file).parent.name


def summarise(records: list[Record]) -> Summary:
    """Sum up the records of a set."""
    made = Summary(instances=len(records), whole=examine(records), kinds=by_kind(records))
    twins: defaultdict[str, set[str]] = defaultdict(set)
    for twin in made.whole.twins:
        twins[twin.id].add(twin.code)
    for one in records:
        codes = set(one.codes.split()) | twins[one.id]
        category = made.by_category.setdefault(one.category, Counter())
        category["instances"] += 1
        category.update(codes)
        made.codes.update(codes)
        if not codes:
            made.sound += 1
            category["sound"] += 1
        for finding in one.loaded("findings"):
            if finding["code"].startswith(EXPLOITS):
                made.exploits[finding["probe"]] += 1
        for _, fate, *name in one.loaded("fates"):
            if name and fate in (*TELLING, "weak", "idle"):
                told = made.told.setdefault(one.category, {})
                told[name[0]] = told.get(name[0], False) or fate in TELLING
            made.fates_by_category.setdefault(one.category, Counter())[fate] += 1
        made.attempts += one.attempts
        made.cpu_s += one.cpu_s
    return made
