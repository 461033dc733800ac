"""The Gymnasium environment keeps Gymnasium's contract, and the episode's."""

from __future__ import annotations

import json
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import taskkit
from taskkit.errors import MissingError, SandboxError, UsageError
from taskkit.spec.document import dump_task
from taskkit.spec.manifest import Records, TasksetManifest
from taskkit.taskset.writer import TasksetWriter
from tests.play.fake_sandbox import BROKEN, FakeBackend
from tests.play.hospital import task

pytest.importorskip("gymnasium")

from gymnasium.utils.env_checker import check_env

from taskkit.play.gym import TaskEnv

RIGHT = {"action": "code_execution", "language": "python", "code": "answer = 2", "submit": True}
CRASH = {"action": "code_execution", "language": "python", "code": "raise ValueError(2)"}


@pytest.fixture
def folder(database: Path, sha256: str, tmp_path: Path) -> Path:
    """A taskset of two tasks over the hospital."""
    path = tmp_path / "tasks"
    with TasksetWriter(path) as writer:
        writer.add_asset("hospital.sqlite", database)
        for number in (1, 2):
            spec = task(sha256, id=f"hospital-{number}", max_steps=3)
            writer.write(dump_task(spec), spec.split, spec.category, spec.id)
        writer.finish(
            TasksetManifest(
                schema_version="taskkit/taskset/1",
                domain="hospital",
                taskkit="0",
                builder="test 1",
                seed=0,
                counts=writer.counts,
                records=Records(read=2),
            )
        )
    return path


@pytest.fixture
def env(folder: Path, backend: FakeBackend, tmp_path: Path) -> Iterator[TaskEnv]:
    made = taskkit.make(folder, "hospital-1", sandbox=backend, cache=tmp_path / "cache")
    yield made
    made.close()


def test_gymnasiums_own_checker_finds_nothing(env: TaskEnv) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check_env(env)


def test_the_reward_comes_with_the_last_step(env: TaskEnv) -> None:
    text, info = env.reset()
    assert "How many women" in text
    assert info == {
        "id": "hospital-1", "status": "ok", "steps_left": 3, "submissions_left": 1,
    }  # fmt: skip
    _, *first, _ = env.step(json.dumps(CRASH))
    assert first == [0.0, False, False]
    _, *last, info = env.step(json.dumps(RIGHT))
    assert last == [1.0, True, False]
    assert info["submissions_left"] == 0


def test_running_out_of_steps_truncates(env: TaskEnv) -> None:
    env.reset()
    assert [env.step("{")[1:4] for _ in range(3)] == [
        (0.0, False, False), (0.0, False, False), (0.0, False, True),
    ]  # fmt: skip


def test_reset_ends_the_episode_before(env: TaskEnv) -> None:
    env.reset()
    env.step(json.dumps({"action": "terminal", "command": "touch kept"}))
    env.reset()
    assert "kept" not in env.step(json.dumps({"action": "terminal", "command": "ls"}))[0]


def test_the_seed_decides_which_task_is_drawn(folder: Path, backend: FakeBackend) -> None:
    env = taskkit.make(folder, sandbox=backend)
    drawn = [[env.reset(seed=seed)[1]["id"] for seed in range(20)] for _ in range(2)]
    assert drawn[0] == drawn[1]
    assert set(drawn[0]) == {"hospital-1", "hospital-2"}
    assert env.reset(options={"id": "hospital-2"})[1]["id"] == "hospital-2"
    env.close()


def test_an_unknown_task_is_a_usage_error(folder: Path, backend: FakeBackend) -> None:
    with pytest.raises(UsageError, match="no task 'hospital-9'"):
        taskkit.make(folder, "hospital-9", sandbox=backend)
    with pytest.raises(UsageError):
        taskkit.make(folder / "nowhere", sandbox=backend)
    with pytest.raises(UsageError, match="sandbox 'dokcer': need one of auto"):
        taskkit.make(folder, sandbox="dokcer")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"id": 5}, "id 5: need the text of an id"),
        ({"ids": [5]}, "id 5: need the text of an id"),
        ({"ids": "hospital-1"}, "need a list of ids"),
        ({"ids": []}, r"no task of ids \[\]: need at least one"),
        ({"split": "dev"}, "split 'dev': need one of train, valid, test"),
        ({"split": ""}, "split '': need one of train, valid, test"),
        ({"filter": 5}, "filter 5: need texts"),
        ({"filter": [5]}, r"filter \[5\]: need texts"),
        ({"filter": "category=none"}, "no task of filter 'category=none'"),
        ({"id": "hospital-1", "split": "train"}, "names one task: need no split"),
        ({"sandbox": 5}, "sandbox 5: need one of auto"),
        ({"cache": 5}, "cache 5: need a path"),
        ({"source": None}, "source None: need a path"),
    ],
    ids=str,
)
def test_a_wrong_choice_is_a_usage_error_and_none_is_ignored(
    folder: Path, backend: FakeBackend, options: dict[str, Any], message: str
) -> None:
    chosen: dict[str, Any] = {"source": folder, "sandbox": backend} | options
    with pytest.raises(UsageError, match=message):
        taskkit.make(**chosen)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"split": "train"}, "options 'split': unknown: need `id`, or none"),
        ({"task": "hospital-1"}, "options 'task': unknown"),
        ({5: 1, "x": 1}, "options 5: unknown"),
        ({"id": 5}, "id 5: need the text of an id"),
        ({"id": ["hospital-1"]}, "need the text of an id"),
        ({"id": "hospital-9"}, "no task 'hospital-9'"),
        ("hospital-1", "options 'hospital-1': need a dict"),
        ([("id", "hospital-1")], "need a dict"),
    ],
    ids=str,
)
def test_an_option_of_a_reset_is_taken_or_refused(env: TaskEnv, options: Any, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        env.reset(options=options)
    assert env.reset(options={"id": "hospital-2"})[1]["id"] == "hospital-2"


def test_a_step_without_an_episode_is_a_usage_error(env: TaskEnv) -> None:
    with pytest.raises(UsageError, match="call reset first"):
        env.step("{}")


def test_after_a_broken_sandbox_reset_starts_anew(env: TaskEnv, backend: FakeBackend) -> None:
    env.reset()
    with pytest.raises(SandboxError):
        env.step(json.dumps({"action": "terminal", "command": BROKEN}))
    env.reset()
    assert env.step(json.dumps(RIGHT))[1] == 1.0
    assert [worker.closed for worker in backend.workers] == [True, False]


def test_without_gymnasium_the_message_says_what_to_install(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "taskkit.play.gym")
    monkeypatch.setitem(sys.modules, "gymnasium", None)
    monkeypatch.delattr("taskkit.play.gym", raising=False)
    with pytest.raises(MissingError, match=r"pip install 'taskkit\[gym\]'"):
        taskkit.make(folder)
