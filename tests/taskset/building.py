"""Small tasksets, built by the real writer."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from taskkit.spec.document import dump_task
from taskkit.spec.environment import Asset
from taskkit.spec.manifest import Records, TasksetManifest
from taskkit.spec.quarantine import QuarantineLine
from taskkit.taskset.writer import TasksetWriter
from tests.spec.example import task

TABLES = """
create table patients(row_id integer primary key, subject_id integer, dob text);
create table admissions(subject_id integer, hadm_id integer, admittime text);
insert into patients values (1, 7, '2050-01-01'), (2, 8, '2051-01-01'), (3, 9, '2052-01-01');
"""


def build(path: Path, count: int = 3, *, domain: str = "toy", query: str | None = None) -> Path:
    """Build a taskset of ``count`` tasks and one quarantined record."""
    with TasksetWriter(path) as writer:
        fill(writer, count, domain=domain, query=query)
    return path


def fill(writer: TasksetWriter, count: int, *, domain: str, query: str | None = None) -> None:
    """Write ``count`` tasks and all that they need, and finish."""
    asset = writer.add_asset("toy.sqlite", database(writer.workdir / "toy.sqlite"))
    guide = writer.add_document("Guide", "# The tables\n")
    writer.add_image("sql", image(writer.workdir / "image"))
    for number in range(count):
        spec = task(
            id=f"{domain}-{number}",
            domain=domain,
            context=[guide.model_dump()],
            environment=environment(asset),
            reference={"steps": [step(query or f"select count(*), {number} from patients")]},
            answer={"kind": "table"},
            oracle={"kind": "exact", "expected": [[3, number]]},
        )
        writer.write(dump_task(spec), spec.split, spec.category, spec.id)
    writer.quarantine(QuarantineLine(code="sql_error", record="9", detail="no such column"))
    writer.finish(manifest(writer, domain))


def manifest(writer: TasksetWriter, domain: str = "toy") -> TasksetManifest:
    """Return the manifest of what was written."""
    counts = writer.counts
    return TasksetManifest(
        schema_version="taskkit/taskset/1",
        domain=domain,
        taskkit="0.1.0",
        builder=f"{domain} 0.1.0",
        seed=0,
        counts=counts,
        records=Records(
            read=counts.total + sum(writer.rejected.values()), rejected=writer.rejected
        ),
    )


def environment(asset: Asset) -> dict[str, object]:
    """Return the plain values of an environment with a database."""
    return {"image": "sql", "assets": [asset.model_dump()], "database": asset.name}


def step(query: str) -> dict[str, object]:
    """Return the plain values of a step that submits a query's rows."""
    return {"action": "code_execution", "language": "sql", "code": query, "submit": True}


def database(path: Path) -> Path:
    """Write a database of two tables."""
    connection = sqlite3.connect(path)
    connection.executescript(TABLES)
    connection.close()
    return path


def image(folder: Path) -> Path:
    """Write the folder of an image."""
    folder.mkdir()
    (folder / "Dockerfile").write_text("FROM python:3.11-slim\n")
    return folder


def contents(path: Path) -> dict[str, bytes]:
    """Return every file below a folder."""
    return {
        str(file.relative_to(path)): file.read_bytes()
        for file in sorted(path.rglob("*"))
        if file.is_file()
    }
