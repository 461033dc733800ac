"""`taskkit timeline`: one stay of the embedded hospital in its renderings, side by side."""

from __future__ import annotations

import click
from rich.markup import escape

from taskkit.cli.screen import console, print_json, table
from taskkit.ehr.course import Hospital
from taskkit.ehr.rendering.identity import MAX_PATIENTS
from taskkit.ehr.rendering.timeline import renderings, side_by_side
from taskkit.errors import UsageError

KINDS = ("stay", "unit", "result", "sign", "order", "culture", "in", "out")


@click.command(
    epilog="\b\nExamples:\n  taskkit timeline 17\n"
    "  taskkit timeline 17 --stay 1 --hours 48 --only order --only culture\n"
    "  taskkit timeline 17 --about hemoglobin --hours 500"
)
@click.argument("patient", type=click.IntRange(0, MAX_PATIENTS - 1))
@click.option("--stay", default=0, show_default=True, help="Which stay, from 0.")
@click.option("--hours", default=6, show_default=True, help="Until so long after admission.")
@click.option(
    "--only", "kinds", multiple=True, type=click.Choice(KINDS),
    help="Leave out other kinds; again for more.",
)  # fmt: skip
@click.option("--about", default="", help="Only rows in which some rendering says this.")
@click.option("--seed", default=0, show_default=True, help="Seed of the embedded hospital.")
@click.option("--json", "as_json", is_flag=True, help="Print the rows as JSON.")
def timeline(
    patient: int, stay: int, hours: int, kinds: tuple[str, ...], about: str, seed: int, *,
    as_json: bool,
) -> None:  # fmt: skip
    """Print what happens to PATIENT, a number from 0, in MIMIC-III, MIMIC-IV, eICU and FHIR.

    Times are hours and minutes since the admission to hospital. A cell is empty where a release
    has no place for something; eICU knows only stays with intensive care.
    """
    stays = len(Hospital(seed).patient(patient).stays)
    if not 0 <= stay < stays:
        raise UsageError(f"--stay {stay}: patient {patient} has {stays}: need 0 to {stays - 1}")
    rows = [
        (moment, said)
        for moment, said in side_by_side(patient, stay, seed)
        if moment.minute <= 60 * hours
        and (not kinds or moment.kind in kinds)
        and any(about.lower() in words for words in said)
    ]
    titles = [rendering.title for rendering in renderings()]
    if as_json:
        named = [dict(zip(titles, said, strict=True)) for _, said in rows]
        print_json(
            [
                {"minute": moment.minute, "kind": moment.kind} | words
                for (moment, _), words in zip(rows, named, strict=True)
            ]
        )
        return
    lines = [(_time(moment.minute), moment.kind, *map(escape, said)) for moment, said in rows]
    name = f"patient {patient}, stay {stay}, seed {seed}"
    console().print(table(name, ("time", "what", *titles), lines))


def _time(minute: int) -> str:
    sign = "-" if minute < 0 else ""
    return f"{sign}{abs(minute) // 60}:{abs(minute) % 60:02}"
