"""Frames between the host and a guest server or one of its sessions, and what comes back."""

from __future__ import annotations

import time
from collections import deque
from typing import Any

from taskkit.errors import SandboxError
from taskkit.sandbox.guest import wire
from taskkit.sandbox.link import Link
from taskkit.sandbox.protocol import Outcome

HEADER = "Traceback (most recent call last):"
LONGEST = 300  # characters of a reason


class Channel:
    """Frames to and from a guest server, or one of its sessions; dead after the first failure."""

    def __init__(self, link: Link) -> None:
        """Speak over ``link``."""
        self.link = link
        self.waited: deque[WarmPending] = deque()
        """Programs that were begun, in the order of their outcomes."""
        self.holder: object = None
        """The session that is open in the server, and hears whatever is sent."""

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
            head = self.link.take(wire.REPLY_SIZE, deadline)
            kind, fields, sizes = wire.reply_head(head)
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
        words = reason(self.link.last_words()) or "it left no message"
        self.link.close()
        return SandboxError(f"sandbox: {reason(what) or 'the worker failed'}: {words}")

    def close(self) -> None:
        """End the worker and everything below it; safe to call twice."""
        self.link.end()
        self.link.close()

    @property
    def alive(self) -> bool:
        """The worker still runs."""
        return self.link.alive


def reason(words: str) -> str:
    """One line that says what a worker wrote last; of a traceback, even a cut one, its exception.

    Empty where it wrote nothing that says why.
    """
    lines = [line for line in words.splitlines() if line.strip()]
    start = next((number for number, line in enumerate(lines) if HEADER in line), 0)
    before = [] if any(map(_is_code, lines[:start])) else lines[:start]
    rest = [line for line in lines[start:] if HEADER not in line]
    code = [number for number, line in enumerate(rest) if _is_code(line)]
    if code:  # lines of a traceback: behind them stands the exception
        rest = rest[code[-1] + 1 :][:1]
    return " ".join(" ".join((*before, *rest)).split())[:LONGEST]


def _is_code(line: str) -> bool:
    return line[0] in " \t"


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
