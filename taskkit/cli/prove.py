"""`taskkit prove`: validate, verify and audit, and say how many instances are proved."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import click

from taskkit.audit.proof_status import ProofStatus
from taskkit.audit.quarantine import read_quarantine
from taskkit.build.domain import domain
from taskkit.build.driver import Order, run
from taskkit.cli import flags
from taskkit.cli.audit import perform
from taskkit.cli.screen import CACHE, bars, console, counts, print_json, table
from taskkit.cli.verify import play
from taskkit.errors import UsageError
from taskkit.sandbox.choose import Choice, choose
from taskkit.taskset.filter import Filter
from taskkit.taskset.folder import Taskset
from taskkit.taskset.validate import validate as check
from taskkit.verify.proof import Proving
from taskkit.verify.results import Results
from taskkit.verify.verification import results_path

ROUNDS = 4  # of replacing: each leaves about as large a share unproved as the one before


@click.command(
    epilog="\b\nExamples:\n  taskkit prove tasks/mimic\n"
    "  taskkit prove tasks/mimic --replace          draw others for what is not proved\n"
    "  taskkit prove tasks/mimic --json | jq .proved"
)
@click.argument("path", type=flags.PATH)
@flags.jobs
@flags.repeats
@flags.sandbox()
@flags.unsafe
@click.option(
    "--replace",
    is_flag=True,
    help="Build the set again with other records in place of"
    " what is not proved, until all of it is proved or nothing more is to be had.",
)
@click.option(
    "--source", type=flags.Place(), help="With --replace: the source that the set was built of."
)
@click.option("--questions", type=flags.PATH, help="With --replace: its question files.")
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
def prove(
    path: Path, jobs: int, repeats: int, sandbox: Choice, source: Path | str | None,
    questions: Path | None, *, unsafe: bool, replace: bool, as_json: bool,
) -> int:  # fmt: skip
    """Prove a taskset: validate, verify and audit it.

    An instance is proved when its files are valid, its reference earned the reward every time in
    fresh sandboxes, and the audit found nothing. Findings are kept as they come; a second run does
    only what is new or changed. --replace leaves out at the end what is still not proved.
    """
    path = path.resolve()
    if (source or questions) and not replace:
        raise UsageError("--source, --questions: only --replace builds anew: need --replace")
    proving = Proving(path, CACHE, sandbox, unsafe, repeats, "worker")
    begun = time.perf_counter()
    proof = once(proving, jobs, shown=not as_json)
    rounds = 0
    while replace and proof.valid and proof.unproved and rounds < ROUNDS:
        rounds += 1
        again(path, proof, jobs, source, questions, shown=not as_json)
        proof = once(proving, jobs, shown=not as_json)
    if replace and proof.valid and proof.unproved and proof.proved:
        only = frozenset(ProofStatus.of(path).proved)
        again(path, proof, jobs, source, questions, only=only, shown=not as_json)
        proof = once(proving, jobs, shown=not as_json)
    if as_json:
        print_json(proof.as_json() | {"seconds": round(time.perf_counter() - begun, 3)})
    else:
        proof.show(path, time.perf_counter() - begun)
    return 0 if proof.valid and not proof.unproved else 1


@dataclass(frozen=True)
class Proof:
    """What is proved of a set, and why the rest is not."""

    total: int
    proved: int
    invalid: int
    """Findings of the static checks; nothing was played where there are any."""
    verified: int
    reasons: Counter[str]
    """Instances that are not proved, by reason."""
    unproved: frozenset[str]
    """Source records of the instances that are not proved."""

    @property
    def valid(self) -> bool:
        """The static checks found nothing."""
        return not self.invalid

    def as_json(self) -> dict[str, object]:
        """Give it as plain values."""
        return {
            "tasks": self.total,
            "invalid": self.invalid,
            "verified": self.verified,
            "proved": self.proved,
            "not_proved": dict(sorted(self.reasons.items())),
        }

    def show(self, path: Path, seconds: float) -> None:
        """Print it."""
        screen = console()
        if not self.valid:
            screen.print(
                f"{self.invalid:,} findings of the static checks: see `taskkit validate {path}`;"
                f" nothing was played"
            )
            return
        if self.reasons:
            screen.print(table("Not proved", ("reason", "instances"), counts(self.reasons)))
        screen.print(
            f"{self.verified:,} of {self.total:,} verified, {self.proved:,} of {self.total:,}"
            f" proved, in {seconds:.1f} s"
        )


def once(proving: Proving, jobs: int, *, shown: bool) -> Proof:
    """Validate, verify and audit what is not known yet.

    Raises:
        UsageError: the set has no tasks.
        TaskkitError: a run cannot go on; what was found so far is kept.
    """
    path = proving.taskset
    choose(proving.sandbox, unsafe=proving.unsafe)
    with bars(shown=shown) as progress:
        report = check(path, jobs=jobs, progress=progress)
    total = Taskset(path).manifest.counts.total
    if report.findings:
        return Proof(total, 0, len(report.findings), 0, Counter(), frozenset())
    kept = Results(results_path(path))
    try:
        play(proving, kept, Filter(), jobs, fail_fast=False, shown=shown)
    finally:
        kept.close()
    perform(path, jobs, proving.sandbox, (), unsafe=proving.unsafe, resume=True, shown=shown)
    return judged(path, total)


def judged(path: Path, total: int) -> Proof:
    """Sum up what is known of a set."""
    status = ProofStatus.of(path)
    ids = {file.stem for file in Taskset(path).paths()}
    unproved = ids - status.proved
    found = {(line.instance, line.code) for line in read_quarantine(path)}
    reasons = Counter(code for id, code in found if id in unproved)
    records = frozenset(line.record for line in read_quarantine(path) if line.instance in unproved)
    verified = sum(one.code == "verified" for one in status.verified.values())
    return Proof(total, len(status.proved), 0, verified, reasons, records)


def again(
    path: Path, proof: Proof, jobs: int, source: Path | str | None, questions: Path | None,
    *, only: frozenset[str] | None = None, shown: bool,
) -> None:  # fmt: skip
    """Build a set again without the records that were not proved, now or before.

    Args:
        only: The ids that may be in it, where no others are to be drawn.

    Raises:
        UsageError: its domain is not on this machine.
    """
    taskset = Taskset(path)
    manifest = taskset.manifest
    found = domain(manifest.domain)
    before = {line.record for line in taskset.quarantine() if line.code == "not_proved"}
    options = found.builder().Options
    with bars(shown=shown) as progress:
        order = Order(
            domain=found,
            options=options.model_validate(manifest.options),
            out=path,
            **flags.source(source),
            questions=questions,
            seed=manifest.seed,
            limit=manifest.counts.total,
            jobs=jobs,
            progress=progress,
            without=frozenset(before) | proof.unproved,
            only=only,
        )
        run(order)
