"""A session: the trusted first process of an instance, which starts and ends its programs."""

from __future__ import annotations

import os
import resource
import select
import signal
import stat
import time

from taskkit.sandbox.guest import launch, network, program, watch, wire

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from taskkit.sandbox.guest.cell import Cell

CHUNK = 1 << 16
ANSWER = "answer.json"
"""Where a shell command leaves its answer, below /workspace."""
BARE = {"disk_mib": 1}
"""Limits of a session that has no program yet."""
TICK_MS = 25  # how often a long program's memory, processes and CPU time are summed up


class Stream:
    """One pipe from the program, and what came out of it."""

    __slots__ = ("data", "fd", "limit", "open")

    def __init__(self, fd: int, limit: int) -> None:
        """Keep at most ``limit`` bytes; one more ends the program."""
        self.fd, self.limit, self.data, self.open = fd, limit, b"", True

    def pull(self) -> bool:
        """Take what is there; tell whether there was anything."""
        try:
            part = os.read(self.fd, CHUNK)
        except BlockingIOError:
            return False
        if part:
            self.data += part
        else:
            self.open = False
        return self.open

    @property
    def over(self) -> bool:
        """More came than may."""
        return len(self.data) > self.limit


class Running:
    """One program from its start to its last child's end."""

    def __init__(
        self, place: Cell, request: dict[str, Any], start: Callable[[list[int]], launch.Child]
    ) -> None:
        """Start the program by ``start``, which is given the pipes it may write to."""
        self.place, self.request, self.limits = place, request, request["limits"]
        cap = self.limits["output_kib"] * 1024
        place.bind(self.limits)
        self.watch = watch.Watch(place, self.limits)
        out, out_w = os.pipe()
        err, err_w = os.pipe()
        answer, answer_w = network.pair()  # by a pipe a program could read its own answer
        self.out, self.err = Stream(out, cap), Stream(err, cap)
        self.answer = Stream(answer, cap + 2)  # two bytes go before the answer
        self.before = resource.getrusage(resource.RUSAGE_CHILDREN)
        self.child = start([out_w, err_w, answer_w])
        self.started = time.monotonic()
        for fd in (out_w, err_w, answer_w):
            os.close(fd)
        for fd in (out, err, answer):
            os.set_blocking(fd, False)

    def finish(self) -> tuple[dict[str, Any], bytes, bytes, bytes | None]:
        """Wait for the end, clean up, and return the outcome with stdout, stderr and answer."""
        reason = self._wait()
        if reason:
            self.place.strike()
            self.child.kill()
        self.child.reap()
        wall = time.monotonic() - self.started
        self.place.sweep()
        after, before = resource.getrusage(resource.RUSAGE_CHILDREN), self.before
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        cpu = max(cpu + self.child.cpu_elsewhere, self.watch.cpu_s())
        reason = self._drain() or reason or ("out_of_memory" if self.watch.killed() else None)
        code = None if reason else self.child.code
        status = reason or self._status(code, cpu)
        document = None
        if status == "ok" and self.request["collect"]:
            status, document = self._document()
        outcome = {
            "status": status,
            "exit_code": code,
            "wall_s": wall,
            "cpu_s": cpu,
            "peak_mib": self.child.peak_kib / 1024,
        }
        out, err = self.out, self.err
        return outcome, out.data[: out.limit], err.data[: err.limit], document

    def _wait(self) -> str | None:
        """Collect output until the program ends, or has to: then return why."""
        deadline = self.started + self.limits["wall_s"]
        poll = select.poll()
        streams = {s.fd: s for s in (self.out, self.err, self.answer)}
        end = self.child.fd
        for fd in (*streams, end):
            if fd >= 0:
                poll.register(fd, select.POLLIN)
        poll.register(0, 0)  # nothing to read; it tells when the host is gone
        tick = (TICK_MS if end >= 0 else TICK_MS // 5) / 1000
        look = self.started + tick
        while True:
            now = time.monotonic()
            if now >= deadline:
                return "timeout"
            if now >= look:  # by the clock: output that trickles would put it off for ever
                look = now + tick
                if reason := self.watch.excess(deadline):
                    return reason
            events = poll.poll((min(deadline, look) - now) * 1000)
            for fd, _ in events:
                if fd == end:
                    return None
                if fd == 0:
                    raise wire.ClosedError("the host is gone")
                stream = streams[fd]
                if not stream.pull():
                    poll.unregister(fd)
                if stream.over:
                    return "output_limit"
            if end < 0 and self.child.ended():
                return None

    def _drain(self) -> str | None:
        """Take what is left in the pipes; nobody holds their other ends any more."""
        reason = None
        for stream in (self.out, self.err, self.answer):
            while stream.open and not stream.over and stream.pull():
                pass
            os.close(stream.fd)
            if stream.over:
                reason = "output_limit"
        return reason

    def _status(self, code: int | None, cpu: float) -> str:
        data = self.answer.data
        if data[:1] != program.LOCKED:
            raise ChildProcessError(self.err.data.decode("utf-8", "replace"))
        kind = data[1:2]
        if kind in program.ENDED_BY:
            return program.ENDED_BY[kind]
        if code is not None and code < 0:
            spent = code == -signal.SIGXCPU or cpu >= self.limits["cpu_s"]
            return "timeout" if spent else "killed"
        return "error" if code else "ok"

    def _document(self) -> tuple[str, bytes | None]:
        """Return the answer of a program that came to its end, and the status with it."""
        file = self.request["file"]
        if not file and self.request["language"] != "shell":
            data = self.answer.data
            return "ok", data[2:] if data[1:2] == program.ANSWER else None
        found = read_file(self.place.workspace, file or ANSWER, self.out.limit + 1)
        if found is not None and len(found) > self.out.limit:
            return "output_limit", None
        return "ok", found


def read_file(folder: str, path: str, limit: int) -> bytes | None:
    """Return the first bytes of a regular file; None for anything else that may be there.

    No part of ``path``, which is below ``folder``, may be a link.
    """
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
    *folders, name = path.split("/")
    opened = []
    try:
        opened.append(os.open(folder, os.O_RDONLY | os.O_DIRECTORY))
        for below in folders:
            opened.append(os.open(below, flags | os.O_DIRECTORY, dir_fd=opened[-1]))
        fd = os.open(name, flags, dir_fd=opened[-1])
    except OSError:
        return None
    finally:
        for one in opened:
            os.close(one)
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


def serve(place: Cell, launcher: launch.Launcher) -> None:
    """Run the programs of one session until the host ends it or goes away."""
    request, code = wire.read_request(0)
    place.open(request["limits"])
    _play(place, launcher, request, code)


def serve_beside(place: Cell, launcher: launch.Launcher, ports: Sequence[int]) -> None:
    """Run the programs of a session that has a stream of its own, and services at ``ports``."""
    try:
        place.open(BARE)
        listeners = network.listen(ports)
    except OSError as error:
        wire.write(1, wire.notice(wire.FAILURE, str(error)))
        raise wire.ClosedError("the session could not be made") from None
    network.send(1, wire.notice(wire.READY), [one.fileno() for one in listeners])
    for one in listeners:
        one.close()
    if wire.read_exactly(0, 1) == wire.RUN:
        request, code = wire.read_request(0)
        place.resize(request["limits"])
        _play(place, launcher, request, code)


def _play(place: Cell, launcher: launch.Launcher, request: dict[str, Any], code: bytes) -> None:
    while True:
        running = Running(place, request, launcher.starter(place, request, code))
        wire.write(1, wire.reply(*running.finish()))
        if wire.read_exactly(0, 1) != wire.RUN:
            place.clear()
            return
        request, code = wire.read_request(0)
        place.resize(request["limits"])
