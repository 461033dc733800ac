"""An answer that changes with hash seed, time zone, locale or day is found, and its cause named."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from taskkit.audit.elsewhere import Elsewhere, chosen, conditions
from taskkit.clock import clock
from taskkit.play.stage import Stage
from taskkit.sandbox.conditions import FIXED, Conditions, other_locale
from taskkit.sandbox.protocol import Program, Site
from taskkit.sandbox.subprocess import Subprocess
from taskkit.spec.environment import Limits
from taskkit.spec.task import TaskSpec
from taskkit.taskset.folder import Taskset
from tests.audit.ward import bad, build

NEEDS_CLOCK = pytest.mark.skipif(
    clock() is None, reason="no clock to move here: apt-get install libfaketime"
)
YEAR = "import time; answer = getattr(time, 'gm' + 'time')().tm_year >= 2015"


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[Elsewhere]:
    def stage(there: Conditions) -> Stage:
        taskset = Taskset(tmp_path / "set")
        backend = Subprocess(there)
        cache = tmp_path / "cache"
        return Stage(backend, taskset.asset, taskset.document, cache, max_workers=1)

    made = Elsewhere(stage)
    yield made
    made.close()


def found(elsewhere: Elsewhere, folder: Path, **task: Any) -> list[tuple[str, str]]:
    taskset = Taskset(build(folder / "set", [{"instruction": "What is it?", **task}]))
    (spec,) = taskset.specs()
    return [(one.code, one.detail) for one in elsewhere.findings(spec)]


def exact(value: object) -> dict[str, object]:
    return {"kind": "exact", "expected": value}


def test_a_steady_program_is_found_nothing_against(elsewhere: Elsewhere, tmp_path: Path) -> None:
    assert found(elsewhere, tmp_path, oracle=exact(4), python="answer = 4") == []


def test_the_order_of_a_set_hangs_on_the_hash_seed(elsewhere: Elsewhere, tmp_path: Path) -> None:
    task = bad("environment_dependent")[0]
    ((code, detail),) = found(elsewhere, tmp_path, **task)
    assert code == "environment_dependent"
    assert "with another hash seed" in detail


def test_local_time_hangs_on_the_time_zone(elsewhere: Elsewhere, tmp_path: Path) -> None:
    task = bad("environment_dependent")[1]
    ((code, detail),) = found(elsewhere, tmp_path, **task)
    assert code == "environment_dependent"
    assert "in another time zone" in detail


def test_chance_is_found_out(elsewhere: Elsewhere, tmp_path: Path) -> None:
    numbers = {"kind": "exact", "expected": 0, "tolerance": {"absolute": 10}}
    code = "import random; answer = random.SystemRandom().uniform(0, 9)"
    answer = {"kind": "number"}
    ((found_code, detail),) = found(elsewhere, tmp_path, oracle=numbers, answer=answer, python=code)
    assert (found_code, detail) == ("clock_dependent", "another answer each time it is played")


def test_a_wrong_reference_is_left_to_verify(elsewhere: Elsewhere, tmp_path: Path) -> None:
    assert found(elsewhere, tmp_path, oracle=exact(5), python="answer = 4") == []


@NEEDS_CLOCK
@pytest.mark.parametrize(
    "program",
    [
        {"python": YEAR},
        {
            "python": "import numpy; answer = int(str(numpy.datetime64('now'))[:4]) >= 2015",
            "image": "sql",
        },
        {"command": '[ "$(exec date +%Y)" -ge 2015 ] && echo true > answer.json'},
        {"sql": "select strftime('%Y', 'n' || 'ow') >= '2015'"},
    ],
    ids=["python", "numpy", "shell", "sql"],
)
def test_the_real_day_is_found_out(
    elsewhere: Elsewhere, tmp_path: Path, program: dict[str, str]
) -> None:
    answer = {"kind": "boolean"}
    ((code, detail),) = found(elsewhere, tmp_path, oracle=exact(True), answer=answer, **program)
    assert code == "clock_dependent"
    assert "on another day" in detail


@NEEDS_CLOCK
def test_another_day_leaves_time_limits_alone() -> None:
    worker = Subprocess(Conditions(days=200)).worker(Site("plain"))
    try:
        with worker.session() as session:
            slow = Program("python", "import time; time.sleep(0.2); print(time.time())")
            outcome = session.run(slow, Limits())
    finally:
        worker.close()
    assert outcome.status == "ok"
    assert 0.1 <= outcome.wall_s < 30


def test_the_two_conditions_differ_from_the_usual_in_everything() -> None:
    for one in conditions():
        assert one.hash_seed != FIXED.hash_seed
        assert one.time_zone != FIXED.time_zone
        assert one.locale != FIXED.locale
        assert one.days != FIXED.days
    assert other_locale() != FIXED.locale


def test_every_program_is_played_and_a_tenth_of_the_plain_queries(tmp_path: Path) -> None:
    query = {"instruction": "How many?", "oracle": exact(8), "sql": "select count(*) from patients"}
    timely = {**query, "sql": "select count(*) from patients where dob < date('now')"}
    program = {**query, "python": "answer = 8"}
    del program["sql"]
    specs = list(Taskset(build(tmp_path / "set", [program, timely, query])).specs())
    by_id: dict[str, TaskSpec] = {one.id: one for one in specs}
    assert chosen(by_id["ward-0"])
    assert chosen(by_id["ward-1"])
    many = [by_id["ward-2"].model_copy(update={"id": f"ward-{n}"}) for n in range(1000)]
    assert 70 <= sum(map(chosen, many)) <= 130
