"""What a question is asked for: genes, cuts, times and the like, drawn to suit a study."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Literal

from taskkit.analysis.gene import EXPRESSED
from taskkit.analysis.recipe import CopyDriver, Driver, Recipe
from taskkit.analysis.tumour import IMMUNE, MEGABASES

ParameterKind = Literal[
    "gene", "other", "genes", "hotspot_gene", "subtype", "arm", "horizon", "short_horizon",
    "times", "landmark", "top", "burden_cut", "megabases", "fraction_cut", "amplified", "deleted",
    "dosage_gene", "level", "age_cut", "copy_level", "least_samples", "least_copies", "marker",
    "partner", "markers", "immune_genes", "components", "steps", "sample_type", "year",
]  # fmt: skip
Value = str | int | float | list[str] | list[int]
Drawn = Mapping[str, Value]
Draw = Callable[[Recipe, Drawn, Random], Value]

UNCOUNTED = "TERT"  # its mutations lie before the gene, and do not count
FREQUENT = 0.07  # share of mutated tumours from which a gene is asked about
TIMES = (2, 3, 4, 6, 9, 12, 18, 24, 30, 36, 48, 60, 72, 84, 120)  # months
BURDENS = (2, 3, 4, 5, 6, 8, 10, 15, 20)


def share(recipe: Recipe, driver: Driver | CopyDriver) -> float:
    """Give the expected share of tumours with a change."""
    weights = [subtype.share for subtype in recipe.subtypes]
    return sum(s * w for s, w in zip(driver.shares, weights, strict=True))


def frequent(recipe: Recipe, least: float = FREQUENT) -> list[str]:
    """Give the genes that are mutated often enough to be asked about."""
    return [
        driver.gene
        for driver in recipe.drivers
        if driver.gene != UNCOUNTED and share(recipe, driver) >= least
    ]


def hotspots(recipe: Recipe) -> list[str]:
    """Give the frequent genes with residues that recur."""
    known = {d.gene for d in recipe.drivers if d.residues and d.role == "hotspot"}
    return [gene for gene in frequent(recipe, 0.05) if gene in known]


def copied(recipe: Recipe, level: int) -> list[str]:
    """Give the genes that are often at a level of copies."""
    return [c.gene for c in recipe.copies if c.level == level and share(recipe, c) >= 0.04]


def within(recipe: Recipe, low: float, high: float) -> list[int]:
    """Give round times between two multiples of the median survival, months."""
    span = recipe.survival
    return [time for time in TIMES if low * span <= time <= high * span] or [TIMES[0]]


def burdens(recipe: Recipe) -> list[int]:
    """Give round cuts of mutational burden that part the samples."""
    typical = sum(s.share * s.burden for s in recipe.subtypes)
    return [cut for cut in BURDENS if 0.5 * typical + 2 <= cut <= 1.2 * typical + 4]


def grid(recipe: Recipe, chance: Random) -> list[int]:
    """Give times from 0 in equal steps."""
    step = chance.choice([time for time in (3, 6, 12, 24) if 2 * time <= recipe.survival])
    return [step * number for number in range(chance.choice((4, 5, 6)))]


def pick(names: Sequence[str], count: int, chance: Random) -> list[str]:
    """Draw distinct names."""
    return chance.sample(list(names), min(count, len(names)))


def ages(recipe: Recipe) -> list[int]:
    """Give round ages about the mean."""
    mean = recipe.age[0]
    return [age for age in range(30, 85, 5) if abs(age - mean) <= 10]


_DRAWS: dict[ParameterKind, Draw] = {
    "gene": lambda r, d, c: c.choice(frequent(r)),
    "other": lambda r, d, c: c.choice([g for g in frequent(r) if g != d["gene"]]),
    "genes": lambda r, d, c: pick(frequent(r, 0.05), c.choice((3, 4, 5)), c),
    "hotspot_gene": lambda r, d, c: c.choice(hotspots(r)),
    "subtype": lambda r, d, c: c.choice([s.name for s in r.subtypes]),
    "arm": lambda r, d, c: c.choice(r.arms),
    "horizon": lambda r, d, c: c.choice(within(r, 0.3, 1.3)),
    "short_horizon": lambda r, d, c: c.choice(within(r, 0.15, 0.6)),
    "times": lambda r, d, c: grid(r, c),
    "landmark": lambda r, d, c: c.choice(within(r, 0.08, 0.3)),
    "top": lambda r, d, c: c.randint(3, 8),
    "burden_cut": lambda r, d, c: c.choice(burdens(r)),
    "megabases": lambda r, d, c: MEGABASES,
    "fraction_cut": lambda r, d, c: c.choice((0.2, 0.25, 0.3, 0.35, 0.4)),
    "amplified": lambda r, d, c: c.choice(copied(r, 2)),
    "deleted": lambda r, d, c: c.choice(copied(r, -2) or [r.copies[-1].gene]),
    "dosage_gene": lambda r, d, c: c.choice([g for g in copied(r, 2) if g in EXPRESSED]),
    "level": lambda r, d, c: c.choice((0.01, 0.05, 0.1)),
    "age_cut": lambda r, d, c: c.choice(ages(r)),
    "copy_level": lambda r, d, c: c.choice((-2, -1, 1, 2)),
    "least_samples": lambda r, d, c: c.randint(5, 12),
    "least_copies": lambda r, d, c: c.choice((2, 3)),
    "marker": lambda r, d, c: c.choice(EXPRESSED),
    "partner": lambda r, d, c: c.choice([g for g in EXPRESSED if g != d["marker"]]),
    "markers": lambda r, d, c: pick(EXPRESSED, c.choice((3, 4)), c),
    "immune_genes": lambda r, d, c: pick(IMMUNE, c.choice((3, 4, 5)), c),
    "components": lambda r, d, c: c.choice((2, 3, 4)),
    "steps": lambda r, d, c: c.randint(4, 8),
    "sample_type": lambda r, d, c: c.choice(("Primary", "Metastasis")),
    "year": lambda r, d, c: c.choice((2015, 2016, 2017, 2018)),
}


def draw_parameters(
    kinds: Mapping[str, ParameterKind], recipe: Recipe, chance: Random
) -> dict[str, Value]:
    """Draw the parameters of a question for a study, in their order."""
    drawn: dict[str, Value] = {}
    for name, kind in kinds.items():
        drawn[name] = _DRAWS[kind](recipe, drawn, chance)
    return drawn


def spoken(value: Value | tuple[str, ...]) -> str:
    """Write a parameter as a sentence has it."""
    if not isinstance(value, list | tuple):
        return str(value)
    *most, last = map(str, value)
    return f"{', '.join(most)} and {last}" if most else last
