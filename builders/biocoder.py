"""Biomedical software: functions of our own bank, or published programs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar, cast

from pydantic import BaseModel, Field

from taskkit.build.domain import Domain
from taskkit.build.draft import Desk, own
from taskkit.build.protocol import Balance, Preparation, Request, Unit
from taskkit.build.rejection import Rejection
from taskkit.code.bank_tasks import MARGIN, drawn
from taskkit.code.family import families
from taskkit.code.wording import matched, wordings
from taskkit.spec.base import Spec
from taskkit.spec.task import TaskSpec


class BiocoderOptions(Spec):
    """The choices of `taskkit build biocoder`."""

    per_family: int = Field(default=20, ge=1, le=1000)
    """Functions of each family at most, where no --count says how many in all."""


class BiocoderBuilder:
    """Builds functions with hidden calls."""

    Options: ClassVar[type[BaseModel]] = BiocoderOptions

    def prepare(self, request: Request) -> Preparation:
        """Plan a unit for each family."""
        manifest = Domain.read(request.folder).manifest
        bank = families()
        matched(bank, wordings(request.folder))
        options = cast(BiocoderOptions, request.options)
        wanted = options.per_family
        if request.limit is not None:
            wanted = -(-request.limit * MARGIN // (100 * len(bank)))
        origin = own("biocoder", request.folder)
        return Preparation(
            origins=(origin,),
            assets={},
            documents={},
            units=[Unit(name, (name, wanted)) for name in bank],
            images=(manifest.image,),
            limit=request.limit,
            balance=Balance(),
            extra={
                "folder": request.folder,
                "seed": request.seed,
                "desk": Desk("biocoder", manifest.image, origin),
            },
        )

    def produce(self, preparation: Preparation, unit: Unit) -> Iterator[TaskSpec | Rejection]:
        """Make the tasks of one family."""
        name, wanted = cast(tuple[str, int], unit.payload)
        extra = preparation.extra
        wording = wordings(cast(Path, extra["folder"]))[name]
        desk = cast(Desk, extra["desk"])
        yield from drawn(families()[name], wording, desk, wanted, cast(int, extra["seed"]))
