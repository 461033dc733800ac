"""`taskkit validate`."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path

import click

from taskkit.cli import flags
from taskkit.cli.screen import bars, console, counts, print_json, table
from taskkit.taskset.finding import Report
from taskkit.taskset.validate import validate as check

SHOWN = 20  # findings printed in full; --json has them all


@click.command(
    epilog="\b\nExamples:\n  taskkit validate tasks/mimic\n"
    "  taskkit validate tasks/mimic/tasks/test/cost/mimic-1f0c0b7cc9e30a42.yaml\n"
    "  taskkit validate tasks/mimic --json | jq .findings"
)
@click.argument("path", type=flags.PATH)
@flags.jobs
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def validate(path: Path, jobs: int, *, as_json: bool) -> int:
    """Check a taskset, or one task's file, without running anything.

    Form and types, references to data, images and documents, SQL against the real tables,
    Python syntax, ids, and the counts of the manifest.
    """
    begun = time.perf_counter()
    with bars(shown=not as_json) as progress:
        report = check(path, jobs=jobs, progress=progress)
    if as_json:
        print_json(report.as_json())
    else:
        _show_report(report, time.perf_counter() - begun)
    return 1 if report.findings else 0


def _show_report(report: Report, seconds: float) -> None:
    screen = console()
    for finding in report.findings[:SHOWN]:
        screen.print(str(finding), markup=False, soft_wrap=True)
    if len(report.findings) > SHOWN:
        screen.print(f"... and {len(report.findings) - SHOWN:,} more; --json has them all")
    codes: Counter[str] = Counter(finding.code for finding in report.findings)
    if codes:
        screen.print(table("Findings", ("code", "findings"), counts(codes)))
    verdict = f"{len(report.findings):,} findings" if codes else "all valid"
    screen.print(f"{report.tasks:,} tasks checked in {seconds:.1f} s: {verdict}")
