"""What a domain's builder offers, and what it is given."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Protocol, runtime_checkable

from pydantic import BaseModel

from taskkit.build.labels import Labelled
from taskkit.build.origin import Origin, Progress, silent
from taskkit.build.rejection import Rejection
from taskkit.spec.task import TaskSpec


@dataclass(frozen=True)
class Request:
    """What a user asks a builder for."""

    folder: Path
    """The domain's folder."""
    options: BaseModel
    """An instance of the builder's `Options`."""
    workdir: Path
    """Scratch space on the disk of the output; gone after the build."""
    source: Path | None = None
    address: str | None = None
    """A server's, where that is the source: for builders that have `takes_addresses`."""
    questions: Path | None = None
    seed: int = 0
    limit: int | None = None
    jobs: int = 1
    """Processes for what can be divided; the outcome does not depend on it."""
    progress: Progress = silent


@dataclass(frozen=True)
class Unit:
    """A piece of work that no other depends on; small enough to pass between processes."""

    name: str
    payload: object


@dataclass(frozen=True)
class Balance:
    """How often one answer may be right."""

    category_share: float = 0.2
    set_share: float = 0.05


@dataclass(frozen=True)
class Preparation:
    """All that producing tasks needs; passed to every worker process."""

    origins: tuple[Origin, ...]
    assets: Mapping[str, Path]
    """Name to a finished file."""
    documents: Mapping[str, str]
    """Title to Markdown text, for the agent."""
    units: Sequence[Unit]
    images: tuple[str, ...] = ()
    """Names of the images that the tasks run in."""
    early: tuple[Rejection, ...] = ()
    """Records that were rejected before any unit."""
    notes: tuple[str, ...] = ()
    """What the user should know, a line each."""
    limit: int | None = None
    """How many tasks at most, where more may be drawn than are wanted."""
    exhausted: bool = False
    """All that the source can give is drawn, and no more than is wanted."""
    balance: Balance | None = None
    """Applied over the whole set, where tasks are drawn and not given."""
    extra: Mapping[str, object] = field(default_factory=dict)
    """What `produce` needs besides; plain picklable values."""


class Builder(Protocol):
    """Turns a source into tasks; a module of builders/, named by a domain's manifest."""

    Options: ClassVar[type[BaseModel]]
    """What a user may choose; its field docstrings are the command's help."""

    def prepare(self, request: Request) -> Preparation:
        """Read the source, make the assets, and plan the work."""
        ...

    def produce(self, preparation: Preparation, unit: Unit) -> Iterator[TaskSpec | Rejection]:
        """Give the tasks and rejections of one unit, the same whenever and wherever it runs."""
        ...


@runtime_checkable
class Varying(Protocol):
    """A builder that can draw inputs anew; the audit compares programs on them."""

    def variants(self, folder: Path, category: str) -> Iterator[str]:
        """Give Python references of a category for inputs drawn afresh, as many as are taken."""
        ...


@runtime_checkable
class Populating(Protocol):
    """A builder with an embedded source; the audit compares queries on others that it draws."""

    def populate(self, folder: Path, target: Path, *, patients: int, seed: int) -> None:
        """Write a database of patients drawn from a seed."""
        ...


@runtime_checkable
class Labelling(Protocol):
    """A builder whose sources have labels that can be recomputed."""

    def labels(self, source: Path) -> Iterator[Labelled]:
        """Give what became of each record's label; nothing is built."""
        ...
