"""What `verify --cross-check` does and shows of a second SQL engine."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from dataclasses import asdict
from pathlib import Path

from taskkit.cli.screen import bars, console, counts, table
from taskkit.sql.engines.comparison import ask
from taskkit.sql.engines.engine import Copier, Copy
from taskkit.taskset.folder import Taskset
from taskkit.verify.engine_results import EngineName, EngineResult, Engines

SHOWN = 20  # findings printed in full; --json has them all
MAGIC = b"SQLite format 3\0"
TITLES: dict[EngineName, str] = {"duckdb": "DuckDB", "fhir": "the FHIR server"}


def perform(
    path: Path, verified: Mapping[str, str], jobs: int, engine: Copier, *, fresh: bool, shown: bool
) -> Engines:
    """Copy the databases of a taskset to an engine, and ask there what its references ask.

    Args:
        path: The taskset.
        verified: Digest of the file of each verified instance, by its path below the taskset.
        jobs: Worker processes.
        engine: What copies.
        fresh: Forget what was found before.
        shown: Show progress.
    """
    title = TITLES[engine.name]
    taskset = Taskset(path)
    with closing(engine), bars(shown=shown) as bar:
        copies: dict[str, Copy] = {}
        for number, asset in enumerate(taskset.manifest.assets):
            bar(f"copying to {title}", number, len(taskset.manifest.assets))
            stored = taskset.asset(asset.sha256)
            with stored.open("rb") as file:
                is_database = file.read(len(MAGIC)) == MAGIC
            if is_database:
                copies[asset.sha256] = engine.copy(stored, asset.sha256)
        done = 0

        def watch(result: EngineResult) -> None:
            nonlocal done
            done += 1
            bar(f"cross-check in {title}", done, None)

        return ask(path, verified, engine.name, copies, jobs, fresh=fresh, watch=watch)


def as_json(report: Engines) -> dict[str, object]:
    """Give a report as plain values."""
    return {
        "engine": report.engine,
        "codes": dict(sorted(report.codes.items())),
        "untranslated": dict(sorted(report.constructs.items())),
        "stopped": report.stopped,
        "findings": [asdict(one) for one in report.findings],
    }


def show(report: Engines | None) -> None:
    """Print a report, if there is one."""
    if report is None:
        return
    screen, title = console(), TITLES[report.engine]
    for one in report.findings[:SHOWN]:
        screen.print(f"{one.file}: {one.code}: {one.detail}", markup=False, soft_wrap=True)
    if len(report.findings) > SHOWN:
        screen.print(f"... and {len(report.findings) - SHOWN:,} more; --json has them all")
    screen.print(table(f"Cross-check in {title}", ("finding", "instances"), counts(report.codes)))
    if report.constructs:
        rows = counts(report.constructs)
        screen.print(table(f"Without a counterpart in {title}", ("construct", "instances"), rows))
    if report.stopped:
        screen.print(f"cross-check stopped: {report.stopped}", markup=False, soft_wrap=True)
