"""Actions are offered as a model's functions, and read in whichever form they come back."""

from __future__ import annotations

import json
from typing import Any

import pytest

from taskkit.play.action import read
from taskkit.play.stage import Stage
from taskkit.play.tools import expected, from_call, from_text, system_prompt, tools
from taskkit.spec.task import TaskSpec
from tests.play.hospital import task

QUERY = {"action": "code_execution", "language": "sql", "code": "select 1"}
TOPICS = ("tables", "columns", "values", "search")


def names(spec: TaskSpec, topics: tuple[str, ...] = TOPICS) -> list[str]:
    return [one["function"]["name"] for one in tools(spec, topics)]


def parameters(spec: TaskSpec, name: str, topics: tuple[str, ...] = TOPICS) -> dict[str, Any]:
    found = next(one["function"] for one in tools(spec, topics) if one["function"]["name"] == name)
    made: dict[str, Any] = found["parameters"]
    return made


def test_each_allowed_action_is_a_function(spec: TaskSpec) -> None:
    assert names(spec) == ["request_info", "terminal", "code_execution", "debugging"]


def test_an_action_taken_away_is_no_function(sha256: str) -> None:
    assert names(task(sha256, actions=["code_execution"])) == ["code_execution"]


def test_without_data_to_ask_about_there_is_no_request_info(spec: TaskSpec) -> None:
    assert "request_info" not in names(spec, ())


def test_a_function_has_the_fields_of_the_action_but_its_name(spec: TaskSpec) -> None:
    form = parameters(spec, "code_execution")
    assert sorted(form["properties"]) == ["code", "language", "submit"]
    assert form["required"] == ["language", "code"]
    assert form["properties"]["language"]["enum"] == ["sql", "python"]
    assert form["additionalProperties"] is False


def test_without_a_database_programs_are_in_python(sha256: str) -> None:
    bare = task(sha256, environment={"image": "plain"})
    assert parameters(bare, "code_execution")["properties"]["language"]["enum"] == ["python"]


def test_topics_bound_what_can_be_asked(spec: TaskSpec) -> None:
    form = parameters(spec, "request_info", ("tables", "search"))
    assert form["properties"]["about"]["enum"] == ["tables", "search"]
    assert sorted(form["properties"]) == ["about", "limit", "text"]


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(QUERY),
        f"First I look.\n```json\n{json.dumps(QUERY, indent=2)}\n```\n",
        f"```\n{json.dumps(QUERY)}\n```",
        f"I will run {json.dumps(QUERY)} now.",
        f"<think>Perhaps {{not this}}</think>\n{json.dumps(QUERY)}",
        '{"name": "code_execution", "arguments": {"language": "sql", "code": "select 1"}}',
        '{"function": {"name": "code_execution",'
        ' "arguments": "{\\"language\\": \\"sql\\", \\"code\\": \\"select 1\\"}"}}',
        '{"tool_calls": [{"type": "function", "function": {"name": "code_execution",'
        ' "arguments": {"language": "sql", "code": "select 1"}}}]}',
        '```tool_call\n{"name": "code_execution",'
        ' "parameters": {"language": "sql", "code": "select 1"}}\n```',
    ],
    ids=["json", "fenced", "plain-fence", "amid-prose", "after-thought", "call", "openai-call",
         "tool-calls", "tool-call-fence"],
)  # fmt: skip
def test_an_action_is_found_in_a_text(text: str) -> None:
    made = from_text(text)
    assert read(made).model_dump(exclude_defaults=True) == QUERY


@pytest.mark.parametrize(
    "text",
    ["The answer is 42.", "", "```sql\nselect 1\n```", "[1, 2]", '{"answer": 42}', "{" * 5000],
)
def test_a_text_without_an_action_stays_a_text(text: str) -> None:
    assert from_text(text) == text.strip()


def test_a_call_becomes_the_action() -> None:
    assert from_call("debugging", "") == {"action": "debugging"}
    assert from_call("terminal", '{"command": "ls"}') == {"command": "ls", "action": "terminal"}


@pytest.mark.parametrize("arguments", ["{not json", "[1]", '"text"'])
def test_arguments_that_are_no_object_make_no_action(arguments: str) -> None:
    assert from_call("terminal", arguments).startswith("terminal(")  # type: ignore[union-attr]


def test_a_malformed_action_is_answered_with_what_was_expected(
    stage: Stage, spec: TaskSpec
) -> None:
    with stage.episode(spec) as episode:
        text = expected(episode.offers, "text")
    assert text.startswith("Expected:\nAct by ending each reply with one JSON object")
    assert '"action": "code_execution"' in text


def test_the_system_prompt_says_how_to_act() -> None:
    assert "calling one of the functions" in system_prompt("tools")
    assert "```json" in system_prompt("text")
