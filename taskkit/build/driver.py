"""Run a build: prepare, produce, choose, write, and account for every record."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import BaseModel

from taskkit import __version__
from taskkit.build.balance import choose
from taskkit.build.checking import check_portable, check_preparation, check_rejection
from taskkit.build.counting import Situated, require_counted, situations
from taskkit.build.domain import Domain, blamed
from taskkit.build.origin import Progress, silent
from taskkit.build.production import Product, produce
from taskkit.build.protocol import Balance, Builder, Preparation, Request
from taskkit.build.published_file import require_regular
from taskkit.build.rejection import Rejection
from taskkit.errors import SourceError, SpecError, UsageError
from taskkit.spec.image import image_folder
from taskkit.spec.manifest import TASKSET_SCHEMA, Counts, Records, Source, TasksetManifest
from taskkit.spec.quarantine import QuarantineLine
from taskkit.taskset.writer import TasksetWriter

TASKS, PREPARE = "tasks", "prepare"
CHANCES = 5  # records that a unit had, before it is told that no task came of it
BARREN_SHOWN = 5  # such units that are told
REASONS_SHOWN, SHOWN = 3, 200  # reasons for an empty set that its error tells, and characters
PLENTY = {"surplus", "unbalanced", "duplicate", "not_proved"}  # reasons that tell of the set alone
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
    address: str | None = None
    """A server's, where that is the source."""
    without: frozenset[str] = frozenset()
    """Source records that are put aside as `not_proved`: others are drawn in their place."""
    only: frozenset[str] | None = None
    """Ids of the tasks that may be in the set; any where not given."""
    force: bool = False
    """Replace a set though files of it were changed by hand."""


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
    given: bool = False
    """The records were given, not drawn: each was to become a task."""

    @property
    def sound(self) -> bool:
        """There are tasks, and no record that was given was put aside for a fault of its own."""
        faults = self.rejected.keys() - PLENTY if self.given else ()
        return bool(self.counts.total) and not faults

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

    def __init__(self, writer: TasksetWriter, order: Order) -> None:
        self._writer = writer
        self._without, self._only = order.without, order.only
        self._products: dict[str, Product] = {}
        self._asked: set[str] = set()
        self.read = 0
        self.examples: dict[str, Rejection] = {}
        """The first rejection of each code."""
        self.barren: list[str] = []
        """Units of which no task came, each with the reason."""

    def take(self, results: Iterable[Product | Rejection]) -> None:
        """Write what can be written, and quarantine the rest."""
        for one in results:
            self.read += 1
            if isinstance(one, Rejection):
                self._reject(one)
            elif one.record in self._without:
                self._reject(Rejection(one.record, "not_proved", "an earlier set had it"))
            elif self._only is not None and one.id not in self._only:
                self._reject(Rejection(one.record, "surplus", "not among those that are proved"))
            elif one.id in self._products and self._products[one.id].instruction != one.instruction:
                other = self._products[one.id].record
                raise SpecError(
                    f"task {one.id!r}: both record {other!r} and record {one.record!r} have this"
                    " id: need one made of the record's content"
                )
            elif one.id in self._products or one.instruction in self._asked:
                self._reject(Rejection(one.record, "duplicate", "asks what another task asks"))
            else:
                self._asked.add(one.instruction)
                self._writer.write(one.document, one.split, one.category, one.id)
                self._products[one.id] = replace(one, document=b"")

    def _reject(self, rejection: Rejection) -> None:
        self.examples.setdefault(rejection.code, rejection)
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
        for made in [one for one in self._products.values() if one.id not in kept]:
            self._writer.remove(made.split, made.category, made.id)
            del self._products[made.id]
            if full:
                self._reject(Rejection(made.record, "surplus", "there are enough without it"))
            else:
                self._reject(Rejection(made.record, "unbalanced", "its answer is too common"))

    def _chosen(self, balance: Balance | None, limit: int | None) -> set[str]:
        if balance is None and limit is None:
            return set(self._products)
        candidates = (one.candidate for one in self._products.values())
        return {one.id for one in choose(candidates, balance or AS_GIVEN, limit)}


def run(order: Order) -> Built:
    """Build a taskset; the folder is replaced whole at the end, or not at all.

    Raises:
        TaskkitError: the source, the questions or the choices cannot be used.
    """
    begun = time.perf_counter()
    builder = order.domain.builder()
    with TasksetWriter(order.out, force=order.force) as writer:
        preparation = _prepared(order, builder, writer.workdir)
        ledger = _Ledger(writer, order)
        _make(order, preparation, ledger)
        _furnish(preparation, writer)
        built = Built(
            order.out,
            ledger.read,
            writer.counts,
            writer.rejected,
            given=preparation.balance is None,
        )
        kept = built.given and built.read and set(built.rejected) != {"malformed_record"}
        if not built.counts.total and (not kept or _has_tasks(order.out)):
            raise SourceError(_nothing(order, built, ledger.examples, len(preparation.units)))
        writer.finish(_manifest(order, preparation, writer, built))
    notes = [*preparation.left_out, *preparation.notes, *ledger.barren[:BARREN_SHOWN]]
    if len(ledger.barren) > BARREN_SHOWN:
        notes.append(f"{len(ledger.barren) - BARREN_SHOWN:,} more units gave no task")
    if order.limit and built.counts.total < order.limit:
        notes.append(_short(order.limit, built, preparation))
    return replace(built, notes=tuple(notes), seconds=time.perf_counter() - begun)


def _prepared(order: Order, builder: Builder, workdir: Path) -> Preparation:
    """Have the builder prepare, and check what it gives."""
    name = order.domain.manifest.name
    where = f"domain {name}: prepare"
    if order.questions is not None and not getattr(builder, "takes_questions", False):
        raise UsageError(
            f"--questions {order.questions}: domain {name} takes none: give its records as --source"
        )
    if order.address is not None and not getattr(builder, "takes_addresses", False):
        raise UsageError(f"--source {order.address}: domain {name} reads no server: need a folder")
    for given in (order.source, order.questions):
        if given is not None:
            require_regular(given)
    request = _request(order, workdir)
    decide = builder.situations if isinstance(builder, Situated) else situations
    require_counted(request, decide(request))
    order.progress(PREPARE, 0, None)
    with blamed(where, order.domain.folder):
        made = check_preparation(builder.prepare(request), where)
        for one in made.early:
            check_rejection(one, where, order.domain.codes)
        if not order.domain.shipped:
            check_portable(made, where)
            order.domain.probes()
    return made


def _nothing(order: Order, built: Built, examples: Mapping[str, Rejection], units: int) -> str:
    """Say that nothing was made, and why; what stood in the folder before stays."""
    commonest = sorted(built.rejected.items(), key=lambda pair: (-pair[1], pair[0]))
    reasons = "; ".join(
        f"{count:,} {code}, such as {examples[code].record!r}: {examples[code].detail:.{SHOWN}}"
        for code, count in commonest[:REASONS_SHOWN]
    )
    why = reasons or (f"{units:,} units gave nothing" if units else "nothing was read")
    what = f"{built.read:,} records, no task ({why})"
    where = order.questions or order.source or order.address or order.domain.folder
    name = order.domain.manifest.name
    return f"{where}: {what}: {order.out} stays as it was: need records of {name}"


def _has_tasks(out: Path) -> bool:
    return next(out.glob(f"{TASKS}/*/*/*.yaml"), None) is not None


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
        address=order.address,
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
    made = produce(order.domain, preparation, order.jobs)
    for number, (unit, results) in enumerate(zip(preparation.units, made, strict=True), 1):
        ledger.take(results)
        if barren := _barren(results):
            ledger.barren.append(f"{unit.name}: {barren}")
        order.progress(TASKS, number, total)
    ledger.cut(preparation.balance, preparation.limit or order.limit)


def _barren(results: Sequence[Product | Rejection]) -> str:
    """Say why no task came of a unit that had its chances; empty where one did."""
    rejected = [one for one in results if isinstance(one, Rejection)]
    if len(rejected) < max(len(results), CHANCES):
        return ""
    code, count = Counter(one.code for one in rejected).most_common(1)[0]
    first = next(one for one in rejected if one.code == code)
    return (
        f"no task of {len(rejected):,} records: {count:,} {code}, such as {first.detail:.{SHOWN}}"
    )


def _furnish(preparation: Preparation, writer: TasksetWriter) -> None:
    for name, path in preparation.assets.items():
        writer.add_asset(name, path, rows=preparation.rows.get(name, {}))
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
            Source(
                name=one.name,
                licence=one.licence,
                access=one.access,
                sha256=one.sha256,
                rows=dict(sorted(one.rows.items())),
            )
            for one in preparation.origins
        ),
        counts=built.counts,
        records=Records(read=built.read, rejected=built.rejected),
        published=preparation.published,
        left_out=preparation.left_out,
        images=writer.images,
        assets=writer.assets,
        context=writer.documents,
    )
