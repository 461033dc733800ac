"""The reference agent plays by the agent's actions and is judged like one."""

from __future__ import annotations

from taskkit.agents.reference import play
from taskkit.play.stage import Stage
from taskkit.spec.task import TaskSpec
from tests.play.hospital import task

PYTHON = "answer = [{}]"


def python(code: str) -> dict[str, object]:
    return {"action": "code_execution", "language": "python", "code": code, "submit": True}


def test_a_right_reference_earns_the_reward(stage: Stage, spec: TaskSpec) -> None:
    with stage.episode(spec) as episode:
        made = play(spec, episode)
    assert made.verdict.code == "right"
    assert made.steps == 1
    assert made.outcome is not None
    assert made.outcome.status == "ok"


def test_a_wrong_reference_earns_nothing(stage: Stage, sha256: str) -> None:
    spec = task(sha256, oracle={"kind": "exact", "expected": 3})
    with stage.episode(spec) as episode:
        assert play(spec, episode).verdict.code == "wrong"


def test_a_reference_that_crashes_leaves_no_answer(stage: Stage, sha256: str) -> None:
    spec = task(sha256, reference={"steps": [python("raise SystemExit(2)")]})
    with stage.episode(spec) as episode:
        made = play(spec, episode)
    assert (made.verdict.code, made.digest) == ("missing", None)


def test_sets_in_another_order_have_one_digest(stage: Stage, sha256: str) -> None:
    answer = {"kind": "set", "item": {"kind": "integer"}}
    digests = set()
    for values in ("1, 2", "2, 1", "2, 1.0, 1"):
        steps = [python(PYTHON.format(values))]
        changed = task(
            sha256,
            answer=answer,
            oracle={"kind": "exact", "expected": [1, 2]},
            reference={"steps": steps},
        )
        with stage.episode(changed) as episode:
            digests.add(play(changed, episode).digest)
    assert len(digests) == 1


def test_lists_in_another_order_have_two_digests(stage: Stage, sha256: str) -> None:
    answer = {"kind": "list", "item": {"kind": "integer"}}
    digests = set()
    for values in ("1, 2", "2, 1"):
        changed = task(
            sha256,
            answer=answer,
            oracle={"kind": "exact", "expected": [1, 2]},
            reference={"steps": [python(PYTHON.format(values))]},
        )
        with stage.episode(changed) as episode:
            digests.add(play(changed, episode).digest)
    assert len(digests) == 2
