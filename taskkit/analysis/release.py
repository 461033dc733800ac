"""A release of BioDSBench: which of its records become tasks, and which lack their tables."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import cast

from taskkit.analysis.files import digest, environment
from taskkit.analysis.published import DisputedError, Solved, solve_record
from taskkit.analysis.record import FILE, Record, Row, converted, oddities, read_records
from taskkit.build.domain import Domain
from taskkit.build.draft import Desk, document
from taskkit.build.labels import Labelled
from taskkit.build.origin import Origin
from taskkit.build.protocol import Preparation, Request, Unit
from taskkit.build.rejection import Rejection
from taskkit.sandbox.choose import choose
from taskkit.sandbox.protocol import Session, Site
from taskkit.spec.image import preload
from taskkit.spec.task import TaskSpec

RECORDS = "records-"
PLAN, EARLIER = "How its publisher goes about it", "Code that was run before"


def prepare(request: Request, source: Path) -> Preparation:
    """Plan the published questions of a folder, a unit for each study whose tables are there."""
    manifest = Domain.read(request.folder).manifest
    early: list[Rejection] = []
    studies: dict[str, list[Record]] = {}
    files: dict[str, Path] = {}
    texts: dict[str, str] = {}
    for one in available(source, request.workdir / "tables"):
        if isinstance(one, Rejection):
            early.append(one)
        elif one.missing():
            lacking = f"study {one.study}: {', '.join(one.missing())} not there"
            early.append(Rejection(one.row.unique_question_ids, "missing_table", lacking))
        else:
            studies.setdefault(one.study, []).append(one)
            files |= {one.asset(name): path for name, path in one.tables.items() if path}
            texts |= {
                f"{title} ({one.row.unique_question_ids})": t for title, t in background(one.row)
            }
    parts = sorted(digest(path) for path in files.values())
    rows = (source / FILE if source.is_dir() else source).read_bytes()
    total = hashlib.sha256("".join([hashlib.sha256(rows).hexdigest(), *parts]).encode())
    origin = Origin("BioDSBench", "MIT; tables ODbL-1.0", "open", total.hexdigest())
    return Preparation(
        origins=(origin,),
        assets=files,
        documents=texts,
        units=[Unit(f"{RECORDS}{study}", records) for study, records in sorted(studies.items())],
        images=(manifest.image,),
        early=tuple(early),
        extra={"desk": Desk("biodsbench", manifest.image, origin, manifest.citations[0])},
    )


def background(row: Row) -> Iterator[tuple[str, str]]:
    """Give what a publisher tells beside a question: titles and texts."""
    if row.cot_instructions:
        yield PLAN, row.cot_instructions.strip() + "\n"
    if row.code_histories:
        yield EARLIER, f"```python\n{row.code_histories.strip()}\n```\n"


def tasks(preparation: Preparation, records: Sequence[Record]) -> Iterator[TaskSpec | Rejection]:
    """Give what comes of the published questions of a study: a task, or why it is none."""
    desk = cast(Desk, preparation.extra["desk"])
    for record, made in outcomes(desk.image, records):
        yield made if isinstance(made, Rejection) else task(desk, record, made)


def outcomes(image: str, records: Sequence[Record]) -> Iterator[tuple[Record, Solved | Rejection]]:
    """Run the references of a study in one warm worker, each in a session of its own."""
    assets = {one.asset(name): path for one in records for name, path in one.tables.items() if path}
    worker = choose("auto").worker(Site(image, assets, preload(image)))
    try:
        for record in records:
            with worker.session() as session:
                yield record, outcome(record, session)
    finally:
        worker.close()


def outcome(record: Record, session: Session) -> Solved | Rejection:
    """Run a published reference, and say why there is no task where there is none."""
    name = record.row.unique_question_ids
    try:
        return solve_record(record, session)
    except SyntaxError as error:
        return Rejection(name, "malformed_record", f"no Python: {error.msg}, line {error.lineno}")
    except DisputedError as error:
        return Rejection(name, "label_disagrees", str(error), error.evidence)
    except ValueError as error:
        return Rejection(name, "not_computable", "; ".join([str(error), *oddities(record)]))


def task(desk: Desk, record: Record, made: Solved) -> TaskSpec:
    """Give the task of a published question."""
    row, name = record.row, record.row.unique_question_ids
    files = {record.asset(table): path for table, path in record.tables.items() if path}
    return desk.draft(
        made.text,
        made.answer,
        made.oracle,
        made.code,
        category=f"published-{record.study}",
        record=name,
        content=row.model_dump(),
        environment=environment(desk.image, files),
        context=tuple(document(f"{title} ({name})", text) for title, text in background(row)),
    )


def available(source: Path, folder: Path) -> Iterator[Record | Rejection]:
    """Read the records, their tables in the form that published programs read.

    Args:
        folder: Where tables are written that stand in another form.
    """
    made: dict[Path, Path] = {}
    for one in read_records(source):
        if isinstance(one, Record):
            for name, path in one.tables.items():
                if path is not None and path not in made:
                    made[path] = converted(path, folder / one.asset(name))
            tables = {name: made[path] if path else None for name, path in one.tables.items()}
            yield Record(one.row, tables)
        else:
            yield one


def labels(source: Path, image: str) -> Iterator[Labelled]:
    """Give what becomes of the assertions of each record, study by study."""
    with TemporaryDirectory(prefix="taskkit-") as folder:
        yield from labels_of(source, image, Path(folder))


def labels_of(source: Path, image: str, folder: Path) -> Iterator[Labelled]:
    """Give what becomes of the assertions of each record; ``folder`` is for tables."""
    studies: dict[str, list[Record]] = {}
    for one in available(source, folder):
        if isinstance(one, Rejection):
            yield Labelled(one.record, "unknown", "not_computable", cause=one.code)
        elif one.missing():
            lacking = ", ".join(one.missing())
            name = one.row.unique_question_ids
            yield Labelled(name, one.study, "not_computable", cause="missing_table", detail=lacking)
        else:
            studies.setdefault(one.study, []).append(one)
    for _, records in sorted(studies.items()):
        for record, made in outcomes(image, records):
            yield labelled(record, made)


def labelled(record: Record, made: Solved | Rejection) -> Labelled:
    """Give what became of the assertions of a record that was run."""
    name, label = record.row.unique_question_ids, " ".join(record.row.test_cases.split())
    if not isinstance(made, Rejection):
        return Labelled(name, record.study, "agrees", label)
    if made.code == "label_disagrees":
        computed = json.dumps(dict(made.evidence or {}))
        return Labelled(name, record.study, "disagrees", label, computed, detail=made.detail)
    cause = made.code if made.code != "not_computable" else "reference"
    return Labelled(name, record.study, "not_computable", label, cause=cause, detail=made.detail)
