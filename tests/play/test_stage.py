"""A stage keeps workers warm, within bounds, and replaces those that fail."""

from __future__ import annotations

from pathlib import Path

import pytest

from taskkit.errors import SandboxError, UsageError
from taskkit.play.stage import Stage
from taskkit.spec.task import TaskSpec
from tests.play.fake_sandbox import BROKEN, FakeBackend
from tests.play.hospital import task


def image(sha256: str, name: str) -> TaskSpec:
    asset = {"name": "hospital.sqlite", "sha256": sha256}
    environment = {"image": name, "assets": [asset], "database": "hospital.sqlite"}
    return task(sha256, environment=environment)


def test_one_worker_serves_all_tasks_of_an_environment(
    stage: Stage, backend: FakeBackend, spec: TaskSpec, sha256: str
) -> None:
    for each in (spec, spec, task(sha256, id="hospital-2")):
        with stage.episode(each):
            pass
    assert len(backend.workers) == 1


def test_the_worker_gets_assets_and_preload(
    stage: Stage, backend: FakeBackend, sha256: str, database: Path
) -> None:
    with stage.episode(image(sha256, "sql")):
        pass
    site = backend.workers[0].site
    assert site.assets == {"hospital.sqlite": database}
    assert "pandas" in site.preload


def test_the_worker_unused_longest_makes_room(
    backend: FakeBackend, sha256: str, database: Path, tmp_path: Path
) -> None:
    with Stage(backend, lambda _: database, lambda _: "", tmp_path, max_workers=2) as stage:
        for name in ("a", "b", "a", "c", "a"):
            with stage.episode(image(sha256, name)):
                pass
        assert [(w.site.image, w.closed) for w in backend.workers] == [
            ("a", False), ("b", True), ("c", False),
        ]  # fmt: skip
    assert all(worker.closed for worker in backend.workers)


def test_a_worker_that_failed_is_closed_and_replaced(
    stage: Stage, backend: FakeBackend, spec: TaskSpec
) -> None:
    with pytest.raises(SandboxError), stage.episode(spec) as episode:
        episode.step({"action": "terminal", "command": BROKEN})
    assert backend.workers[0].closed
    with stage.episode(spec) as episode:
        episode.step({"action": "terminal", "command": "echo 2 > answer.json", "submit": True})
    assert episode.reward == 1.0
    assert len(backend.workers) == 2


def test_an_error_of_the_player_leaves_the_worker(
    stage: Stage, backend: FakeBackend, spec: TaskSpec
) -> None:
    with pytest.raises(ZeroDivisionError), stage.episode(spec):
        raise ZeroDivisionError
    with stage.episode(spec):
        pass
    assert [worker.closed for worker in backend.workers] == [False]


def test_one_episode_at_a_time(stage: Stage, spec: TaskSpec) -> None:
    with (
        stage.episode(spec),
        pytest.raises(UsageError, match="an episode of this stage is open"),
        stage.episode(spec),
    ):
        pass


def test_the_workspace_is_empty_in_every_episode(stage: Stage, spec: TaskSpec) -> None:
    for _ in range(2):
        with stage.episode(spec) as episode:
            assert "kept" not in episode.step({"action": "terminal", "command": "ls"}).text
            episode.step({"action": "terminal", "command": "touch kept"})


def test_no_index_is_made_before_it_is_needed(stage: Stage, spec: TaskSpec, tmp_path: Path) -> None:
    with stage.episode(spec) as episode:
        episode.step({"action": "request_info", "about": "tables"})
        episode.step({"action": "request_info", "about": "columns", "table": "patients"})
        assert list(tmp_path.iterdir()) == []
        episode.step({"action": "request_info", "about": "search", "text": "aspirin"})
        assert len(list(tmp_path.iterdir())) == 1
