"""`taskkit realism`: how much like real hospital data a source is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from taskkit.cli.screen import bars, console, print_json, table
from taskkit.ehr.realism.bands import Band, within
from taskkit.ehr.realism.measures import Measure, measure
from taskkit.ehr.realism.picture import picture
from taskkit.ehr.realism.source import EMBEDDED, Source, read_embedded, read_source

OUTSIDE = 1


@click.command(
    epilog="\b\nExamples:\n  taskkit realism mimic\n  taskkit realism eicu --against mimic-iv\n"
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

    SOURCE is `mimic`, `mimic-iv` or `eicu` for the embedded hospital, a SQLite database or a
    folder of CSV files, in the schema of MIMIC-III, MIMIC-IV or eICU. A measure with a band, taken
    from the open demos, is marked where it lies outside. Exits with 1 where one does.
    """
    names = (source, *others)
    sources = [_read(name, patients, seed) for name in names]
    found, bands = [measure(one.stays) for one in sources], sources[0].bands
    outside = [one.name for one in found[0] if within(one, bands) is False]
    if as_json:
        print_json(
            {"sources": dict(zip(names, map(_document, found), strict=True)), "outside": outside}
        )
        return OUTSIDE if outside else 0
    screen = console()
    columns = ("what", *(_short(name) for name in names), "picture", "band")
    for section in dict.fromkeys(one.section for one in found[0]):
        screen.print(table(section, columns, _rows(section, found, bands)))
    banded = sum(one.name in bands for one in found[0])
    screen.print(f"{len(outside)} of {banded} measures outside their band")
    for name in outside:
        screen.print(f"  {name}")
    return OUTSIDE if outside else 0


def _read(name: str, patients: int, seed: int) -> Source:
    if name not in EMBEDDED:
        return read_source(Path(name))
    with bars(shown=True) as progress:
        return read_embedded(name, patients, seed, progress)


def _short(name: str) -> str:
    return name if name in EMBEDDED else Path(name).name


def _document(measures: Sequence[Measure]) -> dict[str, float | None]:
    return {f"{one.section}: {one.name}": one.value for one in measures}


def _rows(
    section: str, found: Sequence[Sequence[Measure]], bands: Mapping[str, Band]
) -> list[list[str]]:
    beside = [{one.name: one for one in measures} for measures in found]
    rows = []
    for one in found[0]:
        if one.section != section:
            continue
        others = [measures.get(one.name) for measures in beside]
        values = [_number(other.value if other else None) for other in others]
        pictures = "  ".join(picture(other.shape) for other in others if other and other.shape)
        rows.append([one.name, *values, pictures, _band(one, bands)])
    return rows


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.0f}" if abs(value) >= 100 else f"{value:.2f}"


def _band(one: Measure, bands: Mapping[str, Band]) -> str:
    band = bands.get(one.name)
    if band is None:
        return ""
    high = "" if band.high == float("inf") else f"{band.high:g}"
    return f"{band.low:g} to {high}" + ("" if within(one, bands) else "  OUTSIDE")
