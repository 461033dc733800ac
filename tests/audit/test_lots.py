"""Instances whose programs are played together come out as each by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from taskkit.audit.auditor import Auditing, Auditor
from taskkit.audit.record import Record
from taskkit.errors import SandboxError
from taskkit.play.action import AnyAction
from taskkit.play.episode import Episode
from taskkit.play.observation import Observation
from taskkit.taskset.folder import Taskset
from taskkit.verify.proof import Job
from tests.audit.test_audit import SEVERAL, timeless
from tests.audit.ward import build


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Callable[[], tuple[Auditor, list[Job]]]]:
    """Give a fresh auditor of a small set, and its jobs."""
    taskset = build(tmp_path / "set", SEVERAL)
    jobs = [Job(str(path.relative_to(taskset))) for path in Taskset(taskset).paths()]
    made: list[Auditor] = []

    def auditor() -> tuple[Auditor, list[Job]]:
        made.append(Auditing(taskset, tmp_path / "cache", "subprocess", True)())
        return made[-1], jobs

    yield auditor
    for one in made:
        one.close()


def findings(records: list[Record]) -> dict[str, str]:
    return {one.id: one.codes for one in records}


def test_a_lot_finds_what_single_instances_find(
    make: Callable[[], tuple[Auditor, list[Job]]],
) -> None:
    auditor, jobs = make()
    lot = timeless(auditor.do_batch(jobs))
    auditor, jobs = make()
    assert lot == timeless([auditor.do(job) for job in jobs])


def test_a_sandbox_that_fails_over_one_of_a_lot_is_held_against_none_else(
    make: Callable[[], tuple[Auditor, list[Job]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    auditor, jobs = make()
    sound = findings(auditor.do_batch(jobs))
    step = Episode.step

    def failing(self: Episode, action: AnyAction) -> Observation:
        if self.spec.id == "ward-1":
            raise SandboxError("sandbox: out of order")
        return step(self, action)

    monkeypatch.setattr(Episode, "step", failing)
    auditor, jobs = make()
    found = findings(auditor.do_batch(jobs))
    assert "sandbox_failed" in found.pop("ward-1")
    sound.pop("ward-1")
    assert found == sound
