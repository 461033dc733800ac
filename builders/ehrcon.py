"""Clinical notes whose statements are checked against a hospital's records."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Set
from contextlib import closing
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, ClassVar, cast

from pydantic import BaseModel, Field

from taskkit.build.counting import Situation, counts, situations
from taskkit.build.domain import Domain, shipped
from taskkit.build.draft import Desk
from taskkit.build.origin import Origin
from taskkit.build.protocol import Balance, Preparation, Request, Unit
from taskkit.build.rejection import Rejection
from taskkit.builders.mimic import MimicBuilder
from taskkit.ehr.chance import Chance
from taskkit.ehr.releases.mimic.options import MimicOptions
from taskkit.ehr.releases.shuffling import shuffling
from taskkit.errors import SourceError, UsageError
from taskkit.notes.checker import recheck
from taskkit.notes.copies import copies
from taskkit.notes.focus import KINDS, focuses
from taskkit.notes.note import Library, Note, write_note
from taskkit.notes.outline import Form
from taskkit.notes.pools import read_pools
from taskkit.notes.program import inputs
from taskkit.notes.published.annotation import Annotation, read_annotations
from taskkit.notes.published.chosen import read_mentions
from taskkit.notes.published.marked import marked_notes
from taskkit.notes.published.tables import read_letters, write_tables
from taskkit.notes.record import read_record, stays
from taskkit.notes.statement import Statement
from taskkit.notes.task import NoteDesk, split
from taskkit.spec.environment import Asset, Environment
from taskkit.spec.task import Split, TaskSpec
from taskkit.sqlite import connect
from taskkit.taskset.digest import file_sha256

DATABASE = "mimic_iii.sqlite"
ANNOTATED = "annotated.sqlite"
CONVENTIONS = "documents/conventions.md"
FORMS: tuple[Form, ...] = ("discharge", "physician", "nursing")
TASKS_PER_NOTE = 4.0  # at least, on the average
DEFAULT_LIMIT = 4500  # tasks where the user names no number
UNIT_SIZE = 10  # notes
VARIED = 30  # patients whose notes the audit compares programs on
VARIANTS, HELD = 40, 4  # such notes, and statements of each: they are run together, as one program


class EhrconOptions(MimicOptions):
    """The choices of `taskkit build ehrcon`."""

    declared_open: Annotated[bool, counts("file")] = False
    """Declare that the rows of a SQLite file given as source may be passed on."""
    current_time: Annotated[str, counts("folder")] = Field(
        default="2105-12-31 23:59:00", pattern=r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$"
    )
    """What counts as now, `YYYY-MM-DD HH:MM:SS`."""
    only: Annotated[Path | None, counts("questions")] = None
    """MedAgentGym's records of EHRCon: of the annotations given by --questions only those of their
    admissions and entities are taken. Their labels are not looked at."""


@dataclass(frozen=True)
class Written:
    """A note and the title that its document has."""

    note: Note
    title: str
    split: Split | None = None
    """The publisher's, of a note that was published with its labels."""


class EhrconBuilder:
    """Builds tasks over notes: written from a database of the MIMIC-III schema, or published."""

    Options: ClassVar[type[BaseModel]] = EhrconOptions
    takes_questions: ClassVar[bool] = True

    def situations(self, request: Request) -> Set[Situation]:
        """Give what is read: of published annotations nothing but `only` can be chosen."""
        return {"questions"} if request.questions is not None else situations(request)

    def prepare(self, request: Request) -> Preparation:
        """Make the database, and write notes over it or read those that were published."""
        if request.questions is not None:
            return _published(request)
        path = request.workdir / DATABASE
        seeded = request.options.model_copy(update={"seed": request.seed})
        origin = HOSPITAL.make_database(replace(request, options=seeded), path)
        limit = request.limit or DEFAULT_LIMIT
        wanted = int(limit / TASKS_PER_NOTE) + 10
        rejected: list[Rejection] = []
        written = list(_notes(request, path, wanted, rejected))
        if not written:
            raise SourceError(f"{request.source}: no stay with enough to write about: need more")
        documents = (_home() / "documents" / "schema.md", request.folder / CONVENTIONS)
        prepared = _prepared(request, path, origin, documents, written, rejected)
        exhausted = len(written) < wanted
        return replace(prepared, limit=limit, balance=Balance(), exhausted=exhausted)

    def produce(self, preparation: Preparation, unit: Unit) -> Iterator[TaskSpec | Rejection]:
        """Give the tasks of some notes, each of whose statements was checked twice."""
        desk = cast(NoteDesk, preparation.extra["desk"])
        path, folder = (cast(Path, preparation.extra[name]) for name in ("path", "folder"))
        for one in cast(list[Written], unit.payload):
            differing = _differing(one, _library(folder), path)
            if differing:
                record = f"{one.note.form} {one.note.hadm}"
                yield Rejection(record, "label_disagrees", "; ".join(differing)[:400])
                continue
            chance = Chance(f"focus {preparation.extra['seed']} {one.title}")
            for focus in focuses(one.note, chance):
                yield desk.task(one.note, one.title, focus, chance, one.split)

    def variants(self, folder: Path, category: str) -> Iterator[str]:
        """Give what programs hold of other notes, over the first patients of the embedded source.

        A program looks its admission up first, and says nothing about one that its database lacks.
        """
        kinds = [own for name, _, own in KINDS if name == category] or [own for *_, own in KINDS]
        for number, (hadm, told) in enumerate(_varied(folder)):
            own = kinds[number % len(kinds)]
            some = [one for one in told if one.kind in own]
            if some:
                yield inputs(hadm, sorted(some, key=_wrong_first)[:HELD])


def _differing(one: Written, library: Library, path: Path) -> list[str]:
    """Where the second check of a note differs; annotations were compared when they were read."""
    if one.split is not None:
        return []
    return recheck(one.note, library.lexicon, _connection(path))


def _published(request: Request) -> Preparation:
    """Read annotations, the notes they are about, and what the record says of these stays.

    Raises:
        SourceError: nothing becomes a task.
    """
    assert request.questions is not None
    if request.source is None or not request.source.is_dir():
        raise UsageError("--questions: need --source, the folder of MIMIC-III's tables as CSV")
    read = read_annotations(request.questions)
    rejected = [one for one in read if isinstance(one, Rejection)]
    annotations = [one for one in read if isinstance(one, Annotation)]
    letters = read_letters(request.source, {one.row for one in annotations}, request.progress)
    if not letters:
        raise SourceError(f"{request.source}: NOTEEVENTS has none of the annotated notes: need 1.4")
    only = cast(EhrconOptions, request.options).only
    if only is not None:
        mentions = read_mentions(only)
        annotations = [
            one
            for one in annotations
            if one.row in letters and (letters[one.row].hadm, one.entity.lower()) in mentions
        ]
    path = request.workdir / ANNOTATED
    stays_of = {one.hadm for one in letters.values()}
    origin = write_tables(request.source, path, stays_of, request.progress)
    with closing(connect(path)) as connection:
        written = [
            Written(note, note.title, one.split)
            for note, one in marked_notes(letters, annotations, connection, rejected)
        ]
    if not written:
        raise SourceError(f"{request.questions}: no annotation that the record bears out: need one")
    home = request.folder / "documents"
    documents = home / "annotated_tables.md", home / "annotated.md"
    notes = (f"annotations: {sum(len(one.note.told) for one in written):,} of {len(read):,} stand",)
    prepared = _prepared(request, path, origin, documents, written, rejected)
    return replace(prepared, limit=request.limit, notes=notes)


def _apart(written: list[Written], rejected: list[Rejection]) -> list[Written]:
    """Leave out what nearly copies a note of another split."""
    texts = [(one.split or split(one.note.subject), one.note.text) for one in written]
    found = {copy.place: copy for copy in copies(texts)}
    for place, copy in found.items():
        detail = f"{copy.share:.0%} of its runs of words are those of {written[copy.of].title}"
        rejected.append(Rejection(written[place].title, "near_copy", detail))
    return [one for place, one in enumerate(written) if place not in found]


def _prepared(
    request: Request,
    path: Path,
    origin: Origin,
    documents: tuple[Path, Path],
    written: list[Written],
    rejected: list[Rejection],
) -> Preparation:
    """Plan the tasks of notes; ``documents`` are about the database, and how notes are compared."""
    written = _apart(written, rejected)
    manifest = Domain.read(request.folder).manifest
    texts = {
        title: one.read_text("utf-8")
        for title, one in zip(("The database", "How notes are compared"), documents, strict=True)
    }
    texts["The database"] += shuffling(request.options, request.source)
    desk = NoteDesk(
        desk=Desk(
            "ehrcon",
            manifest.image,
            origin,
            "; ".join(manifest.citations) if request.source else None,
        ),
        environment=Environment(
            image=manifest.image,
            assets=(Asset(name=path.name, sha256=file_sha256(path)),),
            database=path.name,
        ),
        documents=tuple(texts.items()),
        phrases=_library(request.folder).phrases,
    )
    return Preparation(
        origins=(origin,),
        assets={path.name: path},
        documents=texts | {one.title: one.note.text for one in written},
        units=[
            Unit(f"notes-{start}", written[start : start + UNIT_SIZE])
            for start in range(0, len(written), UNIT_SIZE)
        ],
        images=(manifest.image,),
        early=tuple(rejected),
        extra={"desk": desk, "path": path, "folder": request.folder, "seed": request.seed},
    )


def _wrong_first(one: Statement) -> tuple[bool, int]:
    """Statements that disagree before others, half of them."""
    return one.fault is None or one.number % 2 == 0, one.number


@cache
def _varied(folder: Path) -> list[tuple[int, list[Statement]]]:
    """Write notes over the first patients of the embedded source."""
    library = _library(folder)
    found: list[tuple[int, list[Statement]]] = []
    with TemporaryDirectory() as scratch:
        path = Path(scratch) / DATABASE
        HOSPITAL.populate(folder, path, patients=VARIED, seed=0)
        with closing(connect(path)) as connection:
            pools = read_pools(connection, library.lexicon)
            for hadm in stays(connection):
                record = read_record(connection, hadm)
                for form in FORMS:
                    note = write_note(record, library, pools, form, f"variant {form} {hadm}")
                    if note is not None and len(found) < VARIANTS:
                        found.append((hadm, [one.statement for one in note.told]))
    return found


def _home() -> Path:
    return shipped() / "mimic"


class Hospital(MimicBuilder):
    """The database of the domain mimic, from any of its sources."""

    def home(self, folder: Path) -> Path:
        """Give the folder of the domain mimic."""
        return _home()


HOSPITAL = Hospital()


def _notes(
    request: Request, path: Path, wanted: int, rejected: list[Rejection]
) -> Iterator[Written]:
    """Write notes, of one form after the other, about stays in an order of chance."""
    library, connection = _library(request.folder), _connection(path)
    pools = read_pools(connection, library.lexicon)
    chance = Chance(f"notes {request.seed}")
    order = sorted((chance.random(), hadm) for hadm in stays(connection))
    planned = [(hadm, form) for round_ in range(3) for form, hadm in _round(order, round_)]
    done = 0
    request.progress("write notes", 0, min(wanted, len(planned)))
    for hadm, form in planned:
        if done == wanted:
            return
        record = read_record(connection, hadm)
        note = write_note(record, library, pools, form, f"{request.seed} {form} {hadm}")
        if note is None:
            rejected.append(
                Rejection(f"{form} {hadm}", "missing_value", "too few events for this note")
            )
            continue
        done += 1
        request.progress("write notes", done, min(wanted, len(planned)))
        yield Written(note, f"{note.title} {hadm}")


def _round(order: list[tuple[float, int]], number: int) -> Iterator[tuple[Form, int]]:
    """Each stay with a form, so that after three rounds it had all three."""
    for place, (_, hadm) in enumerate(order):
        yield FORMS[(place + number) % len(FORMS)], hadm


@cache
def _library(folder: Path) -> Library:
    return Library.load(folder)


@cache
def _connection(path: Path) -> sqlite3.Connection:
    return connect(path)
