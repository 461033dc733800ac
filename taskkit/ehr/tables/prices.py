"""What things cost: MIMIC has no prices, so each concept gets one, as in EHRSQL."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from random import Random
from statistics import NormalDist
from typing import Protocol

from taskkit.ehr.tables.column import Cell

MEAN = 10.0  # the mean price of a kind of event is drawn from Poisson(10)
LEAST = 0.01  # a draw far below the mean must not become a price of nothing or less


class Prices(Protocol):
    """Gives a price to every concept of a kind of event."""

    def __call__(self, table: str, concepts: Collection[Cell]) -> Mapping[Cell, float]:
        """Give the price of each concept of ``table``."""
        ...


class SeededPrices:
    """Prices that depend on the seed, the table and the concept, and on nothing else."""

    def __init__(self, seed: int) -> None:
        """Draw all prices from ``seed``."""
        self._seed = seed

    def __call__(self, table: str, concepts: Collection[Cell]) -> Mapping[Cell, float]:
        """Draw from Normal(mean, 1) with a mean from Poisson(10) for the table; two decimals."""
        mean = _poisson(Random(f"{self._seed}/price/{table}"), MEAN)
        return {concept: self._price(table, concept, mean) for concept in concepts}

    def _price(self, table: str, concept: Cell, mean: int) -> float:
        share = Random(f"{self._seed}/price/{table}/{concept}").random()
        return max(LEAST, round(NormalDist(mean, 1).inv_cdf(share or 0.5), 2))


def _poisson(random: Random, mean: float) -> int:
    count, product, limit = 0, random.random(), math.exp(-mean)
    while product > limit:
        count += 1
        product *= random.random()
    return count
