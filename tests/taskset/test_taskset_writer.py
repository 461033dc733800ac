"""A taskset is written whole or not at all, and nobody else's files are touched."""

from __future__ import annotations

import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from taskkit.errors import MissingError, SpecError, UsageError
from taskkit.spec.document import dump_task
from taskkit.spec.manifest import TasksetManifest
from taskkit.taskset import atomic_folder
from taskkit.taskset.folder import Taskset
from taskkit.taskset.validate import validate
from taskkit.taskset.writer import TasksetWriter
from tests.spec.example import task
from tests.taskset.building import build, contents, fill, image, manifest

ROOT = Path(__file__).parents[2]
SCRIPT = Path(__file__).with_name("dying_build.py")


def beside(path: Path) -> list[str]:
    return sorted(one.name for one in path.parent.iterdir() if one != path)


def start(path: Path, limit: int | None = None) -> subprocess.Popen[str]:
    def bound() -> None:
        if limit is not None:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    return subprocess.Popen(
        [sys.executable, str(SCRIPT), str(path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        preexec_fn=bound,
    )


def test_a_build_leaves_a_taskset_and_nothing_beside_it(tmp_path: Path) -> None:
    path = build(tmp_path / "toy")
    assert beside(path) == []
    assert validate(path).findings == []


def test_two_builds_are_byte_identical(tmp_path: Path) -> None:
    assert contents(build(tmp_path / "one")) == contents(build(tmp_path / "other"))


def test_a_build_replaces_the_taskset_before_it(tmp_path: Path) -> None:
    build(tmp_path / "toy", 5)
    path = build(tmp_path / "toy", 2)
    assert [one.name for one in Taskset(path).paths()] == ["toy-0.yaml", "toy-1.yaml"]
    assert beside(path) == []


def test_a_build_that_fails_leaves_the_taskset_before_it(tmp_path: Path) -> None:
    path = build(tmp_path / "toy")
    before = contents(path)
    with suppress(KeyboardInterrupt), TasksetWriter(path) as writer:
        writer.write(b"half", "train", "count", "toy-9")
        raise KeyboardInterrupt
    assert contents(path) == before
    assert beside(path) == []


@pytest.mark.slow
def test_a_build_that_is_killed_at_any_moment_leaves_a_whole_taskset(tmp_path: Path) -> None:
    path = build(tmp_path / "toy", domain="round-0")
    chance = random.Random(0)
    for _ in range(20):
        process = start(path)
        assert process.stdout is not None
        assert process.stdout.readline().strip() == "0"
        time.sleep(chance.uniform(0, 0.2))
        process.kill()
        process.communicate()
        assert validate(path).findings == []
    build(path)
    assert beside(path) == []


def test_a_full_disk_is_named_and_leaves_the_taskset_before_it(tmp_path: Path) -> None:
    path = build(tmp_path / "toy")
    before = contents(path)
    process = start(path, limit=16_000)
    _, errors = process.communicate(timeout=60)
    assert "MissingError" in errors
    assert "cannot be written: File too large" in errors
    assert "what stood there before is untouched" in errors
    assert contents(path) == before
    assert beside(path) == []


@pytest.mark.parametrize("what", ["quarantine.jsonl", "tasks"])
def test_a_set_of_which_something_was_deleted_takes_no_place(tmp_path: Path, what: str) -> None:
    path = build(tmp_path / "toy")
    before = contents(path)

    class Robbed(TasksetWriter):
        def finish(self, manifest: TasksetManifest) -> None:
            [partial] = tmp_path.glob(".toy.partial-*")
            gone = partial / what
            shutil.rmtree(gone) if gone.is_dir() else gone.unlink()
            super().finish(manifest)

    with (
        pytest.raises(MissingError, match=rf"{what}.*: deleted while the build wrote it"),
        Robbed(path) as writer,
    ):
        fill(writer, 3, domain="toy")
    assert contents(path) == before


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everywhere")
def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(MissingError, match="cannot be written: Permission denied"):
        build(tmp_path / "toy")


def test_the_second_of_two_builds_is_refused(tmp_path: Path) -> None:
    with TasksetWriter(tmp_path / "toy"):
        _, errors = start(tmp_path / "toy").communicate(timeout=60)
    assert errors.rstrip().endswith(
        "UsageError: " + str(tmp_path / "toy") + ": another build is writing it:"
        " wait for it, or name another folder"
    )


def test_a_second_build_in_the_same_process_is_refused(tmp_path: Path) -> None:
    with (
        TasksetWriter(tmp_path / "toy"),
        pytest.raises(UsageError, match="another build"),
        TasksetWriter(tmp_path / "toy"),
    ):
        pass


def test_what_a_dead_build_left_is_removed(tmp_path: Path) -> None:
    (tmp_path / ".toy.partial-1" / "tasks").mkdir(parents=True)
    (tmp_path / ".toy.lock").touch()
    (tmp_path / ".toys.partial-1").mkdir()
    assert beside(build(tmp_path / "toy")) == [".toys.partial-1"]


def test_without_an_exchange_the_folder_is_replaced_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(atomic_folder, "exchange", lambda one, other: False)
    build(tmp_path / "toy", 5)
    path = build(tmp_path / "toy", 2)
    assert len(list(Taskset(path).paths())) == 2
    assert beside(path) == []


def test_a_replacement_that_died_between_its_renames_is_undone(tmp_path: Path) -> None:
    path = build(tmp_path / "toy")
    path.rename(tmp_path / ".toy.previous")
    assert len(list(Taskset(path).specs())) == 3
    path.rename(tmp_path / ".toy.previous")
    assert len(list(Taskset(build(path, 2)).specs())) == 2
    assert beside(path) == []


def test_a_build_that_fails_after_one_that_died_leaves_the_taskset_of_before(
    tmp_path: Path,
) -> None:
    path = build(tmp_path / "toy")
    before = contents(path)
    path.rename(tmp_path / ".toy.previous")
    with suppress(KeyboardInterrupt), TasksetWriter(path):
        raise KeyboardInterrupt
    assert contents(path) == before


@pytest.mark.parametrize("name", ["notes.txt", "tasks"])
def test_a_folder_of_other_files_is_not_overwritten(tmp_path: Path, name: str) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / name).write_text("mine")
    with pytest.raises(UsageError, match=r"/home: holds other files: name an empty folder"):
        build(tmp_path / "home")
    assert contents(tmp_path) == {f"home/{name}": b"mine"}


def test_a_file_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "toy").write_text("mine")
    with pytest.raises(UsageError, match="not a folder"):
        build(tmp_path / "toy")


def test_an_empty_folder_and_a_link_are_taken(tmp_path: Path) -> None:
    (tmp_path / "disk" / "toy").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "disk" / "toy")
    build(tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "disk" / "toy" / "taskset.yaml").is_file()


@pytest.mark.parametrize(
    ("split", "category", "id"),
    [
        ("train", "count", "../x"),
        ("train", "..", "toy-1"),
        ("../train", "count", "toy-1"),
        ("dev", "count", "toy-1"),
        ("train", "count", ""),
        ("train", "count", "a/b"),
        ("train", "count", "a\x00b"),
        ("train", "count", "toy-1\n"),
        ("train", "Count", "toy-1"),
        ("train", "count", "x" * 81),
    ],
)
def test_an_unsafe_name_is_refused(tmp_path: Path, split: str, category: str, id: str) -> None:
    with TasksetWriter(tmp_path / "toy") as writer, pytest.raises(SpecError, match="safe names"):
        writer.write(b"", split, category, id)


def test_an_id_is_taken_once(tmp_path: Path) -> None:
    with TasksetWriter(tmp_path / "toy") as writer:
        writer.write(b"", "train", "count", "toy-1")
        with pytest.raises(SpecError, match=r"^toy-1: two tasks of this id, in train/count and te"):
            writer.write(b"", "test", "count", "toy-1")


def test_tasks_that_were_removed_are_gone(tmp_path: Path) -> None:
    path = tmp_path / "toy"
    with TasksetWriter(path) as writer:
        for id in ("toy-1", "toy-2"):
            spec = task(id=id, split="test")
            writer.write(dump_task(spec), "test", "count", id)
        writer.remove("test", "count", "toy-1")
        writer.remove("test", "count", "toy-2")
        with pytest.raises(SpecError, match="no such task"):
            writer.remove("test", "count", "toy-2")
        writer.write(dump_task(task()), "train", "count", "toy-1")
        writer.finish(manifest(writer))
    assert [one.name for one in (path / "tasks").iterdir()] == ["train"]
    assert Taskset(path).manifest.counts.model_dump() == {
        "total": 1,
        "by_split": {"train": 1},
        "by_category": {"count": 1},
    }


def test_a_lost_record_is_noticed(tmp_path: Path) -> None:
    with TasksetWriter(tmp_path / "toy") as writer:
        records = manifest(writer).records.model_copy(update={"read": 2})
        with pytest.raises(SpecError, match="2 records read, but 0 tasks and 0 rejected"):
            writer.finish(manifest(writer).model_copy(update={"records": records}))
    assert not (tmp_path / "toy").exists()


def test_a_source_s_own_file_is_copied_not_linked(tmp_path: Path) -> None:
    own = tmp_path / "own.sqlite"
    own.write_bytes(b"before")
    with TasksetWriter(tmp_path / "toy") as writer:
        asset = writer.add_asset("own.sqlite", own)
        writer.finish(manifest(writer))
    own.write_bytes(b"after")
    assert Taskset(tmp_path / "toy").asset(asset.sha256).read_bytes() == b"before"


def test_an_image_needs_a_dockerfile(tmp_path: Path) -> None:
    with TasksetWriter(tmp_path / "toy") as writer:
        (tmp_path / "empty").mkdir()
        with pytest.raises(UsageError, match=r"need a folder with image\.yaml or a Dockerfile"):
            writer.add_image("sql", tmp_path / "empty")
        writer.add_image("sql", image(tmp_path / "image"))
        assert writer.images == ("sql",)


def test_a_taskset_may_be_built_where_the_parents_do_not_exist(tmp_path: Path) -> None:
    with TasksetWriter(tmp_path / "a" / "b" / "toy") as writer:
        fill(writer, 1, domain="toy")
    assert len(list(Taskset(tmp_path / "a" / "b" / "toy").paths())) == 1
