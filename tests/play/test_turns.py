"""A dialogue: one session, one question after another, one reward for the whole."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from taskkit.agents.reference import play
from taskkit.play.stage import Stage
from taskkit.spec.task import TaskSpec
from tests.play.hospital import task


def python(code: str) -> dict[str, Any]:
    return {"action": "code_execution", "language": "python", "code": code, "submit": True}


def turn(number: int, **changes: Any) -> dict[str, Any]:
    return {
        "instruction": f"And the number {number}?",
        "answer": {"kind": "integer"},
        "oracle": {"kind": "exact", "expected": number},
        "reference": {"steps": [python(f"answer = {number}")]},
        **changes,
    }


def dialogue(sha256: str, **changes: Any) -> TaskSpec:
    first = {
        "oracle": {"kind": "exact", "expected": 1},
        "reference": {"steps": [python("answer = 1")]},
    }
    return task(sha256, **(first | {"turns": [turn(2), turn(3)]} | changes))


def test_the_next_question_comes_with_the_receipt_of_an_answer(stage: Stage, sha256: str) -> None:
    spec = dialogue(sha256)
    with stage.episode(spec) as episode:
        opening = episode.reset()
        assert "3 questions" in opening.text
        assert "the number 2" not in opening.text
        second = episode.step(python("answer = 1"))
        assert second.text.endswith("# Question 2 of 3\n\nAnd the number 2?")
        assert (second.submissions_left, second.done, episode.turn) == (1, False, 1)
        episode.step(python("answer = 2"))
        last = episode.step(python("answer = 3"))
    assert (last.submissions_left, last.done) == (0, True)
    assert "# Question" not in last.text
    assert (episode.reward, episode.rewards) == (1.0, (1.0, 1.0, 1.0))


@pytest.mark.parametrize("wrong", [0, 1, 2])
def test_one_wrong_turn_costs_the_reward(stage: Stage, sha256: str, wrong: int) -> None:
    with stage.episode(dialogue(sha256)) as episode:
        for number in range(3):
            episode.step(python(f"answer = {0 if number == wrong else number + 1}"))
    assert episode.done
    assert episode.reward == 0.0
    assert episode.rewards == tuple(float(number != wrong) for number in range(3))
    assert episode.verdict.code == "wrong"


def test_turns_not_reached_earn_nothing(stage: Stage, sha256: str) -> None:
    with stage.episode(dialogue(sha256, max_steps=2)) as episode:
        episode.step(python("answer = 1"))
        episode.step(python("answer = 2"))
    assert (episode.done, episode.answered) == (True, False)
    assert (episode.rewards, episode.verdict.code) == ((1.0, 1.0, 0.0), "missing")


def test_no_receipt_tells_whether_a_turn_was_right(stage: Stage, sha256: str) -> None:
    texts = []
    for answer in (1, 0):
        with stage.episode(dialogue(sha256)) as episode:
            texts.append(episode.step(python(f"answer = {answer}")).text)
    assert texts[0] == texts[1]


def test_a_turn_whose_program_fails_is_used_up(stage: Stage, sha256: str) -> None:
    with stage.episode(dialogue(sha256)) as episode:
        seen = episode.step(python("raise SystemExit(1)"))
        assert "# Question 2 of 3" in seen.text
        assert episode.verdicts[0].code == "missing"


def test_with_feedback_a_turn_ends_when_it_is_right(stage: Stage, sha256: str) -> None:
    spec = dialogue(sha256, feedback="each", max_submissions=2)
    with stage.episode(spec) as episode:
        first = episode.step(python("answer = 0"))
        assert (first.verdict, first.submissions_left, episode.turn) == ("wrong", 1, 0)
        assert "# Question" not in first.text
        second = episode.step(python("answer = 1"))
        assert (second.verdict, second.submissions_left, episode.turn) == ("right", 2, 1)
        assert not second.done


def test_what_a_turn_leaves_is_there_in_the_next(stage: Stage, sha256: str) -> None:
    with stage.episode(dialogue(sha256)) as episode:
        command = "echo 1 > answer.json; echo 2 > next"
        episode.step({"action": "terminal", "command": command, "submit": True})
        command = "cp next answer.json"
        episode.step({"action": "terminal", "command": command, "submit": True})
    assert episode.rewards == (1.0, 1.0, 0.0)


def test_each_turn_is_judged_by_its_own_type(stage: Stage, sha256: str) -> None:
    other = turn(2, answer={"kind": "string"}, oracle={"kind": "exact", "expected": "two"})
    with stage.episode(dialogue(sha256, turns=[other])) as episode:
        episode.step(python("answer = 1"))
        episode.step(python("answer = 2"))
    assert [one.code for one in episode.verdicts] == ["right", "wrong_type"]


def test_the_reference_plays_every_turn(stage: Stage, sha256: str) -> None:
    spec = dialogue(sha256)
    with stage.episode(spec) as episode:
        made = play(spec, episode)
    assert (made.verdict.code, made.steps) == ("right", 3)
    with stage.episode(spec) as episode:
        for number in (1, 2, 4):
            episode.step(python(f"answer = {number}"))
    broken = dialogue(sha256, turns=[turn(2), turn(4)])
    with stage.episode(broken) as episode:
        assert play(broken, episode).digest != made.digest


def test_a_reference_that_fails_in_a_later_turn_is_not_right(stage: Stage, sha256: str) -> None:
    crash = turn(2, reference={"steps": [python("raise SystemExit(2)")]})
    spec = dialogue(sha256, turns=[crash])
    with stage.episode(spec) as episode:
        made = play(spec, episode)
    assert (made.verdict.code, made.digest) == ("missing", None)


def test_turns_that_could_not_end_are_refused(sha256: str) -> None:
    with pytest.raises(ValidationError, match="no turn would end"):
        dialogue(sha256, max_submissions=2)
