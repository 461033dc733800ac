"""What this machine has for sandboxes, and what would give it a better one."""

from __future__ import annotations

import os
import platform
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from taskkit.clock import clock
from taskkit.errors import MissingError
from taskkit.sandbox import cgroup, docker, engine, environments, namespace
from taskkit.sandbox.building import tags
from taskkit.sandbox.choose import REMEDIES, choose
from taskkit.spec.image import image_names

DELEGATION = "systemd-run --user --scope -p Delegate=yes taskkit ...; as root without --user"
"""What starts a command in a cgroup of version 2 that it may divide."""
LOW_DISK_GIB = 5.0  # the five images take about 3
State = Literal["ok", "missing", "note"]


@dataclass(frozen=True)
class Fact:
    """One thing that this machine has or lacks."""

    what: str
    state: State
    detail: str
    steps: tuple[str, ...] = ()
    """Commands that mend it, where it needs mending."""


@dataclass(frozen=True)
class Machine:
    """All facts, and what `--sandbox auto` takes here."""

    facts: tuple[Fact, ...]
    auto: str | None
    """None where nothing safe is available."""
    isolation: str


def examine(cache: Path) -> Machine:
    """Look at the machine; ``cache`` is the folder that taskkit keeps indexes in."""
    host = [_platform(), _namespaces(), _user_namespaces()]
    facts = [*host, *_docker(), _environments(), _cgroups(), _clock(), *_disk(cache)]
    try:
        backend = choose("auto")
    except MissingError:
        return Machine(tuple(facts), None, "")
    return Machine(tuple(facts), backend.name, backend.isolation)


def _platform() -> Fact:
    system = f"{platform.system()} {platform.release()}, {platform.machine()}"
    return Fact("platform", "ok", f"{system}, Python {platform.python_version()}")


def _namespaces() -> Fact:
    reason = namespace.availability()
    if reason is None:
        return Fact("namespaces", "ok", "a trial program ran in namespaces of its own")
    return Fact("namespaces", "missing", reason.splitlines()[0], REMEDIES)


def _user_namespaces() -> Fact:
    path = Path("/proc/sys/user/max_user_namespaces")
    if not path.exists():
        return Fact("user namespaces", "note", "this kernel has none; root needs none")
    most = int(path.read_text())
    who = "as root they are not needed" if os.getuid() == 0 else "used, as you are not root"
    return Fact("user namespaces", "ok" if most else "note", f"at most {most:,}; {who}")


def _docker() -> list[Fact]:
    reason = engine.availability()
    if reason is not None:
        steps = tuple(line.strip() for line in engine.STEPS.splitlines()[1:])
        return [Fact("docker", "missing", reason, steps)]
    client = engine.connect()
    try:
        version = client.version()
        built = {name: tags(client, name) for name in image_names()}
        left = engine.leftovers(client)
    finally:
        client.close()
    facts = [Fact("docker", "ok", f"engine {version.get('Version')}"), _rights()]
    missing = [name for name, found in built.items() if not found]
    there = ", ".join(sorted(set(built) - set(missing))) or "none"
    steps = (f"taskkit images build {' '.join(missing)}",) if missing else ()
    facts.append(Fact("images", "note" if missing else "ok", f"built: {there}", steps))
    if left:
        detail = f"{len(left)} containers of runs that have ended"
        facts.append(Fact("leftovers", "note", detail, ("taskkit doctor --clean",)))
    return facts


def _environments() -> Fact:
    """Which images have their Python packages ready for runs without containers."""
    missing = [name for name in image_names() if environments.find(name) is None]
    there = ", ".join(name for name in image_names() if name not in missing) or "none"
    if not missing:
        return Fact("python packages", "ok", f"prepared: {there}")
    detail = f"prepared: {there}; a run prepares the rest when it needs them"
    return Fact("python packages", "note", detail, (f"taskkit images prepare {' '.join(missing)}",))


def _rights() -> Fact:
    switch = docker.closed()
    if switch is None:
        return Fact("containers", "ok", "without any capability")
    refusing, allowing = docker.SWITCHES[switch]
    name, kept = switch.replace("/", "."), len(docker.CAPABILITIES)
    detail = f"their trusted server keeps {kept} capabilities, since {name} is {refusing}"
    return Fact("containers", "note", detail, (f"as root: sysctl -w {name}={allowing}",))


def _cgroups() -> Fact:
    there = cgroup.ground()
    if there.base is not None:
        detail = f"workers have some below {there.base}, where a trial program was killed"
        return Fact("cgroups", "ok", f"version {there.version}: {detail}")
    bounded = "rlimits and sums over processes bound programs"
    if not there.version:
        return Fact("cgroups", "note", f"{there.reason}: {bounded}", (DELEGATION,))
    detail = f"version {there.version}, none for us: {there.reason}: {bounded}"
    return Fact("cgroups", "note", detail, (DELEGATION,))


def _clock() -> Fact:
    library = clock()
    if library:
        return Fact("another day", "ok", library)
    detail = "none: the audit cannot play references on another day"
    return Fact("another day", "note", detail, ("apt-get install libfaketime",))


def _disk(cache: Path) -> list[Fact]:
    facts = []
    for path in (cache, Path.cwd()):
        there = next(one for one in (path, *path.parents) if one.exists())
        free = shutil.disk_usage(there).free / (1 << 30)
        low = free < LOW_DISK_GIB
        steps = ("free some space",) if low else ()
        facts.append(
            Fact(f"disk at {path}", "note" if low else "ok", f"{free:.1f} GiB free", steps)
        )
    return facts


def clean() -> int:
    """Remove the containers that dead runs left; return how many."""
    client = engine.connect()
    try:
        left = engine.leftovers(client)
        for container in left:
            engine.remove(container)
    finally:
        client.close()
    return len(left)
