"""Sample size and power: studies of our own, or a user's N-PowerAI files."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from random import Random
from typing import ClassVar, Literal, cast

from pydantic import BaseModel, Field

from taskkit.build.calculated import Desk, own
from taskkit.build.domain import Domain
from taskkit.build.protocol import Balance, Preparation, Request, Unit
from taskkit.errors import MissingError
from taskkit.questions.calculation import DisputedError
from taskkit.questions.question import Rejection
from taskkit.spec.base import Spec
from taskkit.spec.task import TaskSpec

SPARE = 1.5  # of what is drawn over what is wanted: some studies turn on the last digits
UNIT_SIZE = 10  # studies
Target = Literal["size", "power"]
TARGETS: tuple[Target, ...] = ("size", "power")


class NpowerOptions(Spec):
    """The choices of `taskkit build npower`."""

    per_family: int = Field(default=70, ge=2, le=100_000)
    """Studies of each design, where no --limit says how many in all."""
    trust_labels: bool = False
    """Keep questions of a source whose answers are not what they ask for."""


class NpowerBuilder:
    """Builds questions on 18 designs of studies."""

    Options: ClassVar[type[BaseModel]] = NpowerOptions

    def prepare(self, request: Request) -> Preparation:
        """Plan the draws."""
        if find_spec("scipy") is None:
            raise MissingError("npower: scipy is not installed: need `pip install taskkit[stats]`")
        from taskkit.studies.families import FAMILIES

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
        """Draw the studies of one design and target, from a first number to a last."""
        from taskkit.studies.study import VagueError, study, wordings

        name, target, start, end = cast(tuple[str, Target, int, int], unit.payload)
        desk = cast(Desk, preparation.extra["desk"])
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
                yield desk.task(made, f"{name}-{target}", identity)
