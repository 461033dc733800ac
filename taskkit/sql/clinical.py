"""A builder over a clinical database: questions of a bank or of a publisher become tasks."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, ClassVar, cast

from pydantic import BaseModel, Field

from taskkit.build.counting import counts
from taskkit.build.domain import Domain
from taskkit.build.origin import Origin, Progress, silent
from taskkit.build.protocol import Balance, Preparation, Request, Unit
from taskkit.build.rejection import Rejection
from taskkit.ehr.releases.shuffling import shuffling
from taskkit.ehr.tables.database import row_counts
from taskkit.ehr.tables.opened import open_database
from taskkit.errors import SourceError, SpecError, UsageError
from taskkit.spec.base import Spec
from taskkit.spec.environment import Asset
from taskkit.spec.manifest import PublishedAnswers
from taskkit.spec.task import Document, TaskSpec
from taskkit.sql.ground import Ground
from taskkit.sql.populations import CACHE, drawn
from taskkit.sql.published_answers import checked
from taskkit.sql.publishing import questions, shards
from taskkit.sql.questions.measure import Measure, Measures
from taskkit.sql.questions.published import Flavour, Published
from taskkit.sql.questions.publisher import PublisherOptions, read_questions
from taskkit.sql.questions.question import Question
from taskkit.sql.scouting import Piece, pieces
from taskkit.sql.separation import PatientColumn, Separation, SplitBy
from taskkit.sql.site import Site
from taskkit.sqlite import connect
from taskkit.taskset.digest import file_sha256

OVERPRODUCTION = 1.3  # drawn for each task wanted: balance and duplicates take the rest
APART = 1.6  # times more where template and patient must be of one split: 0.8² + 0.1² + 0.1² are
SHOWN = 20  # templates without a question, named one by one
DEFAULT_LIMIT = 6000  # tasks drawn from a bank where the user names no number
SYNTHETIC_PATIENTS = 1000  # where the user asks for all of a source without an end
TITLE = "The database"
CONVENTIONS = "What the published questions mean"


class ClinicalOptions(Spec):
    """What a user may choose of any clinical domain."""

    current_time: str = Field(
        default="2105-12-31 23:59:00", pattern=r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$"
    )
    """What counts as now, `YYYY-MM-DD HH:MM:SS`."""

    patients: Annotated[int | None, counts("embedded", "folder")] = Field(default=1000, ge=1)
    """How many patients to take, at most, or all; 1,000 of the embedded source."""
    reground: Annotated[bool, counts("questions")] = False
    """Replace patients and values of published questions by ones that this database has."""
    guessable: Annotated[bool, counts("questions")] = False
    """Add the publisher's yes/no and unanswerable questions, as categories of their own."""
    sift: bool | None = None
    """Leave out questions that a slightly wrong query answers too, and published ones whose answer
    comes too often; takes twice as long. Where neither is said, templates are sifted and published
    questions are not."""
    split: SplitBy = "record"
    """What train, valid and test may not share: a template, a patient, or both; `record` separates
    single questions, and keeps the publisher's splits."""
    declared_open: Annotated[bool, counts("file")] = False
    """Declare that the rows of a SQLite file given as source may be passed on."""


@dataclass(frozen=True)
class Plan:
    """What is to be asked, before it is cut into units."""

    units: Sequence[Unit]
    early: tuple[Rejection, ...] = ()
    left_out: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    limit: int | None = None
    balance: Balance | None = None
    exhausted: bool = False
    published: PublishedAnswers | None = None


class ClinicalBuilder:
    """A builder over one clinical database; a subclass says which, and how it is made."""

    Options: ClassVar[type[BaseModel]] = ClinicalOptions
    name: ClassVar[str]
    """The domain's name."""
    database: ClassVar[str]
    """File name of the database below /data."""
    takes_questions: ClassVar[bool] = True
    """`--questions` names published files; other builders would ignore it."""
    flavour: ClassVar[Flavour | None] = None
    """The form of published question files; None where none were published."""
    db_id: ClassVar[str] = ""
    """What published records call the database."""

    patients: ClassVar[PatientColumn] = PatientColumn("patients", "subject_id")
    """Where the database keeps its patients."""
    measures: ClassVar[tuple[Measure, ...]] = ()
    """The columns with measured values, whose units and types are looked at."""
    synthetic: ClassVar[Callable[..., Origin] | None] = None
    """Writes the embedded database: `(target, *, domain, patients, seed, progress)`, with the
    domain's folder; None where there is none."""
    tables: ClassVar[Callable[..., Origin]]
    """Writes it from a folder of CSV tables: `(source, target, options, domain, progress)`."""
    opened: ClassVar[Callable[..., Origin]] = staticmethod(open_database)
    """Writes it from a SQLite file: `(source, target, domain, *, declared_open)`."""

    def make_database(self, request: Request, target: Path) -> Origin:
        """Write the database of the source given, or the synthetic one, to ``target``."""
        options, home = cast(ClinicalOptions, request.options), self.home(request.folder)
        if request.source is None:
            patients = options.patients or SYNTHETIC_PATIENTS
            return self._draw(home, target, patients, request.seed, request.progress)
        if request.source.is_dir():
            return self.tables(request.source, target, options, home, request.progress)
        return self.opened(request.source, target, home, declared_open=options.declared_open)

    def populate(self, folder: Path, target: Path, *, patients: int, seed: int) -> None:
        """Write the synthetic database of other patients to ``target``."""
        self._draw(self.home(folder), target, patients, seed, silent)

    def _draw(
        self, home: Path, target: Path, patients: int, seed: int, progress: Progress
    ) -> Origin:
        if self.synthetic is None:
            raise UsageError(f"{self.name}: no embedded source: need --source")
        return self.synthetic(target, domain=home, patients=patients, seed=seed, progress=progress)

    def home(self, folder: Path) -> Path:
        """Give the folder with the database's schema and its document: as a rule, the domain's."""
        return folder

    def prepare(self, request: Request) -> Preparation:
        """Make the database, and plan questions from published files or from the bank."""
        seeded = request.options.model_copy(update={"seed": request.seed})
        request = replace(request, options=seeded)
        texts = documents(self.home(request.folder), request)
        path = request.workdir / self.database
        origin = self.make_database(request, path)
        manifest = Domain.read(request.folder).manifest
        ground = Ground(
            domain=self.name,
            image=manifest.image,
            asset=Asset(name=self.database, sha256=file_sha256(path)),
            documents=tuple(
                Document(name=title, sha256=hashlib.sha256(text.encode()).hexdigest())
                for title, text in texts.items()
            ),
            origin=origin,
            citation="; ".join(manifest.citations) if request.source else None,
        )
        self._check_patients(path)
        said = cast(ClinicalOptions, request.options).sift
        sift = request.questions is None if said is None else said
        with closing(connect(path)) as connection:
            measures = Measures.of(self.measures, connection)
            rows = row_counts(connection)
        asking = self._published_options(request, measures)
        others = self._others(origin, request) if sift and not request.questions else ()
        site = Site(ground, path, request.folder, request.seed, asking, sift, others)
        planned = self._published(site, request) if request.questions else self._bank(site, request)
        return Preparation(
            origins=(origin,),
            assets={self.database: path},
            documents=texts,
            units=planned.units,
            images=(manifest.image,),
            early=planned.early,
            left_out=(*origin.left_out, *measures.notes(), *planned.left_out),
            rows={self.database: rows},
            notes=planned.notes,
            limit=planned.limit,
            balance=planned.balance,
            exhausted=planned.exhausted,
            published=planned.published,
            extra={"site": site, "split": cast(ClinicalOptions, request.options).split},
        )

    def _others(self, origin: Origin, request: Request) -> tuple[Path, ...]:
        """Give databases of other patients; those in the cache, if it can be written."""
        try:
            return tuple(drawn(self.name, origin.name, CACHE))
        except SourceError:
            return tuple(drawn(self.name, origin.name, request.workdir))

    def _check_patients(self, path: Path) -> None:
        """See that the patients are where the builder says: splits by patient hang on it.

        Raises:
            SpecError: there is no such table or column.
        """
        with closing(connect(path)) as connection:
            query = "select lower(name) from pragma_table_info(?)"
            names = {row[0] for row in connection.execute(query, (self.patients.table,))}
        if self.patients.column not in names:
            raise SpecError(
                f"{type(self).__name__}: patients: {self.patients}: no such column in {path.name}:"
                " need `patients = PatientColumn(table, column)`"
            )

    def _bank(self, site: Site, request: Request) -> Plan:
        limit = request.limit or DEFAULT_LIMIT
        bank = site.filler.bank
        bank.check(site.connection)
        supported, lacks = bank.supported(site.connection)
        if len(lacks) == len(bank.entries):
            raise SourceError(f"{request.source}: no rows that any template asks about: need more")
        names = list(supported.entries)
        apart = APART if cast(ClinicalOptions, request.options).split == "both" else 1.0
        wanted = int(OVERPRODUCTION * apart * limit)
        found, barren = pieces(site, names, wanted, request.jobs, request.progress)
        units = [Unit(one.share.template, one) for one in found]
        early = tuple(
            Rejection(name, "missing_table", f"the source has no rows of {table}")
            for name, table in lacks.items()
        )
        total = len(bank.entries)
        left_out = [
            f"the source has no rows of {table}: {count:,} of {total:,} templates left out"
            for table, count in sorted(Counter(lacks.values()).items())
        ]
        notes = []
        if barren:
            listed = ", ".join(f"{one.record} ({one.code})" for one in barren[:SHOWN])
            notes.append(f"{len(barren):,} of {total:,} templates gave no question: {listed}")
        exhausted = sum(one.share.count for one in found) < wanted
        return Plan(
            units,
            (*early, *barren),
            left_out=tuple(left_out),
            notes=tuple(notes),
            limit=limit,
            balance=Balance(),
            exhausted=exhausted,
        )

    def _published(self, site: Site, request: Request) -> Plan:
        assert request.questions is not None
        if self.flavour is None:
            raise UsageError(f"{self.name}: --questions: no published form is known: leave it out")
        records = read_questions(request.questions, flavour=self.flavour, db_id=self.db_id)
        early = tuple(one for one in records if isinstance(one, Rejection))
        asked = [one for one in records if isinstance(one, Published)]
        stand = checked(site, asked, request.progress)
        return Plan(
            [Unit(f"{n}", shard) for n, shard in enumerate(shards(stand.kept))],
            early + stand.contradicted,
            notes=stand.notes,
            balance=Balance() if site.sift else None,
            published=stand.counts,
        )

    def _published_options(self, request: Request, measures: Measures) -> PublisherOptions:
        options = cast(ClinicalOptions, request.options)
        return PublisherOptions(
            current_time=options.current_time,
            guessable=options.guessable,
            reground=options.reground,
            seed=request.seed,
            measures=measures,
        )

    def produce(self, preparation: Preparation, unit: Unit) -> Iterator[TaskSpec | Rejection]:
        """Give the tasks and rejections of one unit."""
        site = cast(Site, preparation.extra["site"])
        by, bank = cast(SplitBy, preparation.extra["split"]), isinstance(unit.payload, Piece)
        separation = Separation(by, site.connection, self.patients, bank=bank)
        for one in map(separation.assign, self._questions(site, unit)):
            yield one if isinstance(one, Rejection) else site.ground.task(one)

    def _questions(self, site: Site, unit: Unit) -> Iterator[Question | Rejection]:
        if isinstance(unit.payload, Piece):
            yield from unit.payload.fill(site)
        else:
            yield from questions(site, cast(list[Published], unit.payload))


def documents(home: Path, request: Request) -> dict[str, str]:
    """Give the texts for the agent: the schema, and the conventions of published questions."""
    schema = (home / "documents" / "schema.md").read_text("utf-8")
    made = {TITLE: schema + shuffling(request.options, request.source)}
    conventions = home / "documents" / "published.md"
    if request.questions is not None and conventions.is_file():
        made[CONVENTIONS] = conventions.read_text("utf-8")
    return made
