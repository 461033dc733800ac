"""What `verify --cross-check duckdb` does and shows."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from taskkit.cli.screen import bars, console, counts, table
from taskkit.taskset.folder import Taskset
from taskkit.verify.duck import copy
from taskkit.verify.engine_results import EngineResult, Engines, engines_path
from taskkit.verify.engines import ask

SHOWN = 20  # findings printed in full; --json has them all
MAGIC = b"SQLite format 3\0"


def perform(
    path: Path, proved: Mapping[str, str], jobs: int, *, fresh: bool, shown: bool
) -> Engines:
    """Copy the databases of a taskset to DuckDB, and ask there what its references ask.

    Args:
        proved: Digest of the file of each proved instance, by its path below the taskset.
    """
    if fresh:
        engines_path(path).unlink(missing_ok=True)
    taskset = Taskset(path)
    with tempfile.TemporaryDirectory(prefix="taskkit-duckdb-") as folder, bars(shown=shown) as bar:
        copies: dict[str, Path] = {}
        for number, asset in enumerate(taskset.manifest.assets):
            bar("copying to DuckDB", number, len(taskset.manifest.assets))
            stored = taskset.asset(asset.sha256)
            with stored.open("rb") as file:
                is_database = file.read(len(MAGIC)) == MAGIC
            if is_database:
                copies[asset.sha256] = copy(stored, Path(folder) / asset.sha256)
        done = 0

        def watch(result: EngineResult) -> None:
            nonlocal done
            done += 1
            bar("cross-check in DuckDB", done, None)

        return ask(path, proved, copies, jobs, watch=watch)


def as_json(report: Engines) -> dict[str, object]:
    """Give a report as plain values."""
    return {
        "engine": "duckdb",
        "codes": dict(sorted(report.codes.items())),
        "untranslated": dict(sorted(report.constructs.items())),
        "findings": [asdict(one) for one in report.findings],
    }


def show(report: Engines | None) -> None:
    """Print a report, if there is one."""
    if report is None:
        return
    screen = console()
    for one in report.findings[:SHOWN]:
        screen.print(f"{one.file}: {one.code}: {one.detail}", markup=False, soft_wrap=True)
    if len(report.findings) > SHOWN:
        screen.print(f"... and {len(report.findings) - SHOWN:,} more; --json has them all")
    screen.print(table("Cross-check in DuckDB", ("finding", "instances"), counts(report.codes)))
    if report.constructs:
        rows = counts(report.constructs)
        screen.print(table("Without a counterpart in DuckDB", ("construct", "instances"), rows))
