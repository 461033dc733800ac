"""The agent that asks a model: one conversation, within its budgets and its window."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from taskkit.agents.endpoint.endpoint import Address, Endpoint
from taskkit.agents.endpoint.pace import Pace
from taskkit.agents.model import ModelAgent, Refusal, Sampling
from taskkit.agents.protocol import Halt, Scene
from taskkit.agents.window import fitted, size
from taskkit.play.observation import Observation
from taskkit.play.tools import tools
from taskkit.spec.task import TaskSpec
from taskkit.testing.endpoint import Answer, ScriptedEndpoint, call, refusal, text

LOOK = call("request_info", about="tables")


@pytest.fixture
def server() -> Iterator[ScriptedEndpoint]:
    with ScriptedEndpoint(lambda request: LOOK) as made:
        yield made


def seen(words: str) -> Observation:
    return Observation(words, "ok", False, 9, 1)


def agent(spec: TaskSpec, server: ScriptedEndpoint, **sampling: Any) -> ModelAgent:
    endpoint = Endpoint(Address("m", server.url), "none", pace=Pace(1), wait=lambda n: 0.0)
    scene = Scene(spec.id, 1, 7, spec, tuple(tools(spec, ("tables",))))
    return ModelAgent(scene, endpoint, Sampling(**sampling))


def test_a_call_is_answered_by_what_came_of_it(spec: TaskSpec, server: ScriptedEndpoint) -> None:
    player = agent(spec, server)
    act = player.act(seen("the task"))
    assert act.action == {"action": "request_info", "about": "tables"}
    player.act(seen("patients, drugs"))
    roles = [(m["role"], m.get("tool_call_id")) for m in server.requests[1].messages]
    assert roles == [("system", None), ("user", None), ("assistant", None), ("tool", "call_1")]
    assert server.requests[1].messages[-1]["content"] == "patients, drugs"


def test_functions_are_offered_by_tools_and_not_by_text(
    spec: TaskSpec, server: ScriptedEndpoint
) -> None:
    agent(spec, server).act(seen("the task"))
    agent(spec, server, protocol="text").act(seen("the task"))
    offered = [one["function"]["name"] for one in server.requests[0].body["tools"]]
    assert offered == ["request_info", "terminal", "code_execution", "debugging"]
    assert "tools" not in server.requests[1].body


def test_what_is_asked_for_is_sent(spec: TaskSpec, server: ScriptedEndpoint) -> None:
    agent(spec, server, temperature=0.7, reply_tokens=99).act(seen("the task"))
    body = server.requests[0].body
    assert (body["temperature"], body["max_completion_tokens"], body["seed"]) == (0.7, 99, 7)


def test_what_is_not_asked_for_is_left_to_the_endpoint(
    spec: TaskSpec, server: ScriptedEndpoint
) -> None:
    agent(spec, server).act(seen("the task"))
    assert {"temperature", "max_completion_tokens"}.isdisjoint(server.requests[0].body)


def test_several_calls_of_one_reply_are_carried_out_in_turn(spec: TaskSpec) -> None:
    function = {"name": "terminal", "arguments": '{"command": "ls"}'}
    calls = [{"id": f"c{n}", "type": "function", "function": function} for n in (1, 2)]
    both = Answer({"role": "assistant", "content": None, "tool_calls": calls}, "tool_calls")
    with ScriptedEndpoint(lambda request: both) as server:
        player = agent(spec, server)
        acts = [player.act(seen(words)) for words in ("task", "first", "second")]
    assert [(one.call, one.reply is None) for one in acts] == [
        ("c1", False), ("c2", True), ("c1", False),
    ]  # fmt: skip
    told = [m for m in server.requests[1].messages if m["role"] == "tool"]
    assert [(m["tool_call_id"], m["content"]) for m in told] == [("c1", "first"), ("c2", "second")]


def test_an_action_in_text_is_accepted_where_functions_are_offered(spec: TaskSpec) -> None:
    with ScriptedEndpoint(lambda request: text('{"action": "debugging"}')) as server:
        act = agent(spec, server).act(seen("the task"))
    assert (act.action, act.call) == ({"action": "debugging"}, None)


def test_a_refusal_ends_the_episode(spec: TaskSpec) -> None:
    with (
        ScriptedEndpoint(lambda request: refusal("No.")) as server,
        pytest.raises(Refusal, match=r"No\."),
    ):
        agent(spec, server).act(seen("the task"))


def test_a_budget_of_tokens_ends_the_episode(spec: TaskSpec, server: ScriptedEndpoint) -> None:
    player = agent(spec, server, tokens=200)
    player.act(seen("the task"))
    player.act(seen("more"))
    with pytest.raises(Halt, match="240 tokens of 200") as caught:
        player.act(seen("more"))
    assert caught.value.reason == "tokens"


def test_a_budget_of_time_ends_the_episode(spec: TaskSpec, server: ScriptedEndpoint) -> None:
    with pytest.raises(Halt, match="are over") as caught:
        agent(spec, server, time_s=1e-9).act(seen("the task"))
    assert caught.value.reason == "time"


def conversation(*results: str) -> list[dict[str, Any]]:
    made = [{"role": "system", "content": "s"}, {"role": "user", "content": "the task"}]
    for words in results:
        made += [{"role": "assistant", "content": "act"}, {"role": "user", "content": words}]
    return made


def test_a_conversation_that_fits_is_whole() -> None:
    whole = conversation("a" * 100, "b" * 100)
    assert fitted(whole, 1000, 100) == whole
    assert fitted(whole, None, 100) == whole


def test_the_oldest_results_are_left_out_first() -> None:
    whole = conversation("a" * 900, "b" * 900, "c" * 900)
    kept = fitted(whole, 900, 100)
    assert [m["content"][:30] for m in kept] == [
        "s", "the task", "act", "[left out, to stay within the ", "act", "b" * 30, "act", "c" * 30,
    ]  # fmt: skip
    assert sum(map(size, kept)) <= 800


def test_a_last_exchange_that_does_not_fit_ends_the_episode() -> None:
    with pytest.raises(Halt, match="do not fit a window of 300"):
        fitted(conversation("a" * 900, "b" * 3000), 300, 100)


def test_a_size_is_never_less_than_what_tokenizers_make_of_prose() -> None:
    message = {"role": "user", "content": "How many women were admitted in 2105?"}
    assert size(message) >= len(json.dumps(message).split())
