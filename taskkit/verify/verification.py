"""Prove a whole taskset: find what is left to do, do it in parallel, keep every finding."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from taskkit import __version__
from taskkit.errors import report_bug
from taskkit.pool.pool import Bug, Lost, Pool
from taskkit.taskset.filter import Filter
from taskkit.taskset.folder import results_folder
from taskkit.verify.proof import Job, Proving
from taskkit.verify.results import Code, Result, Results
from taskkit.verify.todo import compare

TOGETHER = 8  # instances that a worker is given in one lot


@dataclass
class Summary:
    """What a run found, and what was known before."""

    codes: Counter[str] = field(default_factory=Counter)
    """Instances by code, over all that were asked for."""
    known: int = 0
    """How many of them earlier runs had found."""
    done: int = 0
    """How many this run found."""
    stopped: bool = False
    """Ended at the first failure, as asked."""

    @property
    def verified(self) -> bool:
        """True if every instance asked for is verified."""
        return not self.stopped and set(self.codes) <= {"verified"}


Watcher = Callable[[Result], None]


def results_path(taskset: Path) -> Path:
    """Give the file of a taskset's findings."""
    return results_folder(taskset) / "verify.sqlite"


class Verification:
    """A run over a taskset; what earlier runs found of unchanged instances stands."""

    def __init__(self, proving: Proving, results: Results, chosen: Filter, backend: str) -> None:
        self._proving = proving
        self._results = results
        self.summary = Summary()
        known = results.current(backend, __version__, proving.repeats)
        digests = {id: digest for id, (digest, _) in known.items()}
        work = compare(proving.taskset, digests, chosen)
        results.forget(results.ids() - work.present)
        self.todo = work.todo
        self.summary.known = len(work.known)
        self.summary.codes.update(known[id][1] for id in work.known)

    def run(self, jobs: int, *, fail_fast: bool, watch: Watcher = lambda result: None) -> Summary:
        """Prove what is left to do, keeping each finding as it comes.

        Raises:
            TaskkitError: the run cannot go on; the findings so far are kept.
        """
        size = max(1, min(jobs, len(self.todo)))
        pool: Pool[Job, Result] = Pool(size, self._proving, together=TOGETHER)
        try:
            for result in self._findings(pool):
                self._results.put(result)
                self.summary.done += 1
                self.summary.codes[result.code] += 1
                watch(result)
                if fail_fast and result.code != "verified":
                    self.summary.stopped = True
                    break
        finally:
            pool.close()
        return self.summary

    def _findings(self, pool: Pool[Job, Result]) -> Iterator[Result]:
        for one in pool.run(Job(file) for file in self.todo):
            if isinstance(one, Lost):
                code: Code = "plugin_failed" if one.by_plugin else "sandbox_failed"
                yield self._unplayed(one.job, code, one.told("verifying"))
            elif isinstance(one[1], Bug):
                what = report_bug(one[1].what, one[1].traceback)
                yield self._unplayed(one[0], "internal_error", what)
            else:
                yield one[1]

    def _unplayed(self, job: Job, code: Code, detail: str) -> Result:
        path = self._proving.taskset / job.file
        return Result(
            id=path.stem,
            file=job.file,
            sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
            domain="",
            split=path.parent.parent.name,
            category=path.parent.name,
            code=code,
            detail=detail,
            repeats=0,
            answer="",
            wall_s=0.0,
            program_s=0.0,
            sandbox="",
            version=__version__,
        )
