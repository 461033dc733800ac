"""The cgroups of a worker: one for each session that may be open at once.

To move a process from one to another takes the kernel ten milliseconds, while a fork is where its
parent is. So the server and its zygotes are in the first one for good, and every program says of
itself that it is to be killed before them; it cannot take that back, as its /proc is read-only.
"""

from __future__ import annotations

import contextlib
import errno
import os
import time

from taskkit.sandbox.guest import kernel

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypedDict

    class Place(TypedDict):
        """Where a worker's cgroups are."""

        base: str
        name: str
        version: int
        home: str
        """Where the worker comes from."""
        cpu: str
        """Of version 1, where those that count CPU time are; empty where none is."""


LIMITS = {1: ("memory.limit_in_bytes", "memory.memsw.limit_in_bytes"), 2: ("memory.max",)}
"""By version, where the most bytes are written to; the second counts swap with them."""
EVENTS = {1: "memory.oom_control", 2: "memory.events"}
ACCOUNT = {1: "cpuacct.usage", 2: "cpu.stat"}
"""By version, where the CPU time is: nanoseconds, or a line of microseconds."""
KILLS = b"oom_kill "
TRIES, PAUSE_S = 100, 0.005  # for a session that ended to let go of its files
SLACK = 16 << 20  # bytes for kernel stacks, tables and the like, which programs need beside memory


class Groups:
    """The folder of a worker's cgroups."""

    def __init__(self, place: Place) -> None:
        """Open it."""
        self.version = place["version"]
        folder = os.O_RDONLY | os.O_DIRECTORY
        self.fd = os.open(f"{place['base']}/{place['name']}", folder)
        self.cpu = os.open(f"{place['cpu']}/{place['name']}", folder) if place["cpu"] else -1
        self.homes = [
            os.open(f"{path}/cgroup.procs", os.O_WRONLY)
            for path in (place["home"], place["cpu"])
            if path
        ]

    def group(self, slot: int) -> Group:
        """Return the cgroup of the session numbered ``slot`` of those open beside each other."""
        return Group(self, str(slot))

    def leave(self) -> None:
        """Move this process out of all of them."""
        for home in self.homes:
            os.write(home, b"0")


def yield_first(proc: int) -> None:
    """Have the kernel, short of memory, kill this process before any of ours; its forks with it.

    Args:
        proc: The folder /proc of a mount that may be written to.
    """
    kernel.prctl(kernel.PR_SET_DUMPABLE, 1)  # else the file is not ours
    fd = os.open("self/oom_score_adj", os.O_WRONLY, dir_fd=proc)
    os.write(fd, b"1000")
    os.close(fd)
    kernel.prctl(kernel.PR_SET_DUMPABLE, 0)


class Account:
    """What the kernel tells of a cgroup."""

    __slots__ = ("cpu", "events")

    def __init__(self, events: int, cpu: int = -1) -> None:
        """Read what was opened; ``cpu`` is -1 where nothing tells CPU time."""
        self.events, self.cpu = events, cpu

    def kills(self) -> int:
        """Return how many processes the kernel has killed in it."""
        found = os.pread(self.events, 1024, 0).partition(KILLS)[2]
        return int(found.split(None, 1)[0]) if found else 0

    def cpu_s(self) -> float:
        """Return the CPU seconds that its processes have used, the ended ones too."""
        if self.cpu < 0:
            return 0.0
        words = os.pread(self.cpu, 1024, 0).split(None, 2)
        return int(words[1]) / 1e6 if len(words) > 1 else int(words[0]) / 1e9


def container() -> Account | None:
    """Return the account of the container that this process is in; None where it is not shown.

    CPU time is that of all sessions in it, and tells of none.
    """
    for name in ("memory/" + EVENTS[1], EVENTS[2]):
        with contextlib.suppress(OSError):
            return Account(os.open(f"/sys/fs/cgroup/{name}", os.O_RDONLY))
    return None


class Group(Account):
    """The cgroup of one session, or the two of version 1."""

    __slots__ = ("entrances", "held", "high", "limits", "processes")

    def __init__(self, groups: Groups, name: str) -> None:
        """Open the one called ``name``; make it where it is not there."""
        version = groups.version

        def opened(file: str, flags: int = os.O_WRONLY, folder: int = groups.fd) -> int:
            return os.open(f"{name}/{file}", flags, dir_fd=folder)

        def found(file: str, flags: int = os.O_WRONLY) -> int:
            try:
                return opened(file, flags)
            except OSError:
                return -1

        self.entrances = []
        for folder in (groups.fd, groups.cpu):
            if folder >= 0:
                with contextlib.suppress(FileExistsError):
                    os.mkdir(name, dir_fd=folder)
                self.entrances.append(opened("cgroup.procs", folder=folder))
        counting = groups.fd if version == 2 else groups.cpu
        super().__init__(
            opened(EVENTS[version], os.O_RDONLY),
            opened(ACCOUNT[version], os.O_RDONLY, counting) if counting >= 0 else -1,
        )
        most, *others = LIMITS[version]
        self.limits = [
            opened(most, os.O_RDWR),
            *(fd for other in others if (fd := found(other)) >= 0),
        ]
        self.high, self.held = found("memory.high"), found("memory.current", os.O_RDONLY)
        self.processes = found("pids.max")
        """-1 where it counts no processes."""
        if (swap := found("memory.swap.max")) >= 0:
            os.write(swap, b"0")
            os.close(swap)

    def bound(self, size: int, *, processes: int) -> None:
        """Let all in it hold ``size`` bytes, and be as many as ``processes``.

        Where more is held and stays so, the limit before stays too: nothing is killed for it.
        """
        for _ in range(TRIES):
            if self._bound(b"%d" % size):
                break
            time.sleep(PAUSE_S)
        if self.processes >= 0:
            os.pwrite(self.processes, b"%d" % processes, 0)

    def _bound(self, size: bytes) -> bool:
        """Set the limit; tell whether it took."""
        if self.high >= 0:  # of version 2, where a limit below what is held kills
            before = os.pread(self.limits[0], 32, 0)
            if before[:3] == b"max" or int(before) > int(size):
                os.pwrite(self.high, size, 0)  # gives back what can be
                held = int(os.pread(self.held, 32, 0))
                os.pwrite(self.high, b"max", 0)
                if held > int(size):
                    return False
        for fd in (*self.limits, self.limits[0]):  # with swap may never be below without
            try:
                os.pwrite(fd, size, 0)
            except OSError as error:
                if error.errno == errno.EBUSY:
                    return False
                if error.errno != errno.EINVAL:
                    raise
        return True

    def enter(self) -> None:
        """Move this process in."""
        for entrance in self.entrances:
            os.write(entrance, b"0")
