"""The random draws of EHRSQL-2024's build: NumPy's generator, asked the same in the same order."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from taskkit.ehr.tables.column import Cell
from taskkit.errors import MissingError

if TYPE_CHECKING:
    from numpy.random import Generator

PRICED = ("diagnoses_icd", "labevents", "procedures_icd", "prescriptions")
MEAN = 10  # the mean price of each kind of event is drawn from Poisson(10)


class Draws:
    """One stream of draws; the published answers need each at its place."""

    def __init__(self, seed: int) -> None:
        """Start the stream.

        Raises:
            MissingError: NumPy is not installed.
        """
        self._generator = _generator(seed)
        self._means: dict[str, int] = {}

    def first_year(self, start: int, span: int) -> int:
        """Draw the year of a first admission in start..start+span, the later the likelier."""
        total = (span + 1) * (span + 2) / 2
        weights = [weight / total for weight in range(1, span + 2)]
        return int(self._generator.choice(range(start, start + span + 1), p=weights))

    def some(self, patients: Sequence[int], number: int) -> set[int]:
        """Choose patients; all of them where they are too few."""
        if number > len(patients):
            return set(patients)
        return set(self._generator.choice(patients, number, replace=False).tolist())

    def __call__(self, table: str, concepts: Collection[Cell]) -> Mapping[Cell, float]:
        """Price the concepts of a table; call it in the order of `PRICED`."""
        if not self._means:
            drawn = self._generator.poisson(lam=MEAN, size=len(PRICED))
            self._means = dict(zip(PRICED, drawn.tolist(), strict=True))
        mean = self._means[table]
        return {
            concept: round(float(self._generator.normal(loc=mean, scale=1.0)), 2)
            for concept in sorted(concepts)  # type: ignore[type-var]  # all of one type
        }


def _generator(seed: int) -> Generator:
    try:
        from numpy.random import default_rng
    except ImportError as error:
        raise MissingError(
            "numpy is not installed: a MIMIC-IV database needs its random numbers: "
            "pip install 'taskkit[sql]'"
        ) from error
    return default_rng(seed)
