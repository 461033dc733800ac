"""Medical calculations from notes: our own generator, or a user's MedCalc-Bench files."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from random import Random
from typing import ClassVar, cast

from pydantic import BaseModel, Field, JsonValue

from taskkit import __version__
from taskkit.build.domain import Domain
from taskkit.build.protocol import Balance, Preparation, Request, Unit
from taskkit.calculators.catalogue import BY_NAME, ENTRIES
from taskkit.notes.lexicon import lexicon
from taskkit.notes.medcalc import DisputedError, Exercise, NoteError, exercise, record
from taskkit.questions.question import Rejection
from taskkit.sources.origin import Origin
from taskkit.spec.action import CodeExecution
from taskkit.spec.base import Spec
from taskkit.spec.environment import Environment
from taskkit.spec.oracle import ExactOracle
from taskkit.spec.provenance import Provenance
from taskkit.spec.task import TASK_SCHEMA, Reference, Split, TaskSpec
from taskkit.spec.wording import describe

LICENCE = "CC0-1.0"
SPARE = 1.15  # of what is drawn over what is wanted, for what balance and checks take
UNIT_SIZE = 25  # exercises
SPLITS: tuple[tuple[float, Split], ...] = ((0.8, "train"), (0.9, "valid"), (1.0, "test"))


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
        return Preparation(
            origins=(
                Origin(
                    f"taskkit medcalc {__version__}", LICENCE, "open", folder_sum(request.folder)
                ),
            ),
            assets={},
            documents={},
            units=units,
            images=(manifest.image,),
            limit=request.limit or wanted * len(ENTRIES),
            balance=Balance(),
            extra={"folder": request.folder, "seed": request.seed, "image": manifest.image},
        )

    def produce(self, preparation: Preparation, unit: Unit) -> Iterator[TaskSpec | Rejection]:
        """Draw the exercises of one calculator, from a first number to a last."""
        name, start, end = cast(tuple[str, int, int], unit.payload)
        seed = cast(int, preparation.extra["seed"])
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
                source = record(calculator, number, seed)
                yield task(made, identity, source, str(preparation.extra["image"]))


def task(made: Exercise, identity: str, source: Mapping[str, JsonValue], image: str) -> TaskSpec:
    """Give the task of an exercise."""
    digest = hashlib.sha256(json.dumps(source, sort_keys=True).encode()).hexdigest()
    key = hashlib.sha256(f"medcalc\0{identity}\0{made.text}".encode()).hexdigest()
    step = CodeExecution(action="code_execution", language="python", code=made.code, submit=True)
    return TaskSpec(
        schema_version=TASK_SCHEMA,
        id=f"medcalc-{key[:16]}",
        domain="medcalc",
        category=made.calculator.name,
        split=split(key),
        instruction=f"{made.text}\n\n{describe(made.answer)}",
        answer=made.answer,
        environment=Environment(image=image),
        oracle=ExactOracle(kind="exact", expected=made.expected, tolerance=made.tolerance),
        reference=Reference(steps=(step,)),
        provenance=Provenance(
            source=f"taskkit medcalc {__version__}",
            record=identity,
            record_sha256=digest,
            licence=LICENCE,
            access="open",
            builder=f"medcalc {__version__}",
        ),
    )


def split(key: str) -> Split:
    """Give the part of the set that a digest falls into."""
    place = int(key[-8:], 16) / 0x1_0000_0000
    return next(name for share, name in SPLITS if place < share)


def folder_sum(folder: Path) -> str:
    """Give the digest of all that a domain's folder says, by name."""
    total = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix in (".yaml", ".py"):
            total.update(path.relative_to(folder).as_posix().encode())
            total.update(path.read_bytes())
    return total.hexdigest()
