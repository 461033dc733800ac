"""What an agent sends: an action in any of its forms, or what is none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter, ValidationError

from taskkit.play.tools import from_text, from_value
from taskkit.spec.action import Action, CodeExecution, Debugging, RequestInfo, Terminal

AnyAction = RequestInfo | Terminal | CodeExecution | Debugging
ACTION: TypeAdapter[AnyAction] = TypeAdapter(Action)
EXPECTED = (
    'Expected: one JSON object such as {"action": "code_execution", "language": "python", '
    '"code": "..."}.'
)
MAX_RECORDED = 2000  # characters of a malformed action kept in the trajectory


class RefusedError(Exception):
    """An action that is malformed or not allowed; the message is for the agent."""


def read(action: Mapping[str, Any] | str | bytes) -> AnyAction:
    """Read an action: a mapping, JSON text, fenced JSON, or a call of a tool in OpenAI's form.

    Raises:
        RefusedError: it is none; the message says what was expected.
    """
    try:
        if isinstance(action, str | bytes):
            text = action.decode("utf-8") if isinstance(action, bytes) else action
            value = from_text(text)
            if isinstance(value, str):
                return ACTION.validate_json(text)
        else:
            value = from_value(dict(action)) or dict(action)
        return ACTION.validate_python(value)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "action"
        raise RefusedError(f"malformed action: {where}: {first['msg']}. {EXPECTED}") from None
    except (TypeError, ValueError) as error:
        raise RefusedError(f"malformed action: {error}. {EXPECTED}") from None


def recorded(action: object) -> AnyAction | str:
    """Give what the trajectory keeps of an action that may be malformed."""
    if isinstance(action, AnyAction):
        return action
    text = action.decode("utf-8", "replace") if isinstance(action, bytes) else str(action)
    return text[:MAX_RECORDED].encode("utf-8", "backslashreplace").decode()  # no half characters
