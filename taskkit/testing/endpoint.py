"""An OpenAI-compatible endpoint on loopback whose answers are scripted: for tests without a model.

    with ScriptedEndpoint(lambda request: text('{"action": "debugging"}')) as endpoint:
        ...  # base URL: endpoint.url

`python -m taskkit.testing.endpoint SCRIPT.json` serves a script until it is ended. A script is a
JSON object: words of a task's opening, or `*`, to a list of answers, one for each step.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Event, Thread
from typing import Any, Literal

from taskkit.errors import UsageError

ANY = "*"
WORDS = {200: "OK", 400: "Bad Request", 401: "Unauthorized", 429: "Too Many Requests"}


@dataclass(frozen=True)
class Request:
    """A chat completion that was asked for."""

    number: int
    """From 0, over all requests."""
    body: Mapping[str, Any]
    headers: Mapping[str, str]

    @property
    def messages(self) -> list[dict[str, Any]]:
        """The conversation so far."""
        return list(self.body.get("messages", ()))

    @property
    def step(self) -> int:
        """How often the model has spoken before."""
        return sum(one["role"] == "assistant" for one in self.messages)

    @property
    def opening(self) -> str:
        """The first thing that the user said: the task."""
        return next((str(m["content"]) for m in self.messages if m["role"] == "user"), "")


@dataclass(frozen=True)
class Answer:
    """What the endpoint answers."""

    message: Mapping[str, Any] = field(default_factory=dict)
    finish: str = "stop"
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    """The whole body, in place of a completion."""
    wait_s: float = 0.0
    cut: bool = False
    """The connection ends in the middle of the body."""
    tokens: tuple[int, int] = (100, 20)
    """Of request and reply."""


Script = Callable[[Request], Answer]


def text(content: str, **changes: Any) -> Answer:
    """Answer with a text."""
    return Answer({"role": "assistant", "content": content}, **changes)


def call(name: str, *, id: str = "call_1", **arguments: Any) -> Answer:
    """Answer with a function call."""
    function = {"name": name, "arguments": json.dumps(arguments)}
    calls = [{"id": id, "type": "function", "function": function}]
    return Answer({"role": "assistant", "content": None, "tool_calls": calls}, "tool_calls")


def refusal(words: str) -> Answer:
    """Answer that the model declines."""
    return Answer({"role": "assistant", "content": None, "refusal": words})


def failure(status: int, words: str = "scripted", *, retry_after: str | None = None) -> Answer:
    """Answer with a status that is not 200."""
    headers = {} if retry_after is None else {"Retry-After": retry_after}
    body = json.dumps({"error": {"message": words, "type": "scripted"}}).encode()
    return Answer(status=status, headers=headers, body=body)


def nonsense(body: bytes = b"<html>down for maintenance</html>") -> Answer:
    """Answer with a body that is no completion."""
    return Answer(body=body)


def cut() -> Answer:
    """End the connection in the middle of an answer."""
    return replace(text("a long story " * 50), cut=True)


def late(seconds: float, answer: Answer) -> Answer:
    """Give an answer only after a while."""
    return replace(answer, wait_s=seconds)


class ScriptedEndpoint:
    """A server in a thread of its own, on a port of its own."""

    def __init__(self, script: Script, *, latency_s: float = 0.0, port: int = 0) -> None:
        """Make a server; it listens once it is entered.

        Args:
            script: Gives the answer to each request.
            latency_s: Before each answer.
        """
        self.script, self.latency_s, self.port = script, latency_s, port
        self.requests: list[Request] = []
        """All that was asked, in order."""
        self.most = 0
        """The largest number of requests under way at once."""
        self._open = 0
        self._loop = asyncio.new_event_loop()
        self._ready = Event()
        self._thread = Thread(target=self._run, daemon=True)

    @property
    def url(self) -> str:
        """The base URL."""
        return f"http://127.0.0.1:{self.port}/v1"

    def __enter__(self) -> ScriptedEndpoint:
        self._thread.start()
        self._ready.wait()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        start = asyncio.start_server(self._serve, "127.0.0.1", self.port)
        server = self._loop.run_until_complete(start)
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        self._loop.run_forever()
        server.close()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(asyncio.sleep(0))
        self._loop.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection, which may bring many requests."""
        try:
            while await self._one(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # cancelled: the server ends while the client keeps its connection
        finally:
            writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        pairs = (line.split(": ", 1) for line in head[1:] if ": " in line)
        headers = {name.lower(): value for name, value in pairs}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        request = Request(len(self.requests), json.loads(body or b"{}"), headers)
        self.requests.append(request)
        self._open += 1
        self.most = max(self.most, self._open)
        try:
            answer = self.script(request)
            await asyncio.sleep(self.latency_s + answer.wait_s)
        finally:
            self._open -= 1
        sent = answer.body if answer.body is not None else completion(request, answer)
        writer.write(heading(answer, len(sent)))
        writer.write(sent[: len(sent) // 2] if answer.cut else sent)
        await writer.drain()
        return not answer.cut


def heading(answer: Answer, size: int) -> bytes:
    """Write the head of an HTTP answer."""
    lines = [
        f"HTTP/1.1 {answer.status} {WORDS.get(answer.status, 'Scripted')}",
        "Content-Type: application/json",
        f"Content-Length: {size}",
        *(f"{name}: {value}" for name, value in answer.headers.items()),
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def completion(request: Request, answer: Answer) -> bytes:
    """Write the body of a chat completion."""
    asked, replied = answer.tokens
    made = {
        "id": f"scripted-{request.number}",
        "object": "chat.completion",
        "created": 0,
        "model": request.body.get("model", "scripted"),
        "choices": [{"index": 0, "finish_reason": answer.finish, "message": dict(answer.message)}],
        "usage": {
            "prompt_tokens": asked,
            "completion_tokens": replied,
            "total_tokens": asked + replied,
        },
    }
    return json.dumps(made).encode()


def by_opening(steps: Mapping[str, Sequence[Answer]]) -> Script:
    """Give the script of a task by words of its opening; the last answer is repeated."""

    def script(request: Request) -> Answer:
        opening = request.opening
        found = next((v for k, v in steps.items() if k != ANY and k in opening), None)
        answers = found or steps.get(ANY) or [text("I have nothing to say.")]
        return answers[min(request.step, len(answers) - 1)]

    return script


Form = Literal["tools", "text"]


def read_script(path: Path, form: Form = "tools") -> Script:
    """Read a script from a file: an answer is a text, or an action.

    Raises:
        UsageError: it is no script.
    """
    try:
        value = json.loads(path.read_text("utf-8"))
        return by_opening({k: [_answer(one, form) for one in v] for k, v in value.items()})
    except (OSError, ValueError, AttributeError, TypeError) as error:
        raise UsageError(f"{path}: no script: {error}") from error


def _answer(value: object, form: Form) -> Answer:
    if isinstance(value, str):
        return text(value)
    if not isinstance(value, dict) or "action" not in value:
        raise ValueError(f"{value!r}: need a text, or an object with an action")
    if form == "text":
        return text(f"```json\n{json.dumps(value)}\n```")
    return call(value["action"], **{k: v for k, v in value.items() if k != "action"})


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve a script until the process is ended; the base URL is printed first."""
    parser = argparse.ArgumentParser(description="Serve scripted chat completions on loopback.")
    parser.add_argument("script", type=Path)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--latency", type=float, default=0.0, help="seconds before each answer")
    parser.add_argument("--form", choices=["tools", "text"], default="tools")
    given = parser.parse_args(arguments)
    script = read_script(given.script, given.form)
    with ScriptedEndpoint(script, latency_s=given.latency, port=given.port) as endpoint:
        sys.stdout.write(f"{endpoint.url}\n")
        sys.stdout.flush()
        Event().wait()


if __name__ == "__main__":
    main()
