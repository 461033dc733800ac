"""`taskkit domains` and `taskkit show`: look at what there is."""

from __future__ import annotations

import json
from difflib import get_close_matches
from pathlib import Path

import click
from rich.syntax import Syntax

from taskkit.build.domain import domains as known_domains
from taskkit.cli import flags
from taskkit.cli.screen import console, print_json, table
from taskkit.errors import UsageError
from taskkit.taskset.filter import Filter
from taskkit.taskset.folder import Taskset

SHOWN = 5  # ids that are offered
LINE = 160  # characters of a question in a list


@click.command(epilog="\b\nExample:\n  taskkit domains")
@click.option("--json", "as_json", is_flag=True, help="Print them as JSON.")
def domains(*, as_json: bool) -> int:
    """List the domains that tasks can be built of.

    Domains of your own: put their folders below one named by the environment variable
    TASKKIT_DOMAINS.
    """
    found = known_domains().values()
    if as_json:
        print_json([one.manifest.model_dump(mode="json") for one in found])
        return 0
    rows = [(one.manifest.name, one.manifest.title, str(one.folder)) for one in found]
    console().print(table("Domains", ("name", "what", "folder"), rows))
    return 0


@click.command(
    "list",
    epilog="\b\nExamples:\n  taskkit list tasks/mimic --filter split=test\n"
    "  taskkit list tasks/mimic --filter 'category=cost*' | wc -l",
)
@click.argument("path", type=flags.PATH)
@flags.filters()
def listing(path: Path, filters: tuple[str, ...]) -> int:
    """List the tasks of a set, a line each: id, split, category and question."""
    taskset, chosen = Taskset(path), Filter.parse(filters)
    files = [file for file in taskset.paths() if chosen.takes(file)]
    if not files:
        raise UsageError(f"{path}: no task of these: need a filter that some task meets")
    for file in files:
        spec = taskset.read(file)
        asked = " ".join(spec.instruction.split("\n\n")[0].split())
        click.echo(f"{spec.id}\t{spec.split}\t{spec.category}\t{asked[:LINE]}")
    return 0


@click.command(
    epilog="\b\nExamples:\n  taskkit show mimic-1f0c0b7cc9e30a42\n"
    "  taskkit show mimic-1f0c0b7cc9e30a42 --taskset tasks/mimic --dockerfile"
)
@click.argument("id")
@click.option(
    "--taskset",
    "folder",
    type=flags.PATH,
    help="Where to look.  [default: every folder of tasks/]",
)
@click.option("--dockerfile", is_flag=True, help="Print the Dockerfile of the task's image.")
@click.option("--yaml", "plain", is_flag=True, help="Print the document as it is.")
def show(id: str, folder: Path | None, *, dockerfile: bool, plain: bool) -> int:
    """Show one task: what the agent sees, what judges it, what solves it."""
    taskset, path = _find(id, folder)
    spec = taskset.read(path)
    screen = console()
    if dockerfile:
        click.echo((taskset.path / "images" / spec.environment.image / "Dockerfile").read_text())
        return 0
    if plain:
        click.echo(path.read_text("utf-8"))
        return 0
    screen.print(f"[bold]{spec.id}[/bold]  {spec.category} · {spec.split} · {path}\n")
    screen.print(spec.instruction, markup=False)
    screen.print("\n[bold]Context:[/bold] " + ", ".join(one.name for one in spec.context))
    for turn in spec.dialogue:
        if turn is not spec:
            screen.print(f"\n{turn.instruction}", markup=False)
        screen.print("[bold]Oracle:[/bold]")
        oracle = json.dumps(turn.oracle.model_dump(mode="json"))
        screen.print(Syntax(oracle, "json", word_wrap=True))
        for step in turn.reference.steps:
            code = getattr(step, "code", None) or getattr(step, "command", None) or str(step)
            screen.print(f"[bold]Reference:[/bold] {step.action}")
            screen.print(Syntax(code, getattr(step, "language", "sh"), word_wrap=True))
    screen.print(f"[bold]From:[/bold] {spec.provenance.source}: {spec.provenance.record}")
    return 0


def _find(id: str, folder: Path | None) -> tuple[Taskset, Path]:
    folders = [folder] if folder else sorted(p.parent for p in Path("tasks").glob("*/taskset.yaml"))
    for one in folders:
        taskset = Taskset(one)
        path = taskset.find(id)
        if path is not None:
            return taskset, path
    every = [(Taskset(one), path) for one in folders for path in Taskset(one).paths()]
    begun = [found for found in every if found[1].stem.startswith(id)]
    if len(begun) == 1:
        return begun[0]
    names = [path.stem for _, path in begun or every]
    near = sorted(names)[:SHOWN] if begun else get_close_matches(id, names, 3)
    where = ", ".join(str(one) for one in folders) or "tasks/"
    hint = f"did you mean {', '.join(near)}?" if near else "name its folder with --taskset"
    what = f"{len(begun):,} tasks begin so" if begun else f"not in {where}"
    raise UsageError(f"task {id!r}: {what}: {hint}")
