"""`taskkit verify`."""

from __future__ import annotations

import time
from dataclasses import asdict
from pathlib import Path
from typing import Any, Literal, get_args

import click

from taskkit.audit.proof_status import selection
from taskkit.audit.quarantine import quarantine_path
from taskkit.cli import engines, flags, servers
from taskkit.cli.audit import nothing, perform, put_aside, show_quarantined
from taskkit.cli.screen import CACHE, bars, console, counts, print_json, table
from taskkit.errors import InternalError, MissingError, UsageError
from taskkit.sandbox.choose import Choice, choose
from taskkit.sandbox.docker import Isolation
from taskkit.sql.engines.duck import DuckFiles
from taskkit.taskset.filter import Filter
from taskkit.verify.crosscheck import Crosscheck, crosscheck
from taskkit.verify.proof import Proving
from taskkit.verify.results import Result, Results
from taskkit.verify.verification import Summary, Verification, results_path

SHOWN = 20  # findings printed in full; --json has them all

Other = Literal["docker", "duckdb"]


class CrossCheck(click.Choice[str]):
    """Something else to play on, by name, or a FHIR server by its URL."""

    def __init__(self) -> None:
        super().__init__([*get_args(Other), f"{servers.PREFIX}URL"])

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The name, or `fhir:` and the URL."""
        if isinstance(value, str) and value.startswith(f"{servers.PREFIX}http"):
            return value
        return str(super().convert(value, param, ctx))


@click.command(
    epilog="\b\nExamples:\n  taskkit verify tasks/mimic\n"
    "  taskkit verify tasks/mimic -k 1 --filter category=cost --filter 'id=mimic-0*'\n"
    "  taskkit verify tasks/mimic --cross-check duckdb\n"
    "  taskkit verify tasks/fhir --cross-check fhir:http://127.0.0.1:8090/fhir\n"
    "  taskkit verify tasks/mimic --json > summary.json"
)
@click.argument("path", type=flags.PATH)
@flags.jobs
@flags.repeats
@flags.sandbox("docker")
@click.option(
    "--isolation",
    type=click.Choice(["worker", "container"]),
    default="worker",
    show_default=True,
    help="What a Docker container is for: many instances, each in namespaces of its own, or one.",
)
@click.option(
    "--cross-check",
    type=CrossCheck(),
    help="docker: play a sample there too, 1 % of each category and image, at least one of each."
    " duckdb: run the SQL of every verified reference there too. fhir:URL: put the store on that"
    " FHIR server, and play there what verified references read.",
)
@flags.unsafe
@flags.filters(", such as tables>=3")
@click.option("--audit", "too", is_flag=True, help="Try to break it too: see `taskkit audit`.")
@click.option("--fail-fast", is_flag=True, help="Stop at the first instance that is not verified.")
@click.option("--resume/--fresh", default=True, help="Keep earlier findings, or start over.")
@click.option(
    "--results",
    type=click.Path(path_type=Path),
    help="File to keep the findings in.  [default: PATH.results/verify.sqlite]",
)
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
def verify(
    path: Path, jobs: int, repeats: int, sandbox: Choice, filters: tuple[str, ...],
    results: Path | None, isolation: Isolation, cross_check: str | None,
    *, too: bool, unsafe: bool, fail_fast: bool, resume: bool, as_json: bool,
) -> int:  # fmt: skip
    """Verify a taskset: play every reference from end to end in fresh sandboxes.

    Verified instances are not proved yet: `taskkit prove` audits them too.

    Findings are kept as they come. A second run does only what is new, changed or was
    interrupted: by content of the task, its data, and the version of taskkit.
    """
    path = path.resolve()
    backend = choose(sandbox, unsafe=unsafe, isolation=isolation)
    store, chosen = results or results_path(path), selection(path, filters)
    second = DuckFiles() if cross_check == "duckdb" else None
    proving = Proving(path, CACHE, sandbox, unsafe, repeats, isolation)
    kept = Results(store, fresh=not resume)
    begun = time.perf_counter()
    try:
        summary = play(proving, kept, chosen, jobs, fail_fast=fail_fast, shown=not as_json)
        failures = [one for one in kept if one.code != "verified"]
        right = {one.file: one.sha256 for one in kept if one.code == "verified"}
        played = cross_check == "docker"
        crossed = _cross(proving, kept, "docker", jobs, shown=not as_json) if played else None
    finally:
        kept.close()
    asked = None
    if second:
        asked = engines.perform(path, right, jobs, second, fresh=not resume, shown=not as_json)
    elif cross_check is not None and cross_check.startswith(servers.PREFIX):
        url = cross_check.removeprefix(servers.PREFIX).rstrip("/")
        asked = servers.perform(proving, right, jobs, url, fresh=not resume, shown=not as_json)
    seconds = time.perf_counter() - begun
    audit = (
        perform(
            path,
            jobs,
            sandbox,
            filters,
            unsafe=unsafe,
            resume=resume,
            shown=not as_json,
            verified=store,
        )
        if too
        else None
    )
    quarantined = audit.quarantined if audit else put_aside(path, results)
    if as_json:
        document = _as_json(summary, failures, seconds, store, backend.isolation)
        document |= {"quarantined": quarantined}
        document |= {"cross_check": _crossed(crossed)} if crossed else {}
        document |= {"cross_check": engines.as_json(asked)} if asked else {}
        print_json(document | ({"audit": audit.as_json()} if audit else {}))
    else:
        _show_summary(summary, failures, seconds, store, backend.isolation)
        _show_crossed(crossed)
        engines.show(asked)
        if audit:
            audit.show()
        else:
            show_quarantined(quarantine_path(path), quarantined)
    holds = audit is None or audit.summary.holds
    differs = bool(crossed and crossed.differences) or bool(asked and asked.findings)
    if asked and asked.stopped:
        return MissingError.exit_code
    if summary.codes["internal_error"] or (audit and audit.summary.codes["internal_error"]):
        return InternalError.exit_code
    return 0 if summary.verified and holds and not differs else 1


def play(
    proving: Proving, kept: Results, chosen: Filter, jobs: int, *, fail_fast: bool, shown: bool
) -> Summary:
    """Play the references that are asked for and not known; keep every result.

    Raises:
        UsageError: nothing is asked for.
        TaskkitError: the run cannot go on; what was found so far is kept.
    """
    backend = choose(proving.sandbox, unsafe=proving.unsafe, isolation=proving.isolation)
    work = Verification(proving, kept, chosen, backend.name)
    total = len(work.todo)
    if not total and not work.summary.known:
        raise UsageError(nothing(proving.taskset, chosen))
    with bars(shown=shown) as progress:
        progress("verify", 0, total)

        def watch(result: Result) -> None:
            progress("verify", work.summary.done, total)

        return work.run(jobs, fail_fast=fail_fast, watch=watch)


def _cross(
    proving: Proving, kept: Results, backend: Choice, jobs: int, *, shown: bool
) -> Crosscheck:
    with bars(shown=shown) as progress:
        done = 0

        def watch(result: Result) -> None:
            nonlocal done
            done += 1
            progress(f"cross-check on {backend}", done, None)

        return crosscheck(proving, list(kept), backend, jobs, watch=watch)


def _crossed(report: Crosscheck) -> dict[str, object]:
    return {
        "backend": report.backend,
        "played": report.played,
        "images": sorted(report.images),
        "differences": [asdict(one) for one in report.differences],
    }


def _show_crossed(report: Crosscheck | None) -> None:
    if report is None:
        return
    screen = console()
    for one in report.differences[:SHOWN]:
        text = f"{one.file}: differs on {report.backend}: {one.here} here, {one.there} there"
        screen.print(text, markup=False, soft_wrap=True)
    screen.print(
        f"cross-check: {report.played:,} played on {report.backend} too"
        f" (images {', '.join(sorted(report.images))}): {len(report.differences):,} differences"
    )


def _as_json(
    summary: Summary, failures: list[Result], seconds: float, store: Path, isolation: str
) -> dict[str, object]:
    return {
        "codes": dict(sorted(summary.codes.items())),
        "known": summary.known,
        "done": summary.done,
        "seconds": round(seconds, 3),
        "per_second": round(summary.done / seconds, 1),
        "isolation": isolation,
        "results": str(store),
        "stopped": summary.stopped,
        "failures": [
            {"id": one.id, "file": one.file, "code": one.code, "detail": one.detail}
            for one in failures
        ],
    }


def _show_summary(
    summary: Summary, failures: list[Result], seconds: float, store: Path, isolation: str
) -> None:
    screen = console()
    for one in failures[:SHOWN]:
        screen.print(f"{one.file}: {one.code}: {one.detail}", markup=False, soft_wrap=True)
    if len(failures) > SHOWN:
        screen.print(f"... and {len(failures) - SHOWN:,} more; --json has them all")
    screen.print(table("Instances", ("finding", "instances"), counts(summary.codes)))
    of = f"{summary.codes['verified']:,} of {summary.codes.total():,}"
    screen.print(
        f"{of} verified; {summary.done:,} played in {seconds:.1f} s"
        f" ({summary.done / seconds:,.0f} a second), {summary.known:,} known before"
    )
    screen.print(f"isolation: {isolation}\nresults: {store}")
    if summary.stopped:
        screen.print("stopped at the first instance that is not verified")
