"""The samples of a synthetic study: mutations, copies and expression of each tumour."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from taskkit.analysis.cohort import Cohort, Indexes, Reals, generator
from taskkit.analysis.gene import EXPRESSED, GENES, PROFILED, Gene
from taskkit.analysis.recipe import Driver, Recipe

MEGABASES = 1.1  # that the panel covers
AMINO = "ACDEFGHIKLMNPQRSTVWY"
CLASSES = (
    "Missense_Mutation", "Nonsense_Mutation", "Frame_Shift_Del", "Frame_Shift_Ins", "Splice_Site",
    "In_Frame_Del", "Silent",
)  # fmt: skip
PASSENGERS = (0.66, 0.06, 0.05, 0.02, 0.03, 0.02, 0.16)
UNSTABLE = (0.52, 0.06, 0.2, 0.06, 0.02, 0.02, 0.12)  # of tumours with very many mutations
LOSSES = (0.42, 0.24, 0.16, 0.08, 0.07, 0.03, 0.0)
MANY = 18.0  # mutations per megabase, from which a tumour counts as unstable
IMMUNE = ("CD274", "PDCD1", "CD8A", "GZMB", "IFNG", "CXCL9")
CYCLING = ("MKI67", "AURKA", "TOP2A")
SITES = ("Primary site", "Lymph node #1", "Lymph node #2", "Liver", "Lung", "Bone")


@dataclass(frozen=True, slots=True)
class Mutation:
    """A row of a mutation table."""

    sample: int
    gene: Gene
    variant: str
    """Its `Variant_Classification`."""
    residue: int
    protein: str
    """`HGVSp_Short` without `p.`; empty where it changes no protein."""
    depth: int
    alternate: int
    """Reads with the mutation."""
    germline: bool = False


@dataclass(frozen=True)
class Samples:
    """Samples of the patients; the axis of every array is (samples,)."""

    ids: tuple[str, ...]
    patient: Indexes
    metastasis: np.ndarray[tuple[int], np.dtype[np.bool_]]
    purity: Reals
    """Percent; NaN where unknown."""
    score: Reals
    """Of microsatellite instability; NaN where unknown."""
    site: Indexes
    day: Indexes
    """Of sequencing, days after 2014-01-01."""


def draw_samples(recipe: Recipe, cohort: Cohort, seed: int) -> Samples:
    """Draw the samples: none of a few patients, two of some."""
    chance = generator(recipe.name, "samples", seed)
    n = recipe.patients
    counts = np.where(chance.random(n) < 0.03, 0, 1 + (chance.random(n) < 0.14))
    patient = np.repeat(np.arange(n), counts)
    second = np.concatenate([np.arange(count) for count in counts]) > 0
    metastasis = second | (chance.random(len(patient)) < 0.12)
    patient, metastasis = patient.astype(np.intp), metastasis.astype(bool)
    ids = tuple(
        f"{cohort.ids[p]}-{'M' if m else 'T'}0{1 + int(s)}"
        for p, m, s in zip(patient, metastasis, second, strict=True)
    )
    count = len(ids)
    unstable = cohort.burden[patient] > MANY
    score = np.where(unstable, chance.gamma(9.0, 3.0, count), chance.gamma(1.2, 0.9, count))
    return Samples(
        ids=ids,
        patient=patient,
        metastasis=metastasis,
        purity=np.where(chance.random(count) < 0.06, np.nan, 5.0 * chance.integers(2, 19, count)),
        score=np.where(chance.random(count) < 0.08, np.nan, score.round(2)),
        site=np.where(metastasis, chance.integers(1, len(SITES), count), 0),
        day=chance.integers(0, 2200, count),
    )


def draw_mutations(recipe: Recipe, cohort: Cohort, samples: Samples, seed: int) -> list[Mutation]:
    """Draw the mutations of every sample: drivers of its patient, and passengers by length."""
    chance = generator(recipe.name, "mutations", seed)
    genes = list(GENES.values())
    weights = np.array([gene.length for gene in genes], dtype=float) ** 0.8
    weights /= weights.sum()
    rows: list[Mutation] = []
    for sample, patient in enumerate(samples.patient.tolist()):
        for driver in recipe.drivers:
            lost = samples.metastasis[sample] and chance.random() < 0.08
            if cohort.mutated[driver.gene][patient] and not lost:
                rows.append(of_driver(sample, driver, chance))
        burden = float(cohort.burden[patient])
        shares = UNSTABLE if burden > MANY else PASSENGERS
        for number in chance.choice(len(genes), chance.poisson(burden * MEGABASES), p=weights):
            variant = CLASSES[chance.choice(len(CLASSES), p=shares)]
            rows.append(called(sample, genes[number], variant, "", chance))
    return doubled(rows, chance)


def of_driver(sample: int, driver: Driver, chance: np.random.Generator) -> Mutation:
    """Draw a mutation of a driver gene."""
    gene = GENES[driver.gene]
    if gene.symbol == "TERT":
        return called(sample, gene, "5'Flank", "", chance)
    if driver.residues and chance.random() < (0.85 if driver.role == "hotspot" else 0.3):
        place = min(int(chance.exponential(0.9)), len(driver.residues) - 1)
        change = driver.residues[place]
        variant = "Frame_Shift_Ins" if "fs" in change else (
            "Nonsense_Mutation" if change.endswith("*") else "Missense_Mutation"
        )  # fmt: skip
        return called(sample, gene, variant, change, chance)
    if driver.role == "hotspot":
        return called(sample, gene, "Missense_Mutation", "", chance)
    return called(sample, gene, CLASSES[chance.choice(len(CLASSES), p=LOSSES)], "", chance)


def called(
    sample: int, gene: Gene, variant: str, change: str, chance: np.random.Generator
) -> Mutation:
    """Draw how a mutation was read; its change of the protein where none is given."""
    residue = int(chance.integers(2, gene.length))
    old, new = AMINO[chance.integers(20)], AMINO[chance.integers(20)]
    forms = {
        "Missense_Mutation": f"{old}{residue}{new if new != old else 'X'}",
        "Nonsense_Mutation": f"{old}{residue}*",
        "Frame_Shift_Del": f"{old}{residue}{new}fs*{chance.integers(2, 40)}",
        "Frame_Shift_Ins": f"{old}{residue}{new}fs*{chance.integers(2, 40)}",
        "Splice_Site": f"X{residue}_splice",
        "In_Frame_Del": f"{old}{residue}del",
        "Silent": f"{old}{residue}=",
        "5'Flank": "",
    }
    if change:
        residue = int("".join(c for c in change.split("fs")[0] if c.isdigit()) or residue)
    depth = int(chance.poisson(420.0)) + 20
    share = float(np.clip(chance.beta(3.0, 7.0), 0.02, 0.97))
    reads = max(3, round(depth * share))
    germline = bool(chance.random() < 0.015)
    protein = change or forms[variant]
    return Mutation(sample, gene, variant, residue, protein, depth, reads, germline)


def doubled(rows: list[Mutation], chance: np.random.Generator) -> list[Mutation]:
    """Write one row in eighty twice, as two callers would, and put all in the order of genes."""
    twice = [row for row in rows if chance.random() < 0.0125]
    return sorted([*rows, *twice], key=lambda row: (row.gene.symbol, row.sample, row.residue))


def draw_copies(recipe: Recipe, cohort: Cohort, samples: Samples, seed: int) -> Reals:
    """Draw copy-number levels.

    Returns:
        (`PROFILED` genes, samples), -2 to 2; NaN where not measured, all of a sample or one gene.
    """
    chance = generator(recipe.name, "copies", seed)
    shape = (len(PROFILED), len(samples.ids))
    levels = chance.choice([-2.0, -1.0, 0.0, 1.0, 2.0], shape, p=(0.01, 0.13, 0.71, 0.14, 0.01))
    subtype = cohort.subtype[samples.patient]
    for copy in recipe.copies:
        altered = chance.random(shape[1]) < np.array(copy.shares)[subtype]
        levels[PROFILED.index(copy.gene), altered] = copy.level
    levels[chance.random(shape) < 0.004] = np.nan
    levels[:, chance.random(shape[1]) < 0.08] = np.nan
    return levels


def draw_expression(
    recipe: Recipe, cohort: Cohort, samples: Samples, copies: Reals, seed: int
) -> Reals:
    """Draw expression.

    Returns:
        (`EXPRESSED` genes, samples), normalised counts; NaN over all of a sample where not done.
    """
    chance = generator(recipe.name, "expression", seed)
    count = len(samples.ids)
    logs = chance.uniform(3.5, 8.0, (len(EXPRESSED), 1)) + chance.normal(
        0.0, 0.75, (len(EXPRESSED), count)
    )
    immune = cohort.immune[samples.patient]
    cycling = chance.normal(0.0, 1.0, count)
    subtype = cohort.subtype[samples.patient]
    for place, gene in enumerate(EXPRESSED):
        if gene in IMMUNE:
            logs[place] += 0.7 * immune
        if gene in CYCLING:
            logs[place] += 0.7 * cycling
        if gene in PROFILED:
            logs[place] += 0.8 * np.nan_to_num(copies[PROFILED.index(gene)] == 2)
        for number, kind in enumerate(recipe.subtypes):
            logs[place] += 1.5 * (subtype == number) * (kind.marker == gene)
    values = np.where(chance.random(logs.shape) < 0.006, 0.0, np.exp(logs).round(4))
    values[:, chance.random(count) < 0.22] = np.nan
    return np.asarray(values, dtype=float)
