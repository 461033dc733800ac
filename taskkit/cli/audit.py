"""`taskkit audit`."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path

import click

from taskkit.audit.audit import Audit, Summary, told_rate
from taskkit.audit.auditor import Auditing
from taskkit.audit.elsewhere import tried
from taskkit.audit.finding import EXPLAINED
from taskkit.audit.proof_status import selection
from taskkit.audit.quarantine import write_quarantine
from taskkit.audit.record import Record, Records, records_path
from taskkit.audit.survivors import Kind, kill_rate
from taskkit.cli import flags
from taskkit.cli.screen import CACHE, bars, console, counts, print_json, table
from taskkit.errors import InternalError, MissingError, UsageError
from taskkit.sandbox.choose import Choice, choose
from taskkit.sandbox.environments import ensure
from taskkit.taskset.filter import Filter
from taskkit.taskset.folder import QUARANTINE, Taskset
from taskkit.verify.verification import results_path

SHOWN = 20  # findings printed in full; --json has them all


@click.command(
    epilog="\b\nExamples:\n  taskkit audit tasks/mimic\n"
    "  taskkit audit tasks/mimic --filter category=cost\n"
    "  taskkit audit tasks/mimic --json | jq .kill_rate"
)
@click.argument("path", type=flags.PATH)
@flags.jobs
@flags.sandbox()
@flags.unsafe
@flags.filters(", such as tables>=3")
@click.option("--resume/--fresh", default=True, help="Keep earlier findings, or start over.")
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
def audit(
    path: Path, jobs: int, sandbox: Choice, filters: tuple[str, ...],
    *, unsafe: bool, resume: bool, as_json: bool,
) -> int:  # fmt: skip
    """Try to break a taskset: agents that do not solve a task must earn nothing.

    Plays exploits through the sandbox and against the oracle, mutants of every reference, and
    fixed guesses over the whole set; finds answers that hang on row order, the clock or noise,
    duplicates, and leaks between splits. Findings are kept as they come; a second run does only
    what is new or changed.
    """
    performed = perform(
        path.resolve(), jobs, sandbox, filters, unsafe=unsafe, resume=resume, shown=not as_json
    )
    if as_json:
        print_json(performed.as_json())
    else:
        performed.show()
    if performed.summary.codes["internal_error"]:
        return InternalError.exit_code
    return 0 if performed.summary.holds else 1


@dataclass(frozen=True)
class Performed:
    """An audit that was run, and what it takes to tell of it."""

    summary: Summary
    records: list[Record]
    seconds: float
    store: Path
    isolation: str
    quarantined: int

    def as_json(self) -> dict[str, object]:
        """Give it as plain values."""
        made = _as_json(self.summary, self.records, self.seconds, self.store, self.isolation)
        return made | {"quarantined": self.quarantined, "elsewhere": tried()}

    def show(self) -> None:
        """Print it."""
        _show(self.summary, self.records, self.seconds, self.store, self.isolation)
        show_quarantined(self.store.with_name(QUARANTINE), self.quarantined)


def perform(
    path: Path, jobs: int, sandbox: Choice, filters: tuple[str, ...],
    *, unsafe: bool, resume: bool, shown: bool, verified: Path | None = None,
) -> Performed:  # fmt: skip
    """Audit a taskset; `verified` is what verify has kept, where not in its usual place.

    Raises:
        TaskkitError: it cannot be audited; what was found so far is kept.
    """
    backend = choose(sandbox, unsafe=unsafe)
    store, chosen = records_path(path), selection(path, filters)
    begun = time.perf_counter()
    for image in Taskset(path).manifest.images if backend.name != "docker" else ():
        ensure(image)  # here, once, and not in every worker process
    records = Records(store, fresh=not resume)
    try:
        auditing = Auditing(path, CACHE, sandbox, unsafe)
        work = Audit(auditing, records, chosen, backend.name)
        if not work.todo and not work.known:
            raise UsageError(nothing(path, chosen))
        with bars(shown=shown) as progress:
            done = 0

            def watch(record: Record) -> None:
                nonlocal done
                done += 1
                progress("audit", done, len(work.todo))

            progress("audit", 0, len(work.todo))
            summary = work.run(jobs, watch)
        asked = work.asked()
    finally:
        records.close()
    seconds = time.perf_counter() - begun
    return Performed(summary, asked, seconds, store, backend.isolation, put_aside(path, verified))


def nothing(taskset: Path, chosen: Filter) -> str:
    """Say why there is nothing to do."""
    if chosen.patterns or chosen.bounds:
        return f"{taskset}: no task matches the filter: need one that some task meets"
    return f"{taskset}: the taskset has no tasks: need at least one"


def put_aside(path: Path, results: Path | None = None) -> int:
    """Write the quarantine; a run that cannot ends as it would have, and says so.

    Results that are kept elsewhere are not what the taskset's quarantine is about: it stays.
    """
    if results is not None and results != results_path(path):
        return 0
    try:
        return write_quarantine(path, results)
    except (UsageError, MissingError) as error:
        console(error=True).print(f"quarantine not written: {error}", soft_wrap=True)
        return 0


def show_quarantined(path: Path, count: int) -> None:
    """Print how many findings stand in the quarantine, and where."""
    if count:
        console().print(f"quarantine: {count:,} findings in {path}", soft_wrap=True)


def _rate(fates: Counter[str]) -> float | None:
    rate = kill_rate(fates)
    return None if rate is None else round(rate, 4)


def _as_json(
    summary: Summary, records: list[Record], seconds: float, store: Path, isolation: str
) -> dict[str, object]:
    fates = summary.fates
    return {
        "instances": summary.instances,
        "sound": summary.sound,
        "codes": dict(counts(summary.codes)),
        "by_category": {name: dict(found) for name, found in sorted(summary.by_category.items())},
        "exploits_passed": dict(counts(summary.exploits)),
        "attempts": summary.attempts,
        "kill_rate": _rate(fates),
        "mutants": dict(counts(fates)),
        "mutants_by_kind": {
            kind: {**found, "kill_rate": _rate(found)}
            for kind, found in sorted(summary.fates_by_kind.items())
        },
        "survivors": [_kind(one) for one in summary.kinds if one.survivors],
        "kill_rate_by_category": {
            name: _rate(found) for name, found in sorted(summary.fates_by_category.items())
        },
        "told_by_category": {
            name: told_rate(found) for name, found in sorted(summary.told.items())
        },
        "guesses": [
            {
                "scope": rate.scope, "rule": rate.rule, "hits": rate.hits, "size": rate.size,
                "share": round(rate.share, 4), "allowed": rate.allowed, "pays": rate.pays,
                "guessable": rate.guessable,
            }
            for rate in summary.whole.rates
        ],
        "overlap": summary.whole.overlap,
        "twins": [
            {"id": t.id, "code": t.code, "other": t.other, "across_splits": t.across}
            for t in summary.whole.twins
        ],
        "findings": [
            {"id": one.id, "file": one.file, **finding}
            for one in records
            for finding in one.loaded("findings")
        ],
        "known": summary.known,
        "done": summary.done,
        "seconds": round(seconds, 3),
        "isolation": isolation,
        "results": str(store),
    }  # fmt: skip


def _show(
    summary: Summary, records: list[Record], seconds: float, store: Path, isolation: str
) -> None:
    screen = console()
    found = [(one, finding) for one in records for finding in one.loaded("findings")]
    found.sort(key=lambda pair: pair[1]["code"] == "weak")
    for one, finding in found[:SHOWN]:
        line = f"{one.file}: {finding['code']}: {finding['probe']}: {finding['detail']}"
        screen.print(line, markup=False)
    if len(found) > SHOWN:
        screen.print(f"... and {len(found) - SHOWN:,} more; --json has them all")
    _show_categories(summary)
    if summary.codes:
        rows = [(code, number, EXPLAINED[code]) for code, number in counts(summary.codes)]
        screen.print(table("Findings", ("finding", "instances", "which means"), rows))
    _show_guesses(summary)
    _show_survivors(summary)
    fates = summary.fates
    rate = kill_rate(fates)
    screen.print(
        f"{summary.attempts:,} attempts to earn a reward without solving,"
        f" {sum(summary.exploits.values()):,} passed;"
        f" {fates.total():,} mutants, {'no' if rate is None else f'{rate:.1%}'} killed"
        f" of those not equivalent ({fates['equivalent']:,} were)"
    )
    screen.print(
        f"{summary.sound:,} of {summary.instances:,} instances without a finding;"
        f" {summary.done:,} audited in {seconds:.1f} s, {summary.known:,} known before"
    )
    screen.print(f"also played under another {tried()}", soft_wrap=True)
    screen.print(f"isolation: {isolation}\nresults: {store}")


def _show_categories(summary: Summary) -> None:
    rows = []
    for name, found in sorted(summary.by_category.items()):
        fates = summary.fates_by_category.get(name, Counter())
        rate = kill_rate(fates)
        best = next((r for r in summary.whole.rates if r.scope == name), None)
        guess = f"{best.share:.1%} {best.rule}" if best else ""
        killed = "" if rate is None else f"{rate:.1%}"
        told = told_rate(summary.told.get(name, {}))
        by_any = "" if told is None else f"{told:.1%}"
        rows.append((name, found["instances"], found["sound"], killed, by_any, guess))
    columns = (
        "category",
        "instances",
        "no finding",
        "mutants killed",
        "by any instance",
        "best guess",
    )
    console().print(table("Audit", columns, rows))


def _kind(one: Kind) -> dict[str, object]:
    """Give the survivors of a kind in a domain as plain values."""
    return {
        "domain": one.domain,
        "kind": one.name,
        "kill_rate": _rate(one.fates),
        "mutants": dict(counts(one.fates)),
        "survivors": [asdict(survivor) for survivor in one.survivors],
    }


def _show_survivors(summary: Summary) -> None:
    rows = []
    for one in summary.kinds:
        if one.survivors:
            fates = (one.fates[fate] for fate in ("weak", "idle", "undecided"))
            change, times = Counter(left.change for left in one.survivors).most_common(1)[0]
            often = f"{change} ({times:,})" if times > 1 else change
            rows.append((one.domain, one.name, one.judged, *fates, f"{one.kill_rate:.1%}", often))
    if rows:
        columns = ("domain", "mutation", "judged", "weak", "idle", "undecided", "killed", "such as")
        console().print(table("Mutants that survived", columns, rows))


def _show_guesses(summary: Summary) -> None:
    paying = [rate for rate in summary.whole.rates if rate.pays]
    rows = [
        (r.scope, r.rule, r.hits, f"{r.share:.1%}", f"{r.allowed:.0%}", "yes" * r.guessable)
        for r in paying
    ]
    if rows:
        columns = ("where", "rule", "right", "share", "allowed", "declared guessable")
        console().print(table("Guesses that pay", columns, rows))
