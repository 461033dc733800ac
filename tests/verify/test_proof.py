"""A lot of instances ends as each of them would by itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

import pytest

from taskkit.errors import SandboxError
from taskkit.play.episode import Episode
from taskkit.play.stage import Stage
from taskkit.sandbox.choose import Choice
from taskkit.sandbox.namespace import availability
from taskkit.spec.task import TaskSpec
from taskkit.taskset.folder import Taskset
from taskkit.verify.proof import Job, Prover, Proving
from taskkit.verify.results import Result
from tests.verify.test_verification import edit

ENDLESS = "with recursive n(i) as (select 1 union all select i + 1 from n) select max(i) from n"
BACKENDS: list[Choice] = ["namespace", "subprocess"]


@pytest.fixture(params=BACKENDS)
def prover(request: pytest.FixtureRequest, toy: Path, tmp_path: Path) -> Iterator[Prover]:
    if request.param == "namespace" and (lacking := availability()) is not None:
        pytest.skip(f"no namespaces here; see docs/sandbox.md: {lacking}")
    made = Proving(toy, tmp_path / "cache", request.param, True, 2)()
    yield made
    made.close()


def jobs(taskset: Path) -> list[Job]:
    return [Job(str(path.relative_to(taskset))) for path in Taskset(taskset).paths()]


def timeless(found: Sequence[Result]) -> list[Result]:
    return [replace(one, wall_s=0.0, program_s=0.0) for one in found]


def test_in_a_lot_each_instance_ends_as_by_itself(toy: Path, prover: Prover) -> None:
    edit(toy, 1, r"expected: \S+", "expected: -1")
    edit(toy, 3, "select sum.*", ENDLESS)
    edit(toy, 5, "select sum", "selekt sum")
    edit(toy, 6, "instruction:", "instructions:")
    edit(toy, 8, "select sum.*", "select 'abc'")
    edit(toy, 9, "sha256: .*", 'sha256: "' + "0" * 64 + '"')
    path = list(Taskset(toy).paths())[3]
    path.write_text(path.read_text().replace("database:", "limits: {wall_s: 0.5}\n  database:"))
    together = list(prover.do_batch(jobs(toy)))
    alone = [prover.do(job) for job in jobs(toy)]
    assert timeless(together) == timeless(alone)
    codes = [one.code for one in alone]
    assert codes.count("verified") == 6
    assert codes[3] == "reference_failed"
    assert alone[3].detail.startswith("timeout")
    assert all(one.wall_s > 0 for one in together)


def test_where_a_lot_breaks_the_sandbox_each_is_played_alone(
    toy: Path, prover: Prover, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened, really = [], Stage.episodes

    def episodes(self: Stage, specs: Sequence[TaskSpec]) -> AbstractContextManager[list[Episode]]:
        opened.append(len(specs))
        if len(specs) > 1:
            raise SandboxError("the lot broke it")
        return really(self, specs)

    monkeypatch.setattr(Stage, "episodes", episodes)
    found = list(prover.do_batch(jobs(toy)))
    assert [one.code for one in found] == ["verified"] * 12
    assert [one.repeats for one in found] == [2] * 12
    assert opened.count(1) == 24
