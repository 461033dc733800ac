"""Clinical notes whose statements are checked against a hospital's records."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import ClassVar, cast

from pydantic import BaseModel

from taskkit.build.domain import Domain, shipped
from taskkit.build.draft import Desk
from taskkit.build.protocol import Balance, Preparation, Request, Unit
from taskkit.build.rejection import Rejection
from taskkit.builders.mimic import MimicBuilder
from taskkit.ehr.chance import Chance
from taskkit.ehr.releases.mimic.options import MimicOptions
from taskkit.errors import SourceError
from taskkit.notes.checker import recheck
from taskkit.notes.focus import KINDS, focuses
from taskkit.notes.note import Library, Note, write_note
from taskkit.notes.outline import Form
from taskkit.notes.pools import read_pools
from taskkit.notes.program import inputs
from taskkit.notes.record import read_record, stays
from taskkit.notes.statement import Statement
from taskkit.notes.task import NoteDesk
from taskkit.spec.environment import Asset, Environment
from taskkit.spec.task import TaskSpec
from taskkit.sqlite import connect
from taskkit.taskset.digest import file_sha256

DATABASE = "mimic_iii.sqlite"
FORMS: tuple[Form, ...] = ("discharge", "physician", "nursing")
TASKS_PER_NOTE = 4.5  # at least, on the average
DEFAULT_LIMIT = 4500  # tasks where the user names no number
UNIT_SIZE = 10  # notes
VARIED = 30  # patients whose notes the audit compares programs on
VARIANTS, HELD = 40, 4  # such notes, and statements of each: they are run together, as one program


class EhrconOptions(MimicOptions):
    """The choices of `taskkit build ehrcon`."""

    shuffle_values: bool = False
    """Permute diagnoses, results, drugs and so on over the patients: nobody keeps their own."""
    declared_open: bool = False
    """Declare that the rows of a SQLite file given as source may be passed on."""


@dataclass(frozen=True)
class Written:
    """A note and the title that its document has."""

    note: Note
    title: str


class EhrconBuilder:
    """Builds tasks over notes that it writes from a database of the MIMIC-III schema."""

    Options: ClassVar[type[BaseModel]] = EhrconOptions

    def prepare(self, request: Request) -> Preparation:
        """Make the database, and write notes over it."""
        path = request.workdir / DATABASE
        seeded = request.options.model_copy(update={"seed": request.seed})
        origin = HOSPITAL.make_database(replace(request, options=seeded), path)
        limit = request.limit or DEFAULT_LIMIT
        wanted = int(limit / TASKS_PER_NOTE) + 10
        rejected: list[Rejection] = []
        written = list(_notes(request, path, wanted, rejected))
        if not written:
            raise SourceError(f"{request.source}: no stay with enough to write about: need more")
        manifest = Domain.read(request.folder).manifest
        documents = {
            "The database": (_home() / "documents" / "schema.md").read_text("utf-8"),
            "How notes are compared": (request.folder / "documents" / "conventions.md").read_text(
                "utf-8"
            ),
        }
        citation = "; ".join(manifest.citations) if request.source else None
        desk = NoteDesk(
            desk=Desk("ehrcon", manifest.image, origin, citation),
            environment=Environment(
                image=manifest.image,
                assets=(Asset(name=DATABASE, sha256=file_sha256(path)),),
                database=DATABASE,
            ),
            documents=tuple(documents.items()),
            phrases=_library(request.folder).phrases,
        )
        documents |= {one.title: one.note.text for one in written}
        return Preparation(
            origins=(origin,),
            assets={DATABASE: path},
            documents=documents,
            units=[
                Unit(f"notes-{start}", written[start : start + UNIT_SIZE])
                for start in range(0, len(written), UNIT_SIZE)
            ],
            images=(manifest.image,),
            early=tuple(rejected),
            limit=limit,
            balance=Balance(),
            exhausted=len(written) < wanted,
            extra={"desk": desk, "path": path, "folder": request.folder, "seed": request.seed},
        )

    def produce(self, preparation: Preparation, unit: Unit) -> Iterator[TaskSpec | Rejection]:
        """Give the tasks of some notes, each of whose statements was checked twice."""
        desk = cast(NoteDesk, preparation.extra["desk"])
        path, folder = (cast(Path, preparation.extra[name]) for name in ("path", "folder"))
        for one in cast(list[Written], unit.payload):
            differing = recheck(one.note, _library(folder).lexicon, _connection(path))
            if differing:
                record = f"{one.note.form} {one.note.hadm}"
                yield Rejection(record, "label_disagrees", "; ".join(differing)[:400])
                continue
            chance = Chance(f"focus {preparation.extra['seed']} {one.title}")
            for focus in focuses(one.note, chance):
                yield desk.task(one.note, one.title, focus, chance)

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
