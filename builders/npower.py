"""Sample size and power: studies of our own, or a user's N-PowerAI files."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from random import Random
from typing import Annotated, ClassVar, Literal, cast

from pydantic import BaseModel, Field

from taskkit.build.counting import counts
from taskkit.build.domain import Domain
from taskkit.build.draft import Desk, own
from taskkit.build.labels import Labelled, Labels, unread
from taskkit.build.origin import Origin
from taskkit.build.protocol import Balance, Preparation, Request, Unit
from taskkit.build.rejection import Rejection
from taskkit.calculation.calculation import DisputedError
from taskkit.errors import MissingError
from taskkit.spec.base import Spec
from taskkit.spec.task import TaskSpec

SPARE = 1.5  # of what is drawn over what is wanted: some studies turn on the last digits
UNIT_SIZE = 10  # studies
VARIANTS = 24  # studies that the audit compares programs on
ROWS = "questions-"
Target = Literal["size", "power"]
TARGETS: tuple[Target, ...] = ("size", "power")


class NpowerOptions(Spec):
    """The choices of `taskkit build npower`."""

    per_family: Annotated[int, counts("embedded", drawn=True)] = Field(default=70, ge=2, le=100_000)
    """Studies of each design, where no --limit says how many in all."""
    trust_labels: Annotated[bool, counts("file", "folder")] = False
    """Keep questions of a source whose answers are not what they ask for."""


class NpowerBuilder:
    """Builds questions on 18 designs of studies."""

    Options: ClassVar[type[BaseModel]] = NpowerOptions

    def prepare(self, request: Request) -> Preparation:
        """Plan the draws."""
        require_scipy()
        if request.source is not None:
            return from_questions(request, request.source)
        from taskkit.calculation.studies.families import FAMILIES

        options = cast(NpowerOptions, request.options)
        manifest = Domain.read(request.folder).manifest
        wanted = options.per_family
        if request.limit is not None:
            wanted = -(-request.limit // len(FAMILIES))
        drawn = int(wanted * SPARE / 2) + 5
        units = [
            Unit(f"{name}-{target}-{start}", (name, target, start, min(start + UNIT_SIZE, drawn)))
            for name in FAMILIES
            for target in TARGETS
            for start in range(0, drawn, UNIT_SIZE)
        ]
        origin = own("npower", request.folder)
        return Preparation(
            origins=(origin,),
            assets={},
            documents={},
            units=units,
            images=(manifest.image,),
            limit=request.limit or wanted * len(FAMILIES),
            balance=Balance(),
            extra={
                "folder": request.folder,
                "seed": request.seed,
                "desk": Desk("npower", manifest.image, origin),
            },
        )

    def produce(self, preparation: Preparation, unit: Unit) -> Iterator[TaskSpec | Rejection]:
        """Draw studies of one design and target by their numbers, or take questions."""
        from taskkit.calculation.studies.study import VagueError, study, wordings

        desk = cast(Desk, preparation.extra["desk"])
        if unit.name.startswith(ROWS):
            yield from questions_to_tasks(preparation, desk, unit.payload)
            return
        name, target, start, end = cast(tuple[str, Target, int, int], unit.payload)
        wording = wordings(cast(Path, preparation.extra["folder"]))[name]
        for number in range(start, end):
            identity = f"{name}:{target}:{preparation.extra['seed']}:{number}"
            try:
                made = study(name, target, wording, Random(identity))
            except VagueError as error:
                yield Rejection(identity, "degenerate_answer", str(error))
            except DisputedError as error:
                yield Rejection(identity, "label_disagrees", str(error))
            except ValueError as error:
                yield Rejection(identity, "not_computable", str(error))
            else:
                yield made.task(desk, f"{name}-{target}", identity)

    def labels(self, source: Path) -> Iterator[Labelled]:
        """Recompute the answer of every question of a source."""
        require_scipy()
        from taskkit.calculation.studies.published import labelled, read_npower

        for asked in read_npower(source):
            yield unread(asked) if isinstance(asked, Rejection) else labelled(asked)

    def variants(self, folder: Path, category: str) -> Iterator[str]:
        """Give a family's program for some studies; each takes a tenth of a second to draw."""
        require_scipy()
        from taskkit.calculation.studies.study import study, wordings

        name, _, target = category.rpartition("-")
        wording = wordings(folder).get(name)
        if wording is None or target not in TARGETS:
            return
        for number in range(VARIANTS):
            with suppress(ValueError):
                chance = Random(f"variant:{category}:{number}")
                yield study(name, target, wording, chance).code


def require_scipy() -> None:
    """Refuse to go on without scipy.

    Raises:
        MissingError: it is not installed.
    """
    if find_spec("scipy") is None:
        raise MissingError("npower: scipy is not installed: need `pip install taskkit[stats]`")


def from_questions(request: Request, source: Path) -> Preparation:
    """Plan the questions of a source."""
    from taskkit.calculation.studies.published import labelled, read_npower

    manifest = Domain.read(request.folder).manifest
    every = list(read_npower(source))
    read = [one for one in every if not isinstance(one, Rejection)]
    table = Labels()
    found = []
    for number, one in enumerate(every, 1):
        label = unread(one) if isinstance(one, Rejection) else labelled(one)
        table.add(label)
        found += [] if isinstance(one, Rejection) else [(one, label)]
        request.progress("labels recomputed", number, len(every))
    told = "\n".join(f"{one.name} {one.text} {one.label}" for one in read)
    digest = hashlib.sha256(told.encode()).hexdigest()
    origin = Origin("N-PowerAI", "not stated", "credentialed", digest)
    options = cast(NpowerOptions, request.options)
    return Preparation(
        origins=(origin,),
        assets={},
        documents={},
        units=[
            Unit(f"{ROWS}{start}", found[start : start + UNIT_SIZE])
            for start in range(0, len(found), UNIT_SIZE)
        ],
        images=(manifest.image,),
        early=tuple(one for one in every if isinstance(one, Rejection)),
        published=table.published,
        extra={
            "folder": request.folder,
            "trust": options.trust_labels,
            "desk": Desk("npower", manifest.image, origin, manifest.citations[0]),
        },
    )


def questions_to_tasks(
    preparation: Preparation, desk: Desk, payload: object
) -> Iterator[TaskSpec | Rejection]:
    """Give the task of each question, or the rejection with both values and the cause."""
    from taskkit.calculation.studies import published
    from taskkit.calculation.studies.study import wordings

    texts = wordings(cast(Path, preparation.extra["folder"]))
    for asked, found in cast(list[tuple[published.Question, Labelled]], payload):
        try:
            agrees = found.status == "agrees"
            trusted = found.status == "disagrees" and preparation.extra["trust"]
            if not agrees and not trusted:
                yield found.rejection()
                continue
            plan = published.plan(asked)
            made = published.calculation(asked, plan, texts)
            if not agrees:
                label = int(asked.label) if asked.target == "size" else asked.label
                oracle = made.oracle.model_copy(update={"expected": label})
                made = replace(made, oracle=oracle, code=f"answer = {label!r}\n")
            yield made.task(
                desk,
                f"{plan.family}-{asked.target}",
                asked.name,
                content=asked.content,
                split=asked.split,
            )
        except DisputedError as error:
            yield Rejection(asked.name, "label_disagrees", str(error))
        except ValueError as error:
            yield Rejection(asked.name, "not_computable", str(error))
