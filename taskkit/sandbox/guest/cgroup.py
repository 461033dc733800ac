"""The cgroups of a worker: one for each session that may be open at once.

To move a process from one to another takes the kernel ten milliseconds, while a fork is where its
parent is. So the server and its zygotes are in the first one for good, and every program says of
itself that it is to be killed before them; it cannot take that back, as its /proc is read-only.
"""

from __future__ import annotations

import contextlib
import errno
import os

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


LIMITS = {1: ("memory.limit_in_bytes", "memory.memsw.limit_in_bytes"), 2: ("memory.max",)}
"""By version, where the most bytes are written to; the second counts swap with them."""
EVENTS = {1: "memory.oom_control", 2: "memory.events"}
KILLS = b"oom_kill "
SLACK = 16 << 20  # bytes for kernel stacks, tables and the like, which programs need beside memory


class Groups:
    """The folder of a worker's cgroups."""

    def __init__(self, place: Place) -> None:
        """Open it."""
        self.version = place["version"]
        self.fd = os.open(f"{place['base']}/{place['name']}", os.O_RDONLY | os.O_DIRECTORY)
        self.home = os.open(f"{place['home']}/cgroup.procs", os.O_WRONLY)

    def group(self, slot: int) -> Group:
        """Return the cgroup of the session numbered ``slot`` of those open beside each other."""
        return Group(self.fd, slot, self.version)

    def leave(self) -> None:
        """Move this process out of all of them."""
        os.write(self.home, b"0")


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


class Group:
    """The cgroup of one session's programs."""

    __slots__ = ("entrance", "events", "limits", "processes")

    def __init__(self, folder: int, slot: int, version: int) -> None:
        """Open the one numbered ``slot`` in ``folder``; make it where it is not there."""
        with contextlib.suppress(FileExistsError):
            os.mkdir(str(slot), dir_fd=folder)

        def opened(name: str, flags: int = os.O_WRONLY) -> int:
            try:
                return os.open(f"{slot}/{name}", flags, dir_fd=folder)
            except OSError:
                if name in needed:
                    raise
                return -1

        needed = ("cgroup.procs", LIMITS[version][0], EVENTS[version])
        self.entrance = opened("cgroup.procs")
        self.events = opened(EVENTS[version], os.O_RDONLY)
        self.limits = [fd for name in LIMITS[version] if (fd := opened(name)) >= 0]
        self.processes = opened("pids.max")
        """-1 where it counts no processes."""
        if (swap := opened("memory.swap.max")) >= 0:
            os.write(swap, b"0")
            os.close(swap)

    def bound(self, size: int, *, processes: int) -> None:
        """Let the programs hold ``size`` bytes, and be as many as ``processes``."""
        text = b"%d" % size
        for fd in (*self.limits, self.limits[0]):  # with swap may never be below without
            try:
                os.pwrite(fd, text, 0)
            except OSError as error:
                if error.errno not in (errno.EINVAL, errno.EBUSY):
                    raise
        if self.processes >= 0:
            os.pwrite(self.processes, b"%d" % processes, 0)

    def enter(self) -> None:
        """Move this process in."""
        os.write(self.entrance, b"0")

    def kills(self) -> int:
        """Return how many processes the kernel has killed in it."""
        found = os.pread(self.events, 1024, 0).partition(KILLS)[2]
        return int(found.split(None, 1)[0]) if found else 0
