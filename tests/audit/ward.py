"""A small ward, and tasksets over it."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import yaml

from taskkit.audit.audit import Audit, Summary
from taskkit.audit.auditor import Auditing
from taskkit.audit.record import Records, records_path
from taskkit.spec.document import dump_task
from taskkit.spec.task import TaskSpec
from taskkit.taskset.filter import Filter
from taskkit.taskset.writer import TasksetWriter
from tests.taskset.building import image, manifest, step

BAD = Path(__file__).parents[1] / "fixtures" / "bad_tasks"
TABLES = """
create table patients(subject_id integer primary key, gender text, dob text);
create table admissions(
  subject_id integer, hadm_id integer, admittime text, insurance text, age real);
create table prescriptions(
  row_id integer primary key, subject_id integer, drug text, dose real, startdate text);
insert into patients values
  (1, 'f', '2050-03-01'), (2, 'm', '2061-07-09'), (3, 'f', '2033-01-31'), (4, 'm', '2040-02-02'),
  (5, 'f', '2044-05-05'), (6, 'm', '2051-06-06'), (7, 'f', '2039-07-07'), (8, 'f', '2071-08-08');
insert into admissions values
  (1, 11, '2100-01-01 10:00:00', 'medicare', 50.5), (2, 12, '2100-02-01 11:30:00', 'private', 39),
  (2, 13, '2100-03-01 12:45:00', 'private', 39.5), (3, 14, '2100-04-01 08:00:00', 'medicare', 67),
  (4, 15, '2100-05-01 09:00:00', 'private', 60), (4, 16, '2100-06-01 10:00:00', 'medicaid', 60.5),
  (5, 17, '2100-07-01 11:00:00', 'medicare', 38), (5, 18, '2100-08-01 12:00:00', 'private', 39);
insert into prescriptions values
  (1, 1, 'aspirin', 81.5, '2100-01-01'), (2, 1, 'acetaminophen', 650, '2100-01-02'),
  (3, 2, 'insulin glargine', 10, '2100-02-01'), (4, 3, 'aspirin ec', 81.5, '2100-04-01'),
  (5, 3, 'd5w', 242, '2100-04-02'), (6, 4, 'insulin glargine', 12, '2100-05-01'),
  (7, 6, 'insulin glargine', 14, '2100-06-01');
"""


def ward(path: Path) -> Path:
    """Write the ward's database."""
    connection = sqlite3.connect(path)
    connection.executescript(TABLES)
    connection.close()
    return path


def document(number: int, asset: dict[str, str], **changes: Any) -> dict[str, Any]:
    """Give the plain values of a task over the ward."""
    assets = [asset, *changes.pop("assets", [])]
    return {
        "schema": "taskkit/task/1",
        "id": f"ward-{number}",
        "domain": "ward",
        "category": "count",
        "split": changes.pop("split", "train"),
        "answer": {"kind": "integer"},
        "environment": {
            "image": changes.pop("image", "plain"),
            "assets": assets,
            "database": asset["name"],
        },
        "reference": {"steps": [_step(changes)]},
        "provenance": {
            "source": "ward",
            "record": f"{number}",
            "record_sha256": "0" * 64,
            "licence": "Apache-2.0",
            "access": "open",
            "builder": "ward 1",
        },
        **changes,
    }


def _step(changes: dict[str, Any]) -> dict[str, object]:
    """Take the one step of a reference out of the changes: a query, a program or a command."""
    if "sql" in changes:
        return step(changes.pop("sql"))
    if "command" in changes:
        return {"action": "terminal", "command": changes.pop("command"), "submit": True}
    program = {"action": "code_execution", "language": "python", "submit": True}
    return {**program, "code": changes.pop("python")}


def build(path: Path, tasks: list[dict[str, Any]]) -> Path:
    """Build a taskset; `text` is added to a document as it is, `sha256` replaces the database's."""
    with TasksetWriter(path) as writer:
        asset = writer.add_asset("ward.sqlite", ward(writer.workdir / "ward.sqlite"))
        for name in {"plain", *(one["image"] for one in tasks if "image" in one)}:
            writer.add_image(name, image(writer.workdir / name))
        for number, changes in enumerate(tasks):
            rest = dict(changes)
            named = {"name": asset.name, "sha256": rest.pop("sha256", asset.sha256)}
            text, others = rest.pop("text", ""), []
            for name, content in rest.pop("assets", {}).items():
                (writer.workdir / "other").write_text(content)
                others.append(writer.add_asset(name, writer.workdir / "other").model_dump())
            values = document(number, named, assets=others, **rest)
            spec = TaskSpec.model_validate(values)
            data = dump_task(spec) + f"{text}\n".encode() * bool(text)
            writer.write(data, spec.split, spec.category, spec.id)
        writer.finish(manifest(writer, "ward"))
    return path


def bad(code: str) -> list[dict[str, Any]]:
    """Read the tasks that deserve a code."""
    tasks: list[dict[str, Any]] = yaml.safe_load((BAD / f"{code}.yaml").read_text())
    return tasks


def audited(
    taskset: Path, *filters: str, jobs: int = 1, sandbox: str = "subprocess"
) -> tuple[Summary, Records]:
    """Audit a taskset; close the records when done."""
    unsafe = sandbox == "subprocess"
    cache = taskset.parent / "cache"
    auditing = Auditing(taskset, cache, sandbox, unsafe)  # type: ignore[arg-type]
    records = Records(records_path(taskset))
    work = Audit(auditing, records, Filter.parse(filters), sandbox)
    return work.run(jobs), records
