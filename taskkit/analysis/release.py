"""A release of BioDSBench: which of its records become tasks, and which lack their tables."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import cast

from taskkit.analysis.files import digest, environment
from taskkit.analysis.published import DisputedError, Solved, solve_record
from taskkit.analysis.record import FILE, Record, Row, oddities, read_records
from taskkit.build.domain import Domain
from taskkit.build.draft import Desk, document
from taskkit.build.origin import Origin
from taskkit.build.protocol import Preparation, Request, Unit
from taskkit.build.rejection import Rejection
from taskkit.sandbox.choose import choose
from taskkit.sandbox.protocol import Site
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
    for one in read_records(source):
        if isinstance(one, Rejection):
            early.append(one)
        elif one.missing():
            lacking = f"study {one.study}: {', '.join(one.missing())} not there"
            early.append(Rejection(one.row.unique_question_ids, "missing_table", lacking))
        else:
            studies.setdefault(one.study, []).append(one)
            files |= {one.asset(name): path for name, path in one.tables.items() if path}
            texts |= {f"{title} ({one.row.unique_question_ids})": t for title, t in told(one.row)}
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


def told(row: Row) -> Iterator[tuple[str, str]]:
    """Give what a publisher tells beside a question: titles and texts."""
    if row.cot_instructions:
        yield PLAN, row.cot_instructions.strip() + "\n"
    if row.code_histories:
        yield EARLIER, f"```python\n{row.code_histories.strip()}\n```\n"


def tasks(preparation: Preparation, records: Sequence[Record]) -> Iterator[TaskSpec | Rejection]:
    """Run the published references of a study in one warm worker, and give what comes of them."""
    desk = cast(Desk, preparation.extra["desk"])
    assets = {one.asset(name): path for one in records for name, path in one.tables.items() if path}
    site = Site(desk.image, assets, preload(desk.image))
    worker = choose("auto").worker(site)
    try:
        for one in records:
            with worker.session() as session:
                yield task(desk, one, partial(solve_record, one, session))
    finally:
        worker.close()


def task(desk: Desk, record: Record, solve: Callable[[], Solved]) -> TaskSpec | Rejection:
    """Give the task of a published question, or why it is none."""
    row, name = record.row, record.row.unique_question_ids
    try:
        made = solve()
    except SyntaxError as error:
        return Rejection(name, "malformed_record", f"no Python: {error.msg}, line {error.lineno}")
    except DisputedError as error:
        return Rejection(name, "label_disagrees", str(error), error.evidence)
    except ValueError as error:
        return Rejection(name, "not_computable", "; ".join([str(error), *oddities(record)]))
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
        context=tuple(document(f"{title} ({name})", text) for title, text in told(row)),
    )
