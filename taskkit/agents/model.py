"""The agent that asks a model for each action."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass
from typing import Any

from taskkit.agents.endpoint.endpoint import Endpoint
from taskkit.agents.protocol import Act, Halt, Reply, Scene, ToolCall
from taskkit.agents.window import Message, fitted
from taskkit.play.observation import Observation
from taskkit.play.tools import Protocol, from_call, from_text, system_prompt

REPLY_TOKENS = 1024  # kept free in the window where the reply has no bound


@dataclass(frozen=True)
class Sampling:
    """How a model is asked."""

    protocol: Protocol = "tools"
    temperature: float | None = None
    """The endpoint's own where not given."""
    reply_tokens: int | None = None
    """Bound of one reply."""
    tokens: int | None = None
    """Bound of all replies and requests of an episode together."""
    time_s: float | None = None
    """Bound of an episode, seconds."""
    window: int | None = None
    """Tokens of the model's window."""


class ModelAgent:
    """Keeps one conversation with a model."""

    def __init__(self, scene: Scene, endpoint: Endpoint, sampling: Sampling) -> None:
        """Begin a conversation; nothing is asked before the first observation."""
        self.scene, self.endpoint, self.sampling = scene, endpoint, sampling
        self.system = system_prompt(sampling.protocol)
        self.messages: list[Message] = [{"role": "system", "content": self.system}]
        self.tokens = 0
        self._tools = list(scene.tools) if sampling.protocol == "tools" else []
        self._waiting: deque[ToolCall] = deque()
        self._last: str | None = None
        self._began = time.monotonic()

    def act(self, observation: Observation) -> Act:
        """Give the next action of the model's last reply, or ask it for another.

        Raises:
            Halt: a budget is used up, or the model refuses.
            EndpointError: the endpoint gave no reply.
        """
        self._hear(observation)
        if self._waiting:
            return self._call(self._waiting.popleft(), None)
        self._check()
        reply = self._ask()
        self.tokens += reply.usage.tokens
        self.messages.append(spoken(reply))
        if reply.refusal or reply.finish == "content_filter":
            raise Refusal(reply)
        self._waiting.extend(reply.calls)
        if self._waiting:
            return self._call(self._waiting.popleft(), reply)
        self._last = None
        return Act(from_text(reply.content), reply)

    def _call(self, call: ToolCall, reply: Reply | None) -> Act:
        self._last = call.id
        return Act(from_call(call.name, call.arguments), reply, call.id)

    def _hear(self, observation: Observation) -> None:
        """Put an observation into the conversation, as an answer to the call that it follows."""
        if self._last is not None:
            role = {"role": "tool", "tool_call_id": self._last}
        else:
            role = {"role": "user"}
        self.messages.append({**role, "content": observation.text})

    def _check(self) -> None:
        """Raise a `Halt` where a budget is used up."""
        bound, limit = self.sampling.tokens, self.sampling.time_s
        if bound is not None and self.tokens >= bound:
            raise Halt("tokens", f"{self.tokens} tokens of {bound}")
        spent = time.monotonic() - self._began
        if limit is not None and spent >= limit:
            raise Halt("time", f"{limit:g} s are over")

    def _ask(self) -> Reply:
        sampling = self.sampling
        reserve = sampling.reply_tokens or REPLY_TOKENS
        offered = len(str(self._tools)) // 3
        request: dict[str, Any] = {
            "messages": fitted(self.messages, sampling.window, reserve + offered)
        }
        if self._tools:
            request["tools"] = self._tools
        if sampling.temperature is not None:
            request["temperature"] = sampling.temperature
        if self.scene.seed is not None:
            request["seed"] = self.scene.seed
        if sampling.reply_tokens is not None:
            request["max_completion_tokens"] = sampling.reply_tokens
        return self.endpoint.complete(request, f"{self.scene.task} {self.scene.attempt}")


class Refusal(Halt):
    """A reply that declines the task."""

    def __init__(self, reply: Reply) -> None:
        super().__init__("refusal", reply.refusal or reply.content or reply.finish)
        self.reply = reply


def spoken(reply: Reply) -> Message:
    """Give a reply as a message of the conversation; its reasoning is not sent back."""
    message: Message = {"role": "assistant", "content": reply.content or None}
    if reply.calls:
        message["tool_calls"] = [
            {
                "id": call.id,
                "type": "function",
                "function": {"name": call.name, "arguments": call.arguments},
            }
            for call in reply.calls
        ]
    elif not reply.content:
        message["content"] = ""
    return message
