"""Every fault of a taskset is found, said with its place, and never stops the rest."""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import get_args

import pytest

from taskkit.errors import UsageError
from taskkit.pool import ordered
from taskkit.spec.complaint import ComplaintCode
from taskkit.spec.document import dump_task
from taskkit.taskset.finding import FaultCode, Finding
from taskkit.taskset.folder import Taskset
from taskkit.taskset.validate import validate
from tests.spec.example import DIGEST, task
from tests.taskset.building import build

ROOT = Path(__file__).parents[2]
DOCUMENTS = ROOT / "tests" / "fixtures" / "bad_documents"
OTHER = "# Another guide\n"
CASES = sorted(path.stem for path in DOCUMENTS.glob("*.yaml"))
OF_THE_SET = {
    "unreadable",
    "stray_file",
    "duplicate_id",
    "wrong_digest",
    "wrong_count",
    "not_database",
}


@pytest.fixture
def taskset(tmp_path: Path) -> Path:
    return build(tmp_path / "toy")


def spoil(taskset: Path, case: str) -> Path:
    """Put a bad document in the place of task toy-1."""
    manifest = Taskset(taskset).manifest
    other = hashlib.sha256(OTHER.encode()).hexdigest()
    (taskset / "context" / f"{other}.md").write_text(OTHER)
    data = (DOCUMENTS / f"{case}.yaml").read_bytes()
    for word, digest in (
        (b"DATABASE", manifest.assets[0].sha256),
        (b"GUIDE", manifest.context[0].sha256),
        (b"OTHER", other),
    ):
        data = data.replace(word, digest.encode())
    path = taskset / "tasks" / "train" / "count" / "toy-1.yaml"
    path.write_bytes(data)
    return path


def told(taskset: Path, jobs: int = 1) -> list[str]:
    return [str(one).replace(f"{taskset}/", "") for one in validate(taskset, jobs).findings]


def codes(taskset: Path) -> set[str]:
    return {one.code for one in validate(taskset).findings}


@pytest.mark.parametrize("case", CASES)
def test_a_bad_document_is_found(taskset: Path, case: str) -> None:
    spoil(taskset, case)
    report = validate(taskset)
    expected = (DOCUMENTS / f"{case}.txt").read_text("utf-8").splitlines()
    assert told(taskset) == expected
    assert case in {one.code for one in report.findings}
    assert report.tasks == 3


def test_every_kind_of_finding_has_a_bad_document_or_a_test() -> None:
    assert set(CASES) | OF_THE_SET == every_code()
    assert not set(CASES) & OF_THE_SET


def every_code() -> set[str]:
    return set(get_args(ComplaintCode)) | set(get_args(FaultCode))


def test_every_kind_of_finding_is_explained() -> None:
    text = (ROOT / "docs" / "format.md").read_text("utf-8")
    rows = [line.split("`")[1] for line in text.splitlines() if line.startswith("| `")]
    assert every_code() <= set(rows)


def test_a_sound_taskset_has_no_findings(taskset: Path) -> None:
    report = validate(taskset)
    assert (report.tasks, report.findings, report.notes) == (3, [], [])


def test_a_file_too_large_is_found(taskset: Path) -> None:
    with (taskset / "tasks" / "train" / "count" / "toy-0.yaml").open("wb") as file:
        file.truncate(100_000_000)
    assert told(taskset) == [
        "tasks/train/count/toy-0.yaml:1:1: 100000000 bytes: need 1000000 at most: replace the file"
    ]


def test_files_that_do_not_belong_are_found(taskset: Path) -> None:
    for name in ("notes.txt", "dev/count/toy-1.yaml", "train/x.yaml", "train/count/toy-1.yml"):
        path = taskset / "tasks" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    assert told(taskset) == [
        "tasks/dev:1:1: does not belong here: need a folder, one of train, valid, test",
        "tasks/notes.txt:1:1: does not belong here: need a folder, one of train, valid, test",
        "tasks/train/count/toy-1.yml:1:1: does not belong here: need <id>.yaml",
        "tasks/train/x.yaml:1:1: does not belong here: need the folder of a category",
    ]


def test_an_id_that_two_tasks_have_is_found(taskset: Path) -> None:
    text = (taskset / "tasks" / "train" / "count" / "toy-1.yaml").read_text("utf-8")
    (taskset / "tasks" / "test" / "count").mkdir(parents=True)
    other = taskset / "tasks" / "test" / "count" / "toy-1.yaml"
    other.write_text(text.replace("split: train", "split: test"), "utf-8")
    assert told(taskset) == [
        f"tasks/train/count/toy-1.yaml:1:1: id: 'toy-1' is the id of {other} too:".replace(
            f"{taskset}/", ""
        )
        + " need an id of its own",
        "taskset.yaml:1:1: counts.total: 3, but there are 4: build the taskset again",
        "taskset.yaml:1:1: counts.by_split: 3 train, but there are 1 test, 3 train:"
        " build the taskset again",
        "taskset.yaml:1:1: counts.by_category: 3 count, but there are 4 count:"
        " build the taskset again",
    ]


def test_data_of_other_rows_than_the_manifest_says_is_found(taskset: Path) -> None:
    asset = Taskset(taskset).manifest.assets[0]
    with closing(sqlite3.connect(taskset / "assets" / asset.sha256)) as connection:
        query = "select name from sqlite_schema where type = 'table'"
        names = connection.execute(query).fetchall()
        counted = {
            n: connection.execute(f"select count(*) from {n}").fetchone()[0] for (n,) in names
        }
    path = taskset / "taskset.yaml"
    size = f"bytes: {asset.bytes}"
    text = path.read_text("utf-8")
    indent = text[: text.index(size)].rpartition("\n")[2]
    good = text.replace(size, f"{size}\n{indent}rows: {json.dumps(counted)}")
    path.write_text(good, "utf-8")
    assert told(taskset) == []
    other = json.dumps(dict.fromkeys(counted, 99))
    path.write_text(good.replace(size, "bytes: 7").replace(json.dumps(counted), other))
    said, found = (
        ", ".join(f"{rows[name]} {name}" for name in sorted(rows))
        for rows in (json.loads(other), counted)
    )
    remedy = "build the taskset again"
    assert told(taskset) == [
        f"taskset.yaml:1:1: assets[0].bytes: 7, but there are {asset.bytes}: {remedy}",
        f"taskset.yaml:1:1: assets[0].rows: {said}, but there are {found}: {remedy}",
    ]


def test_a_task_that_is_gone_is_found(taskset: Path) -> None:
    (taskset / "tasks" / "train" / "count" / "toy-1.yaml").unlink()
    assert codes(taskset) == {"wrong_count"}


def test_a_record_that_is_gone_is_found(taskset: Path) -> None:
    (taskset / "quarantine.jsonl").write_text("")
    assert told(taskset) == [
        "taskset.yaml:1:1: records.rejected: 1 sql_error, but there are none:"
        " build the taskset again"
    ]


def test_a_quarantine_line_that_is_broken_is_found(taskset: Path) -> None:
    with (taskset / "quarantine.jsonl").open("a") as file:
        file.write("{nonsense\n")
    assert told(taskset) == ["quarantine.jsonl:2:1: no quarantine line: remove the line"]


def test_data_that_changed_is_found_once(taskset: Path) -> None:
    asset = next((taskset / "assets").iterdir())
    asset.chmod(0o644)
    asset.write_bytes(asset.read_bytes() + b"\0" * 4096)
    digest = hashlib.sha256(asset.read_bytes()).hexdigest()
    assert told(taskset) == [
        f"assets/{asset.name}:1:1: its bytes have SHA-256 {digest}: build the taskset again"
    ]


def test_data_that_is_no_database_is_found_once(taskset: Path) -> None:
    asset = next((taskset / "assets").iterdir())
    asset.chmod(0o644)
    asset.write_bytes(b"no database")
    assert [one.code for one in validate(taskset).findings] == ["wrong_digest", "not_database"]


@pytest.mark.parametrize(
    "name", ["assets", "context", "images/sql/Dockerfile", "schemas/task.json"]
)
def test_a_file_that_is_gone_is_found(taskset: Path, name: str) -> None:
    path = taskset / name
    path.unlink() if path.is_file() else shutil.rmtree(path)
    assert codes(taskset) == {"missing_file"}


def test_a_broken_manifest_does_not_stop_the_rest(taskset: Path) -> None:
    spoil(taskset, "bad_value")
    manifest = taskset / "taskset.yaml"
    manifest.write_text(manifest.read_text().replace("seed: 0", "seed: zero"))
    assert told(taskset) == [
        "tasks/train/count/toy-1.yaml:31:15: reference.steps[1].submit: 1: need true or false",
        "taskset.yaml:6:1: seed: 'zero': need a whole number",
    ]


def test_an_abstention_that_is_not_allowed_is_found(tmp_path: Path) -> None:
    path = tmp_path / "toy-1.yaml"
    path.write_bytes(dump_task(task(oracle={"kind": "abstain"})))
    assert [str(one).partition(": ")[2] for one in validate(path).findings] == [
        "oracle.kind: abstain, but the agent may not abstain: need abstention: true"
    ]


def test_sql_without_a_database_is_found(tmp_path: Path) -> None:
    path = tmp_path / "toy-1.yaml"
    path.write_bytes(dump_task(task(environment={"image": "sql"})))
    assert [one.code for one in validate(path).findings] == ["no_database"]


def test_one_file_is_checked_within_its_taskset(taskset: Path) -> None:
    path = taskset / "tasks" / "train" / "count" / "toy-1.yaml"
    report = validate(path)
    assert (report.tasks, report.findings, report.notes) == (1, [], [])
    assert [one.code for one in validate(spoil(taskset, "sql_unknown_table")).findings] == [
        "sql_unknown_table"
    ]
    next((taskset / "assets").iterdir()).unlink()
    assert "missing_file" in {one.code for one in validate(path).findings}


def test_one_file_by_itself_is_checked_as_far_as_possible(tmp_path: Path) -> None:
    path = tmp_path / "toy-1.yaml"
    path.write_bytes(dump_task(task()))
    report = validate(path)
    assert report.findings == []
    assert report.notes == ["in no taskset: data, documents, image and SQL were not checked"]


@pytest.mark.parametrize("name", [".", "none"])
def test_a_place_without_a_taskset_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="name a taskset, or the file of one task"):
        validate(tmp_path / name)


def test_a_double_quoted_name_is_no_finding(tmp_path: Path) -> None:
    query = 'select count(*) as "how many", "dob" from patients order by "how many"'
    assert validate(build(tmp_path / "toy", 1, query=query)).findings == []


def test_more_processes_find_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    taskset = build(tmp_path / "toy", 12)
    spoil(taskset, "sql_unknown_column")
    alone = validate(taskset)
    monkeypatch.setattr(ordered, "CHUNK", 1)
    monkeypatch.setattr(ordered, "ALONE", 2)
    assert validate(taskset, jobs=2) == alone
    assert (alone.tasks, len(alone.findings)) == (12, 1)


def test_a_record_that_was_read_and_went_nowhere_is_found(taskset: Path) -> None:
    manifest = taskset / "taskset.yaml"
    manifest.write_text(manifest.read_text().replace("read: 4", "read: 5"))
    assert told(taskset) == [
        "taskset.yaml:1:1: records.read: 5, but there are 4: build the taskset again"
    ]


def test_progress_is_told(taskset: Path) -> None:
    seen: list[tuple[str, int, int | None]] = []
    validate(taskset, progress=lambda *news: seen.append(news))
    assert seen == [("validate", done, 3) for done in range(4)]


def test_a_report_is_plain_values(taskset: Path) -> None:
    spoil(taskset, "bad_value")
    found = validate(taskset).as_json()["findings"]
    assert found == [
        {
            "code": "bad_value",
            "file": f"{taskset}/tasks/train/count/toy-1.yaml",
            "line": 31,
            "column": 15,
            "field": "reference.steps[1].submit",
            "message": "1",
            "remedy": "need true or false",
        }
    ]


def test_a_finding_leaves_out_what_it_lacks() -> None:
    assert str(Finding("stray_file", "x", 1, "", "what", "why")) == "x:1:1: what: why"
    assert DIGEST not in str(Finding("stray_file", "x", 1, "f", "what", ""))
