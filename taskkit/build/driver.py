"""Run a build: prepare, produce, choose, write, and account for every record."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import BaseModel

from taskkit import __version__
from taskkit.build.balance import choose
from taskkit.build.domain import Domain
from taskkit.build.origin import Progress, silent
from taskkit.build.production import Made, produce
from taskkit.build.protocol import Balance, Preparation, Request
from taskkit.build.rejection import Rejection
from taskkit.spec.image import image_folder
from taskkit.spec.manifest import TASKSET_SCHEMA, Counts, Records, Source, TasksetManifest
from taskkit.spec.quarantine import QuarantineLine
from taskkit.taskset.writer import TasksetWriter

TASKS = "tasks"
AS_GIVEN = Balance(1.0, 1.0)  # of records that are given and not drawn: spread, no answer too many


@dataclass(frozen=True)
class Order:
    """What is to be built, and where."""

    domain: Domain
    options: BaseModel
    out: Path
    source: Path | None = None
    questions: Path | None = None
    seed: int = 0
    limit: int | None = None
    jobs: int = 1
    progress: Progress = silent


@dataclass(frozen=True)
class Built:
    """What a build made."""

    out: Path
    read: int
    """Records read: tasks and rejections together."""
    counts: Counts
    rejected: dict[str, int]
    notes: tuple[str, ...] = ()
    seconds: float = 0.0

    def as_json(self) -> dict[str, object]:
        """Give it as plain values."""
        return {
            "out": str(self.out),
            "read": self.read,
            "tasks": self.counts.model_dump(),
            "rejected": self.rejected,
            "notes": self.notes,
            "seconds": round(self.seconds, 3),
        }


class _Ledger:
    """Writes what is made, and keeps what choosing and counting need."""

    def __init__(self, writer: TasksetWriter) -> None:
        self._writer = writer
        self._made: dict[str, Made] = {}
        self._asked: set[str] = set()
        self.read = 0

    def take(self, results: Iterable[Made | Rejection]) -> None:
        """Write what can be written, and quarantine the rest."""
        for one in results:
            self.read += 1
            if isinstance(one, Rejection):
                self._reject(one)
            elif one.id in self._made or one.instruction in self._asked:
                self._reject(Rejection(one.record, "duplicate", "asks what another task asks"))
            else:
                self._asked.add(one.instruction)
                self._writer.write(one.document, one.split, one.category, one.id)
                self._made[one.id] = replace(one, document=b"")

    def _reject(self, rejection: Rejection) -> None:
        line = QuarantineLine(
            code=rejection.code,
            record=rejection.record,
            detail=rejection.detail,
            evidence=None if rejection.evidence is None else dict(rejection.evidence),
        )
        self._writer.quarantine(line)

    def cut(self, balance: Balance | None, limit: int | None) -> None:
        """Take out what the balance or the limit does not allow."""
        kept = self._chosen(balance, limit)
        full = limit is not None and len(kept) >= limit
        for made in [one for one in self._made.values() if one.id not in kept]:
            self._writer.remove(made.split, made.category, made.id)
            del self._made[made.id]
            if full:
                self._reject(Rejection(made.record, "surplus", "there are enough without it"))
            else:
                self._reject(Rejection(made.record, "unbalanced", "its answer is too common"))

    def _chosen(self, balance: Balance | None, limit: int | None) -> set[str]:
        if balance is None and limit is None:
            return set(self._made)
        candidates = (one.candidate for one in self._made.values())
        return {one.id for one in choose(candidates, balance or AS_GIVEN, limit)}


def run(order: Order) -> Built:
    """Build a taskset; the folder is replaced whole at the end, or not at all.

    Raises:
        TaskkitError: the source, the questions or the choices cannot be used.
    """
    begun = time.perf_counter()
    builder = order.domain.builder()
    with TasksetWriter(order.out) as writer:
        preparation = builder.prepare(_request(order, writer.workdir))
        ledger = _Ledger(writer)
        _make(order, preparation, ledger)
        _furnish(preparation, writer)
        built = Built(order.out, ledger.read, writer.counts, writer.rejected)
        writer.finish(_manifest(order, preparation, writer, built))
    notes = list(preparation.notes)
    if order.limit and built.counts.total < order.limit:
        notes.append(_short(order.limit, built, preparation))
    return replace(built, notes=tuple(notes), seconds=time.perf_counter() - begun)


def _short(wanted: int, built: Built, preparation: Preparation) -> str:
    """Say why there are fewer tasks than were asked for."""
    made = f"{wanted:,} tasks asked for, {built.counts.total:,} made"
    if preparation.exhausted:
        return f"{made}: the source is exhausted: need a larger one, such as more --patients"
    if preparation.balance:
        return f"{made}: too many of the others have the same answers: need a larger source"
    return f"{made}: there are no more records"


def _request(order: Order, workdir: Path) -> Request:
    return Request(
        folder=order.domain.folder,
        options=order.options,
        workdir=workdir,
        source=order.source,
        questions=order.questions,
        seed=order.seed,
        limit=order.limit,
        jobs=order.jobs,
        progress=order.progress,
    )


def _make(order: Order, preparation: Preparation, ledger: _Ledger) -> None:
    ledger.take(preparation.early)
    total = len(preparation.units)
    order.progress(TASKS, 0, total)
    for number, results in enumerate(produce(order.domain, preparation, order.jobs), 1):
        ledger.take(results)
        order.progress(TASKS, number, total)
    ledger.cut(preparation.balance, preparation.limit or order.limit)


def _furnish(preparation: Preparation, writer: TasksetWriter) -> None:
    for name, path in preparation.assets.items():
        writer.add_asset(name, path)
    for title, text in preparation.documents.items():
        writer.add_document(title, text)
    for image in preparation.images:
        writer.add_image(image, image_folder(image))


def _manifest(
    order: Order, preparation: Preparation, writer: TasksetWriter, built: Built
) -> TasksetManifest:
    return TasksetManifest(
        schema_version=TASKSET_SCHEMA,
        domain=order.domain.manifest.name,
        taskkit=__version__,
        builder=f"{order.domain.manifest.name} {__version__}",
        seed=order.seed,
        options=order.options.model_dump(mode="json"),
        sources=tuple(
            Source(name=one.name, licence=one.licence, access=one.access, sha256=one.sha256)
            for one in preparation.origins
        ),
        counts=built.counts,
        records=Records(read=built.read, rejected=built.rejected),
        images=writer.images,
        assets=writer.assets,
        context=writer.documents,
    )
