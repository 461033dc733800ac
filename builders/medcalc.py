"""Medical calculations from notes: our own generator, or a user's MedCalc-Bench files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import ClassVar, cast

from pydantic import BaseModel, Field

from taskkit.build.calculated import Desk, own
from taskkit.build.domain import Domain
from taskkit.build.protocol import Balance, Preparation, Request, Unit
from taskkit.calculators.catalogue import BY_NAME, ENTRIES
from taskkit.notes.lexicon import lexicon
from taskkit.notes.medcalc import NoteError, exercise
from taskkit.questions.calculation import DisputedError
from taskkit.questions.question import Rejection
from taskkit.spec.base import Spec
from taskkit.spec.task import TaskSpec

SPARE = 1.15  # of what is drawn over what is wanted, for what balance and checks take
UNIT_SIZE = 25  # exercises


class MedcalcOptions(Spec):
    """The choices of `taskkit build medcalc`."""

    per_calculator: int = Field(default=200, ge=1, le=100_000)
    """Exercises of each calculator, where no --limit says how many in all."""
    trust_labels: bool = False
    """Keep rows of a source whose labels are not what the published formula gives."""


class MedcalcBuilder:
    """Builds exercises of the 55 calculators."""

    Options: ClassVar[type[BaseModel]] = MedcalcOptions
    name: ClassVar[str] = "medcalc"

    def prepare(self, request: Request) -> Preparation:
        """Plan the draws."""
        options = cast(MedcalcOptions, request.options)
        lexicon(request.folder)
        wanted = options.per_calculator
        if request.limit is not None:
            wanted = -(-request.limit // len(ENTRIES))
        drawn = int(wanted * SPARE) + 5
        units = [
            Unit(f"{one.name}-{start}", (one.name, start, min(start + UNIT_SIZE, drawn)))
            for one in ENTRIES
            for start in range(0, drawn, UNIT_SIZE)
        ]
        manifest = Domain.read(request.folder).manifest
        origin = own("medcalc", request.folder)
        return Preparation(
            origins=(origin,),
            assets={},
            documents={},
            units=units,
            images=(manifest.image,),
            limit=request.limit or wanted * len(ENTRIES),
            balance=Balance(),
            extra={
                "folder": request.folder,
                "seed": request.seed,
                "desk": Desk("medcalc", manifest.image, origin),
            },
        )

    def produce(self, preparation: Preparation, unit: Unit) -> Iterator[TaskSpec | Rejection]:
        """Draw the exercises of one calculator, from a first number to a last."""
        name, start, end = cast(tuple[str, int, int], unit.payload)
        seed = cast(int, preparation.extra["seed"])
        desk = cast(Desk, preparation.extra["desk"])
        words = lexicon(cast(Path, preparation.extra["folder"]))
        calculator = BY_NAME[name]
        for number in range(start, end):
            identity = f"{name}:{seed}:{number}"
            try:
                made = exercise(calculator, words, Random(identity))
            except NoteError as error:
                yield Rejection(identity, "unreadable_note", str(error))
            except DisputedError as error:
                yield Rejection(identity, "label_disagrees", str(error))
            except ValueError as error:
                yield Rejection(identity, "not_computable", str(error))
            else:
                yield desk.task(made, name, identity)
