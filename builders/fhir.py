"""Work on a FHIR server: look-ups, decisions, orders and corrections in a hospital's records."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar, cast

from pydantic import BaseModel, Field

from taskkit.build.domain import Domain
from taskkit.build.draft import Desk, own
from taskkit.build.origin import Origin
from taskkit.build.protocol import Balance, Preparation, Request, Unit
from taskkit.build.rejection import Rejection
from taskkit.errors import UsageError
from taskkit.fhir.bank.making import STORE, Site, questions
from taskkit.fhir.bank.question import BANK
from taskkit.fhir.medagentbench.files import TASKS, Record, is_folder, read
from taskkit.fhir.medagentbench.history import NOW as BENCH_NOW
from taskkit.fhir.medagentbench.making import CITATION, FUNCTIONS, Bench, resources, tasks
from taskkit.fhir.medagentbench.making import STORE as BENCH_STORE
from taskkit.fhir.moment import interval
from taskkit.fhir.schema import write
from taskkit.fhir.synthetic.population import population
from taskkit.spec.base import Spec
from taskkit.spec.task import TaskSpec
from taskkit.taskset.digest import file_sha256

NOW = datetime(2024, 6, 18, 10, 0, tzinfo=UTC)  # the frozen clock of every episode
SPARE = 1.4  # of what is drawn over what is wanted: some draws are told apart too little
UNIT_SIZE = 12  # questions
RECORDS = "records-"


class FhirOptions(Spec):
    """The choices of `taskkit build fhir`."""

    per_template: int = Field(default=20, ge=2, le=10_000)
    """Questions of each template, where no --count says how many in all."""
    patients: int = Field(default=120, ge=20, le=5_000)
    """Patients of the embedded hospital."""


class FhirBuilder:
    """Builds questions on a FHIR server from a bank of templates."""

    Options: ClassVar[type[BaseModel]] = FhirOptions

    def prepare(self, request: Request) -> Preparation:
        """Write the store, and plan the draws."""
        if request.source is not None:
            return from_source(request, request.source)
        options = cast(FhirOptions, request.options)
        manifest = Domain.read(request.folder).manifest
        wanted = options.per_template
        if request.limit is not None:
            wanted = -(-request.limit // len(BANK))
        store = request.workdir / STORE
        resources = population(options.patients, seed=request.seed, now=NOW)
        write(store, resources, updated=interval(NOW.isoformat())[0])
        drawn = int(wanted * SPARE) + 2
        units = [
            Unit(f"{name}-{start}", (name, start, min(start + UNIT_SIZE, drawn)))
            for name in BANK
            for start in range(0, drawn, UNIT_SIZE)
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
                "site": Site(desk, request.folder, store, file_sha256(store), NOW, request.seed)
            },
        )

    def produce(self, preparation: Preparation, unit: Unit) -> Iterator[TaskSpec | Rejection]:
        """Draw questions of one template by their numbers."""
        if unit.name.startswith(RECORDS):
            bench, records, born = cast(tuple[Bench, list[Record], dict[str, str]], unit.payload)
            yield from tasks(bench, records, born)
            return
        name, start, end = cast(tuple[str, int, int], unit.payload)
        yield from questions(cast(Site, preparation.extra["site"]), name, range(start, end))


def from_source(request: Request, source: Path) -> Preparation:
    """Plan the tasks of a MedAgentBench folder.

    Raises:
        UsageError: the folder is none.
    """
    if not is_folder(source):
        raise UsageError(f"fhir: --source {source}: need a folder with MedAgentBench's {TASKS}")
    manifest = Domain.read(request.folder).manifest
    folder = read(source)
    store = request.workdir / BENCH_STORE
    write(store, resources(folder), updated=interval(BENCH_NOW.isoformat())[0])
    desk = Desk(
        "fhir", manifest.image, Origin("MedAgentBench", "MIT", "open", folder.sha256), CITATION
    )
    bench = Bench(desk, request.folder, file_sha256(store), folder.functions)
    born = {str(one["id"]): str(one["birthDate"]) for one in folder.patients}
    records = folder.records[: request.limit]
    units = [
        Unit(f"{RECORDS}{start}", (bench, records[start : start + UNIT_SIZE], born))
        for start in range(0, len(records), UNIT_SIZE)
    ]
    return Preparation(
        origins=(desk.origin,),
        assets={BENCH_STORE: store},
        documents={FUNCTIONS: folder.functions},
        units=units,
        images=(manifest.image,),
        limit=request.limit,
    )
