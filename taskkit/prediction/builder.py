"""Builds prediction tasks: cohorts, label definitions, files, thresholds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import ClassVar, cast

from pydantic import BaseModel, Field

from taskkit.build.domain import Domain
from taskkit.build.draft import OWN_LICENCE, Desk, folder_sum
from taskkit.build.origin import SYNTHETIC, Origin
from taskkit.build.protocol import Preparation, Request, Unit
from taskkit.build.rejection import Rejection
from taskkit.errors import MissingError
from taskkit.pool.processes import in_order
from taskkit.prediction.definition import Definition, Definitions
from taskkit.spec.base import Spec
from taskkit.spec.document import read_document
from taskkit.spec.task import TaskSpec

PACKAGES = ("numpy", "pandas", "polars", "sklearn", "threadpoolctl")
COHORT, LABELS = "cohort.yaml", "labels.yaml"
MOST_COHORTS = 1000  # drawn for one build; a seed's cohorts do not overlap with the next seed's


class PredictionOptions(Spec):
    """The choices of a prediction domain."""

    patients: int | None = Field(default=None, ge=200, le=100_000)
    """Patients of an embedded cohort; as many as the domain's plan says where not given."""


@dataclass(frozen=True)
class Material:
    """A cohort that tasks are made of, or the publisher's files in its place."""

    stem: str
    """What its file names begin with."""
    origin: Origin
    write: Callable[[Definition, Path], object]
    """Writes the files of a definition into a folder and names them."""


class PredictionBuilder:
    """Builds tasks from the label definitions of a domain."""

    Options: ClassVar[type[BaseModel]] = PredictionOptions
    name: ClassVar[str]

    def published(self, request: Request, definitions: Definitions) -> Material | None:
        """The publisher's own files in the source; None where it holds a MEDS folder.

        Raises:
            SourceError: they cannot be read.
        """
        return None

    def prepare(self, request: Request) -> Preparation:
        """Write cohorts' files, and keep the definitions that have a threshold.

        Raises:
            MissingError: a package is not installed.
            SourceError: the source cannot be read.
        """
        require_packages(self.name)
        from taskkit.prediction.evaluation import Evaluation

        definitions = read_document(request.folder / LABELS, Definitions)
        materials = self._materials(request, definitions)
        supply = candidates(materials, definitions, asked_for(request), request.workdir)
        limit = request.limit or len(asked_for(request) or definitions.definitions)
        early: list[Rejection] = list(unknown(definitions, asked_for(request)))
        kept: list[object] = []
        make = partial(Evaluation, request.folder, request.workdir)
        written = (early.append(one) or one if isinstance(one, Rejection) else one for one in supply)
        usable = (one for one in written if not isinstance(one, Rejection))
        for number, one in enumerate(in_order(make, usable, request.jobs), 1):
            request.progress("definitions", number, None)
            (early if isinstance(one, Rejection) else kept).append(one)  # type: ignore[attr-defined]
            if len(kept) == limit:
                break
        return self._preparation(request, kept, early)

    def _materials(self, request: Request, definitions: Definitions) -> Iterator[Material]:
        from taskkit.prediction.material import drawn, given

        if request.source is None:
            options = cast(PredictionOptions, request.options)
            digest = folder_sum(request.folder)
            for number in range(MOST_COHORTS):
                seed = request.seed * MOST_COHORTS + number
                name = f"{SYNTHETIC} {self.name} cohort {seed}"
                origin = Origin(name, OWN_LICENCE, "open", digest)
                stem = f"cohort{number}-" if number else ""
                yield drawn(request.folder / COHORT, definitions, options.patients, seed, stem, origin)
            return
        yield self.published(request, definitions) or given(request.source, definitions)

    def _preparation(
        self, request: Request, kept: Sequence[object], early: Sequence[Rejection]
    ) -> Preparation:
        from taskkit.prediction.evaluation import Evaluated

        manifest = Domain.read(request.folder).manifest
        tasks = [cast(Evaluated, one) for one in kept]
        names = {name for one in tasks for name in one.candidate.files.names}
        origins = tuple(dict.fromkeys(one.candidate.origin for one in tasks))
        return Preparation(
            origins=origins,
            assets={name: request.workdir / name for name in sorted(names)},
            documents={},
            units=[Unit(one.candidate.record, one) for one in tasks],
            images=(manifest.image,),
            early=tuple(early),
            limit=request.limit,
            extra={
                "folder": request.folder,
                "image": manifest.image,
                "citation": manifest.citations[0] if manifest.citations else None,
            },
        )

    def produce(self, preparation: Preparation, unit: Unit) -> Iterator[TaskSpec | Rejection]:
        """Write the task of a definition that has a threshold."""
        from taskkit.prediction.evaluation import Evaluated
        from taskkit.prediction.task import task

        one = cast(Evaluated, unit.payload)
        extra = preparation.extra
        desk = Desk(
            self.name,
            cast(str, extra["image"]),
            one.candidate.origin,
            cast("str | None", extra["citation"]),
        )
        yield task(desk, one, cast(Path, extra["folder"]), preparation.assets)


def require_packages(domain: str) -> None:
    """Refuse to go on without the packages of this kit.

    Raises:
        MissingError: one is not installed.
    """
    missing = [name for name in PACKAGES if find_spec(name) is None]
    if missing:
        raise MissingError(
            f"{domain}: {missing[0]} is not installed: need `pip install taskkit[prediction]`"
        )


def asked_for(request: Request) -> tuple[str, ...]:
    """The names of the tasks in the publisher's list, where one is given.

    Raises:
        SourceError: it cannot be read.
    """
    from taskkit.prediction.published.tasks import task_names

    return () if request.questions is None else task_names(request.questions)


def unknown(definitions: Definitions, names: Sequence[str]) -> Iterator[Rejection]:
    """Published tasks without a definition, and those named twice."""
    known = {one.name for one in definitions.definitions}
    for number, name in enumerate(names):
        if name in names[:number]:
            yield Rejection(f"{name}:{number}", "duplicate", "asks what another task asks")
        elif name not in known:
            yield Rejection(name, "malformed_record", f"task_name {name!r}: no such definition")


def candidates(
    materials: Iterator[Material], definitions: Definitions, names: Sequence[str], folder: Path
) -> Iterator[object]:
    """Candidates with their files written: of each cohort the definitions, then their variants.

    Where the publisher's list is given, only what it names, of the first cohort.
    """
    from taskkit.prediction.evaluation import Candidate
    from taskkit.prediction.sheets import Files, TooFewError

    for material in materials:
        for base, one in ordered(definitions, names):
            record = f"{material.origin.name}: {one.name}"
            try:
                files = cast(Files, material.write(one, folder))
            except TooFewError as error:
                yield Rejection(record, "too_few_rows", str(error))
                continue
            yield Candidate(one, files, definitions.key, material.origin, base.name)
        if names:
            return


def ordered(
    definitions: Definitions, names: Sequence[str]
) -> Iterator[tuple[Definition, Definition]]:
    """Each definition with its base: the plain ones first; a name comes once."""
    plain = [one for one in definitions.definitions if not names or one.name in names]
    yield from ((one, one) for one in plain)
    if not names:
        for base in plain:
            yield from ((base, one) for one in base.variants() if one is not base)
