"""A cell: the namespaces, files and limits that one session lives in."""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from taskkit.sandbox.guest import kernel, program

INODES_PER_MIB = 256  # a file of an instance is 4 KiB or more on average
OPEN_FILES = 512
MIB = 1 << 20
STORE = "/session"
"""Where the session's one tmpfs is mounted, before /workspace and /tmp are cut from it."""


@dataclass
class Cell:
    """The place of one session, and what programs are locked in with."""

    workspace: str
    temporary: str
    assets: dict[str, str]
    """Asset name to its path, as programs see it."""
    environment: dict[str, str]
    isolated: bool
    """Whether the session has namespaces of its own."""
    uid: int | None
    """User that programs run as; None to stay the user we are."""
    filter: bytes
    """The seccomp filter of programs; empty for none."""
    spare_processes: int = 0
    """Processes of ours that the kernel counts with the program's."""
    base_bytes: int = 0
    """Private memory that a program has from the server at its start."""
    disk_mib: int = 0
    """Room that the session's files have now."""

    def open(self, limits: dict[str, Any]) -> None:
        """Make this process the first of the session; it must be process 1 where isolated."""
        if not self.isolated:
            os.makedirs(self.workspace)
            os.makedirs(self.temporary)
            if sys.platform == "linux":
                kernel.die_with_parent()
                kernel.prctl(kernel.PR_SET_CHILD_SUBREAPER, 1)
            return
        self.disk_mib = limits["disk_mib"]
        kernel.unshare(kernel.CLONE_NEWNS)
        guard = kernel.MS_NOSUID | kernel.MS_NODEV
        kernel.mount("tmpfs", STORE, "tmpfs", guard, _size(limits) + ",mode=755")
        for path in (self.workspace, self.temporary):
            inner = STORE + path
            os.mkdir(inner, 0o700)
            if self.uid is not None:
                os.chown(inner, self.uid, self.uid)
            kernel.mount(inner, path, None, kernel.MS_BIND)
        kernel.detach(STORE)
        flags = guard | kernel.MS_NOEXEC
        kernel.mount("proc", "/proc", "proc", flags, "subset=pid")

    def resize(self, limits: dict[str, Any]) -> None:
        """Give the session's files the room that the next program may use."""
        if self.isolated and limits["disk_mib"] != self.disk_mib:
            self.disk_mib = limits["disk_mib"]
            flags = kernel.MS_REMOUNT | kernel.MS_NOSUID | kernel.MS_NODEV
            kernel.mount("tmpfs", self.workspace, "tmpfs", flags, _size(limits))

    def sweep(self) -> None:
        """Kill and reap every process of the session but this one."""
        while True:
            if self.isolated:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(-1, signal.SIGKILL)
            else:
                for pid in children():
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)
            try:
                os.waitpid(-1, 0)
            except ChildProcessError:
                return


def children() -> list[int]:
    """Return the children of this process, orphans that it inherited among them."""
    try:
        with open("/proc/thread-self/children") as file:
            return [int(pid) for pid in file.read().split()]
    except OSError:
        return []


def _size(limits: dict[str, Any]) -> str:
    mib = limits["disk_mib"]
    return f"size={mib}m,nr_inodes={mib * INODES_PER_MIB}"


def enter(place: Cell, pipes: Sequence[int], request: dict[str, Any], code: bytes) -> NoReturn:
    """Turn this fresh child into the program: locked in, then run; never returns."""
    try:
        _lock(place, pipes, request["limits"])
    except BaseException as error:
        os.write(2, f"the sandbox could not lock the program in: {error!r}\n".encode())
        os._exit(121)
    limits = request["limits"]
    limit = limits["output_kib"] * 1024 if request["collect"] else None
    text = code.decode("utf-8", "surrogateescape")
    if request["language"] == "shell":
        os.close(program.ANSWER_FD)
        program.shell(text, place.environment)
    if request["language"] == "sql":
        program.sql(text, place.assets[request["database"]], limit)
    program.python(text, limit)


def _lock(place: Cell, pipes: Sequence[int], limits: dict[str, Any]) -> None:
    os.setsid()
    os.chdir(place.workspace)
    os.umask(0o022)
    null = os.open("/dev/null", os.O_RDONLY)
    for target, fd in enumerate((null, *pipes)):
        os.dup2(fd, target)
    kernel.close_from(program.ANSWER_FD + 1)
    _limit(place, limits)
    if place.uid is not None:
        os.setgroups([])
        os.setresgid(place.uid, place.uid, place.uid)
        os.setresuid(place.uid, place.uid, place.uid)
    if sys.platform == "linux":
        kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
        if place.isolated:
            kernel.drop_capabilities()
        else:
            kernel.die_with_parent()
        kernel.prctl(kernel.PR_SET_DUMPABLE, 1)
        if place.filter:
            kernel.seccomp(place.filter)


def _limit(place: Cell, limits: dict[str, Any]) -> None:
    cpu = int(limits["cpu_s"]) + 1
    memory = place.base_bytes + limits["memory_mib"] * MIB
    for kind, soft, hard in (
        (resource.RLIMIT_CPU, cpu, cpu + 1),
        (resource.RLIMIT_DATA, memory, memory),
        (resource.RLIMIT_NOFILE, OPEN_FILES, OPEN_FILES),
        (resource.RLIMIT_CORE, 0, 0),
    ):
        resource.setrlimit(kind, (soft, hard))
    if place.isolated:
        processes = limits["processes"] + place.spare_processes
        resource.setrlimit(resource.RLIMIT_NPROC, (processes, processes))
    else:
        disk = limits["disk_mib"] * MIB
        resource.setrlimit(resource.RLIMIT_FSIZE, (disk, disk))
