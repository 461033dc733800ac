"""Work on a FHIR server: look-ups, decisions, orders and corrections in a hospital's records."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Set
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Annotated, ClassVar, cast

from pydantic import BaseModel, Field

from taskkit.build.counting import Situation, counts, situations
from taskkit.build.domain import Domain
from taskkit.build.draft import Desk, own
from taskkit.build.origin import Origin
from taskkit.build.protocol import Balance, Preparation, Request, Unit
from taskkit.build.rejection import Rejection
from taskkit.ehr.releases.mimic.options import MimicIvOptions
from taskkit.ehr.releases.mimic_iv.tables import build_mimic_iv
from taskkit.errors import UsageError
from taskkit.fhir import published
from taskkit.fhir.bank.making import STORE, Site, questions
from taskkit.fhir.bank.question import BANK
from taskkit.fhir.export.files import is_export
from taskkit.fhir.export.planning import PREFIX, SPARE, planned
from taskkit.fhir.export.planning import tasks as from_export
from taskkit.fhir.export.snapshot import snapshot
from taskkit.fhir.export.source import load
from taskkit.fhir.medagentbench.files import TASKS, Record, is_folder, read
from taskkit.fhir.medagentbench.history import NOW as BENCH_NOW
from taskkit.fhir.medagentbench.making import CITATION, FUNCTIONS, Bench, resources, tasks
from taskkit.fhir.medagentbench.making import STORE as BENCH_STORE
from taskkit.fhir.mimic_iv import resources as from_rows
from taskkit.fhir.moment import interval
from taskkit.fhir.schema import write
from taskkit.fhir.synthetic.population import population
from taskkit.fhir.synthetic.record import TODAY
from taskkit.spec.base import Spec
from taskkit.spec.task import TaskSpec
from taskkit.sql.questions.ehrsql_2024 import read_ehrsql_2024
from taskkit.sqlite import connect
from taskkit.taskset.digest import file_sha256

UNIT_SIZE = 12  # questions
RECORDS, PUBLISHED = "records-", "published-"


class FhirOptions(Spec):
    """The choices of `taskkit build fhir`."""

    per_template: Annotated[int, counts("embedded", "folder", "address", drawn=True)] = Field(
        default=20, ge=2, le=10_000
    )
    """Questions of each template, where no --count says how many in all."""
    patients: Annotated[int, counts("embedded")] = Field(default=120, ge=20, le=5_000)
    """Patients of the embedded hospital."""
    now: Annotated[str, counts("folder", "address")] = ""
    """Of an export or a server: the time of the episodes; the export's own where not given."""
    renumber: Annotated[bool, counts("folder", "address")] = False
    """Of an export or a server: give every resource another id."""
    refresh: Annotated[bool, counts("address")] = False
    """Of a server: take its snapshot anew."""
    most_resources: Annotated[int, counts("address")] = Field(default=1_000_000, ge=1)
    """Of a server: resources at most."""


class FhirBuilder:
    """Builds questions on a FHIR server from a bank of templates."""

    Options: ClassVar[type[BaseModel]] = FhirOptions
    takes_questions: ClassVar[bool] = True
    takes_addresses: ClassVar[bool] = True

    def situations(self, request: Request) -> Set[Situation]:
        """Give what is read: of published questions and tasks nothing can be chosen."""
        if request.questions is not None:
            return {"questions"}
        if request.source is not None and is_folder(request.source):
            return {"published"}
        return situations(request)

    def prepare(self, request: Request) -> Preparation:
        """Write the store, and plan the draws.

        Raises:
            UsageError: there are questions without the tables that answer them.
        """
        if request.questions is not None and request.source is None:
            raise UsageError(
                f"fhir: --questions {request.questions}: need --source too: the folder of "
                "MIMIC-IV's tables that answer them"
            )
        if request.address is not None:
            return from_server(request, request.address)
        if request.source is not None:
            return from_source(request, request.source)
        options = cast(FhirOptions, request.options)
        manifest = Domain.read(request.folder).manifest
        wanted = options.per_template
        if request.limit is not None:
            wanted = -(-request.limit // len(BANK))
        store = request.workdir / STORE
        resources = population(options.patients, seed=request.seed)
        write(store, resources, updated=interval(TODAY.isoformat())[0])
        drawn = {name: draws(wanted, decides=one.decides) for name, one in BANK.items()}
        units = [
            Unit(f"{name}-{start}", (name, start, min(start + UNIT_SIZE, count)))
            for name, count in drawn.items()
            for start in range(0, count, UNIT_SIZE)
        ]
        desk = Desk("fhir", manifest.image, own("fhir", request.folder), manifest.citations[0])
        return Preparation(
            origins=(desk.origin,),
            assets={STORE: store},
            documents={},
            units=units,
            images=(manifest.image,),
            limit=request.limit or wanted * len(BANK),
            balance=Balance(),
            extra={
                "site": Site(desk, request.folder, store, file_sha256(store), TODAY, request.seed)
            },
        )

    def produce(self, preparation: Preparation, unit: Unit) -> Iterator[TaskSpec | Rejection]:
        """Draw questions of one template by their numbers."""
        if unit.name.startswith(RECORDS):
            yield from tasks(*cast(tuple[Bench, list[Record]], unit.payload))
            return
        if unit.name.startswith(PUBLISHED):
            yield from published.tasks(
                *cast(tuple[published.Tables, list[published.Asking]], unit.payload)
            )
            return
        name, start, end = cast(tuple[str, int, int], unit.payload)
        if unit.name.startswith(PREFIX):
            yield from from_export(cast(Site, preparation.extra["site"]), name, range(start, end))
            return
        yield from questions(cast(Site, preparation.extra["site"]), name, range(start, end))


def draws(wanted: int, *, decides: bool) -> int:
    """How many questions of a template are drawn.

    Of a decision none are spare: its branches take turns, and what is taken away by chance would
    leave one of them with more.
    """
    return wanted + wanted % 2 if decides else int(wanted * SPARE) + 2


def from_source(request: Request, source: Path) -> Preparation:
    """Plan the tasks of a bulk export's or a MedAgentBench folder.

    Raises:
        UsageError: the folder is neither.
    """
    if request.questions is not None:
        return from_tables(request, source, request.questions)
    if not is_folder(source):
        if is_export(source):
            return from_folder(request, source)
        raise UsageError(
            f"fhir: --source {source}: need a folder with a bulk export's NDJSON files, such as "
            f"Patient.ndjson, or with MedAgentBench's {TASKS}"
        )
    manifest = Domain.read(request.folder).manifest
    folder = read(source)
    store = request.workdir / BENCH_STORE
    write(store, resources(folder), updated=interval(BENCH_NOW.isoformat())[0])
    desk = Desk(
        "fhir", manifest.image, Origin("MedAgentBench", "MIT", "open", folder.sha256), CITATION
    )
    bench = Bench.of(desk, request.folder, file_sha256(store), folder)
    records = folder.records[: request.limit]
    units = [
        Unit(f"{RECORDS}{start}", (bench, records[start : start + UNIT_SIZE]))
        for start in range(0, len(records), UNIT_SIZE)
    ]
    return Preparation(
        origins=(desk.origin,),
        assets={BENCH_STORE: store},
        documents={FUNCTIONS: folder.functions},
        units=units,
        images=(manifest.image,),
        early=folder.rejections,
        limit=request.limit,
    )


def from_server(request: Request, address: str) -> Preparation:
    """Plan tasks over a snapshot of a running server."""
    options = cast(FhirOptions, request.options)
    folder, notes = snapshot(
        address, most=options.most_resources, refresh=options.refresh, progress=request.progress
    )
    prepared = from_folder(request, folder)
    return replace(prepared, notes=(*notes, *prepared.notes))


def from_folder(request: Request, source: Path) -> Preparation:
    """Plan tasks over the resources of a bulk export."""
    options = cast(FhirOptions, request.options)
    manifest = Domain.read(request.folder).manifest
    store = request.workdir / STORE
    loaded = load(
        source, store, now=options.now, renumber=options.renumber, progress=request.progress
    )
    origin = Origin("FHIR R4 export", "that of its source", "credentialed", loaded.sha256)
    desk = Desk("fhir", manifest.image, origin, manifest.citations[0])
    site = Site(desk, request.folder, store, file_sha256(store), loaded.now, request.seed)
    units, notes = planned(
        site, resources=loaded.resources, limit=request.limit, each=options.per_template
    )
    return Preparation(
        origins=(origin,),
        assets={STORE: store},
        documents={},
        units=units,
        images=(manifest.image,),
        early=loaded.rejections,
        notes=(*loaded.notes, *notes),
        limit=request.limit,
        balance=Balance(),
        extra={"site": site},
    )


def from_tables(request: Request, source: Path, questions: Path) -> Preparation:
    """Plan EHRSQL-2024's questions over MIMIC-IV's tables, which become FHIR resources."""
    manifest = Domain.read(request.folder).manifest
    options = MimicIvOptions(seed=request.seed)
    database = request.workdir / "mimic_iv.sqlite"
    home = request.folder.parent / "mimic-iv"
    origin = build_mimic_iv(source, database, options, home, request.progress)
    store = request.workdir / published.STORE
    moment = f"{options.current_time.replace(' ', 'T')}Z"
    with closing(connect(database)) as connection:
        write(store, from_rows(connection), updated=interval(moment)[0])
        found, early = asking(connection, questions, options.current_time, request.limit)
    desk = Desk("fhir", manifest.image, origin, manifest.citations[0])
    conventions = (home / "documents" / "published.md").read_text("utf-8")
    site = published.Tables(
        desk, request.folder, file_sha256(store), options.current_time, conventions
    )
    units = [
        Unit(f"{PUBLISHED}{start}", (site, found[start : start + UNIT_SIZE]))
        for start in range(0, len(found), UNIT_SIZE)
    ]
    return Preparation(
        origins=(origin,),
        assets={published.STORE: store},
        documents={published.MAPPING: published.mapping(), published.CONVENTIONS: conventions},
        units=units,
        images=(manifest.image,),
        early=tuple(early),
        limit=request.limit,
    )


def asking(
    connection: sqlite3.Connection, questions: Path, now: str, limit: int | None
) -> tuple[list[published.Asking], list[Rejection]]:
    """The published questions with the answers of the tables.

    No more than twice as many as are wanted are answered, from all of them in turn.
    """
    found: list[published.Asking] = []
    early: list[Rejection] = []
    records = read_ehrsql_2024(questions)
    for one in records[:: max(1, len(records) // (limit * 2)) if limit else 1]:
        if isinstance(one, Rejection):
            early.append(one)
        elif one.sql is None:
            early.append(Rejection(one.record, "unanswerable", one.text))
        else:
            sql = one.sql.replace("current_time", f"'{now}'")
            rows = published.rows_of(connection, sql)
            found.append(published.Asking(one.record, one.split, one.text, sql, rows))
    return found, early
