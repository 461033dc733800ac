"""Streams to a guest server or to one of its sessions, and the pipe that descriptors go by."""

from __future__ import annotations

import contextlib
import fcntl
import os
import select
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from taskkit.sandbox import cgroup, loader
from taskkit.sandbox.guest import wire

CLEAN_UP_S = 5.0
LAST_WORDS = 2000  # bytes of its standard error that an error quotes
CHUNK = 1 << 20
SOCKET = "socket"  # its name in the folder of a meeting
FIRST_FD = 3  # below are the standard streams, which a host may have closed

EAGER = {"LD_BIND_NOW": "1"}
"""Have the dynamic linker look up every symbol at once, not again in each session's process."""


class Link(Protocol):
    """A started guest server and the streams to it, whatever holds them."""

    to: int
    """Where frames to the server are written."""
    control: socket.socket | None
    """Where the server takes the streams of further sessions; None where it cannot."""

    def take(self, size: int, deadline: float) -> bytes:
        """Read exactly ``size`` bytes by ``deadline``, as `time.monotonic` counts.

        Raises:
            wire.ClosedError: the stream ended, or they did not come in time.
        """
        ...

    def last_words(self) -> str:
        """The end of what the server wrote to its standard error."""
        ...

    def hold(self, programs_mib: int, *, alone: bool) -> None:
        """Let all programs together hold so much, where it holds them together.

        Args:
            programs_mib: Memory and files, MiB.
            alone: No other session is open that may need more.
        """
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
        """Start the process; ``config`` is told where the streams of sessions will come."""
        self.isolated: bool = config["isolated"]
        self.log: BinaryIO = tempfile.TemporaryFile()  # noqa: SIM115
        self.control: socket.socket | None
        self.control, far = socket.socketpair()
        config["contained"] = False
        config["group"] = self.group = cgroup.plan()
        config["control"] = number = fcntl.fcntl(far, fcntl.F_DUPFD_CLOEXEC, FIRST_FD)
        far.close()
        self.process = subprocess.Popen(
            [config["python"], *loader.OPTIONS, "-c", loader.BOOTSTRAP],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.log,
            env=config["environment"] | EAGER,
            cwd="/",
            bufsize=0,
            start_new_session=True,
            pass_fds=(number,),
        )
        os.close(number)
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.to, self.back = self.process.stdin.fileno(), self.process.stdout.fileno()
        os.set_blocking(self.back, False)
        self.poll = select.poll()
        self.poll.register(self.back, select.POLLIN)

    def take(self, size: int, deadline: float) -> bytes:
        """Read exactly ``size`` bytes from the pipe."""
        return take(self.back, self.poll, size, deadline)

    def hold(self, programs_mib: int, *, alone: bool) -> None:
        """Do nothing: each session has a limit of its own."""

    def last_words(self) -> str:
        """The end of its standard error."""
        self.log.seek(0, os.SEEK_END)
        self.log.seek(max(0, self.log.tell() - LAST_WORDS))
        return self.log.read().decode("utf-8", "replace").strip()

    def end(self) -> None:
        """Kill it; where it is not isolated it may first clean up."""
        assert self.process.stdin is not None
        with contextlib.suppress(OSError):
            self.process.stdin.close()
        if self.control is not None:
            self.control.close()
        if not self.isolated:  # else nothing can outlive it; here it has to clean up itself
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(CLEAN_UP_S)
        self.process.kill()
        self.process.wait()
        if self.group is not None:
            cgroup.remove(self.group)
            self.group = None

    def close(self) -> None:
        """Close the pipe and the log."""
        assert self.process.stdout is not None
        self.process.stdout.close()
        self.log.close()

    @property
    def alive(self) -> bool:
        """Whether the process still runs."""
        return self.process.poll() is None


class Stream:
    """The stream of one session that is open beside others; its end is the session's end."""

    def __init__(self, server: Link) -> None:
        """Have ``server`` open a session at the other end.

        Raises:
            OSError: the server takes no streams, or is gone.
        """
        if server.control is None:
            raise OSError("the engine is on another machine, or shares no sockets with this one")
        self.server = server
        self.control: socket.socket | None = None
        self.socket, far = socket.socketpair()
        with far:
            socket.send_fds(server.control, [wire.STREAM], [far.fileno()])
        self.to = self.socket.fileno()
        self.poll = select.poll()
        self.poll.register(self.to, select.POLLIN)

    def take(self, size: int, deadline: float) -> bytes:
        """Read exactly ``size`` bytes from the stream."""
        return take(self.to, self.poll, size, deadline)

    def sockets(self, count: int, timeout: float) -> tuple[bytes, list[socket.socket]]:
        """Read the session's first notice, and the sockets that come with it, at most ``count``.

        Raises:
            wire.ClosedError: it did not come in time.
        """
        if not self.poll.poll(timeout * 1000):
            raise wire.ClosedError("no answer in time")
        frame, numbers, _, _ = socket.recv_fds(self.socket, wire.REPLY_SIZE, count)
        if not frame:
            raise wire.ClosedError("end of stream")
        deadline = time.monotonic() + timeout
        frame += self.take(wire.REPLY_SIZE - len(frame), deadline)
        return frame, [socket.socket(fileno=number) for number in numbers]

    def hold(self, programs_mib: int, *, alone: bool) -> None:
        """Have the server hold them."""
        self.server.hold(programs_mib, alone=alone)

    def last_words(self) -> str:
        """The end of the server's standard error."""
        return self.server.last_words() if self.server.alive else ""

    def end(self) -> None:
        """End the session and everything below it."""
        self.socket.close()

    def close(self) -> None:
        """Do nothing more: the stream ended with the session."""

    @property
    def alive(self) -> bool:
        """Whether the stream stands."""
        return self.socket.fileno() >= 0


class Meeting:
    """A socket in a folder of its own, where the guest server calls once."""

    def __init__(self) -> None:
        """Listen."""
        self.outer = tempfile.mkdtemp(prefix="taskkit-")  # closed to other users of this machine
        self.folder = f"{self.outer}/open"
        Path(self.folder).mkdir(0o755)
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        with self._short() as folder:
            self.listener.bind(f"{folder}/{SOCKET}")
        Path(self.folder, SOCKET).chmod(0o666)  # its folder is closed to others
        self.listener.listen(1)
        self.listener.settimeout(0)
        self.over = False

    @contextlib.contextmanager
    def _short(self) -> Iterator[str]:
        """A path of the folder within the 107 bytes that the name of a socket may have."""
        if not sys.platform.startswith("linux"):
            yield self.folder
            return
        opened = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            yield f"/proc/self/fd/{opened}"
        finally:
            os.close(opened)

    def take(self) -> socket.socket | None:
        """The server's call, and the end of the meeting; None where it did not come through."""
        try:
            found, _ = self.listener.accept()
            found.setblocking(True)
        except OSError:
            found = None
        self.end()
        return found

    def end(self) -> None:
        """Stop listening and remove the folder; safe to call twice."""
        self.over = True
        self.listener.close()
        shutil.rmtree(self.outer, ignore_errors=True)


def take(fd: int, poll: select.poll, size: int, deadline: float) -> bytes:
    """Read exactly ``size`` bytes of what ``poll`` waits for.

    Raises:
        wire.ClosedError: the stream ended, or they did not come by ``deadline``.
    """
    parts = []
    while size:
        left = deadline - time.monotonic()
        if left <= 0 or not poll.poll(left * 1000):
            raise wire.ClosedError("no answer in time")
        try:
            part = os.read(fd, min(size, CHUNK))
        except ConnectionResetError:
            part = b""
        if not part:
            raise wire.ClosedError("end of stream")
        parts.append(part)
        size -= len(part)
    return b"".join(parts)
