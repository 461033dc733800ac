"""A cell: the namespaces, files and limits that one session lives in."""

from __future__ import annotations

import os
import resource
import signal
import sqlite3
import sys

from taskkit.sandbox.guest import cgroup, folder, kernel, network, program, query

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, NoReturn

INODES_PER_MIB = 256  # a file of an instance is 4 KiB or more on average
OPEN_FILES = 512  # of ours
PROGRAM_FILES = 256  # what waits on files takes memory by their number squared
MIB = 1 << 20
STORE = "/session"
"""Where the session's one tmpfs is mounted, before /workspace and /tmp are cut from it."""
MAX_FD = 0x7FFFFFFF
NO_FD = MAX_FD - 1  # a number that no file has: OPEN_FILES is far below
LOCK_FAILED = 121
LAST_KEPT = 8  # above every number that `lock` gives
SPARE, SPARE_BESIDE = 16, 4
"""Processes of ours, and of each other session, that count with those of an ordinary user."""
LINUX = sys.platform == "linux"


class Cell:
    """The place of a session, and what its programs are locked in with."""

    def __init__(
        self,
        config: dict[str, Any],
        uid: int | None,
        seccomp: bytes,
        groups: cgroup.Groups | None = None,
        account: cgroup.Account | None = None,
    ) -> None:
        """Plan the cell; ``uid`` is the programs' user, None for the one we are."""
        self.isolated: bool = config["isolated"]
        self.workspace: str = config["folder"] + "/workspace"
        self.temporary: str = config["folder"] + "/tmp"
        self.assets: dict[str, str] = config["assets"]
        if self.isolated:
            self.assets = {name: f"/data/{name}" for name in self.assets}
        self.opened: dict[str, query.Opened] = {}
        """Those that are databases, open before any session."""
        self.environment: dict[str, str] = config["environment"]
        self.uid = uid
        self.networked = bool(config["ports"])
        """There are services on the session's loopback."""
        self.apart = False
        """The session is open beside others, so it has a network of its own.

        Else others could find its sockets.
        """
        self.filter = kernel.seccomp(seccomp) if seccomp else None
        self.base_bytes = 0
        """Private memory that a program has from us at its start."""
        self.null = prepare(self)
        self.disk_mib = 0
        self.groups = groups
        """What the kernel bounds sessions by, where the machine has cgroups for us."""
        self.group: cgroup.Group | None = None
        """The one that this process is in."""
        self.account = account
        """What the kernel tells of the programs, where it tells of them alone."""
        self.slot = 0
        self.proc = os.open("/proc", os.O_RDONLY | os.O_DIRECTORY) if LINUX else -1
        """That of the worker, which the session's, read-only, will hide."""

    def join(self, slot: int) -> None:
        """Enter the cgroup numbered ``slot``, for good."""
        self.slot = slot
        if self.groups is not None:
            self.group = self.account = self.groups.group(slot)
            self.group.enter()
        elif slot:
            self.account = None  # the container's is that of others too

    def bind(self, limits: dict[str, Any]) -> None:
        """Have the kernel hold the programs' cgroup to limits; their files count with memory."""
        if self.group is not None:
            size = (limits["memory_mib"] + limits["disk_mib"]) * MIB + cgroup.SLACK
            self.group.bound(size, processes=limits["processes"] + SPARE)

    def open_databases(self) -> None:
        """Open the assets that are databases, for the queries forked off this process."""
        for name, path in self.assets.items():
            try:
                self.opened[name] = query.Opened(path)
            except sqlite3.Error:
                continue  # no database: a query over it is told so

    def weigh(self) -> None:
        """Note how much private memory this process has, which its forks start with."""
        if LINUX:
            with open("/proc/self/statm") as file:
                self.base_bytes = int(file.read().split()[5]) * resource.getpagesize()

    def open(self, limits: dict[str, Any]) -> None:
        """Make this process the first of the session; process 1 where isolated."""
        if not self.isolated:
            self.clear()
            for path in (self.workspace, self.temporary):
                os.makedirs(path, 0o700)
            if LINUX:
                kernel.prctl(kernel.PR_SET_CHILD_SUBREAPER, 1)
            return
        self.disk_mib = limits["disk_mib"]
        kernel.unshare(kernel.CLONE_NEWNS | (kernel.CLONE_NEWNET if self.apart else 0))
        if self.networked:
            network.raise_loopback()
        guard = kernel.MS_NOSUID | kernel.MS_NODEV
        kernel.mount("tmpfs", STORE, "tmpfs", guard, _size(self.disk_mib) + ",mode=755")
        for path in (self.workspace, self.temporary):
            inner = STORE + path
            os.mkdir(inner, 0o700)
            if self.uid is not None:
                os.chown(inner, self.uid, self.uid)
            kernel.mount(inner, path, None, kernel.MS_BIND)
        kernel.detach(STORE)
        kernel.mount(
            "proc", "/proc", "proc", guard | kernel.MS_NOEXEC | kernel.MS_RDONLY, "subset=pid"
        )

    def move(self, slot: int) -> None:
        """Take the place numbered ``slot`` of those beside each other: another user, or folder."""
        self.apart = True
        self.join(slot)
        if self.uid is not None:
            self.uid += slot
        if not self.isolated:
            folder = f"{os.path.dirname(self.workspace)}-{slot}"
            self.workspace, self.temporary = folder + "/workspace", folder + "/tmp"
            self.environment = self.environment | {"HOME": self.workspace}
            os.environ["HOME"] = self.workspace

    def clear(self) -> None:
        """Drop the session's files, where no namespace takes them along."""
        if not self.isolated:
            folder.remove(os.path.dirname(self.workspace))

    def resize(self, limits: dict[str, Any]) -> None:
        """Give the session's files the room that the next program may use."""
        if self.isolated and limits["disk_mib"] != self.disk_mib:
            self.disk_mib = limits["disk_mib"]
            flags = kernel.MS_REMOUNT | kernel.MS_NOSUID | kernel.MS_NODEV
            kernel.mount("tmpfs", self.workspace, "tmpfs", flags, _size(self.disk_mib))

    def strike(self) -> None:
        """Kill every process of the session but this one."""
        if self.isolated:
            try:
                os.kill(-1, signal.SIGKILL)
            except ProcessLookupError:
                return
        for pid in () if self.isolated else descendants():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue

    def sweep(self) -> None:
        """Kill and reap every process of the session but this one."""
        while True:
            self.strike()
            try:
                os.waitpid(-1, 0)
            except ChildProcessError:
                return


def descendants(pid: int | str = "self") -> list[int]:
    """Return all processes below this one, orphans that it inherited among them."""
    found = []
    try:
        for thread in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{thread}/children") as file:
                for child in map(int, file.read().split()):
                    found += [child, *descendants(child)]
    except OSError:
        return found  # it ended meanwhile, or the system has no such files
    return found


def _size(mib: int) -> str:
    return f"size={mib}m,nr_inodes={mib * INODES_PER_MIB}"


def enter(place: Cell, pipes: Sequence[int], request: dict[str, Any], code: bytes) -> NoReturn:
    """Turn this fresh child into the program: locked in, then run; never returns."""
    limits = request["limits"]
    try:
        lock(place, pipes, request)
        os.write(program.ANSWER_FD, program.LOCKED)
    except (OSError, ValueError) as error:
        os.write(2, f"could not lock the program in: {error}\n".encode())
        os._exit(LOCK_FAILED)
    collected = request["collect"] and not request["file"]
    limit = limits["output_kib"] * 1024 if collected else None
    text = code.decode("utf-8", "surrogateescape")
    if request["language"] == "shell":
        os.close(program.ANSWER_FD)
        program.shell(text, place.environment)
    if request["language"] == "sql":
        program.sql(text, place.assets[request["database"]], limit)
    program.python(text, limit)


def prepare(place: Cell) -> int:
    """Give up in the server, once, what neither it nor any program needs; return /dev/null."""
    os.umask(0o022)
    bound(resource.RLIMIT_CORE, 0, 0)
    bound(resource.RLIMIT_NOFILE, OPEN_FILES, OPEN_FILES)
    if place.uid is not None:
        os.setgroups([])
    if LINUX:
        kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
    null = os.open("/dev/null", os.O_RDONLY)
    while os.dup(null) < LAST_KEPT:
        pass  # what is opened later has numbers that no program's own descriptors take
    return null


def lock(place: Cell, fds: Sequence[int], request: dict[str, Any], *, keep: int = NO_FD) -> None:
    """Give up everything that a program must not have: files, rights and calls.

    Args:
        fds: What it keeps, as descriptors 1, 2 and so on.
        keep: One more that it keeps, under its own number.
    """
    if LINUX:
        cgroup.yield_first(place.proc)
    if place.isolated and place.group is not None:
        kernel.unshare(kernel.CLONE_NEWCGROUP)  # its cgroup is the root of all that it sees
    os.setsid()  # else a signal to its group would reach the server, where they have one user
    os.chdir(place.workspace)
    os.dup2(place.null, 0)
    for number, fd in enumerate(fds, start=1):
        os.dup2(fd, number)
    os.closerange(len(fds) + 1, keep)
    os.closerange(keep + 1, MAX_FD)
    _limit(place, request)
    if place.uid is not None:
        os.setresgid(place.uid, place.uid, place.uid)
        os.setresuid(place.uid, place.uid, place.uid)  # takes all capabilities along
    elif place.isolated:
        kernel.drop_capabilities()
    if LINUX:
        if not place.isolated:
            kernel.die_with_parent()
        if request["language"] != "sql":
            kernel.prctl(kernel.PR_SET_DUMPABLE, 1)  # else its own /proc is closed to it
        if place.filter:
            place.filter()


def _limit(place: Cell, request: dict[str, Any]) -> None:
    limits = request["limits"]
    cpu = int(limits["cpu_s"]) + 1
    bound(resource.RLIMIT_CPU, cpu, cpu + 1)
    bound(resource.RLIMIT_NOFILE, PROGRAM_FILES, PROGRAM_FILES)
    memory = place.base_bytes + limits["memory_mib"] * MIB
    bound(resource.RLIMIT_DATA, memory, memory)
    if place.isolated:
        processes = limits["processes"]
        if place.uid is None:
            processes += SPARE + SPARE_BESIDE * request["beside"]
        bound(resource.RLIMIT_NPROC, processes, processes)
    else:
        disk = limits["disk_mib"] * MIB
        bound(resource.RLIMIT_FSIZE, disk, disk)


def bound(kind: int, soft: int, hard: int) -> None:
    """Set a limit, or leave the host's own where that is lower."""
    _, most = resource.getrlimit(kind)
    if most != resource.RLIM_INFINITY:
        soft, hard = min(soft, most), min(hard, most)
    resource.setrlimit(kind, (soft, hard))
