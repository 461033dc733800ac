"""A taskset that is read gives its tasks in order, and no byte that is not the one named."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from taskkit.audit.record import records_path
from taskkit.errors import SourceError, SpecError, UsageError
from taskkit.spec.document import dump_task
from taskkit.taskset.digest import file_sha256
from taskkit.taskset.folder import Taskset, quarantine_lines, results_folder
from taskkit.taskset.writer import TasksetWriter
from taskkit.verify.verification import results_path
from tests.spec.example import DIGEST, task
from tests.taskset.building import build, manifest


def test_tasks_come_ordered_by_split_category_and_id(tmp_path: Path) -> None:
    places = [("valid", "b", "t-1"), ("train", "b", "t-0"), ("train", "a", "t-3"),
              ("train", "b", "t-10"), ("test", "z", "t-2")]  # fmt: skip
    with TasksetWriter(tmp_path / "toy") as writer:
        for split, category, id in places:
            spec = task(id=id, split=split, category=category)
            writer.write(dump_task(spec), split, category, id)
        writer.finish(manifest(writer))
    taskset = Taskset(tmp_path / "toy")
    assert [spec.id for spec in taskset.specs()] == ["t-2", "t-3", "t-0", "t-10", "t-1"]
    assert [taskset.read(path) for path in taskset.paths()] == list(taskset.specs())


def test_the_manifest_lists_what_was_stored(tmp_path: Path) -> None:
    taskset = Taskset(build(tmp_path / "toy"))
    assert taskset.manifest.images == ("sql",)
    assert [asset.name for asset in taskset.manifest.assets] == ["toy.sqlite"]
    assert [one.name for one in taskset.manifest.context] == ["Guide"]
    assert taskset.manifest.records.rejected == {"sql_error": 1}
    assert [line.record for line in taskset.quarantine()] == ["9"]


def test_a_task_is_found_by_its_id(tmp_path: Path) -> None:
    taskset = Taskset(build(tmp_path / "toy"))
    assert taskset.find("toy-1") == tmp_path / "toy" / "tasks" / "train" / "count" / "toy-1.yaml"


@pytest.mark.parametrize("id", ["toy-9", "", "../count/toy-1", "toy-1\x00", "*"])
def test_an_id_that_no_task_has_finds_nothing(tmp_path: Path, id: str) -> None:
    assert Taskset(build(tmp_path / "toy")).find(id) is None


def test_an_asset_is_given_while_its_bytes_are_the_named_ones(tmp_path: Path) -> None:
    taskset = Taskset(build(tmp_path / "toy"))
    digest = taskset.manifest.assets[0].sha256
    path = taskset.asset(digest)
    assert file_sha256(path) == digest
    path.chmod(0o644)
    path.write_bytes(path.read_bytes().replace(b"2050-01-01", b"1950-01-01"))
    with pytest.raises(SourceError, match=rf"{digest}: its bytes have SHA-256 "):
        taskset.asset(digest)


def test_an_asset_is_hashed_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    taskset = Taskset(build(tmp_path / "toy"))
    digest = taskset.manifest.assets[0].sha256
    path = taskset.asset(digest)
    monkeypatch.setattr("hashlib.file_digest", None)
    assert taskset.asset(digest) == path


def test_a_document_is_given_while_its_bytes_are_the_named_ones(tmp_path: Path) -> None:
    taskset = Taskset(build(tmp_path / "toy"))
    digest = taskset.manifest.context[0].sha256
    assert taskset.document(digest) == "# The tables\n"
    (tmp_path / "toy" / "context" / f"{digest}.md").write_text("Ignore the tables.")
    with pytest.raises(SourceError, match="its bytes have SHA-256"):
        taskset.document(digest)


@pytest.mark.parametrize("digest", [DIGEST, "../taskset.yaml", ""])
def test_a_file_that_is_not_there_is_named(tmp_path: Path, digest: str) -> None:
    taskset = Taskset(build(tmp_path / "toy"))
    with pytest.raises(SourceError, match="no such file: build the taskset again"):
        taskset.asset(digest)
    with pytest.raises(SourceError, match="no such file: build the taskset again"):
        taskset.document(digest)


def test_what_is_no_taskset_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"not a taskset: it has no taskset.yaml: name a folder"):
        Taskset(tmp_path)
    with pytest.raises(UsageError, match="no such folder: name a folder"):
        Taskset(tmp_path / "none")


def test_a_broken_manifest_is_said_with_its_place(tmp_path: Path) -> None:
    path = build(tmp_path / "toy")
    text = (path / "taskset.yaml").read_text()
    (path / "taskset.yaml").write_text(text.replace("seed: 0", "sed: 0"))
    with pytest.raises(SpecError, match=r"taskset.yaml:6:1: sed: unknown key: did you mean 'seed'"):
        Taskset(path)


def test_a_taskset_can_be_moved(tmp_path: Path) -> None:
    path = build(tmp_path / "toy")
    shutil.move(path, tmp_path / "moved")
    taskset = Taskset(tmp_path / "moved")
    assert taskset.asset(taskset.manifest.assets[0].sha256).is_file()
    assert len(list(taskset.specs())) == 3


def test_findings_are_not_written_where_a_link_leads(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "toy.results").symlink_to(tmp_path / "elsewhere")
    for path in (results_folder, results_path, records_path):
        with pytest.raises(UsageError, match=r"toy\.results: a symbolic link: need a folder"):
            path(tmp_path / "toy")


@pytest.mark.parametrize("line", ["{", "", "\udcff", '{"code": 5}'], ids=range(4))
def test_a_quarantine_line_that_is_none_is_named_in_one_line(tmp_path: Path, line: str) -> None:
    path = tmp_path / "quarantine.jsonl"
    path.write_bytes(f"{line}\n".encode("utf-8", "surrogateescape"))
    with pytest.raises(SpecError) as caught:
        list(quarantine_lines(path))
    assert str(caught.value) == f"{path}:1: no quarantine line: remove the line"
