"""One model at one endpoint: a request in, a reply out, whatever it takes to get one."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from taskkit.agents.endpoint.calls import Calls, key_of
from taskkit.agents.endpoint.pace import Pace, backoff, retry_after
from taskkit.agents.endpoint.prices import Pricing
from taskkit.agents.endpoint.reply import NonsenseError, read_reply
from taskkit.agents.protocol import Halt, Reply
from taskkit.errors import EndpointError, MissingError, UsageError

ATTEMPTS = 6  # of one call; with the waits between them about half a minute
PATIENCE = 30  # refusals of one call for being too many
TIMEOUT_S = 300.0  # of one attempt
AGAIN = (408, 409, 425, 429)  # and 500 or more: statuses that may be another the next time
HOPELESS = (401, 402, 403, 404)  # statuses that no other call will change
TOO_LONG = ("context length", "context_length", "maximum context", "context window", "too long")
QUOTED = 300  # characters of an endpoint's message


class HopelessError(EndpointError):
    """An endpoint that refuses every call: a wrong key, address or model."""


class _Again(Exception):  # noqa: N818  # not an error yet
    """An attempt that failed in a way that the next may not."""

    def __init__(
        self, said: str, after: float = 0.0, *, busy: bool = False, told: bool = False
    ) -> None:
        self.said, self.after, self.busy, self.told = said, after, busy, told
        super().__init__(said)


@dataclass(frozen=True)
class Address:
    """Where a model is."""

    model: str
    base_url: str
    key_variable: str = "OPENAI_API_KEY"
    """The environment variable that holds the key."""

    def __post_init__(self) -> None:
        parts = urlsplit(self.base_url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise UsageError(
                f"--base-url {self.base_url!r}: need one such as http://127.0.0.1:8000/v1"
            )
        if parts.username or parts.password or parts.query:
            raise UsageError(
                f"--base-url: it holds a user, a password or a query: put the key into the"
                f" environment variable {self.key_variable}"
            )

    @property
    def local(self) -> bool:
        """Whether it is on this machine, where no key is needed."""
        host = urlsplit(self.base_url).hostname or ""
        with suppress(ValueError):
            return ip_address(host).is_loopback
        return host == "localhost"

    def key(self, environment: Mapping[str, str]) -> str:
        """Give the key.

        Raises:
            UsageError: there is none, and the endpoint is not on this machine.
        """
        found = environment.get(self.key_variable, "")
        if not found and not self.local:
            raise UsageError(f"{self.base_url}: it needs a key: set {self.key_variable}")
        return found or "none"


class Endpoint:
    """A client of one model; threads may share it."""

    def __init__(
        self,
        address: Address,
        key: str,
        *,
        pace: Pace,
        calls: Calls | None = None,
        pricing: Pricing | None = None,
        timeout_s: float = TIMEOUT_S,
        wait: Callable[[int], float] = backoff,
    ) -> None:
        """Make a client; nothing is sent yet.

        Args:
            key: Shown nowhere.
            calls: Answered calls, which are not made again.
            pricing: Gives the cost of each reply.
            timeout_s: Of one attempt.
            wait: Seconds before the next attempt, by how many have failed.

        Raises:
            MissingError: the package `openai` is not installed.
        """
        try:
            import openai
        except ImportError as error:
            raise MissingError(
                "the package openai is not installed: pip install 'taskkit[models]'"
            ) from error
        self.address, self.pace, self.calls, self.pricing = address, pace, calls, pricing
        self._key, self._wait = key, wait
        self._openai = openai
        self._client = openai.OpenAI(
            api_key=key, base_url=address.base_url, timeout=timeout_s, max_retries=0
        )

    def complete(self, request: Mapping[str, Any], slot: str) -> Reply:
        """Give the reply to a chat completion, of an earlier run where there is one.

        Args:
            request: Its body, without the model.
            slot: Task and attempt that it belongs to.

        Raises:
            EndpointError: no attempt was answered.
            Halt: the conversation is longer than the model's window, or the run is stopped.
        """
        body = {"model": self.address.model, **request}
        key = key_of({"url": self.address.base_url, **body}, slot)
        if self.calls is not None and (found := self.calls.get(key)) is not None:
            return found
        reply = self._ask(body)
        if self.pricing is not None:
            reply = replace(reply, usage=self.pricing(reply.usage))
        if self.calls is not None:
            self.calls.put(key, slot, reply)
        return reply

    def _ask(self, body: dict[str, Any]) -> Reply:
        """Send a request until it is answered."""
        tried, busy, said = 0, 0, ""
        while tried < ATTEMPTS and busy < PATIENCE:
            try:
                return self._attempt(body)
            except _Again as again:
                said = again.said
                busy, tried = busy + again.busy, tried + (not again.busy)
                if again.told:
                    self.pace.rest(again.after)  # `place` waits for it, as all calls do
                elif tried < ATTEMPTS:
                    self.pace.wait(self._wait(tried + busy))
        raise EndpointError(f"{self.address.base_url}: {tried + busy} attempts: {said}")

    def _attempt(self, body: dict[str, Any]) -> Reply:
        """Send a request once."""
        with self.pace.place():
            if self.pace.stopped.is_set():
                raise Halt("stopped")
            began = time.monotonic()
            try:
                return replace(self._send(body), wall_s=time.monotonic() - began)
            except self._openai.APIStatusError as error:
                raise self._refused(error) from error
            except self._openai.APITimeoutError as error:
                raise _Again("no answer in time") from error
            except self._openai.APIConnectionError as error:
                cause = error.__cause__ or error
                raise _Again(self._quoted(f"{type(cause).__name__}: {cause}")) from error
            except NonsenseError as error:
                raise _Again(self._quoted(f"an answer that is none: {error}")) from error

    def _send(self, body: dict[str, Any]) -> Reply:
        from httpx2 import Response

        sent = self._client.post("/chat/completions", body=body, cast_to=Response)
        return read_reply(sent.content)

    def _refused(self, error: Any) -> Exception:
        """Give what a status means: ask again, give up, or end the episode."""
        status, text = error.status_code, self._quoted(str(error.message))
        where = f"{self.address.base_url}: status {status}: {text}"
        if status in AGAIN or status >= 500:
            after = retry_after(error.response.headers, time.time())
            return _Again(
                f"status {status}: {text}", after or 0.0, busy=status == 429, told=after is not None
            )
        if status in (400, 413) and any(word in text.lower() for word in TOO_LONG):
            return Halt("context", text)
        if status in HOPELESS:
            return HopelessError(
                f"{where}: need a model, an address and a key in {self.address.key_variable} that"
                " go together"
            )
        return EndpointError(where)

    def _quoted(self, text: str) -> str:
        """Give an endpoint's words, short and without the key."""
        if len(self._key) > 4:
            text = text.replace(self._key, "***")
        return " ".join(text.split())[:QUOTED]

    def close(self) -> None:
        """Close the connections; safe to call twice."""
        self._client.close()
