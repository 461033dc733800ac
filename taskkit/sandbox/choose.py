"""Pick the sandbox: the safest backend that this machine can run."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Literal

from taskkit.errors import MissingError, UsageError
from taskkit.sandbox import docker, engine
from taskkit.sandbox.docker import Docker, Isolation
from taskkit.sandbox.namespace import Namespace, availability
from taskkit.sandbox.protocol import Backend
from taskkit.sandbox.subprocess import Subprocess

Choice = Literal["auto", "docker", "namespace", "subprocess"]

PROCESSES = Path("/proc/self/ns/pid")

REMEDIES = (
    "as root: sysctl -w user.max_user_namespaces=15000",
    "on Debian 10 or older: sysctl -w kernel.unprivileged_userns_clone=1",
    "on Ubuntu 24.04 or newer: sysctl -w kernel.apparmor_restrict_unprivileged_userns=0",
    "inside a container: start it with --privileged, or with --cap-add SYS_ADMIN "
    "--security-opt seccomp=unconfined --security-opt apparmor=unconfined",
)
"""What lets an ordinary user make namespaces, each with where it helps."""


def choose(name: Choice, *, unsafe: bool = False, isolation: Isolation = "worker") -> Backend:
    """Return the backend called ``name``; `auto` is the first that works: namespace, then docker.

    Args:
        name: The backend.
        unsafe: Allow `subprocess`, which isolates nothing.
        isolation: What a container of `docker` is for.

    Raises:
        UsageError: `subprocess` without ``unsafe``; containers asked of another backend.
        MissingError: this machine cannot run the backend; the message says what to do.
    """
    if isolation == "container" and name != "docker":
        raise UsageError(f"isolation container: sandbox {name} has none: add --sandbox docker")
    if sys.platform == "linux" and not PROCESSES.exists():
        raise MissingError(
            "sandbox: /proc is not mounted here, and programs are watched and ended by it: "
            "as root: mount -t proc proc /proc"
        )
    if name == "docker":
        return Docker(isolation=isolation)
    if name == "subprocess":
        if not unsafe:
            raise UsageError(
                "sandbox subprocess: it isolates nothing, and programs could read and change all "
                "that you can: add --unsafe if you trust every program, or use namespace"
            )
        return Subprocess()
    reason = availability()
    if reason is None:
        return Namespace()
    if name == "auto" and engine.availability() is None:
        return Docker()
    if name == "auto" and unsafe:
        return Subprocess()
    steps = "\n".join(f"  {remedy}" for remedy in REMEDIES)
    raise MissingError(
        f"sandbox namespace: not available here: {reason}\nOne of these makes it so:\n{steps}\n"
        "or have a Docker engine; `taskkit doctor` says what there is\n"
        "or run without isolation, if you trust every program: --sandbox subprocess --unsafe"
    )


def isolation_of(name: str) -> str:
    """Return what stood between a program and the machine, by the name of the backend it had."""
    if name == Namespace.name:
        return Namespace.isolation
    if name == Subprocess.name:
        return Subprocess.isolation
    return docker.described(name)
