"""Builds prediction tasks: cohorts, label definitions, files, thresholds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, ClassVar, cast

from pydantic import BaseModel, Field

from taskkit.build.counting import counts
from taskkit.build.domain import Domain
from taskkit.build.draft import OWN_LICENCE, Desk, folder_sum
from taskkit.build.origin import SYNTHETIC, Origin
from taskkit.build.protocol import Preparation, Request, Unit
from taskkit.build.rejection import Rejection
from taskkit.errors import MissingError
from taskkit.pool.ordered import in_order
from taskkit.prediction.candidate import Candidate, Evaluated, Material, TooFewError
from taskkit.prediction.definition import Definition, Definitions
from taskkit.prediction.published.tasks import task_names
from taskkit.spec.base import Spec
from taskkit.spec.document import read_document
from taskkit.spec.task import TaskSpec

PACKAGES = ("numpy", "pandas", "polars", "sklearn", "threadpoolctl")
LABELS = "labels.yaml"
MOST_COHORTS = 1000  # drawn for one build; a seed's cohorts do not overlap with the next seed's


class PredictionOptions(Spec):
    """The choices of a prediction domain."""

    patients: Annotated[int | None, counts("embedded")] = Field(default=None, ge=200, le=100_000)
    """Patients of an embedded cohort; as many as the domain says where not given."""


class PredictionBuilder:
    """Builds tasks from the label definitions of a domain."""

    Options: ClassVar[type[BaseModel]] = PredictionOptions
    name: ClassVar[str]
    takes_questions: ClassVar[bool] = True
    """`--questions` names a list of the domain's definitions to build."""

    def published(self, source: Path) -> Material | None:
        """The publisher's own files in a folder; None where it has none.

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
        listed = () if request.questions is None else task_names(request.questions)
        names = tuple(one for one in listed if isinstance(one, str))
        faulty = [one for one in listed if isinstance(one, Rejection)]
        supply = candidates(self._materials(request, definitions), definitions, names, request)
        limit = request.limit or len(names or definitions.definitions)
        early, kept = [*faulty, *unknown(definitions, names)], []
        make = partial(Evaluation, request.folder, request.workdir)
        for number, one in enumerate(in_order(make, supply, request.jobs), 1):
            request.progress("definitions", number, None)
            if isinstance(one, Rejection):
                early.append(one)
            else:
                kept.append(one)
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
                yield drawn(request.folder, definitions, options.patients, seed, stem, origin)
            return
        yield self.published(request.source) or given(request.source, definitions)

    def _preparation(
        self, request: Request, kept: Sequence[Evaluated], early: Sequence[Rejection]
    ) -> Preparation:
        manifest = Domain.read(request.folder).manifest
        names = {name for one in kept for name in one.candidate.files.names}
        origins = tuple(dict.fromkeys(one.candidate.origin for one in kept))
        return Preparation(
            origins=origins,
            assets={name: request.workdir / name for name in sorted(names)},
            documents={},
            units=[Unit(one.candidate.record, one) for one in kept],
            images=(manifest.image,),
            early=tuple(early),
            limit=request.limit,
            extra={
                "folder": request.folder,
                "image": manifest.image,
                "shared": shared(kept),
                "citation": manifest.citations[0] if manifest.citations else None,
            },
        )

    def produce(self, preparation: Preparation, unit: Unit) -> Iterator[TaskSpec | Rejection]:
        """Write the task of a definition that has a threshold."""
        from taskkit.prediction.task import task

        one = cast(Evaluated, unit.payload)
        extra = preparation.extra
        desk = Desk(
            self.name,
            cast(str, extra["image"]),
            one.candidate.origin,
            cast("str | None", extra["citation"]),
        )
        shared = cast(dict[str, tuple[str, ...]], extra["shared"])[one.candidate.files.features]
        yield task(desk, one, cast(Path, extra["folder"]), preparation.assets, shared)


def shared(tasks: Sequence[Evaluated]) -> dict[str, tuple[str, ...]]:
    """The files below /data by feature file: tasks over the same features share an environment.

    A warm worker serves them all then. No file of another task tells of hidden labels, since all
    tasks of a build hide the same patients.
    """
    found: dict[str, set[str]] = {}
    for one in tasks:
        files = one.candidate.files
        found.setdefault(files.features, set()).update(files.visible)
    return {name: tuple(sorted(names)) for name, names in found.items()}


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


def unknown(definitions: Definitions, names: Sequence[str]) -> Iterator[Rejection]:
    """Published tasks without a definition, and those named twice."""
    known = {one.name for one in definitions.definitions}
    for number, name in enumerate(names):
        if name in names[:number]:
            yield Rejection(f"{name}:{number}", "duplicate", "asks what another task asks")
        elif name not in known:
            yield Rejection(name, "malformed_record", f"task_name {name!r}: no such definition")


def candidates(
    materials: Iterator[Material],
    definitions: Definitions,
    names: Sequence[str],
    request: Request,
) -> Iterator[Candidate | Rejection]:
    """Candidates with their files written: of each cohort the definitions, then their variants.

    Where the publisher's list is given, only what it names, of the first cohort.
    """
    for material in materials:
        for base, one in ordered(definitions, names, variants=material.variants):
            try:
                files = material.write(one, request.workdir)
            except TooFewError as error:
                yield Rejection(f"{material.origin.name}: {one.name}", error.code, str(error))
                continue
            what = material.what or definitions.features[one.features]
            yield Candidate(one, files, material.key, material.origin, base.name, what)
        if names:
            return


def ordered(
    definitions: Definitions, names: Sequence[str], *, variants: bool
) -> Iterator[tuple[Definition, Definition]]:
    """Each definition after its base: the plain ones first, then their variants."""
    plain = [one for one in definitions.definitions if not names or one.name in names]
    yield from ((one, one) for one in plain)
    if variants and not names:
        for base in plain:
            yield from ((base, one) for one in base.variants() if one is not base)
