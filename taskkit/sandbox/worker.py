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
from collections.abc import Iterator
from typing import Any, BinaryIO

from taskkit.errors import SandboxError, UsageError
from taskkit.sandbox import loader
from taskkit.sandbox.guest import wire
from taskkit.sandbox.protocol import Outcome, Program
from taskkit.spec.environment import Limits

START_S = 120.0  # a cold disk and a heavy preload
CLEAN_UP_S = 5.0
GRACE_S = 10.0  # beyond a program's wall time, for its start and the sweep after it


class Channel:
    """A worker's process and the pipes to it; dead after the first failure."""

    def __init__(self, config: dict[str, Any]) -> None:
        """Start the process and wait until it is ready."""
        self.isolated: bool = config["isolated"]
        self.log: BinaryIO = tempfile.TemporaryFile()  # noqa: SIM115
        self.process = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", loader.BOOTSTRAP],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.log,
            env=config["environment"],
            cwd="/",
            bufsize=0,
            start_new_session=True,
        )
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.to, self.back = self.process.stdin.fileno(), self.process.stdout.fileno()
        os.set_blocking(self.back, False)
        self.send(loader.greeting(config))
        self.receive(START_S)

    def send(self, frame: bytes) -> None:
        """Write a frame.

        Raises:
            SandboxError: the worker is gone.
        """
        try:
            wire.write(self.to, frame)
        except BrokenPipeError:
            raise self.failure("the worker ended") from None

    def receive(self, timeout: float) -> tuple[dict[str, Any], bytes, bytes, bytes]:
        """Return the next outcome: its fields, stdout, stderr and document.

        Raises:
            SandboxError: the worker is gone, broken, or silent for ``timeout`` seconds.
        """
        reader = _Reader(self.back, time.monotonic() + timeout)
        try:
            kind, fields, sizes = wire.reply_head(reader.take(wire.REPLY_SIZE))
            stdout, stderr, document = (reader.take(size) for size in sizes)
        except wire.ClosedError as error:
            raise self.failure(f"the worker went away ({error})") from None
        if kind == wire.FAILURE:
            raise self.failure(stderr.decode("utf-8", "replace"))
        return fields, stdout, stderr, document

    def failure(self, what: str) -> SandboxError:
        """End the process and return the error that says why, with what it wrote last."""
        self._end()
        words = self._last_words()
        self.close()
        return SandboxError(f"sandbox: {what}: {words}")

    def _last_words(self) -> str:
        self.log.seek(0, os.SEEK_END)
        self.log.seek(max(0, self.log.tell() - 2000))
        return self.log.read().decode("utf-8", "replace").strip() or "it left no message"

    def _end(self) -> None:
        assert self.process.stdin is not None
        with contextlib.suppress(OSError):
            self.process.stdin.close()
        if not self.isolated:  # else nothing can outlive it; here it has to clean up itself
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(CLEAN_UP_S)
        self.process.kill()
        self.process.wait()

    def close(self) -> None:
        """End the process and everything below it; safe to call twice."""
        self._end()
        assert self.process.stdout is not None
        self.process.stdout.close()
        self.log.close()

    @property
    def alive(self) -> bool:
        """The process still runs."""
        return self.process.poll() is None


class _Reader:
    """Exact reads from a pipe up to a moment."""

    def __init__(self, fd: int, deadline: float) -> None:
        self.fd, self.deadline = fd, deadline
        self.poll = select.poll()
        self.poll.register(fd, select.POLLIN)

    def take(self, size: int) -> bytes:
        parts = []
        while size:
            left = self.deadline - time.monotonic()
            if left <= 0 or not self.poll.poll(left * 1000):
                raise wire.ClosedError("no answer in time")
            part = os.read(self.fd, min(size, 1 << 20))
            if not part:
                raise wire.ClosedError("end of stream")
            parts.append(part)
            size -= len(part)
        return b"".join(parts)


class WarmWorker:
    """A worker of any backend that runs the guest server as a child process."""

    def __init__(self, config: dict[str, Any], *, folder: str | None = None) -> None:
        """Start it; ``folder`` is removed when it is closed."""
        self.config, self.folder = config, folder
        self.channel = Channel(config)

    @contextlib.contextmanager
    def session(self) -> Iterator[WarmSession]:
        """Open a fresh session; a worker that died is replaced first."""
        if not self.channel.alive:
            self.channel.close()
            self.channel = Channel(self.config)
        session = WarmSession(self.channel, self.config["assets"])
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

    def __init__(self, channel: Channel, assets: dict[str, str]) -> None:
        """Speak over ``channel``."""
        self.channel, self.assets = channel, assets
        self.open = False

    def run(self, program: Program, limits: Limits) -> Outcome:
        """Run one program to its end, and kill whatever it left running.

        Raises:
            UsageError: a SQL program names no asset of the site.
            SandboxError: the sandbox failed; says nothing about the program.
        """
        if program.language == "sql" and program.database not in self.assets:
            known = ", ".join(sorted(self.assets)) or "none"
            raise UsageError(f"database {program.database!r}: need an asset of the site: {known}")
        code = program.code.encode("utf-8", "surrogateescape")
        request = wire.request(
            program.language,
            program.database or "",
            code,
            limits.model_dump(),
            collect=program.collect,
        )
        self.open = True
        self.channel.send(wire.RUN + request)
        fields, stdout, stderr, document = self.channel.receive(limits.wall_s + GRACE_S)
        return Outcome(
            status=fields["status"],
            stdout=stdout.decode("utf-8", "replace"),
            stderr=stderr.decode("utf-8", "replace"),
            exit_code=fields["exit_code"],
            document=document if fields["document"] else None,
            wall_s=fields["wall_s"],
            cpu_s=fields["cpu_s"],
            peak_mib=fields["peak_mib"],
        )

    def close(self) -> None:
        """End the session."""
        if self.open and self.channel.alive:
            self.channel.send(wire.CLOSE)
        self.open = False
