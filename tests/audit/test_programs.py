"""Mutants of a Python reference: killed, equivalent, idle, weak, or not to be told."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from taskkit.audit.programs import Programs, last_python
from taskkit.play.stage import Stage
from taskkit.sandbox.choose import choose
from taskkit.spec.task import TaskSpec
from tests.play.hospital import task

BODY = """
points = 1 if age >= 75 else 0
if age > 200:
    points = 9
answer = points + {}
"""
NUMBER = {"kind": "number", "decimals": 0}


def code(age: int, body: str = BODY.format(10)) -> str:
    return f"age = {age}\n{body}"


def spec(program: str, expected: float, **oracle: Any) -> TaskSpec:
    step = {"action": "code_execution", "language": "python", "code": program, "submit": True}
    return task(
        "0" * 64,
        answer=NUMBER,
        environment={"image": "plain"},
        oracle={"kind": "numeric", "expected": expected, "decimals": 0, **oracle},
        reference={"steps": [step]},
    )


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    def none(_: str) -> Any:
        raise AssertionError("no assets")

    with Stage(choose("subprocess", unsafe=True), none, none, tmp_path) as made:
        yield made


def fates(stage: Stage, subject: TaskSpec, others: list[str]) -> dict[str, str]:
    program = last_python(subject)
    assert program is not None
    programs = Programs(stage, lambda _: iter(others))
    killing = programs.kill(subject, program)
    names = [name for *_, name in killing.fates]
    assert len(set(names)) == len(names)
    return {name.partition(".")[2]: fate for _, fate, name in killing.fates}  # type: ignore[misc]


OTHERS = [code(age) for age in (20, 40, 60, 74, 76, 90)]


def by_kind(found: dict[str, str], kind: str) -> list[str]:
    return sorted(fate for key, fate in found.items() if key.startswith(kind))


def test_a_change_that_shows_is_killed_and_one_that_never_does_is_equivalent(stage: Stage) -> None:
    found = fates(stage, spec(code(60), 10), OTHERS)
    assert by_kind(found, "branch") == ["killed", "killed"]
    assert by_kind(found, "bound") == ["equivalent", "equivalent"]
    assert by_kind(found, "operator") == ["killed"]


def test_a_bound_that_others_meet_is_idle_here(stage: Stage) -> None:
    found = fates(stage, spec(code(60), 10), [*OTHERS, code(75)])
    assert by_kind(found, "bound") == ["equivalent", "idle"]


def test_a_whole_number_with_a_point_is_the_same_answer(stage: Stage) -> None:
    body = "answer = 10 + (age > 70) * 2\n"
    found = fates(stage, spec(code(60, body), 10), [code(age, body) for age in range(60, 80, 3)])
    assert by_kind(found, "operator") == ["idle", "idle"]  # 10 - 0 and 0 / 2 too


def test_a_wrong_program_that_is_near_enough_is_weak(stage: Stage) -> None:
    lenient = spec(code(80), 11, tolerance={"absolute": 2.0})
    assert "weak" in by_kind(fates(stage, lenient, OTHERS), "constant")


def test_without_other_inputs_a_survivor_is_undecided(stage: Stage) -> None:
    found = fates(stage, spec(code(60), 10), [])
    assert set(found.values()) == {"killed", "undecided"}


def test_a_mutant_that_runs_on_is_stopped(stage: Stage) -> None:
    body = "n = 1\nwhile n < 9 + age * 0:\n    n += 1\nanswer = n\n"
    found = fates(stage, spec(code(1, body), 9), [code(2, body), code(3, body)])
    assert "costly" in found.values()


def test_a_reference_that_does_not_earn_its_reward_says_nothing(stage: Stage) -> None:
    assert fates(stage, spec(code(60), 99), OTHERS) == {}
    assert fates(stage, spec("age = 1\nimport os\nos._exit(0)\n", 1), OTHERS) == {}


def test_a_reference_of_several_steps_or_of_sql_is_no_program() -> None:
    one = spec(code(60), 10)
    assert last_python(one) == code(60)
    steps = (*one.reference.steps, *one.reference.steps)
    two = one.model_copy(update={"reference": one.reference.model_copy(update={"steps": steps})})
    assert last_python(two) is None
    assert last_python(task("0" * 64)) is None


def test_more_programs_than_one_batch_holds_are_played_in_several(stage: Stage) -> None:
    long = f"note = {'x' * 30_000!r}\n"
    found = fates(stage, spec(code(60, long + BODY.format(10)), 10), OTHERS)
    assert by_kind(found, "branch") == ["killed", "killed"]
    assert by_kind(found, "operator") == ["killed"]
