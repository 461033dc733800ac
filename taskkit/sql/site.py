"""What producing questions over a database needs, in any process."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from taskkit.sql.ground import Ground
from taskkit.sql.mutants.trial import Trials
from taskkit.sql.other_patients import OtherPatients
from taskkit.sql.questions.bank import Bank
from taskkit.sql.questions.fill import Filler
from taskkit.sql.questions.measure import Measures
from taskkit.sql.questions.publisher import PublisherOptions
from taskkit.sqlite import connect


@dataclass(frozen=True)
class Site:
    """A finished database and the choices of its build; what it opens, a process opens once."""

    ground: Ground
    path: Path
    folder: Path
    """The domain's."""
    seed: int
    options: PublisherOptions
    sift: bool
    """Leave out questions that a slightly wrong query answers too."""
    others: tuple[Path, ...] = ()
    """Databases of other patients, on whom those queries are compared too."""

    @property
    def connection(self) -> sqlite3.Connection:
        """The open database."""
        return _connection(self.path)

    @property
    def filler(self) -> Filler:
        """What fills the domain's templates; processes share the rows that it found."""
        return _filler(self.folder, self.path, self.seed, self.options.measures)

    @property
    def trials(self) -> Trials:
        """The database to try queries on."""
        return _trials(self.path)

    @property
    def other_patients(self) -> OtherPatients:
        """The other patients."""
        return _other_patients(self.ground, self.path, self.others)


@cache
def _connection(path: Path) -> sqlite3.Connection:
    return connect(path)


@cache
def _filler(folder: Path, path: Path, seed: int, measures: Measures) -> Filler:
    shared = path.parent / "populations"
    shared.mkdir(exist_ok=True)
    bank = Bank.load(folder)
    return Filler(bank, _connection(path), seed, folder=shared, measures=measures)


@cache
def _trials(path: Path) -> Trials:
    return Trials(path)


@cache
def _other_patients(ground: Ground, path: Path, others: tuple[Path, ...]) -> OtherPatients:
    return OtherPatients(ground, _trials(path), others)
