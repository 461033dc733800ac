"""The host's side of a worker: its process, and sessions spoken to over two pipes."""

from __future__ import annotations

import contextlib
import os
import select
import shutil
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO, Protocol

from taskkit.errors import SandboxError, UsageError
from taskkit.sandbox import loader
from taskkit.sandbox.guest import wire
from taskkit.sandbox.protocol import Outcome, Program
from taskkit.spec.environment import Limits

START_S = 120.0  # a cold disk and a heavy preload
CLEAN_UP_S = 5.0
LAST_WORDS = 2000  # bytes of its standard error that an error quotes
QUEUED, QUEUED_BYTES = 8, 4000
"""Programs that wait in a pipe at once, and how long they may be: within what any pipe holds.

Else host and server could each be writing, and neither reading.
"""
GRACE_S = 10.0  # beyond a program's wall time, for its start and the sweep after it

EAGER = {"LD_BIND_NOW": "1"}
"""Have the dynamic linker look up every symbol at once, not again in each session's process."""


class Link(Protocol):
    """A started guest server and the streams to it, whatever holds them."""

    to: int
    """Where frames to the server are written."""

    def take(self, size: int, deadline: float) -> bytes:
        """Read exactly ``size`` bytes by ``deadline``, as `time.monotonic` counts.

        Raises:
            wire.ClosedError: the stream ended, or they did not come in time.
        """
        ...

    def last_words(self) -> str:
        """Give the end of what the server wrote to its standard error."""
        ...

    def end(self) -> None:
        """End the server and everything below it; safe to call twice."""
        ...

    def close(self) -> None:
        """Let go of the streams, once it has ended; safe to call twice."""
        ...

    @property
    def alive(self) -> bool:
        """Whether the server still runs."""
        ...


class Child:
    """A guest server that is a child process, behind two pipes."""

    def __init__(self, config: dict[str, Any]) -> None:
        """Start the process."""
        self.isolated: bool = config["isolated"]
        self.log: BinaryIO = tempfile.TemporaryFile()  # noqa: SIM115
        self.process = subprocess.Popen(
            [sys.executable, *loader.OPTIONS, "-c", loader.BOOTSTRAP],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.log,
            env=config["environment"] | EAGER,
            cwd="/",
            bufsize=0,
            start_new_session=True,
        )
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.to, self.back = self.process.stdin.fileno(), self.process.stdout.fileno()
        os.set_blocking(self.back, False)
        self.poll = select.poll()
        self.poll.register(self.back, select.POLLIN)

    def take(self, size: int, deadline: float) -> bytes:
        """Read exactly ``size`` bytes from the pipe."""
        parts = []
        while size:
            left = deadline - time.monotonic()
            if left <= 0 or not self.poll.poll(left * 1000):
                raise wire.ClosedError("no answer in time")
            part = os.read(self.back, min(size, 1 << 20))
            if not part:
                raise wire.ClosedError("end of stream")
            parts.append(part)
            size -= len(part)
        return b"".join(parts)

    def last_words(self) -> str:
        """Give the end of its standard error."""
        self.log.seek(0, os.SEEK_END)
        self.log.seek(max(0, self.log.tell() - LAST_WORDS))
        return self.log.read().decode("utf-8", "replace").strip()

    def end(self) -> None:
        """Kill it; where it is not isolated it may first clean up."""
        assert self.process.stdin is not None
        with contextlib.suppress(OSError):
            self.process.stdin.close()
        if not self.isolated:  # else nothing can outlive it; here it has to clean up itself
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(CLEAN_UP_S)
        self.process.kill()
        self.process.wait()

    def close(self) -> None:
        """Close the pipe and the log."""
        assert self.process.stdout is not None
        self.process.stdout.close()
        self.log.close()

    @property
    def alive(self) -> bool:
        """Whether the process still runs."""
        return self.process.poll() is None


class Channel:
    """Frames to and from a guest server; dead after the first failure."""

    def __init__(self, link: Link, config: dict[str, Any]) -> None:
        """Greet the server behind ``link`` and wait until it is ready."""
        self.link = link
        self.waited: deque[WarmPending] = deque()
        """Programs that were begun, in the order of their outcomes."""
        self.holder: WarmSession | None = None
        """The session that is open in the server, and hears whatever is sent."""
        self.send(loader.greeting(config))
        self.receive(START_S)

    def send(self, frame: bytes) -> None:
        """Write a frame.

        Raises:
            SandboxError: the worker is gone.
        """
        try:
            wire.write(self.link.to, frame)
        except (BrokenPipeError, ConnectionResetError):
            raise self.failure("the worker ended") from None

    def receive(self, timeout: float) -> tuple[dict[str, Any], bytes, bytes, bytes]:
        """Return the next outcome: its fields, stdout, stderr and document.

        Raises:
            SandboxError: the worker is gone, broken, or silent for ``timeout`` seconds.
        """
        deadline = time.monotonic() + timeout
        try:
            kind, fields, sizes = wire.reply_head(self.link.take(wire.REPLY_SIZE, deadline))
            stdout, stderr, document = (self.link.take(size, deadline) for size in sizes)
        except wire.ClosedError as error:
            raise self.failure(f"the worker went away ({error})") from None
        if kind == wire.FAILURE:
            raise self.failure(stderr.decode("utf-8", "replace"))
        return fields, stdout, stderr, document

    def settle(self) -> None:
        """Read the outcomes of all programs that were begun.

        Raises:
            SandboxError: the worker is gone, and what was begun with it.
        """
        while self.waited:
            self.waited[0].take()

    def failure(self, what: str) -> SandboxError:
        """End the worker and return the error that says why, with what it wrote last."""
        self.link.end()
        words = self.link.last_words() or "it left no message"
        self.link.close()
        return SandboxError(f"sandbox: {what}: {words}")

    def close(self) -> None:
        """End the worker and everything below it; safe to call twice."""
        self.link.end()
        self.link.close()

    @property
    def alive(self) -> bool:
        """The worker still runs."""
        return self.link.alive


class WarmWorker:
    """A worker of any backend whose guest server outlives its sessions."""

    def __init__(
        self,
        config: dict[str, Any],
        *,
        folder: str | None = None,
        link: Callable[[dict[str, Any]], Link] = Child,
        single: bool = False,
    ) -> None:
        """Start it.

        Args:
            config: What the guest server is told.
            folder: Removed when the worker is closed.
            link: Starts a guest server.
            single: Each session has a guest server of its own.
        """
        self.config, self.folder, self.link, self.single = config, folder, link, single
        self.channel = self._start()
        self.used = False
        self.queues = bool(config["isolated"]) and not single

    def _start(self) -> Channel:
        return Channel(self.link(self.config), self.config)

    @contextlib.contextmanager
    def session(self) -> Iterator[WarmSession]:
        """Open a fresh session; a worker that died is replaced first."""
        if not self.channel.alive or (self.single and self.used):
            self.channel.close()
            self.channel = self._start()
        self.used = True
        session = WarmSession(self.channel, self.config)
        try:
            yield session
        finally:
            session.close()

    def close(self) -> None:
        """End the worker and everything below it; safe to call twice."""
        self.channel.close()
        if self.folder is not None:
            shutil.rmtree(self.folder, ignore_errors=True)


class WarmSession:
    """One instance in a warm worker; it comes to be with its first program."""

    def __init__(self, channel: Channel, config: dict[str, Any]) -> None:
        """Speak over ``channel`` to a server that was told ``config``."""
        self.channel, self.assets = channel, config["assets"]
        self.isolated: bool = config["isolated"]
        self.open = False

    def run(self, program: Program, limits: Limits) -> Outcome:
        """Run one program to its end, and kill whatever it left running.

        Raises:
            UsageError: a SQL program names no asset of the site.
            SandboxError: the sandbox failed; says nothing about the program.
        """
        return self.begin(program, limits).outcome()

    def begin(self, program: Program, limits: Limits) -> WarmPending:
        """Begin a program.

        Raises:
            UsageError: a SQL program names no asset of the site, or another session is open.
            SandboxError: the sandbox failed; says nothing about the program.
        """
        if program.language == "sql" and program.database not in self.assets:
            known = ", ".join(sorted(self.assets)) or "none"
            raise UsageError(f"database {program.database!r}: need an asset of the site: {known}")
        alone = program.language == "sql" and self.isolated and not self.open
        if self.channel.holder not in (None, self):
            raise UsageError("another session of the worker is open: close it first")
        code = program.code.encode("utf-8", "surrogateescape")
        request = wire.request(
            program.language, program.database or "", code, vars(limits), collect=program.collect
        )
        if alone:  # it leaves nothing that later ones need
            head = wire.lone(limits.wall_s, limits.cpu_s)
        else:
            head, self.open, self.channel.holder = wire.RUN, True, self
        if not alone or len(request) > QUEUED_BYTES or len(self.channel.waited) == QUEUED:
            self.channel.settle()
        self.channel.send(head + request)
        return WarmPending(self.channel, limits.wall_s + GRACE_S)

    def close(self) -> None:
        """End the session."""
        if self.open and self.channel.alive:
            self.channel.send(wire.CLOSE)
        if self.channel.holder is self:
            self.channel.holder = None
        self.open = False


class WarmPending:
    """A program that a guest server was sent."""

    def __init__(self, channel: Channel, timeout: float) -> None:
        """Wait for it, once asked, behind all that ``channel`` was sent before."""
        self.channel, self.timeout = channel, timeout
        self.found: Outcome | None = None
        channel.waited.append(self)

    def outcome(self) -> Outcome:
        """Wait for its end.

        Raises:
            SandboxError: the sandbox failed; says nothing about the program.
        """
        while self.found is None:
            if not self.channel.waited:
                raise SandboxError("sandbox: the worker ended before it came to the program")
            self.channel.waited[0].take()
        return self.found

    def take(self) -> None:
        """Read the outcome, which is the next that the server sends."""
        try:
            patience = sum(one.timeout for one in self.channel.waited)  # all may come at once
            fields, stdout, stderr, document = self.channel.receive(patience)
        except SandboxError:
            self.channel.waited.clear()
            raise
        self.channel.waited.popleft()
        self.found = Outcome(
            status=fields["status"],
            stdout=stdout.decode("utf-8", "replace"),
            stderr=stderr.decode("utf-8", "replace"),
            exit_code=fields["exit_code"],
            document=document if fields["document"] else None,
            wall_s=fields["wall_s"],
            cpu_s=fields["cpu_s"],
            peak_mib=fields["peak_mib"],
        )
