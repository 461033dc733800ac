"""The actions of a task as a model is offered them, and as it sends them back."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal, get_args

from taskkit.spec.action import ActionName, CodeExecution, Debugging, RequestInfo, Terminal
from taskkit.spec.task import TaskSpec

Protocol = Literal["tools", "text"]
"""`tools`: the actions are functions to call; `text`: one JSON object in the reply's text."""
MODELS: dict[ActionName, type[RequestInfo | Terminal | CodeExecution | Debugging]] = {
    "request_info": RequestInfo,
    "terminal": Terminal,
    "code_execution": CodeExecution,
    "debugging": Debugging,
}
NOISE = ("title", "default", "description")
NEEDED_BY: dict[str, frozenset[str]] = {
    "table": frozenset({"columns", "values"}),
    "column": frozenset({"values"}),
    "text": frozenset({"search"}),
    "path": frozenset({"metadata", "read"}),
}
"""Topics that make sense of a field of `request_info`."""
FENCE = re.compile(r"```[ \t]*(?:json|tool_call)?[ \t]*\n(.*?)```", re.DOTALL)
THOUGHT = re.compile(r"<think>.*?</think>", re.DOTALL)
MAX_OBJECTS = 50  # places of a text where an object may begin that are tried
HOW: dict[Protocol, str] = {
    "tools": (
        "Act by calling one of the functions; each has the name of an action, and its parameters "
        "are the action's other fields. Call one function in each reply."
    ),
    "text": (
        "Act by ending each reply with one JSON object, the action, in a block fenced by ```json "
        "and ```. Write nothing after it."
    ),
}


def tools(spec: TaskSpec, topics: Sequence[str]) -> list[dict[str, Any]]:
    """Give the actions that a task allows, as functions in the form of OpenAI's `tools`.

    Args:
        topics: What `request_info` may be asked about; without any it is left out.
    """
    names = [name for name in spec.actions if topics or name != "request_info"]
    sql = spec.environment.database is not None
    return [tool(name, topics, sql=sql) for name in names]


def tool(name: ActionName, topics: Sequence[str], *, sql: bool) -> dict[str, Any]:
    """Give one action as a function, with the choices that the task has."""
    model = MODELS[name]
    schema = model.model_json_schema()
    properties = {key: _property(form) for key, form in schema["properties"].items()}
    del properties["action"]
    if name == "code_execution" and not sql:
        properties["language"]["enum"] = ["python"]
    if name == "request_info":
        properties["about"]["enum"] = list(topics)
        for field, about in NEEDED_BY.items():
            if not about.intersection(topics):
                del properties[field]
    required = [key for key in schema.get("required", ()) if key in properties]
    form = {
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }
    said = (model.__doc__ or "").strip()
    return {
        "type": "function",
        "function": {"name": name, "description": said, "parameters": form},
    }


def _property(form: Mapping[str, Any]) -> dict[str, Any]:
    """Give a property's schema; one that may be null is one that may be left out."""
    kind = next((one for one in form.get("anyOf", ()) if one.get("type") != "null"), form)
    kept = {key: value for key, value in kind.items() if key not in NOISE}
    said = form.get("description")
    return {**kept, "description": " ".join(said.split())} if said else kept


def system_prompt(protocol: Protocol) -> str:
    """Write what an agent is told before every task."""
    return (
        "You solve a task by actions in an environment. You get an observation after each action. "
        f"{HOW[protocol]} Look at the data before you answer, and check what you find. The task "
        "is over once an answer is submitted that uses up the answers you have, or once the "
        "actions are used up."
    )


def expected(offers: Sequence[str], protocol: Protocol) -> str:
    """Say what an action has to be, after one that was none.

    Args:
        offers: The actions, each with an example, as the opening has them.
    """
    return "\n".join(["Expected:", HOW[protocol], *offers])


def from_call(name: str, arguments: str | Mapping[str, Any] | None) -> dict[str, Any] | str:
    """Give the action of a function call; the text of it where its arguments are no object."""
    value: Any = arguments or {}
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            return f"{name}({arguments})"
    if not isinstance(value, Mapping):
        return f"{name}({json.dumps(value)})"
    return {**value, "action": name}


def from_text(text: str) -> dict[str, Any] | str:
    """Give the action in a reply's text: JSON, fenced JSON, or JSON somewhere in it.

    The first object that names an action counts; the text itself is given where there is none.
    """
    text = THOUGHT.sub("", text).strip()
    for part in (text, *FENCE.findall(text)):
        try:
            made = from_value(json.loads(part))
        except (ValueError, RecursionError):
            continue
        if made is not None:
            return made
    return next(_objects(text), text)


def from_value(value: object) -> dict[str, Any] | None:
    """Give the action in a JSON value, whichever way it is written; None where it is none."""
    if not isinstance(value, dict):
        return None
    if isinstance(value.get("action"), str):
        return value
    if isinstance(calls := value.get("tool_calls"), list) and calls:
        return from_value(calls[0])
    call = value.get("function", value)
    if isinstance(call, dict) and call.get("name") in get_args(ActionName):
        made = from_call(call["name"], call.get("arguments", call.get("parameters")))
        return made if isinstance(made, dict) else None
    return None


def _objects(text: str) -> Iterator[dict[str, Any]]:
    """Give the actions that stand anywhere in a text."""
    decoder, at = json.JSONDecoder(), text.find("{")
    for _ in range(MAX_OBJECTS):
        if at < 0:
            return
        try:
            value, end = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            at = text.find("{", at + 1)
            continue
        if (made := from_value(value)) is not None:
            yield made
        at = text.find("{", end)
