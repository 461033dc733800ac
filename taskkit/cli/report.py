"""`taskkit report`."""

from __future__ import annotations

from pathlib import Path

import click

from taskkit.cli.screen import console
from taskkit.report.report import write_report


@click.command(
    epilog="\b\nExamples:\n  taskkit report tasks/mimic\n"
    "  taskkit report tasks/mimic --out report.html"
)
@click.argument("path", type=click.Path(path_type=Path, exists=True))
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="File to write.  [default: PATH.results/report.html]",
)
def report(path: Path, out: Path | None) -> int:
    """Write one HTML page on a taskset: what is in it, what is proved, what is not, and why.

    The page needs no network. It shows what `taskkit verify` and `taskkit audit` have found so
    far; each number leads to the instances behind it.
    """
    path = path.resolve()
    target = out or path.with_name(f"{path.name}.results") / "report.html"
    write_report(path, target)
    console().print(f"report: {target}", soft_wrap=True)
    return 0
