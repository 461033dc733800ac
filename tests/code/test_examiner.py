"""Mutants of a function are killed by its hidden calls, or called weak."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest

from taskkit.audit.examiner import Ground
from taskkit.build.draft import Desk
from taskkit.build.origin import Origin
from taskkit.code.bank_tasks import drawn
from taskkit.code.examiner import FunctionExaminer, reference
from taskkit.code.family import families
from taskkit.code.wording import wordings
from taskkit.oracles.cases import CasesOracle
from taskkit.play.stage import Stage
from taskkit.sandbox.namespace import Namespace
from taskkit.spec.task import TaskSpec
from taskkit.taskset.folder import Taskset

FOLDER = Path(__file__).parents[2] / "domains" / "biocoder"


@pytest.fixture(scope="module")
def task() -> TaskSpec:
    desk = Desk("biocoder", "base", Origin("test", "CC0-1.0", "open", "0" * 64))
    [made] = drawn(families()["gc_skew"], wordings(FOLDER)["gc_skew"], desk, 1, 0)
    assert isinstance(made, TaskSpec)
    return made


@pytest.fixture(scope="module")
def examiner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FunctionExaminer]:
    if shutil.which("unshare") is None:
        pytest.skip("no namespaces here")

    def nothing(sha256: str) -> Path:
        raise AssertionError("there are no assets")

    cache = tmp_path_factory.mktemp("cache")
    with Stage(Namespace(), nothing, lambda _: "", cache) as stage:
        ground = Ground(stage, cast(Taskset, None), cache, lambda _: iter(()))
        yield FunctionExaminer(ground)


def test_mutants_that_are_not_equivalent_are_killed(
    examiner: FunctionExaminer, task: TaskSpec
) -> None:
    fates = [fate for _, fate, *_ in examiner.examine(task, ()).fates]
    assert examiner.examines(task)
    assert fates.count("killed") >= 10
    assert set(fates) <= {"killed", "equivalent"}


def test_a_task_with_too_few_calls_is_weak(examiner: FunctionExaminer, task: TaskSpec) -> None:
    assert isinstance(task.oracle, CasesOracle)
    few = task.oracle.model_copy(update={"calls": task.oracle.calls[:1], "visible": ()})
    weak = examiner.examine(task.model_copy(update={"oracle": few}), ())
    assert "weak" in {one.fate for one in weak.survivors}


def test_traits_do_not_hang_on_the_name_of_the_function(
    examiner: FunctionExaminer, task: TaskSpec
) -> None:
    desk = Desk("biocoder", "base", Origin("test", "CC0-1.0", "open", "0" * 64))
    wording = wordings(FOLDER)["gc_skew"].model_copy(update={"names": ("other", "another")})
    [same] = drawn(families()["gc_skew"], wording, desk, 1, 0)
    assert isinstance(same, TaskSpec)
    assert reference(same) != reference(task)
    assert examiner.traits(same) == examiner.traits(task)
