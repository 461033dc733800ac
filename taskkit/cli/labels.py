"""`taskkit labels`."""

from __future__ import annotations

from pathlib import Path

import click

from taskkit.build.domain import blamed, domain
from taskkit.build.label_rows import writing
from taskkit.build.labels import Labels
from taskkit.build.protocol import Labelling
from taskkit.build.published_file import require_regular
from taskkit.cli.screen import bars, console, print_json, table
from taskkit.errors import UsageError

COLUMNS = ("category", "records", "agree", "disagree", "not computable", "causes")


@click.command(
    epilog="\b\nExamples:\n  taskkit labels medcalc --source test_data.csv\n"
    "  taskkit labels medcalc --source test_data.csv --rows labels.csv\n"
    "  taskkit labels npower --source train_tasks.jsonl --json"
)
@click.argument("name", metavar="DOMAIN")
@click.option(
    "--source",
    type=click.Path(path_type=Path, exists=True),
    required=True,
    help="File or folder with the labels.",
)
@click.option(
    "--rows",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write a row for each label to a .csv or .jsonl file.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the table as JSON.")
def labels(name: str, source: Path, rows: Path | None, *, as_json: bool) -> int:
    """Recompute the labels of a source; show how many stand, and why the others do not.

    Nothing is built. `taskkit build` puts the records whose labels do not stand into the
    quarantine, with both values and the cause, unless it is told to trust them.
    """
    found = domain(name)
    builder = found.builder()
    if not isinstance(builder, Labelling):
        raise UsageError(f"domain {name!r}: its sources have no labels that can be recomputed")
    require_regular(source)
    made = Labels()
    with bars(shown=not as_json) as progress:
        progress("labels recomputed", 0, None)
        with blamed(f"domain {name}: labels", found.folder):
            recomputed = builder.labels(source)
            for number, one in enumerate(writing(rows, recomputed) if rows else recomputed, 1):
                made.add(one)
                progress("labels recomputed", number, None)
    if as_json:
        print_json(made.as_json())
    else:
        show(made)
    return 0 if made.total.keys() <= {"agrees"} else 1


def show(made: Labels) -> None:
    """Print the table."""
    screen, total = console(), made.total
    screen.print(table("Labels", COLUMNS, list(made.rows())))
    screen.print(
        f"{total.total():,} labels recomputed: {total['agrees']:,} agree,"
        f" {total['disagrees']:,} disagree ({made.unexplained:,} without a known cause),"
        f" {total['not_computable']:,} cannot be computed"
    )
