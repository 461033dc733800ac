"""A definition on its way to a task: with its files, then with its threshold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from taskkit.build.origin import Origin
from taskkit.oracles.metric import Figure
from taskkit.prediction.definition import Definition, FeatureSet


class TooFewError(ValueError):
    """A cohort with too few patients for a definition."""

    code: ClassVar[str] = "too_few_rows"
    """Of the rejection."""


class AbsentError(TooFewError):
    """A definition that the publisher has no files for."""

    code: ClassVar[str] = "missing_table"


@dataclass(frozen=True)
class Files:
    """File names of one task; the last is the judge's."""

    features: str
    train: str
    rows: str
    hidden: str

    @property
    def visible(self) -> tuple[str, ...]:
        """Those that the agent may read."""
        return self.features, self.train, self.rows

    @property
    def names(self) -> tuple[str, ...]:
        """All of them."""
        return self.features, self.train, self.rows, self.hidden


@dataclass(frozen=True)
class Material:
    """What tasks are made of: a cohort, or the publisher's files in its place."""

    origin: Origin
    write: Callable[[Definition, Path], Files]
    """Writes the files of a definition into a folder; raises `TooFewError`."""
    key: str
    """The column that names a patient."""
    what: FeatureSet | None = None
    """What the features are, where the definition does not say it."""
    variants: bool = True
    """Other definitions can be made of it than those that stand first."""


@dataclass(frozen=True)
class Candidate:
    """A definition with its files, before it is known whether it makes a task."""

    definition: Definition
    files: Files
    key: str
    origin: Origin
    """Where the cohort comes from."""
    category: str
    """The definition that it is a variant of, or its own name."""
    what: FeatureSet
    """What the features are."""

    @property
    def record(self) -> str:
        """Its name among the records."""
        return f"{self.origin.name}: {self.definition.name}"


@dataclass(frozen=True)
class Threshold:
    """A threshold with what it rests on."""

    value: float
    reference: Figure
    trivial: tuple[Figure, ...]
    bootstraps: int


@dataclass(frozen=True)
class Evaluated:
    """A definition that makes a task."""

    candidate: Candidate
    threshold: Threshold
    rows: int
