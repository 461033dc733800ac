"""`taskkit build PLAN`: several builds in one command."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from taskkit.build.plan import Plan, order, read_plan
from taskkit.build.series import Done, do
from taskkit.cli.screen import JOBS, bars, console, print_json, table
from taskkit.spec.document import read_document
from taskkit.spec.manifest import Counts

HELP = """{title}.

Builds that stand already, with the same source, seed, options and version, are not done again:
after an interruption, the same command goes on.

\b
Examples:
  taskkit build {name}
  taskkit build {name} --out tasks --fresh
  taskkit build {name} --json > summary.json
"""


def command(name: str, path: Path) -> click.Command:
    """Make the command that does a plan."""
    title = read_document(path, Plan).title

    def call(**values: Any) -> int:
        return _run(path, **values)

    return click.Command(
        name,
        callback=call,
        params=[
            click.Option(["--out"], type=click.Path(path_type=Path), default=Path("tasks"),
                         show_default=True, help="Folder below which each build has its own."),
            click.Option(["--jobs"], type=click.IntRange(1), default=JOBS, show_default=True,
                         help="Worker processes; the outcome does not depend on it."),
            click.Option(["--fresh"], is_flag=True, help="Do all builds, whatever stands."),
            click.Option(["--json", "as_json"], is_flag=True, help="Print the summary as JSON."),
        ],
        help=HELP.format(name=name, title=title),
        short_help=title,
    )  # fmt: skip


def _run(path: Path, *, out: Path, jobs: int, fresh: bool, as_json: bool) -> int:
    builds = read_plan(path)
    with bars(shown=not as_json) as progress:
        orders = [order(one, out, jobs=jobs, progress=progress) for one in builds]
        done = do(orders, fresh=fresh)
    published = [{str(split): n for split, n in one.published.items()} for one in builds]
    if as_json:
        print_json([_as_json(*one) for one in zip(done, published, strict=True)])
    else:
        _show(done, published)
    return max((one.error.exit_code for one in done if one.error), default=0)


def _as_json(done: Done, published: dict[str, int]) -> dict[str, object]:
    manifest = done.manifest
    return {
        "out": str(done.order.out),
        "state": done.state,
        "published": published,
        "tasks": manifest.counts.model_dump() if manifest else None,
        "records": manifest.records.model_dump() if manifest else None,
        "notes": done.notes,
        "error": str(done.error) if done.error else None,
        "seconds": round(done.seconds, 3),
    }


def _show(done: list[Done], published: list[dict[str, int]]) -> None:
    screen = console()
    columns = ("build", "tasks", "published", "train", "valid", "test", "left out", "s", "state")
    rows: list[tuple[object, ...]] = []
    for one, known in zip(done, published, strict=True):
        counts = one.manifest.counts if one.manifest else Counts(total=0)
        read = one.manifest.records.read if one.manifest else 0
        splits = (counts.by_split.get(split, 0) for split in ("train", "valid", "test"))
        name, wanted, took = one.order.out.name, sum(known.values()), round(one.seconds)
        rows.append((name, counts.total, wanted, *splits, read - counts.total, took, one.state))
    tasks, asked = (sum(int(str(row[place])) for row in rows) for place in (1, 2))
    screen.print(table("Builds", columns, rows))
    seconds = sum(one.seconds for one in done)
    screen.print(f"{tasks:,} tasks, {asked:,} published, in {seconds:.1f} s")
    for one in done:
        for note in (*one.notes, *([f"{one.error}"] if one.error else [])):
            screen.print(f"{one.order.out.name}: {note}", markup=False, soft_wrap=True)
    for one in done:
        if one.manifest:
            screen.print(f"next: taskkit verify {one.order.out}", markup=False)
