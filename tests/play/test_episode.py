"""An episode carries out what the task allows, and judges each answer once."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from taskkit.errors import InternalError, SandboxError, UsageError
from taskkit.play.episode import Episode
from taskkit.play.observation import MAX_TEXT
from taskkit.play.stage import Stage
from taskkit.spec.action import CodeExecution
from taskkit.spec.task import TaskSpec
from tests.play.fake_sandbox import BROKEN, TIMEOUT
from tests.play.hospital import task

DIGEST = "a" * 64
RIGHT = "SELECT count(*) FROM patients WHERE gender = 'f'"


def sql(code: str, *, submit: bool = False) -> dict[str, Any]:
    return {"action": "code_execution", "language": "sql", "code": code, "submit": submit}


def python(code: str, *, submit: bool = True) -> dict[str, Any]:
    return {"action": "code_execution", "language": "python", "code": code, "submit": submit}


def shell(command: str, *, submit: bool = True) -> dict[str, Any]:
    return {"action": "terminal", "command": command, "submit": submit}


def test_the_opening_says_task_documents_actions_and_limits(stage: Stage, sha256: str) -> None:
    spec = task(
        sha256,
        context=[{"name": "Guide", "sha256": DIGEST}],
        actions=["code_execution"],
        max_submissions=3,
        abstention=True,
    )
    with stage.episode(spec) as episode:
        opening = episode.reset()
    for part in (spec.instruction, "# Guide", f"text of {DIGEST}", "code_execution", "3 answers",
                 "20 actions", "/data/hospital.sqlite", '{"abstain": true}'):  # fmt: skip
        assert part in opening.text
    assert "request_info" not in opening.text
    assert (opening.steps_left, opening.submissions_left, opening.done) == (20, 3, False)


def test_no_observation_tells_the_expected_value(stage: Stage, sha256: str) -> None:
    spec = task(sha256, answer={"kind": "string"}, oracle={"kind": "exact", "expected": "secret-7"},
                max_submissions=3, feedback="each")  # fmt: skip
    with stage.episode(spec) as episode:
        episode.reset()
        for code in ("answer = 'x'", "answer = 5", "answer = ["):
            episode.step(python(code))
        assert "secret-7" in episode.submissions[0].verdict.explanation
        assert "secret-7" not in json.dumps(episode.trajectory)


def test_a_query_that_submits_is_judged(stage: Stage, spec: TaskSpec) -> None:
    with stage.episode(spec) as episode:
        looked = episode.step(sql("SELECT gender FROM patients"))
        assert (looked.done, looked.submissions_left, episode.verdict.code) == (False, 1, "missing")
        handed = episode.step(sql(RIGHT, submit=True))
    assert (handed.done, handed.submissions_left, handed.verdict) == (True, 0, None)
    assert "2" in handed.text
    assert (episode.verdict.code, episode.reward) == ("right", 1.0)


def test_python_and_terminal_submit_too(stage: Stage, spec: TaskSpec) -> None:
    for action in (python("answer = 2"), shell("echo 2 > answer.json")):
        with stage.episode(spec) as episode:
            episode.step(action)
        assert episode.verdict.code == "right"


def test_the_same_actions_give_the_same_trajectory(stage: Stage, spec: TaskSpec) -> None:
    trajectories = []
    for _ in range(2):
        with stage.episode(spec) as episode:
            episode.step({"action": "request_info", "about": "search", "text": "asprin"})
            episode.step(sql("SELECT x FROM patients"))
            episode.step({"action": "debugging"})
            episode.step(sql(RIGHT, submit=True))
            trajectories.append(json.dumps(episode.trajectory))
    assert trajectories[0] == trajectories[1]


@pytest.mark.parametrize(
    ("action", "verdict"),
    [
        (python("print(2)\nraise ValueError('2')"), "missing"),
        (python("print(2)\nraise SystemExit(0)"), "missing"),
        (python("print(2)"), "missing"),
        (python(TIMEOUT), "missing"),
        (sql("SELECT 2 FROM nowhere", submit=True), "missing"),
        (shell("echo 2"), "missing"),
        (shell("echo 2 > answer.json; exit 1"), "missing"),
        (shell("printf '2 3' > answer.json"), "malformed"),
        (python("answer = '2'"), "wrong_type"),
        (python("answer = [2]"), "wrong_type"),
        (python("answer = [1, 2, 3]"), "wrong_type"),
        (python("answer = 3"), "wrong"),
        (sql("SELECT 2 UNION ALL SELECT 3", submit=True), "wrong_type"),
    ],
    ids=lambda value: value if isinstance(value, str) else value.get("code", value.get("command")),
)
def test_what_is_no_right_answer_earns_nothing_and_is_used_up(
    stage: Stage, spec: TaskSpec, action: dict[str, Any], verdict: str
) -> None:
    with stage.episode(spec) as episode:
        observation = episode.step(action)
    assert (episode.verdict.code, episode.reward) == (verdict, 0.0)
    assert (observation.done, observation.submissions_left) == (True, 0)


def test_the_last_answer_counts_where_nothing_is_told(stage: Stage, sha256: str) -> None:
    spec = task(sha256, max_submissions=2)
    with stage.episode(spec) as episode:
        first = episode.step(python("answer = 2"))
        assert (first.done, first.verdict, episode.reward) == (False, None, 1.0)
        assert "right" not in first.text
        assert episode.step(python("answer = 3")).done
    assert episode.reward == 0.0


def test_told_after_each_the_episode_ends_at_the_right_answer(stage: Stage, sha256: str) -> None:
    spec = task(sha256, max_submissions=3, feedback="each")
    with stage.episode(spec) as episode:
        first = episode.step(python("answer = '2'"))
        assert (first.verdict, first.done) == ("wrong", False)
        assert "text" not in first.text
        second = episode.step(python("answer = 2"))
    assert (second.verdict, second.done, episode.reward) == ("right", True, 1.0)


def test_told_after_each_the_episode_ends_when_answers_are_used_up(
    stage: Stage, sha256: str
) -> None:
    spec = task(sha256, max_submissions=2, feedback="each")
    with stage.episode(spec) as episode:
        assert [episode.step(python("answer = 3")).done for _ in range(2)] == [False, True]


def test_steps_run_out(stage: Stage, sha256: str) -> None:
    with stage.episode(task(sha256, max_steps=2)) as episode:
        seen = [episode.step(sql("SELECT 1")) for _ in range(2)]
    assert [(o.steps_left, o.done) for o in seen] == [(1, False), (0, True)]
    assert (episode.verdict.code, episode.reward) == ("missing", 0.0)


def test_steps_that_run_out_over_a_service_that_failed_are_no_verdict(
    stage: Stage, sha256: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failed(episode: Episode) -> None:
        raise InternalError("a bug of taskkit")

    monkeypatch.setattr(Episode, "_changes", failed)
    with stage.episode(task(sha256, max_steps=2)) as episode:
        episode.step(sql("SELECT 1"))
        with pytest.raises(InternalError):
            episode.step(sql("SELECT 1"))


def test_nothing_happens_after_the_end(stage: Stage, spec: TaskSpec) -> None:
    with stage.episode(spec) as episode:
        episode.step(python("answer = 3"))
        with pytest.raises(UsageError, match="the episode is over"):
            episode.step(python("answer = 2"))
    assert episode.reward == 0.0


def test_an_episode_that_has_begun_is_not_reset(stage: Stage, spec: TaskSpec) -> None:
    with stage.episode(spec) as episode:
        episode.reset()
        episode.reset()
        episode.step(sql("SELECT 1"))
        with pytest.raises(UsageError, match="has begun"):
            episode.reset()


@pytest.mark.parametrize(
    ("action", "reason"),
    [
        ("{", "malformed action"),
        ("", "malformed action"),
        ("[]", "malformed action"),
        (b"\xff", "malformed action"),
        ("\ud800", "malformed action"),
        ({}, "malformed action"),
        ({"action": "submit"}, "malformed action"),
        ({"action": "debugging", "hint": 1}, "debugging.hint: Extra inputs are not permitted"),
        ({"action": "terminal", "command": 5}, "terminal.command: Input should be a valid string"),
        ({"action": "terminal", "command": "x" * 100_001}, "terminal.command"),
        ({"action": "terminal", "command": "ls", "submit": "yes"}, "terminal.submit"),
        ({"action": "terminal", "command": "ls"}, "terminal is not allowed in this task"),
        ("[" * 100_000, "malformed action"),
        ('{"action": "request_info", "about": "columns", "table": "\\ud800"}', "unicode string"),
        ({"action": "request_info", "about": "columns", "table": "x" * 201}, "at most 200"),
    ],
    ids=range(15),
)
def test_what_is_no_allowed_action_costs_a_step_and_no_answer(
    stage: Stage, sha256: str, action: Any, reason: str
) -> None:
    spec = task(sha256, actions=["code_execution", "debugging"])
    with stage.episode(spec) as episode:
        observation = episode.step(action)
        assert observation.status == "refused"
        assert reason in observation.text
        assert (observation.steps_left, observation.submissions_left) == (19, 1)
        assert reason in episode.step({"action": "debugging"}).text
        json.dumps(episode.trajectory).encode()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=5,
    )
    | st.fixed_dictionaries({"action": st.just("request_info"), "about": st.text()})
)
def test_no_action_raises(stage: Stage, spec: TaskSpec, action: Any) -> None:
    with stage.episode(spec) as episode:
        assert episode.step(action).status in ("refused", "ok")


def test_json_text_and_models_are_actions_too(stage: Stage, spec: TaskSpec) -> None:
    model = CodeExecution.model_validate(sql(RIGHT))
    with stage.episode(spec) as episode:
        texts = {
            episode.step(form).text
            for form in (model, sql(RIGHT), json.dumps(sql(RIGHT)), json.dumps(sql(RIGHT)).encode())
        }
    assert len(texts) == 1


def test_a_task_without_database_has_none_to_ask(stage: Stage, sha256: str) -> None:
    with stage.episode(task(sha256, environment={"image": "plain"})) as episode:
        for action in (sql("SELECT 1"), {"action": "request_info", "about": "tables"}):
            observation = episode.step(action)
            assert observation.status == "refused"
            assert "no data" in observation.text
        assert episode.step(python("answer = 2")).done


def test_long_output_is_cut_in_the_middle(stage: Stage, spec: TaskSpec) -> None:
    with stage.episode(spec) as episode:
        text = episode.step(python("print('a' * 99999 + 'z')", submit=False)).text
    assert len(text) < MAX_TEXT + 100
    assert "90000 characters left out" in text
    assert text.endswith("z")


def test_a_broken_sandbox_is_no_verdict(stage: Stage, spec: TaskSpec) -> None:
    with pytest.raises(SandboxError), stage.episode(spec) as episode:
        episode.step(python(BROKEN))
    assert episode.submissions == []


def test_an_action_is_begun_once_and_finished_once(stage: Stage, spec: TaskSpec) -> None:
    with stage.episode(spec) as episode:
        with pytest.raises(UsageError, match="no action was begun"):
            episode.finish()
        episode.begin(sql("select 1"))
        assert (episode.begun, episode.steps) == (True, 0)
        with pytest.raises(UsageError, match="finish it before the next"):
            episode.step(sql("select 2"))
        assert "1" in episode.finish().text
        assert (episode.begun, episode.steps) == (False, 1)
        with pytest.raises(UsageError, match="no action was begun"):
            episode.finish()
        episode.begin({"action": "fly"})
        assert episode.finish().status == "refused"
