"""Every turn of a dialogue is checked like a task of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from taskkit.spec.document import dump_task, parse_task
from taskkit.taskset.inspection import Inspector
from tests.spec.example import task


def turn(code: str = "answer = 2", **changes: Any) -> dict[str, Any]:
    step = {"action": "code_execution", "language": "python", "code": code, "submit": True}
    return {
        "instruction": "And of those?",
        "answer": {"kind": "integer"},
        "oracle": {"kind": "exact", "expected": 2},
        "reference": {"steps": [step]},
        **changes,
    }


def findings(folder: Path, **changes: Any) -> list[tuple[str, str]]:
    path = folder / "toy-1.yaml"
    path.write_bytes(dump_task(task(**changes)))
    return [(one.code, one.field) for one in Inspector(None).inspect(path).findings]


def test_a_task_without_turns_is_written_without_them() -> None:
    assert b"turns" not in dump_task(task())


def test_a_dialogue_is_read_as_it_was_written(tmp_path: Path) -> None:
    spec = task(turns=[turn(), turn("answer = 3")])
    assert parse_task(dump_task(spec), tmp_path) == spec
    assert findings(tmp_path, turns=[turn(), turn()]) == []


@pytest.mark.parametrize(
    ("second", "code", "field"),
    [
        (turn("answer ="), "python_syntax", "turns[1].reference.steps[0].code"),
        (turn(oracle={"kind": "exact", "expected": "two"}), "wrong_type", "turns[1].oracle"),
        (turn(oracle={"kind": "abstain"}), "wrong_type", "turns[1].oracle.kind"),
        (
            turn(reference={"steps": [{"action": "request_info", "about": "tables"}]}),
            "no_submission",
            "turns[1].reference.steps[0]",
        ),
        (turn(reference={"steps": [*turn()["reference"]["steps"]] * 2}), "too_many_steps", "turns"),
    ],
)
def test_a_fault_in_a_turn_is_found_in_its_place(
    tmp_path: Path, second: dict[str, Any], code: str, field: str
) -> None:
    ((found, where),) = findings(tmp_path, turns=[turn(), second])
    assert found == code
    assert where.startswith(field)


def test_the_steps_of_all_turns_count(tmp_path: Path) -> None:
    assert [code for code, _ in findings(tmp_path, turns=[turn()], max_steps=2)] == [
        "too_many_steps"
    ]
