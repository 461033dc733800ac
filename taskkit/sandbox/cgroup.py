"""Memory cgroups of workers: in one the kernel counts all that programs use, of whatever kind.

They are made below the cgroup that this process is in, where that may be written to, and used only
once the kernel has been seen to kill there. Of version 1, the hierarchy `memory` counts; a cgroup
of version 2 has either processes or cgroups with limits, so ours move to a leaf of it first.
"""

from __future__ import annotations

import contextlib
import errno
import itertools
import os
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from taskkit.sandbox.guest import cgroup

LEAF = "taskkit-own"
"""Where the processes of a cgroup of version 2 move."""
OWNED = re.compile(r"taskkit-(\d+)-(\d+)-\d+")
"""The name of a worker's cgroup: process id and start of its host, and its number there."""
DELEGATED = ("user.delegate", "trusted.delegate")
"""What systemd marks a cgroup with that it leaves to its processes."""
TRIAL_MIB, TRIAL_S = 8, 30.0
TRIAL = """
import os, sys
with open(sys.argv[1], "w") as entrance:
    entrance.write("0")
bytearray(os.urandom(1 << 20) * 4 * int(sys.argv[2]))
"""
REMOVAL_S = 2.0  # for the processes of a worker that was killed to be gone
_OCTAL = re.compile(r"\\([0-7]{3})")
_number = itertools.count(1)


@dataclass(frozen=True)
class Ground:
    """What this process may make of cgroups that bound memory."""

    version: int
    """0 where there are none."""
    base: Path | None
    """Where those of workers are made; None where none can be."""
    cpu: Path | None = None
    """Of version 1, where those that count CPU time can be made."""
    reason: str = ""
    """Why none can be."""


def locate(cgroups: str, mounts: str, controller: str = "memory") -> tuple[int, Path | None]:
    """Return the version of the cgroups with a controller, and the folder of this process's own.

    Args:
        cgroups: The text of /proc/self/cgroup.
        mounts: The text of /proc/self/mountinfo.
    """
    version, own = 0, ""
    for line in cgroups.splitlines():
        number, controllers, path = line.split(":", 2)
        if controller in controllers.split(","):
            version, own = 1, path
        elif number == "0" and not version:
            version, own = 2, path
    for line in mounts.splitlines():
        before, _, after = line.partition(" - ")
        kind, _, options = after.split(" ", 2)
        root, point = (_OCTAL.sub(lambda o: chr(int(o[1], 8)), f) for f in before.split()[3:5])
        ours = kind == "cgroup2" if version == 2 else controller in options.split(",")
        inner = own.removeprefix(root.rstrip("/"))
        if kind.startswith("cgroup") and ours and (not inner or inner[0] == "/"):
            return version, Path(point + inner.rstrip("/"))
    return version, None


@cache
def ground() -> Ground:
    """Look for a cgroup to make others in, once; what dead runs left there is removed."""
    try:
        texts = [Path("/proc/self", name).read_text() for name in ("cgroup", "mountinfo")]
    except OSError:
        return Ground(0, None, reason="this system has no cgroups")
    version, own = locate(texts[0], texts[1])
    if own is None:
        return Ground(version, None, reason="none is mounted that bounds memory")
    try:
        base = own if version == 1 else _divide(own)
        counting, cpu = locate(texts[0], texts[1], "cpuacct")
        found = Ground(
            version, base, cpu if counting == 1 and os.access(str(cpu), os.W_OK) else None
        )
        sweep(found)
        if _kills(found):
            return found
    except OSError as error:
        return Ground(version, None, reason=f"{own}: {error.strerror}")
    return Ground(version, None, reason=f"{own}: a trial program passed its limit and lived")


def _divide(own: Path) -> Path:
    """Return the cgroup of version 2 below which others with limits can be made.

    Raises:
        OSError: it is not ours to divide.
    """
    base = own.parent if own.name == LEAF else own
    if "memory" in _words(base / "cgroup.subtree_control"):
        return base
    if "memory" not in _words(base / "cgroup.controllers"):
        raise OSError(errno.ENOTSUP, "it has no controller of memory")
    try:
        _hand_down(base)
    except OSError as error:
        if error.errno != errno.EBUSY:
            raise
        _vacate(base)
        _hand_down(base)
    return base


def _hand_down(base: Path) -> None:
    (base / "cgroup.subtree_control").write_text("+memory")
    with contextlib.suppress(OSError):
        (base / "cgroup.subtree_control").write_text("+pids")


def _vacate(base: Path) -> None:
    """Move every process of a cgroup to its leaf, where all are ours or it was left to them."""
    pids = _words(base / "cgroup.procs")
    if not _left_to_us(base) and not set(pids) <= _family():
        raise OSError(errno.EBUSY, "other programs run in it")
    (base / LEAF).mkdir(exist_ok=True)
    while pids:
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                (base / LEAF / "cgroup.procs").write_text(pid)
        pids = _words(base / "cgroup.procs")


def _left_to_us(base: Path) -> bool:
    """Whether the cgroup is a container's whole tree, or systemd gave it away."""
    if (base.parent / "cgroup.procs").exists():
        for name in DELEGATED:
            with contextlib.suppress(OSError):
                if os.getxattr(base, name) == b"1":
                    return True
        return False
    return True


def _family() -> set[str]:
    """This process and all below it."""
    found, fresh = set[str](), [str(os.getpid())]
    while fresh:
        pid = fresh.pop()
        found.add(pid)
        for path in Path(f"/proc/{pid}/task").glob("*/children"):
            with contextlib.suppress(OSError):
                fresh += path.read_text().split()
    return found


def _words(path: Path) -> list[str]:
    return path.read_text().split()


def _kills(there: Ground) -> bool:
    """Whether the kernel kills a program that takes more than its cgroup may hold."""
    place = make(there)
    try:
        group = cgroup.Groups(place).group(0)
        group.bound(TRIAL_MIB << 20, processes=4)
        entrance = f"{place['base']}/{place['name']}/0/cgroup.procs"
        command = [sys.executable, "-I", "-S", "-c", TRIAL, entrance, str(TRIAL_MIB)]
        done = subprocess.run(command, capture_output=True, timeout=TRIAL_S)
        return done.returncode == -9 and group.kills() > 0
    except subprocess.TimeoutExpired:
        return False
    finally:
        remove(place)


def plan() -> cgroup.Place | None:
    """Make the cgroup of another worker; None where the machine has none for us."""
    there = ground()
    if there.base is None:
        return None
    with contextlib.suppress(OSError):
        return make(there)
    return None


def make(there: Ground) -> cgroup.Place:
    """Make a cgroup that others with limits can be made in."""
    assert there.base is not None
    name = f"taskkit-{os.getpid()}-{_started(os.getpid())}-{next(_number)}"
    (there.base / name).mkdir()
    home = there.base
    if there.version == 2:
        _hand_down(there.base / name)
        if (there.base / LEAF).exists():
            home = there.base / LEAF
    if there.cpu:
        (there.cpu / name).mkdir()
    return {
        "base": str(there.base), "name": name, "version": there.version,
        "home": str(home), "cpu": str(there.cpu or ""),
    }  # fmt: skip


def remove(place: cgroup.Place) -> None:
    """Remove a worker's cgroup, as soon as the processes in it are gone; safe to call twice."""
    deadline = time.monotonic() + REMOVAL_S
    for base in filter(None, (place["base"], place["cpu"])):
        while not _removed(Path(base, place["name"])) and time.monotonic() < deadline:
            time.sleep(0.002)


def _removed(path: Path) -> bool:
    try:
        for below in path.iterdir():
            if below.is_dir():
                below.rmdir()
        path.rmdir()
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return True


def sweep(there: Ground) -> None:
    """Remove the cgroups whose host has ended without doing it."""
    for base in filter(None, (there.base, there.cpu)):
        for path in base.iterdir():
            owner = OWNED.fullmatch(path.name)
            if owner and _started(int(owner[1])) != owner[2]:
                _removed(path)


def _started(pid: int) -> str:
    """When a process started, in the kernel's ticks; empty where it has ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    except OSError:
        return ""
