"""`taskkit build`: one command for each domain, with the domain's own options."""

from __future__ import annotations

import shlex
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import click

from taskkit.build.domain import Domain, domain, domains
from taskkit.build.driver import Built, Order, run
from taskkit.build.plan import plan_file, plans
from taskkit.build.protocol import Builder
from taskkit.cli import flags, series
from taskkit.cli.options import chosen, options
from taskkit.cli.screen import JOBS, bars, console, counts, print_json, table
from taskkit.errors import UsageError
from taskkit.taskset.folder import QUARANTINE

EXAMPLES = """
\b
Examples:
  taskkit build {name}
  taskkit build {name} --out tasks/{name} --count 10000 --seed 7
  taskkit build {name} --source FILE_OR_FOLDER
"""
OF_QUESTIONS = "  taskkit build {name} --source FOLDER --questions FOLDER_OR_JSON{more}\n"


def _examples(builder: Builder, name: str) -> str:
    """Give commands of a domain, with no option that it has not."""
    more = " --reground" if "reground" in builder.Options.model_fields else ""
    asked = OF_QUESTIONS if getattr(builder, "takes_questions", False) else ""
    return (EXAMPLES + asked).format(name=name, more=more)


def _common(*, questions: bool) -> list[click.Parameter]:
    path = click.Path(path_type=Path)
    there = click.Path(path_type=Path, exists=True)
    return [
        click.Option(["--source"], type=flags.Place(), help="Folder of CSV tables, a SQLite file, "
                     "or a server's URL, as the domain has it; an embedded synthetic source where "
                     "not given and the domain has one."),
        click.Option(["--questions"], type=there, hidden=not questions, help="Published question "
                     "files to use in place of the domain's own templates."),
        click.Option(["--out"], type=path, help="Folder to write; replaced whole once the build "
                     "is done.  [default: tasks/DOMAIN]"),
        click.Option(["--seed"], type=int, default=0, show_default=True, help="Same source, seed "
                     "and version: the same bytes."),
        click.Option(["--count", "--limit", "limit"], type=click.IntRange(1), help="How many "
                     "tasks, spread over the categories; fewer where the source has no more."),
        click.Option(["--jobs"], type=click.IntRange(1), default=JOBS, show_default=True,
                     help="Worker processes; the outcome does not depend on it."),
        click.Option(["--force"], is_flag=True, help="Replace a taskset though files of it were "
                     "changed by hand."),
        click.Option(["--json", "as_json"], is_flag=True, help="Print the summary as JSON."),
    ]  # fmt: skip


class Builds(click.Group):
    """A group whose commands are the domains, found when asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Give the names of all domains and plans."""
        return [*domains(), *plans()]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Make the command of one domain, or of a plan by its name or file."""
        path = plan_file(cmd_name)
        if path is not None:
            return series.command(cmd_name, path)
        if cmd_name not in domains() and (near := get_close_matches(cmd_name, plans(), 1)):
            raise UsageError(f"{cmd_name!r}: unknown: did you mean the plan {near[0]!r}?")
        found = domain(cmd_name)
        builder = found.builder()
        model = builder.Options
        common = _common(questions=getattr(builder, "takes_questions", False))

        def call(**values: Any) -> int:
            return _build(found, values)

        return click.Command(
            cmd_name,
            callback=call,
            params=[*common, *options(model, {str(one.name) for one in common}, str(found.folder))],
            help=found.manifest.description + "\n\n" + _examples(builder, cmd_name),
            short_help=found.manifest.title,
        )


@click.group(cls=Builds, subcommand_metavar="DOMAIN|PLAN [OPTIONS]...")
def build() -> None:
    """Build a taskset of a domain: `taskkit build mimic`, or those of a plan: its name or file.

    `taskkit build DOMAIN --help` shows the options of a domain.
    """


def _build(found: Domain, values: dict[str, Any]) -> int:
    name = found.manifest.name
    out: Path = values["out"] or Path("tasks") / name
    with bars(shown=not values["as_json"]) as progress:
        order = Order(
            domain=found,
            options=chosen(found.builder().Options, values),
            out=out,
            **flags.source(values["source"]),
            questions=values["questions"],
            seed=values["seed"],
            limit=values["limit"],
            jobs=values["jobs"],
            progress=progress,
            force=values["force"],
        )
        built = run(order)
    if values["as_json"]:
        print_json(built.as_json())
    else:
        _show(built)
    return 0 if built.sound else 1


def _show(built: Built) -> None:
    screen = console()
    screen.print(
        table("Tasks by category", ("category", "tasks"), counts(built.counts.by_category))
    )
    if built.rejected:
        screen.print(
            table("Records that became no task", ("reason", "records"), counts(built.rejected))
        )
    screen.print(
        f"{built.counts.total:,} tasks from {built.read:,} records"
        f" in {built.seconds:.1f} s: {built.out}",
        markup=False,
        soft_wrap=True,
    )
    for note in built.notes:
        screen.print(f"note: {note}", markup=False)
    if built.counts.total:
        screen.print(
            f"next: taskkit prove {shlex.quote(f'{built.out}')}", markup=False, soft_wrap=True
        )
    else:
        told = f"no task was made: {built.out / QUARANTINE} says why"
        screen.print(told, markup=False, soft_wrap=True)
