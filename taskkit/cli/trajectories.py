"""`taskkit trajectories`: what happened in a run, for other programs."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import click

from taskkit.cli.screen import console
from taskkit.run.exports.export import FORMS, SUFFIX, Form, export
from taskkit.run.results import Run


@click.command(
    epilog="\b\nExamples:\n"
    "  taskkit trajectories tasks/mimic.results/runs/qwen3-8b\n"
    "  taskkit trajectories tasks/mimic.results/runs/qwen3-8b --to atif --only right\n"
    "  taskkit trajectories tasks/mimic.results/runs/qwen3-8b --to inspect --out log.json"
)
@click.argument("run", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option(
    "--to",
    "form",
    type=click.Choice(FORMS),
    default="jsonl",
    show_default=True,
    help="Our own document, a line each; ATIF v1.8, a file each; one log of Inspect; or"
    " a SQLite file with tables of episodes and steps.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="File to write, or folder for ATIF.  [default: beside the run]",
)
@click.option("--only", type=click.Choice(["right", "wrong"]), help="Those with one outcome.")
@click.option(
    "--include-credentialed",
    "credentialed",
    is_flag=True,
    help="Write what derives from credentialed data as well. It may not be passed on.",
)
def trajectories(
    run: Path, form: Form, out: Path | None, only: Literal["right", "wrong"] | None, *,
    credentialed: bool,
) -> int:  # fmt: skip
    """Write the trajectories of a run.

    Where a run derives from credentialed data, it is refused unless you say that you may.
    """
    opened = Run.open(run.resolve())
    target = out or opened.folder / "export" / (
        f"{opened.name}{SUFFIX[form]}" if SUFFIX[form] else form
    )
    count = export(opened, form, target, only=only, credentialed=credentialed)
    console().print(f"{count:,} trajectories: {target}", soft_wrap=True)
    return 0
