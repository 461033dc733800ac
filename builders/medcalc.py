"""Medical calculations from notes: our own generator, or a user's MedCalc-Bench files."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path
from random import Random
from typing import Annotated, ClassVar, cast

from pydantic import BaseModel, Field

from taskkit.build.counting import counts
from taskkit.build.domain import Domain
from taskkit.build.draft import Desk, own
from taskkit.build.echo import echoed
from taskkit.build.labels import Labelled, Labels, unread
from taskkit.build.origin import Origin
from taskkit.build.protocol import Balance, Preparation, Request, Unit
from taskkit.build.rejection import Rejection
from taskkit.calculation.calculation import DisputedError
from taskkit.calculation.calculators.catalogue import BY_NAME, CATALOGUE, ENTRIES
from taskkit.calculation.calculators.medcalc.audit import audit
from taskkit.calculation.published import MedcalcRow, files, read_medcalc
from taskkit.errors import SourceError
from taskkit.notes.calculation.lexicon import lexicon
from taskkit.notes.calculation.medcalc import NoteError, exercise
from taskkit.notes.calculation.program import program
from taskkit.notes.calculation.published import labelled, published
from taskkit.notes.calculation.sampling import draw
from taskkit.spec.base import Spec
from taskkit.spec.task import TaskSpec
from taskkit.taskset.digest import file_sha256

SPARE = 1.15  # of what is drawn over what is wanted, for what balance and checks take
UNIT_SIZE = 25  # exercises
ROWS = 50  # of a source in a unit
VARIANT = "variant"  # seed of what the audit draws, which no build uses
PUBLISHED = "MedCalc-Bench"
PUBLISHED_LICENCE = "CC-BY-SA-4.0"


class MedcalcOptions(Spec):
    """The choices of `taskkit build medcalc`."""

    per_calculator: Annotated[int, counts("embedded", drawn=True)] = Field(
        default=200, ge=1, le=100_000
    )
    """Exercises of each calculator, where no --limit says how many in all."""
    trust_labels: Annotated[bool, counts("file", "folder")] = False
    """Keep rows of a source whose labels are not what the published formula gives."""


class MedcalcBuilder:
    """Builds exercises of the 55 calculators."""

    Options: ClassVar[type[BaseModel]] = MedcalcOptions
    name: ClassVar[str] = "medcalc"

    def prepare(self, request: Request) -> Preparation:
        """Plan the draws, or audit a source's rows and plan those that stand."""
        if request.source is not None:
            return from_rows(request, request.source)
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
        """Draw the exercises of one calculator from a first number to a last, or take rows."""
        if isinstance(unit.payload, list):
            yield from rows_to_tasks(preparation, unit.payload)
            return
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
                if echoed(made.expected, made.text.lower()):
                    detail = f"{made.expected!r} stands in the note"
                    yield Rejection(identity, "answer_in_question", detail)
                else:
                    yield made.task(desk, name, identity)

    def labels(self, source: Path) -> Iterator[Labelled]:
        """Recompute the label of every row of a source."""
        for row in read_medcalc(source):
            if isinstance(row, Rejection):
                yield unread(row)
            else:
                yield labelled(row, audit(row.calculator, row.entities, row.label))

    def variants(self, folder: Path, category: str) -> Iterator[str]:
        """Give a calculator's program for one patient after another; none of an unknown one."""
        calculator, words = BY_NAME.get(category), lexicon(folder)
        if calculator is None:
            return
        for number in count():
            patient = draw(calculator, words, Random(f"{VARIANT}:{category}:{number}"))
            with suppress(ValueError):
                calculator.compute(patient.inputs())
                yield program(patient, words.programs[category])


def from_rows(request: Request, source: Path) -> Preparation:
    """Audit the labels of a source; those that cannot be trusted are rejected here."""
    options = cast(MedcalcOptions, request.options)
    lexicon(request.folder)
    manifest = Domain.read(request.folder).manifest
    early: list[Rejection] = []
    kept: list[tuple[MedcalcRow, bool]] = []
    table = Labels()
    for number, row in enumerate(read_medcalc(source), 1):
        if isinstance(row, Rejection):
            early.append(row)
            table.add(unread(row))
            continue
        found = labelled(row, audit(row.calculator, row.entities, row.label))
        table.add(found)
        if found.status == "agrees":
            kept.append((row, True))
        elif options.trust_labels and found.label:
            kept.append((row, False))
        else:
            early.append(found.rejection())
        request.progress("labels recomputed", number, None)
    if not early and not kept:
        raise SourceError(f"{source}: no rows below the header: need MedCalc-Bench's records")
    origin = Origin(PUBLISHED, PUBLISHED_LICENCE, "open", files_sum(source))
    citation = manifest.citations[0]
    return Preparation(
        origins=(origin,),
        assets={},
        documents={},
        units=[Unit(str(start), kept[start : start + ROWS]) for start in range(0, len(kept), ROWS)],
        images=(manifest.image,),
        early=tuple(early),
        notes=tuple(told(table)),
        published=table.published,
        extra={
            "folder": request.folder,
            "desk": Desk("medcalc", manifest.image, origin, citation),
        },
    )


def rows_to_tasks(
    preparation: Preparation, rows: list[tuple[MedcalcRow, bool]]
) -> Iterator[TaskSpec | Rejection]:
    """Give the tasks of audited rows."""
    desk = cast(Desk, preparation.extra["desk"])
    words = lexicon(cast(Path, preparation.extra["folder"]))
    for row, agrees in rows:
        name = CATALOGUE[row.calculator].name
        try:
            made = published(row, words, agrees=agrees)
        except DisputedError as error:
            yield Rejection(row.name, "label_disagrees", str(error))
        except ValueError as error:
            yield Rejection(row.name, "not_computable", str(error))
        else:
            yield made.task(desk, name, row.name, content=row.content, split=row.split)


def told(table: Labels) -> Iterator[str]:
    """Say how many labels agree, in all and by calculator where some do not."""
    total = table.total
    yield (
        f"labels recomputed: {total['agrees']:,} agree, {total['disagrees']:,} disagree,"
        f" {total['not_computable']:,} cannot be computed"
    )
    yield "no note was read: the values are those that the publisher's records list"
    for category, records, agree, *_ in table.rows():
        if agree < records:
            yield f"{category}: {records - agree} of {records} labels do not stand"


def files_sum(source: Path) -> str:
    """Give the digest of the files that were read, in their order."""
    total = hashlib.sha256()
    for path in files(source):
        total.update(bytes.fromhex(file_sha256(path)))
    return total.hexdigest()
