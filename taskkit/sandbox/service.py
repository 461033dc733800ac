"""Services: servers beside an agent, such as a FHIR server, and how a kit offers one.

A kind of service is an entry point of the group `taskkit.services`: a class or function with
`prepare(data, options) -> Parent`. A parent is loaded once for a process and stays warm. For each
session it starts a `Running` one, whose state is fresh, on a socket that it is given. The socket
listens on the loopback of the session's own network, where the agent reaches it as
http://127.0.0.1:<port>, and nothing else. The service itself, its files and its memory stay outside
of the sandbox.
"""

from __future__ import annotations

import difflib
import socket
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from taskkit.errors import MissingError, PluginError, SandboxError, blame
from taskkit.oracles.evidence import Change
from taskkit.plugin import guard, third_party

GROUP = "taskkit.services"


@runtime_checkable
class Running(Protocol):
    """A service of one session."""

    def changes(self) -> list[Change]:
        """What differs from the state at its start, ordered by key."""
        ...

    def get(self, path: str) -> tuple[int, bytes]:
        """Answer a GET request as the server would; return the status and the body."""
        ...

    def close(self) -> None:
        """End it and drop its state; safe to call twice."""
        ...


class Parent(Protocol):
    """A service that is loaded and warm, and serves nobody yet."""

    def start(self, listener: socket.socket) -> Running:
        """Serve a fresh copy of the state on a socket that listens already, and return at once.

        The service owns ``listener`` from then on; it may be a TCP or a Unix socket.
        """
        ...

    def close(self) -> None:
        """Drop what is loaded; safe to call twice."""
        ...


class Factory(Protocol):
    """A kind of service."""

    def prepare(self, data: Path | None, options: Mapping[str, Any]) -> Parent:
        """Load a service.

        Args:
            data: The file that holds its first state; only the service and the judge read it.
            options: What the task says of it.
        """
        ...


@dataclass(frozen=True)
class Endpoint:
    """A warm service, and where sessions find it."""

    parent: Parent
    port: int
    """On 127.0.0.1, as sessions see it."""


@dataclass
class Started(Mapping[str, Running]):
    """The services of one session, by name."""

    running: dict[str, Running] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Running:
        return self.running[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.running)

    def __len__(self) -> int:
        return len(self.running)

    def start(self, endpoints: Mapping[str, Endpoint], listeners: Iterable[socket.socket]) -> None:
        """Start one service on each listener.

        Raises:
            SandboxError: a service did not start; those before it are ended.
        """
        pairs = list(zip(endpoints.items(), listeners, strict=True))
        try:
            for (name, endpoint), listener in pairs:
                with blame(SandboxError, f"service {name}: it did not start"):
                    running = endpoint.parent.start(listener)
                    self.running[name] = guard(f"service {name}", running, changes=list, get=tuple)
        except (SandboxError, PluginError):
            self.close()
            for _, listener in pairs:
                listener.close()
            raise

    def close(self) -> None:
        """End them all, also where one does not end well.

        Raises:
            SandboxError: one did not end well.
            InternalError: one met a fault of our own code.
        """
        with ExitStack() as stack:
            for name, running in self.running.items():
                stack.enter_context(blame(SandboxError, f"service {name}: it did not end"))
                stack.callback(running.close)
            self.running.clear()


def prepare(kind: str, data: Path | None, options: Mapping[str, Any]) -> Parent:
    """Load a service of a kind.

    Raises:
        MissingError: no installed package offers the kind.
        SandboxError: it could not be loaded.
        PluginError: so, and others wrote it.
    """
    factory = _factory(kind)
    with (
        blame(SandboxError, f"service {kind}: it could not be loaded"),
        third_party(f"service {kind}: prepare", factory),
    ):
        parent = factory.prepare(data, options)
    if not callable(getattr(parent, "start", None)):
        raise PluginError(
            f"service {kind}: prepare: gave {parent!r:.80}: need a parent with start(listener)"
        )
    return guard(f"service {kind}", parent, start=Running)


def kinds() -> tuple[str, ...]:
    """The kinds of services that are installed."""
    return tuple(sorted(entry_points(group=GROUP).names))


def _factory(kind: str) -> Factory:
    found = list(entry_points(group=GROUP, name=kind))
    if not found:
        near = difflib.get_close_matches(kind, kinds(), 1)
        known = f"did you mean {near[0]!r}?" if near else f"need one of {', '.join(kinds())}"
        raise MissingError(f"service {kind!r}: no installed package offers it: {known}")
    with blame(SandboxError, f"service {kind}: {found[0].value}"):
        loaded: Any = found[0].load()
        factory: Factory = loaded() if isinstance(loaded, type) else loaded
    return factory
