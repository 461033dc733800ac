"""The host's side of a worker: a warm guest server, and the sessions that it opens.

One session at a time speaks over the server's own pipes; that is the fastest. Sessions that stay
open beside others have a stream each.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from taskkit.errors import SandboxError, UsageError
from taskkit.sandbox import loader
from taskkit.sandbox.channel import Channel, WarmPending
from taskkit.sandbox.guest import folder, wire
from taskkit.sandbox.link import Child, Link, Stream
from taskkit.sandbox.protocol import Outcome, Program
from taskkit.sandbox.service import Endpoint, Running, Started
from taskkit.spec.environment import Limits

START_S = 120.0  # a cold disk and a heavy preload
OPEN_S = 60.0  # for a session's namespaces, on a busy machine
QUEUED, QUEUED_BYTES = 8, 4000
"""Programs that wait in a pipe at once, and how long they may be: within what any pipe holds.

Else host and server could each be writing, and neither reading.
"""
GRACE_S = 10.0  # beyond a program's wall time, for its start and the sweep after it


class WarmWorker:
    """A worker of any backend whose guest server outlives its sessions."""

    def __init__(
        self,
        config: dict[str, Any],
        *,
        folder: str | None = None,
        link: Callable[[dict[str, Any]], Link] = Child,
        single: bool = False,
        services: Mapping[str, Endpoint] | None = None,
        furnish: Callable[[], dict[str, Any]] | None = None,
    ) -> None:
        """Start it.

        Args:
            config: What the guest server is told.
            folder: Removed when the worker is closed.
            link: Starts a guest server.
            single: Each session has a guest server of its own.
            services: What runs beside each session, by name.
            furnish: Prepares what programs other than SQL need, and returns what a guest server
                that has it is told.
        """
        self.services = dict(services or {})
        self.ports = {"ports": [endpoint.port for endpoint in self.services.values()]}
        self.config = config | self.ports
        self._furnish = furnish
        self._retired: list[Channel] = []
        """Channels of guest servers that run SQL alone, and may have sessions open still."""
        self.folder, self.link, self.single = folder, link, single
        self.capacity = 1 if single else wire.CAPACITY
        """Sessions that may be open beside others."""
        self.lock = threading.Lock()
        self.open = 0
        """Sessions that are open beside others."""
        self.channel = self._start()
        self.used = False
        self.queues = bool(config["isolated"]) and not single and not self.services

    def _start(self) -> Channel:
        channel = Channel(self.link(self.config))
        channel.send(loader.greeting(self.config))
        channel.receive(START_S)
        return channel

    @contextlib.contextmanager
    def session(self, *, concurrent: bool = False) -> Iterator[WarmSession]:
        """Open a fresh session; a worker that died is replaced first.

        Args:
            concurrent: It stays open beside others, up to `capacity` at once.

        Raises:
            UsageError: as many are open as may be.
        """
        beside = concurrent or bool(self.services)
        with self.lock:
            self._count(beside)
        session = WarmSession(self, beside=beside)
        try:
            yield session
        finally:
            try:
                session.close()
            finally:
                with self.lock:
                    self.open -= beside

    def _count(self, beside: bool) -> None:
        if beside and self.open == self.capacity:
            raise UsageError(f"{self.capacity} sessions of a worker are open: close one first")
        idle = not self.open
        if not self.channel.alive or (self.single and self.used and idle):
            self.channel.close()
            self.channel = self._start()
        self.used = True
        self.open += beside

    def furnish(self) -> None:
        """Replace a guest server that runs SQL alone by one that runs every program.

        Raises:
            MissingError: what it needs cannot be had; the message says what would help.
        """
        with self.lock:
            if self._furnish is not None and not self.config["furnished"]:
                self.config = self._furnish() | self.ports
                self._retired.append(self.channel)
                self.channel = self._start()

    def stream(self) -> Channel:
        """Open a session beside others, and return the channel to it.

        Raises:
            SandboxError: the server is gone, or on another machine.
        """
        with self.lock:
            try:
                return Channel(Stream(self.channel.link))
            except OSError as error:
                raise SandboxError(
                    f"sandbox: no session can be opened beside others: {error}"
                ) from None

    def close(self) -> None:
        """End the worker and everything below it; safe to call twice."""
        for channel in (*self._retired, self.channel):
            channel.close()
        if self.folder is not None:
            folder.remove(self.folder)


class WarmSession:
    """One instance in a warm worker; it comes to be with its first program, or with a service."""

    def __init__(self, worker: WarmWorker, *, beside: bool) -> None:
        """Plan a session; ``beside`` others it has a stream of its own."""
        self.worker, self.beside = worker, beside
        self.assets = worker.config["assets"]
        self.isolated: bool = worker.config["isolated"]
        self.open = False
        self.started = Started()
        self._channel = None if beside else worker.channel
        self._furnished: bool = worker.config["furnished"]

    @property
    def services(self) -> Mapping[str, Running]:
        """The services beside this session, by name, started with the first use of any.

        Raises:
            SandboxError: one did not start.
        """
        self._reach()
        return self.started

    @property
    def channel(self) -> Channel:
        """Where its frames go; opens it where it has a stream of its own."""
        return self._channel or self._reach()

    def _reach(self) -> Channel:
        if self._channel is None:
            endpoints = self.worker.services
            if endpoints:  # later they could not move to another server
                self.worker.furnish()
            self._furnished = self.worker.config["furnished"]
            self._channel = self.worker.stream()
            listeners = _listeners(self._channel, len(endpoints))
            self.started.start(endpoints, listeners)
            self._channel.holder = self
        return self._channel

    def run(self, program: Program, limits: Limits) -> Outcome:
        """Run one program to its end, and kill whatever it left running.

        Raises:
            UsageError: a SQL program names no asset of the site, or the file is not below
                /workspace.
            SandboxError: the sandbox failed; says nothing about the program.
        """
        return self.begin(program, limits).outcome()

    def begin(self, program: Program, limits: Limits) -> WarmPending:
        """Begin a program.

        Raises:
            UsageError: a SQL program names no asset of the site, the file is not below
                /workspace, or another session is open.
            SandboxError: the sandbox failed; says nothing about the program.
        """
        self._check(program)
        if program.language != "sql":
            self._furnish()
        channel = self.channel
        each = limits.memory_mib + limits.disk_mib
        beside = self.worker.open
        channel.link.hold(each * max(1, beside), alone=beside <= 1)
        query = program.language == "sql" and not program.file
        alone = query and self.isolated and not self.open and not self.beside
        if channel.holder not in (None, self):
            raise UsageError("another session of the worker is open: close it first")
        request = wire.request(
            program.language,
            program.database or "",
            program.code.encode("utf-8", "surrogateescape"),
            vars(limits),
            collect=program.collect,
            file=program.file or "",
            beside=self.worker.open,
        )
        if alone:  # it leaves nothing that later ones need
            head = wire.lone(limits.wall_s, limits.cpu_s)
        else:
            head, self.open, channel.holder = wire.RUN, True, self
        if not alone or len(request) > QUEUED_BYTES or len(channel.waited) == QUEUED:
            channel.settle()
        channel.send(head + request)
        return WarmPending(channel, limits.wall_s + GRACE_S)

    def _furnish(self) -> None:
        """Move to a server that runs every program; SQL before it has left nothing to take along.

        Raises:
            MissingError: what the program needs cannot be had.
        """
        if self._furnished:
            return
        self.worker.furnish()
        if self._channel is not None:
            self._channel.settle()
            self._leave()
        self._channel = None if self.beside else self.worker.channel
        self._furnished = True

    def _check(self, program: Program) -> None:
        if program.language == "sql" and program.database not in self.assets:
            known = ", ".join(sorted(self.assets)) or "none"
            raise UsageError(f"database {program.database!r}: need an asset of the site: {known}")
        if program.file is not None:
            parts = program.file.split("/")
            if not {"", ".", ".."}.isdisjoint(parts) or "\0" in program.file:
                raise UsageError(
                    f"file {program.file!r}: need a path below /workspace, such as a.csv"
                )

    def close(self) -> None:
        """End the session and its services.

        Raises:
            SandboxError: a service did not end well.
        """
        self._leave()
        self.started.close()

    def _leave(self) -> None:
        channel = self._channel
        if channel is not None:
            if self.beside:
                channel.waited.clear()
                channel.close()
            elif self.open and channel.alive:
                channel.send(wire.CLOSE)
            if channel.holder is self:
                channel.holder = None
        self.open = False


def _listeners(channel: Channel, count: int) -> list[socket.socket]:
    """The sockets of a fresh session that its services listen on.

    Raises:
        SandboxError: the session did not come to be.
    """
    link = channel.link
    assert isinstance(link, Stream)
    listeners: list[socket.socket] = []
    try:
        frame, listeners = link.sockets(count, OPEN_S)
        kind, _, sizes = wire.reply_head(frame)
        said = link.take(sizes[1], time.monotonic() + OPEN_S)
    except wire.ClosedError as error:
        raise channel.failure(f"the session ended at its start ({error})") from None
    if kind != wire.READY or len(listeners) != count:
        for listener in listeners:
            listener.close()
        raise channel.failure(said.decode("utf-8", "replace") or "the session has no sockets")
    return listeners
