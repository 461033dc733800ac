"""Biomedical software: functions of our own bank, or published programs."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, ClassVar, cast

from pydantic import BaseModel, Field

from taskkit.build.counting import counts
from taskkit.build.domain import Domain
from taskkit.build.draft import Desk, own
from taskkit.build.origin import Origin
from taskkit.build.protocol import Balance, Preparation, Request, Unit
from taskkit.build.rejection import Rejection
from taskkit.code.bank_tasks import MARGIN, drawn
from taskkit.code.family import families
from taskkit.code.proving import IMAGE, proved
from taskkit.code.published import STATED, Row, Unreadable, read_rows
from taskkit.code.wording import matched, wordings
from taskkit.spec.base import Spec
from taskkit.spec.task import TaskSpec

UNIT_SIZE = 16  # rows that share their sandboxes


class BiocoderOptions(Spec):
    """The choices of `taskkit build biocoder`."""

    per_family: Annotated[int, counts("embedded", drawn=True)] = Field(default=20, ge=1, le=1000)
    """Functions of each family at most, where no --count says how many in all."""


class BiocoderBuilder:
    """Builds functions with hidden calls."""

    Options: ClassVar[type[BaseModel]] = BiocoderOptions

    def prepare(self, request: Request) -> Preparation:
        """Plan a unit for each family, or for some rows of a source."""
        if request.source is not None:
            return from_rows(request, request.source)
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
        """Make the tasks of one family, or of some rows."""
        extra = preparation.extra
        desk = cast(Desk, extra["desk"])
        if "folder" not in extra:
            yield from proved(cast(Sequence[Row | Unreadable], unit.payload), desk)
            return
        name, wanted = cast(tuple[str, int], unit.payload)
        wording = wordings(cast(Path, extra["folder"]))[name]
        yield from drawn(families()[name], wording, desk, wanted, cast(int, extra["seed"]))


def from_rows(request: Request, source: Path) -> Preparation:
    """Plan the rows of a file of BioCoder's."""
    rows = list(read_rows(source))
    manifest = Domain.read(request.folder).manifest
    digest = hashlib.sha256(source.read_bytes()).hexdigest()
    origin = Origin("BioCoder", STATED, "open", digest)
    starts = range(0, len(rows), UNIT_SIZE)
    return Preparation(
        origins=(origin,),
        assets={},
        documents={},
        units=[Unit(f"rows-{start}", rows[start : start + UNIT_SIZE]) for start in starts],
        images=(IMAGE,),
        limit=request.limit,
        extra={"desk": Desk("biocoder", IMAGE, origin, manifest.citations[0])},
    )
