"""A builder over a clinical database: questions of a bank or of a publisher become tasks."""

from __future__ import annotations

import hashlib
import sqlite3
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import islice
from pathlib import Path
from typing import ClassVar, cast

from pydantic import BaseModel, Field

from taskkit.build.domain import Domain
from taskkit.build.ground import Ground
from taskkit.build.protocol import Balance, Preparation, Request, Unit
from taskkit.build.separation import PatientColumn, Separation, SplitBy
from taskkit.errors import SourceError, UsageError
from taskkit.mutants.sieve import PILOT, Sieve
from taskkit.mutants.trial import Trials
from taskkit.questions.bank import Bank
from taskkit.questions.execution import connect
from taskkit.questions.fill import Filler
from taskkit.questions.plan import Share, plan
from taskkit.questions.published import Flavour, Published
from taskkit.questions.publisher import (
    PublisherOptions,
    answer_question,
    compare_published,
    read_questions,
)
from taskkit.questions.question import Question, Rejection
from taskkit.sources.origin import Origin, Progress
from taskkit.spec.base import Spec
from taskkit.spec.environment import Asset
from taskkit.spec.task import Document, TaskSpec
from taskkit.taskset.digest import file_sha256

DEFAULT_LIMIT = 6000  # tasks drawn from a bank where the user names no number
OVERPRODUCTION = 1.3  # drawn for each task wanted: balance and duplicates take the rest
APART = 1.6  # times more where template and patient must be of one split: 0.8² + 0.1² + 0.1² are
SHARD = 50  # published records of one unit of work
SHOWN = 20  # published answers that differ, told one by one
PATIENCE = 4  # instances tried for each question of a template's pilot
TITLE = "The database"


class ClinicalOptions(Spec):
    """What a user may choose of any clinical domain."""

    current_time: str = Field(pattern=r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$")
    """What counts as now, `YYYY-MM-DD HH:MM:SS`."""

    reground: bool = False
    """Replace patients and values of published questions by ones that this database has."""
    guessable: bool = False
    """Add the publisher's yes/no and unanswerable questions, as categories of their own."""
    sift: bool = False
    """Leave out questions of the bank that a slightly wrong query answers too; several times the
    building time."""
    split: SplitBy = "record"
    """What train, valid and test may not share: a template, a patient, or both; `record` separates
    single questions, and keeps the publisher's splits."""
    declared_open: bool = False
    """Declare that the rows of a SQLite file given as source may be passed on."""


@cache
def _connection(path: Path) -> sqlite3.Connection:
    return connect(path)


@cache
def _filler(folder: Path, path: Path, seed: int) -> Filler:
    shared = path.parent / "populations"
    shared.mkdir(exist_ok=True)
    return Filler(Bank.load(folder), _connection(path), seed, folder=shared)


@cache
def _separation(by: SplitBy, path: Path, patients: PatientColumn, *, bank: bool) -> Separation:
    return Separation(by, _connection(path), patients, bank=bank)


@cache
def _sifter(filler: Filler, path: Path) -> Callable[[str, Question], str | None]:
    """Give what holds a bank's questions against slightly wrong queries."""
    trials = Trials(path)

    @cache
    def sieve(template: str) -> Sieve:
        pilot = islice(filler.fill(template, PILOT, sifted=False), PATIENCE * PILOT)
        return Sieve.of([one for one in pilot if isinstance(one, Question)], trials)

    def check(template: str, question: Question) -> str | None:
        return "; ".join(sieve(template).untold(question, trials)) or None

    return check


@dataclass(frozen=True)
class Plan:
    """What is to be asked, before it is cut into units."""

    units: Sequence[Unit]
    early: tuple[Rejection, ...] = ()
    notes: tuple[str, ...] = ()
    limit: int | None = None
    balance: Balance | None = None


@dataclass(frozen=True)
class Site:
    """What producing needs, in any process."""

    ground: Ground
    path: Path
    folder: Path
    seed: int
    options: PublisherOptions
    sift: bool
    split: SplitBy
    patients: PatientColumn


class ClinicalBuilder(ABC):
    """A builder over one clinical database; a subclass says which, and how it is made."""

    Options: ClassVar[type[BaseModel]] = ClinicalOptions
    name: ClassVar[str]
    """The domain's name."""
    database: ClassVar[str]
    """File name of the database below /data."""
    flavour: ClassVar[Flavour]
    """The form of published question files."""
    db_id: ClassVar[str]
    """What published records call the database."""
    patients: ClassVar[PatientColumn] = PatientColumn("patients", "subject_id")
    """Where the database keeps its patients."""

    @abstractmethod
    def make_database(self, request: Request, target: Path) -> Origin:
        """Write the source's database to ``target``."""

    def home(self, request: Request) -> Path:
        """Give the folder with the database's schema and its document: as a rule, the domain's."""
        return request.folder

    def prepare(self, request: Request) -> Preparation:
        """Make the database, and plan questions from published files or from the bank."""
        seeded = request.options.model_copy(update={"seed": request.seed})
        request = replace(request, options=seeded)
        path = request.workdir / self.database
        origin = self.make_database(request, path)
        text = (self.home(request) / "documents" / "schema.md").read_text("utf-8")
        manifest = Domain.read(request.folder).manifest
        document = Document(name=TITLE, sha256=hashlib.sha256(text.encode()).hexdigest())
        ground = Ground(
            domain=self.name,
            image=manifest.image,
            asset=Asset(name=self.database, sha256=file_sha256(path)),
            documents=(document,),
            origin=origin,
            citation="; ".join(manifest.citations) if request.source else None,
        )
        options = cast(ClinicalOptions, request.options)
        site = Site(
            ground,
            path,
            request.folder,
            request.seed,
            self._published_options(request),
            options.sift,
            options.split,
            self.patients,
        )
        planned = self._published(site, request) if request.questions else self._bank(site, request)
        return Preparation(
            origins=(origin,),
            assets={self.database: path},
            documents={TITLE: text},
            units=planned.units,
            images=(manifest.image,),
            early=planned.early,
            notes=planned.notes,
            limit=planned.limit,
            balance=planned.balance,
            extra={"site": site},
        )

    def _bank(self, site: Site, request: Request) -> Plan:
        limit = request.limit or DEFAULT_LIMIT
        request.progress("plan", 0, None)
        filler = _filler(site.folder, site.path, site.seed)
        bank = Bank.load(site.folder)
        bank.check(filler.connection)
        lacks = bank.supported(filler.connection)[1]
        if len(lacks) == len(bank.entries):
            raise SourceError(f"{request.source}: no rows that any template asks about: need more")
        apart = APART if site.split == "both" else 1.0
        shares = plan(filler, int(OVERPRODUCTION * apart * limit))
        units = [Unit(share.template, share) for share in shares]
        early = tuple(
            Rejection(name, "missing_table", f"the source has no rows of {table}")
            for name, table in lacks.items()
        )
        total = len(bank.entries)
        notes = [
            f"the source has no rows of {table}: {count:,} of {total:,} templates left out"
            for table, count in sorted(Counter(lacks.values()).items())
        ]
        return Plan(units, early, tuple(notes), limit=limit, balance=Balance())

    def _published(self, site: Site, request: Request) -> Plan:
        assert request.questions is not None
        records = read_questions(request.questions, flavour=self.flavour, db_id=self.db_id)
        early = tuple(one for one in records if isinstance(one, Rejection))
        asked = [one for one in records if isinstance(one, Published)]
        shards = [asked[start : start + SHARD] for start in range(0, len(asked), SHARD)]
        return Plan(
            [Unit(f"{n}", shard) for n, shard in enumerate(shards)],
            early,
            tuple(_agreement(site, asked, request.progress)),
        )

    def _published_options(self, request: Request) -> PublisherOptions:
        options = cast(ClinicalOptions, request.options)
        if request.questions is None and (options.reground or options.guessable):
            raise UsageError("--reground, --guessable: need --questions, whose records they change")
        return PublisherOptions(
            current_time=options.current_time,
            guessable=options.guessable,
            reground=options.reground,
            seed=request.seed,
        )

    def produce(self, preparation: Preparation, unit: Unit) -> Iterator[TaskSpec | Rejection]:
        """Give the tasks and rejections of one unit."""
        site = cast(Site, preparation.extra["site"])
        bank = isinstance(unit.payload, Share)
        separation = _separation(site.split, site.path, site.patients, bank=bank)
        for one in map(separation.place, self._questions(site, unit)):
            yield one if isinstance(one, Rejection) else site.ground.task(one)

    def _questions(self, site: Site, unit: Unit) -> Iterator[Question | Rejection]:
        if isinstance(unit.payload, Share):
            share = unit.payload
            filler = _filler(site.folder, site.path, site.seed)
            if site.sift:
                filler.sieve = _sifter(filler, site.path)
            yield from filler.fill(share.template, share.count, part=share.part, parts=share.parts)
        else:
            for record in cast(list[Published], unit.payload):
                yield answer_question(record, _connection(site.path), site.options)


def _agreement(site: Site, asked: list[Published], progress: Progress) -> Iterator[str]:
    """Say how many published answers come out the same here, and which do not."""
    published = [one for one in asked if one.answer is not None and one.sql is not None]
    if not published:
        return
    agreed = 0
    for number, one in enumerate(published, 1):
        found = compare_published(one, _connection(site.path), site.options)
        if found is not None and found.agrees:
            agreed += 1
        elif found is not None and number - agreed <= SHOWN:
            yield f"published answer of {one.record}: {found.published}, here {found.recomputed}"
        progress("compare published answers", number, len(published))
    share = agreed / len(published)
    yield f"{agreed:,} of {len(published):,} published answers come out the same ({share:.2%})"
