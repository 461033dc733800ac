"""The reply in the body of a chat completion."""

from __future__ import annotations

import json
from typing import Any

from taskkit.agents.protocol import Reply, ToolCall, Usage

MAX_CALLS = 8  # function calls of one reply that are carried out


class NonsenseError(Exception):
    """A body that holds no reply."""


def read_reply(body: bytes) -> Reply:
    """Read the first choice of a chat completion.

    Raises:
        NonsenseError: it has none.
    """
    try:
        value = json.loads(body)
        choice = value["choices"][0]
        message = choice["message"]
        if not isinstance(message, dict):
            raise NonsenseError("its message is no object")
    except (ValueError, RecursionError) as error:
        raise NonsenseError(f"no JSON: {body[:80]!r}") from error
    except (KeyError, IndexError, TypeError) as error:
        raise NonsenseError(f"no choices[0].message: {body[:80]!r}") from error
    return Reply(
        content=_text(message.get("content")),
        reasoning=_text(message.get("reasoning_content") or message.get("reasoning")),
        calls=tuple(_calls(message.get("tool_calls"))),
        refusal=_text(message.get("refusal")),
        finish=_text(choice.get("finish_reason")) or "stop",
        usage=_usage(value.get("usage")),
    )


def _text(value: object) -> str:
    """Give a text, or the texts of a list of parts."""
    if isinstance(value, list):
        return "".join(_text(part.get("text")) for part in value if isinstance(part, dict))
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else ""


def _calls(value: object) -> list[ToolCall]:
    calls = []
    for number, call in enumerate(value if isinstance(value, list) else ()):
        function = call.get("function") if isinstance(call, dict) else None
        if not isinstance(function, dict) or number >= MAX_CALLS:
            continue
        arguments = function.get("arguments")
        text = _text(arguments) if isinstance(arguments, str) else json.dumps(arguments)
        calls.append(
            ToolCall(_text(call.get("id")) or f"call_{number}", _text(function.get("name")), text)
        )
    return calls


def _usage(value: object) -> Usage:
    """Read what was used; nothing where the endpoint does not say."""
    if not isinstance(value, dict):
        return Usage()
    details = value.get("prompt_tokens_details")
    return Usage(
        input_tokens=_count(value.get("prompt_tokens")),
        cached_tokens=_count(details.get("cached_tokens")) if isinstance(details, dict) else 0,
        output_tokens=_count(value.get("completion_tokens")),
    )


def _count(value: Any) -> int:
    return value if isinstance(value, int) and value >= 0 else 0
