"""Two ways to start a program: forked off the session, or off a zygote with modules loaded.

A fork costs what its process has in memory, so the session's first process stays slim. Python
programs come from a zygote, which enters the session's namespaces before it forks: from a `FULL`
one with all packages of the image loaded, or from a `PLAIN` one where they name no package.
"""

from __future__ import annotations

import os
import re
import select
import signal
import struct
import sys

from taskkit.sandbox.guest import cell, kernel, network, wire

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, NoReturn

START_S = 120  # for the zygote to load its modules, on a cold disk
FULL, PLAIN = ZYGOTES = b"ZP"
"""Kinds of zygotes, and what a session asks for one by."""
MESSAGE = 32  # bytes that a session sends
FIRST_SPACE = 5  # behind a program's three streams, its code and where its end is reported
SPACES = (
    ("pid", kernel.CLONE_NEWPID),
    ("mnt", kernel.CLONE_NEWNS),
    ("net", kernel.CLONE_NEWNET),
)
"""Namespaces of a session, by their names below /proc; the last only where it has its own."""
_REPORT = struct.Struct("=idq")
_IMPORTED = re.compile(rb"\bfrom\s+(\w+)[\w.]*\s+import\b|\bimport\s+(\w+)")
_WORD = re.compile(rb"[A-Za-z_]\w*")


class Child:
    """A program's own process, seen from the session."""

    __slots__ = ("code", "cpu_elsewhere", "fd", "peak_kib", "pid")

    def __init__(self, pid: int) -> None:
        """Take charge of the child ``pid``."""
        self.pid, self.code, self.peak_kib, self.cpu_elsewhere = pid, 0, 0, 0.0
        self.fd = os.pidfd_open(pid) if hasattr(os, "pidfd_open") else -1
        """Readable when it has ended; -1 where the system has no such thing."""

    def kill(self) -> None:
        """Kill it; it is ours and not reaped, so its number is still its own."""
        os.kill(self.pid, signal.SIGKILL)

    def ended(self) -> bool:
        """Tell whether it ended; leaves it to be reaped."""
        return os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None

    def reap(self) -> None:
        """Wait for its end and note how it ended."""
        _, status, usage = os.wait4(self.pid, 0)
        self.code, self.peak_kib = os.waitstatus_to_exitcode(status), usage.ru_maxrss
        if self.fd >= 0:
            os.close(self.fd)


class Borrowed(Child):
    """A program whose process is a child of the zygote, in the session's namespaces."""

    __slots__ = ()

    def __init__(self, report: int) -> None:
        """Learn of its end by ``report``."""
        self.pid, self.code, self.peak_kib, self.cpu_elsewhere = 0, 0, 0, 0.0
        self.fd = report

    def kill(self) -> None:
        """Do nothing: the strike at everything in the session's namespace has killed it."""

    def reap(self) -> None:
        """Wait for the zygote's report."""
        self.code, self.cpu_elsewhere, self.peak_kib = _REPORT.unpack(
            wire.read_exactly(self.fd, _REPORT.size)
        )
        os.close(self.fd)


class Launcher:
    """How a session starts programs."""

    def __init__(self, config: dict[str, Any], place: cell.Cell) -> None:
        """Make the sockets to the zygotes, where there are to be any."""
        self.pipes = {kind: network.pair(whole=True) for kind in ZYGOTES} if place.isolated else {}
        """Of each kind, where it reads, and where it is asked."""
        self.mark = -1
        """Where the session calls the server: for a zygote, or to say that it is done."""
        names = map(_root, config["preload"])
        self._packages = {name.encode() for name in names if not is_standard(name)}
        own = place.workspace + "/", place.temporary + "/"
        places = [sys.base_prefix, config["executable"]]
        self._hidden = any(path.startswith(own) for path in places)
        """The session's own folders lie over the packages: what is not loaded is out of reach."""

    def starter(
        self, place: cell.Cell, request: dict[str, Any], code: bytes
    ) -> Callable[[list[int]], Child]:
        """Return what starts ``code`` with three pipes to write to."""
        borrow = request["language"] == "python" and self.pipes

        def fork(pipes: list[int]) -> Child:
            pid = os.fork()
            if pid == 0:
                cell.enter(place, pipes, request, code)
            return Child(pid)

        def ask(pipes: list[int]) -> Child:
            return self._borrow(place, pipes, self.kind(code), wire.request(code=code, **request))

        return ask if borrow else fork

    def kind(self, code: bytes) -> int:
        """Choose the zygote for a program by its words; either runs it, at another speed."""
        words = _WORD.findall(code)
        imported = (b"".join(found).decode() for found in _IMPORTED.findall(code))
        packaged = not self._packages.isdisjoint(words) or not all(map(is_standard, imported))
        return FULL if packaged or self._hidden else PLAIN

    def _borrow(self, place: cell.Cell, pipes: list[int], kind: int, frame: bytes) -> Child:
        """Have a zygote fork the program; return when it has."""
        report, report_w = os.pipe()
        code, code_w = os.pipe()
        spaces = [
            os.open(f"/proc/self/ns/{name}", os.O_RDONLY)
            for name, _ in (SPACES if place.apart else SPACES[:-1])
        ]
        uid = -1 if place.uid is None else place.uid
        said = b"%d %d" % (uid, place.slot)
        network.send(self.pipes[kind][1], said, [*pipes, code, report_w, *spaces])
        for fd in (*spaces, report_w, code):
            os.close(fd)
        os.write(self.mark, bytes([kind]))
        poll = select.poll()
        poll.register(report, select.POLLIN)
        if not poll.poll(START_S * 1000):
            raise TimeoutError("the Python zygote did not start")
        wire.read_exactly(report, 1)
        wire.write(code_w, frame)
        os.close(code_w)
        return Borrowed(report)


def is_standard(module: str) -> bool:
    """Whether a module comes with Python."""
    return _root(module) in sys.stdlib_module_names


def _root(module: str) -> str:
    return module.partition(".")[0]


class Zygote:
    """A warm process that forks programs into the sessions that ask."""

    def __init__(self, asked: int, place: cell.Cell) -> None:
        """Read what sessions ask from ``asked``."""
        self.asked, self.place = asked, place
        self.own = os.open("/proc/self/ns/pid", os.O_RDONLY)
        self.poll = select.poll()
        self.poll.register(asked, select.POLLIN)
        self.running: dict[int, tuple[int, int]] = {}
        """Programs by what tells of their end: process id, and where to report it."""

    def serve(self) -> NoReturn:
        """Fork and report, for good."""
        while True:
            for fd, _ in self.poll.poll():
                if fd == self.asked:
                    self._fork()
                else:
                    self._report(fd)

    def _fork(self) -> None:
        said, fds = network.receive(self.asked, MESSAGE, FIRST_SPACE + len(SPACES))
        uid, slot = map(int, said.split())
        spaces = SPACES[: len(fds) - FIRST_SPACE]
        try:
            os.write(fds[4], b"!")
            kernel.setns(fds[FIRST_SPACE], kernel.CLONE_NEWPID)
        except OSError:
            for fd in fds:
                os.close(fd)
            return  # the session ended before its turn
        child = os.fork()
        if child == 0:
            for fd, (_, kind) in zip(fds[FIRST_SPACE + 1 :], spaces[1:], strict=True):
                kernel.setns(fd, kind)
            if uid >= 0:
                self.place.uid = uid
            if slot:
                self.place.join(slot)
            request, code = wire.read_request(fds[3])
            cell.enter(self.place, fds[:3], request, code)
        kernel.setns(self.own, kernel.CLONE_NEWPID)
        report = fds.pop(4)
        for fd in fds:
            os.close(fd)
        end = os.pidfd_open(child)
        self.running[end] = child, report
        self.poll.register(end, select.POLLIN)

    def _report(self, end: int) -> None:
        child, report = self.running.pop(end)
        self.poll.unregister(end)
        os.close(end)
        _, status, usage = os.wait4(child, 0)
        cpu = usage.ru_utime + usage.ru_stime
        code = os.waitstatus_to_exitcode(status)
        try:
            os.write(report, _REPORT.pack(code, cpu, usage.ru_maxrss))
        except BrokenPipeError:
            return  # the session is gone
        finally:
            os.close(report)
