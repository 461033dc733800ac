"""`taskkit realism`: how much like real hospital data a source is."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

import click

from taskkit.cli.screen import bars, console, print_json, table
from taskkit.ehr.realism.bands import BANDS, within
from taskkit.ehr.realism.measures import Measure, measure
from taskkit.ehr.realism.picture import picture
from taskkit.ehr.realism.records import StayRecord, read_records
from taskkit.ehr.rendering import mimic_iii
from taskkit.ehr.rendering.naming import vocabulary

EMBEDDED = "mimic"
OUTSIDE = 1


@click.command(
    epilog="\b\nExamples:\n  taskkit realism mimic\n"
    "  taskkit realism mimic --against /data/mimic-iii-demo-1.4\n"
    "  taskkit realism tasks/mimic/assets/mimic_iii.sqlite --json"
)
@click.argument("source")
@click.option(
    "--against", "others", multiple=True, metavar="SOURCE", help="Show another beside it; again."
)
@click.option(
    "--patients", type=click.IntRange(20, 100_000), default=300, show_default=True,
    help="How many patients of the embedded hospital.",
)  # fmt: skip
@click.option("--seed", default=0, show_default=True, help="Seed of the embedded hospital.")
@click.option("--json", "as_json", is_flag=True, help="Print the measures as JSON.")
def realism(
    source: str, others: tuple[str, ...], patients: int, seed: int, *, as_json: bool
) -> int:
    """Measure SOURCE: ages, stays, counts, values, courses, couplings, treatment, deaths.

    SOURCE is `mimic` for the embedded hospital, a SQLite database or a folder of CSV files, in
    the schema of MIMIC-III or MIMIC-IV. A measure with a band, taken from the open demos, is
    marked where it lies outside. Exits with 1 where one does.
    """
    names = (source, *others)
    found = [measure(_records(name, patients, seed)) for name in names]
    outside = [one.name for one in found[0] if within(one) is False]
    if as_json:
        print_json(
            {"sources": dict(zip(names, map(_document, found), strict=True)), "outside": outside}
        )
        return OUTSIDE if outside else 0
    screen = console()
    columns = ("what", *(_short(name) for name in names), "picture", "band")
    for section in dict.fromkeys(one.section for one in found[0]):
        screen.print(table(section, columns, _rows(section, found)))
    screen.print(f"{len(outside)} of {_banded(found[0])} measures outside their band")
    for name in outside:
        screen.print(f"  {name}")
    return OUTSIDE if outside else 0


def _records(name: str, patients: int, seed: int) -> list[StayRecord]:
    if name != EMBEDDED:
        return read_records(Path(name))
    with tempfile.TemporaryDirectory() as folder, bars(shown=True) as progress:
        path = Path(folder) / "hospital.sqlite"
        domain = vocabulary(EMBEDDED).parent
        mimic_iii.generate(path, domain=domain, patients=patients, seed=seed, progress=progress)
        return read_records(path)


def _short(name: str) -> str:
    return name if name == EMBEDDED else Path(name).name


def _document(measures: Sequence[Measure]) -> dict[str, float | None]:
    return {f"{one.section}: {one.name}": one.value for one in measures}


def _banded(measures: Sequence[Measure]) -> int:
    return sum(one.name in BANDS for one in measures)


def _rows(section: str, found: Sequence[Sequence[Measure]]) -> list[list[str]]:
    beside = [{one.name: one for one in measures} for measures in found]
    rows = []
    for one in found[0]:
        if one.section != section:
            continue
        others = [measures.get(one.name) for measures in beside]
        values = [_number(other.value if other else None) for other in others]
        pictures = "  ".join(picture(other.shape) for other in others if other and other.shape)
        rows.append([one.name, *values, pictures, _band(one)])
    return rows


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.0f}" if abs(value) >= 100 else f"{value:.2f}"


def _band(one: Measure) -> str:
    band = BANDS.get(one.name)
    if band is None:
        return ""
    high = "" if band.high == float("inf") else f"{band.high:g}"
    return f"{band.low:g} to {high}" + ("" if within(one) else "  OUTSIDE")
