"""A session: the trusted first process of an instance, which starts and ends its programs."""

from __future__ import annotations

import contextlib
import os
import resource
import select
import signal
import stat
import time
from dataclasses import dataclass
from typing import Any

from taskkit.sandbox.guest import cell, program, watch, wire

CHUNK = 1 << 16
TICK_S = 0.025  # how often a long program's memory, processes and CPU time are summed up


@dataclass
class Stream:
    """One pipe from the program."""

    fd: int
    limit: int
    """Bytes kept; one more ends the program."""
    data: bytearray

    def pull(self) -> bool:
        """Take what is there; tell whether more may come."""
        try:
            part = os.read(self.fd, CHUNK)
        except BlockingIOError:
            return True
        self.data += part
        return bool(part)

    @property
    def over(self) -> bool:
        """More came than may."""
        return len(self.data) > self.limit


@dataclass
class End:
    """How the program's own process ended."""

    status: str | None = None
    """Why we ended it; None where it ended by itself."""
    code: int | None = None
    peak_kib: int = 0


class Running:
    """One program from its fork to its last child's end."""

    def __init__(self, place: cell.Cell, request: dict[str, Any], code: bytes) -> None:
        """Start the program."""
        self.place, self.request = place, request
        self.limits = request["limits"]
        cap = self.limits["output_kib"] * 1024
        self.started = time.monotonic()
        pipes = [os.pipe2(os.O_CLOEXEC) for _ in range(3)]
        self.pid = os.fork()
        if self.pid == 0:
            cell.enter(place, [write for _, write in pipes], request, code)
        for _, write in pipes:
            os.close(write)
        for read, _ in pipes:
            os.set_blocking(read, False)
        self.out, self.err, self.answer = (
            Stream(read, cap + extra, bytearray())
            for (read, _), extra in zip(pipes, (0, 0, 1), strict=True)
        )
        self.pidfd = os.pidfd_open(self.pid)

    def finish(self) -> tuple[dict[str, Any], list[bytes]]:
        """Wait for the end, clean up, and return the outcome with stdout, stderr and answer."""
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        end = self._wait()
        if end.status:
            _kill(self.pid)
        _, status, usage = os.wait4(self.pid, 0)
        wall = time.monotonic() - self.started
        os.close(self.pidfd)
        self.place.sweep()
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        end.peak_kib = usage.ru_maxrss
        if end.status is None:
            end.code = os.waitstatus_to_exitcode(status)
        self._drain(end)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        document = self._document(end)
        header = {
            "status": self._status(end, cpu),
            "exit_code": end.code,
            "document": document is not None,
            "wall_s": wall,
            "cpu_s": cpu,
            "peak_mib": end.peak_kib / 1024,
        }
        streams = [bytes(s.data[: s.limit]) for s in (self.out, self.err)]
        return header, [*streams, document or b""]

    def _wait(self) -> End:
        """Collect output until the program's process ends or has to."""
        deadline = self.started + self.limits["wall_s"]
        poll = select.poll()
        streams = {s.fd: s for s in (self.out, self.err, self.answer)}
        for fd in (*streams, self.pidfd):
            poll.register(fd, select.POLLIN)
        poll.register(0, 0)  # nothing to read; it tells when the host is gone
        while True:
            left = deadline - time.monotonic()
            if left <= 0:
                return End("timeout")
            events = poll.poll(min(left, TICK_S) * 1000)
            for fd, _ in events:
                if fd == self.pidfd:
                    return End()
                if fd == 0:
                    raise wire.ClosedError("the host is gone")
                if not streams[fd].pull():
                    poll.unregister(fd)
                if streams[fd].over:
                    return End("output_limit")
            if not events and (reason := watch.excess(self.place, self.limits)):
                return End(reason)

    def _drain(self, end: End) -> None:
        """Take what is left in the pipes; nobody holds their other ends any more."""
        for stream in (self.out, self.err, self.answer):
            while not stream.over and _more(stream):
                pass
            os.close(stream.fd)
            if stream.over and end.status is None:
                end.status = "output_limit"

    def _status(self, end: End, cpu: float) -> str:
        if end.status:
            return end.status
        assert end.code is not None
        if self.answer.data[:1] == program.NO_MEMORY:
            return "out_of_memory"
        if self.answer.data[:1] == program.TOO_MUCH:
            return "output_limit"
        if end.code < 0:
            spent = end.code == -signal.SIGXCPU or cpu >= self.limits["cpu_s"]
            return "timeout" if spent else "killed"
        return "ok" if end.code == 0 else "error"

    def _document(self, end: End) -> bytes | None:
        """Return the answer of a program that came to its end."""
        if not self.request["collect"] or end.status or end.code != 0:
            return None
        if self.request["language"] != "shell":
            data = bytes(self.answer.data)
            return data[1:] if data[:1] == program.ANSWER else None
        found = read_file(f"{self.place.workspace}/answer.json", self.answer.limit)
        if found is not None and len(found) >= self.answer.limit:
            end.status = "output_limit"
            return None
        return found


def _more(stream: Stream) -> bool:
    before = len(stream.data)
    return stream.pull() and len(stream.data) > before


def _kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def read_file(path: str, limit: int) -> bytes | None:
    """Return the first bytes of a regular file; None for anything else that may be there."""
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
    try:
        fd = os.open(path, flags)
    except OSError:
        return None
    try:
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            return None
        parts = []
        while limit and (part := os.read(fd, min(limit, 1 << 20))):
            parts.append(part)
            limit -= len(part)
        return b"".join(parts)
    finally:
        os.close(fd)


def serve(place: cell.Cell) -> None:
    """Run the programs of one session until the host ends it or goes away."""
    request, (code,) = wire.read(0)
    place.open(request["limits"])
    while True:
        header, blobs = Running(place, request, code).finish()
        wire.write(1, wire.pack(header, *blobs))
        if wire.read_exactly(0, 1) != wire.RUN:
            return
        request, (code,) = wire.read(0)
        place.resize(request["limits"])
