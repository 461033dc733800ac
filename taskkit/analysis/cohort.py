"""The patients of a synthetic study: subtypes, drivers, treatment, and what follows from them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from taskkit.analysis.recipe import Recipe

Flags = NDArray[np.bool_]
Indexes = NDArray[np.intp]
Reals = NDArray[np.float64]

RESPONSES = ("CR", "PR", "SD", "PD", "NE")
CUTS = (1.35, 0.5, -0.35)  # of the latent response, between CR, PR, SD and PD
SHAPE = 1.15  # of the Weibull distribution of survival
STAGE_STEP = 0.35  # log hazard ratio of a stage
YEAR = 0.018  # log hazard ratio of a year of age
STAGE_SHARES = {3: (0.3, 0.4, 0.3), 4: (0.24, 0.36, 0.25, 0.15)}
EXCLUSIVE = (("KRAS", "NRAS", "BRAF", "EGFR"), ("IDH1", "IDH2"))
"""Genes that are rarely mutated in one tumour."""
TOGETHER = (("STK11", "KEAP1", 0.35), ("TP53", "ATRX", 0.2), ("NPM1", "FLT3", 0.1))
"""Where the first is mutated, the second is more often, by so much."""


@dataclass(frozen=True)
class Cohort:
    """Drawn patients; every array has the axis (patients,)."""

    ids: tuple[str, ...]
    female: Flags
    age: Reals
    """Years; NaN where unknown."""
    stage: Indexes
    """-1 where unknown."""
    subtype: Indexes
    histology: Indexes
    arm: Indexes
    response: Indexes
    """Of `RESPONSES`; -1 where unknown."""
    burden: Reals
    """Expected passenger mutations per megabase."""
    immune: Reals
    """Latent inflammation, standard normal."""
    months: Reals
    """Overall survival; NaN where unknown."""
    died: Flags
    progression_months: Reals
    progressed: Flags
    mutated: dict[str, Flags]
    """By driver gene."""


def generator(*parts: object) -> np.random.Generator:
    """Give a random generator that hangs on nothing but the parts."""
    digest = hashlib.sha256(":".join(map(str, parts)).encode()).digest()
    return np.random.Generator(np.random.PCG64(int.from_bytes(digest[:16], "big")))


def draw_cohort(recipe: Recipe, seed: int) -> Cohort:
    """Draw the patients of a study."""
    chance = generator(recipe.name, "cohort", seed)
    n = recipe.patients
    subtype = chance.choice(len(recipe.subtypes), n, p=[s.share for s in recipe.subtypes])
    stages = STAGE_SHARES[len(recipe.stages)]
    stage = chance.choice(len(stages), n, p=stages)
    age = np.clip(chance.normal(*recipe.age, n), 19, 89).round(1)
    arm = (chance.random(n) < 0.45).astype(np.intp)
    burden = np.array([s.burden for s in recipe.subtypes])[subtype]
    burden = burden * np.exp(chance.normal(0.0, 0.55, n))
    immune = chance.normal(0.0, 1.0, n) + 0.35 * (np.log(burden) - np.log(burden).mean())
    mutated = draw_drivers(recipe, subtype, chance)
    risk = np.array([s.hazard for s in recipe.subtypes])[subtype]
    risk = risk + sum(driver.hazard * mutated[driver.gene] for driver in recipe.drivers)
    response, latent = draw_response(risk, arm, burden, immune, chance)
    risk = risk + STAGE_STEP * stage + YEAR * (age - age.mean()) + recipe.benefit * arm
    months, died, progression, progressed = draw_survival(recipe, risk - 0.45 * latent, chance)
    unknown = chance.random(n) < 0.025
    return Cohort(
        ids=draw_ids(recipe.prefix, n, chance),
        female=chance.random(n) < recipe.female,
        age=np.where(chance.random(n) < 0.02, np.nan, age),
        stage=np.where(chance.random(n) < 0.05, -1, stage),
        subtype=subtype,
        histology=draw_histology(recipe, subtype, chance),
        arm=arm,
        response=np.where(chance.random(n) < 0.04, -1, response),
        burden=burden,
        immune=immune,
        months=np.where(unknown, np.nan, months),
        died=died & ~unknown,
        progression_months=np.where(unknown, np.nan, progression),
        progressed=progressed & ~unknown,
        mutated=mutated,
    )


def draw_ids(prefix: str, count: int, chance: np.random.Generator) -> tuple[str, ...]:
    """Draw distinct identifiers in no order."""
    numbers = chance.choice(np.arange(1000, 9999), count, replace=False)
    return tuple(f"{prefix}-{number}" for number in numbers.tolist())


def draw_drivers(recipe: Recipe, subtype: Indexes, chance: np.random.Generator) -> dict[str, Flags]:
    """Draw who has a mutation of which driver."""
    n = len(subtype)
    mutated = {
        driver.gene: chance.random(n) < np.array(driver.shares)[subtype]
        for driver in recipe.drivers
    }
    for first, second, more in TOGETHER:
        if first in mutated and second in mutated:
            mutated[second] |= mutated[first] & (chance.random(n) < more)
    for genes in EXCLUSIVE:
        taken = np.zeros(n, dtype=bool)
        for gene in genes:
            if gene in mutated:
                mutated[gene] &= ~(taken & (chance.random(n) < 0.85))
                taken |= mutated[gene]
    return mutated


def draw_response(
    risk: Reals, arm: Indexes, burden: Reals, immune: Reals, chance: np.random.Generator
) -> tuple[Indexes, Reals]:
    """Draw the best response and the latent benefit under it."""
    relative = np.log(burden) - np.log(burden).mean()
    latent = 0.5 * relative + 0.45 * arm + 0.3 * immune - 0.6 * (risk - risk.mean())
    latent = latent + chance.normal(0.0, 0.8, len(risk))
    response = np.searchsorted(-np.array(CUTS), -latent, side="right")
    evaluable = chance.random(len(risk)) >= 0.06
    return np.where(evaluable, response, RESPONSES.index("NE")), latent


def draw_survival(
    recipe: Recipe, risk: Reals, chance: np.random.Generator
) -> tuple[Reals, Flags, Reals, Flags]:
    """Draw overall and progression-free survival, months, with their events."""
    n = len(risk)
    scale = recipe.survival / np.log(2.0) ** (1 / SHAPE)
    death = scale * (chance.exponential(1.0, n) / np.exp(risk - risk.mean())) ** (1 / SHAPE)
    follow = recipe.survival * chance.uniform(0.4, 3.2, n)
    months = np.maximum(np.minimum(death, follow), 0.03).round(3)
    died = death <= follow
    progress = np.maximum(death * chance.uniform(0.25, 0.95, n), 0.03).round(3)
    earlier = progress < months
    return months, died, np.where(earlier, progress, months), earlier | died


def draw_histology(recipe: Recipe, subtype: Indexes, chance: np.random.Generator) -> Indexes:
    """Draw the histology; where there are as many as subtypes, it mostly follows them."""
    shares = [share for _, _, share in recipe.histologies]
    drawn = chance.choice(len(shares), len(subtype), p=shares)
    if len(shares) != len(recipe.subtypes):
        return drawn
    return np.where(chance.random(len(subtype)) < 0.85, subtype, drawn)
