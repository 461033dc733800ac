"""One episode: what was done and told is recorded, and nobody's error is another's."""

from __future__ import annotations

from typing import Any

import pytest

from taskkit.agents.protocol import Agent, Halt, Scene
from taskkit.agents.reference import ReferenceAgent
from taskkit.errors import AgentError, SandboxError, UsageError
from taskkit.play.observation import Observation
from taskkit.play.stage import Stage
from taskkit.run.play import Cast, Play, StoppedError
from taskkit.run.trajectory import Player, Trajectory
from taskkit.spec.task import TaskSpec
from tests.play.fake_sandbox import BROKEN, FakeBackend
from tests.play.hospital import task

LAST = {"action": "code_execution", "language": "python", "code": "answer = 2", "submit": True}


class Acts:
    """Plays a list of actions; an exception in it is raised."""

    def __init__(self, *actions: Any) -> None:
        self.actions = iter(actions)
        self.heard: list[str] = []

    def act(self, observation: Observation) -> Any:
        self.heard.append(observation.text)
        action = next(self.actions)
        if isinstance(action, Exception):
            raise action
        return action


def play(stage: Stage, spec: TaskSpec, agent: Agent | type[ReferenceAgent]) -> Trajectory:
    def casting(scene: Scene) -> Agent:
        return agent(scene) if isinstance(agent, type) else agent

    cast = Cast("made", casting, Player(name="mine"), {}, FakeBackend())
    with stage.episode(spec) as episode:
        return Play(cast, episode, "0" * 64, 1).run()


def test_an_agent_is_one_class(stage: Stage, spec: TaskSpec) -> None:
    agent = Acts({"action": "request_info", "about": "tables"}, LAST)
    made = play(stage, spec, agent)
    assert (made.reward, made.ending, [step.kind for step in made.steps]) == (
        1.0, "answered", ["request_info", "code_execution"],
    )  # fmt: skip
    assert agent.heard[0].startswith("How many women are there?")
    assert made.opening == agent.heard[0]
    assert made.steps[0].observation == agent.heard[1]


def test_the_digests_of_task_and_data_are_kept(stage: Stage, spec: TaskSpec, sha256: str) -> None:
    made = play(stage, spec, Acts(LAST))
    assert (made.task.sha256, made.place.assets) == ("0" * 64, (sha256,))
    assert (made.place.sandbox, made.place.isolation) == ("fake", "none at all")


@pytest.mark.parametrize(
    "action",
    ["The answer is 2.", {"action": "fly"}, {"code": "x"}, 3, None, [1], b"\xff", "\ud800"],
)
def test_what_is_no_action_uses_up_a_step(stage: Stage, spec: TaskSpec, action: Any) -> None:
    made = play(stage, spec, Acts(action, LAST))
    assert [step.kind for step in made.steps] == ["malformed", "code_execution"]
    assert "Expected:" in made.steps[0].observation
    assert made.reward == 1.0
    assert Trajectory.model_validate_json(made.model_dump_json()) == made


def test_the_steps_are_bounded(stage: Stage, sha256: str) -> None:
    looking = [{"action": "request_info", "about": "tables"}] * 3
    made = play(stage, task(sha256, max_steps=2), Acts(*looking))
    assert (made.ending, len(made.steps), made.judgement.code) == ("steps", 2, "missing")


def test_an_agent_may_end_its_episode(stage: Stage, spec: TaskSpec) -> None:
    made = play(stage, spec, Acts(Halt("gave_up", "no idea")))
    assert (made.ending, made.detail, made.reward) == ("gave_up", "no idea", 0.0)


def test_a_stopped_run_leaves_no_trajectory(stage: Stage, spec: TaskSpec) -> None:
    with pytest.raises(StoppedError):
        play(stage, spec, Acts(Halt("stopped")))


def test_an_agent_s_own_error_is_its_own(stage: Stage, spec: TaskSpec) -> None:
    with pytest.raises(AgentError, match="agent mine: ZeroDivisionError: oops"):
        play(stage, spec, Acts(ZeroDivisionError("oops")))


def test_a_sandbox_that_fails_is_not_the_agent(stage: Stage, spec: TaskSpec) -> None:
    with pytest.raises(SandboxError):
        play(stage, spec, Acts({"action": "terminal", "command": BROKEN}))


def test_every_turn_of_a_dialogue_is_judged(stage: Stage, sha256: str) -> None:
    answer = {"action": "code_execution", "language": "python", "code": "answer = 3",
              "submit": True}  # fmt: skip
    turn = {
        "instruction": "And how many patients?",
        "answer": {"kind": "integer"},
        "oracle": {"kind": "exact", "expected": 3},
        "reference": {"steps": [answer]},
    }
    spec = task(sha256, turns=[turn])
    made = play(stage, spec, Acts(LAST, LAST))
    assert [(one.code, one.reward) for one in made.judgements] == [("right", 1.0), ("wrong", 0.0)]
    assert [step.turn for step in made.steps] == [0, 1]
    assert (made.reward, made.judgement.code) == (0.0, "wrong")
    assert play(stage, spec, ReferenceAgent).reward == 1.0


def test_the_reference_ends_where_its_steps_do(stage: Stage, sha256: str) -> None:
    look = {"action": "terminal", "command": "ls"}
    spec = task(sha256, reference={"steps": [look]})
    assert play(stage, spec, ReferenceAgent).ending == "gave_up"


def test_a_usage_error_of_the_environment_is_no_agent_s(stage: Stage, spec: TaskSpec) -> None:
    with pytest.raises(UsageError, match="no script"):
        play(stage, spec, Acts(UsageError("no script")))
