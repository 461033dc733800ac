"""The Docker engine: how it is reached, what of it is ours, and what dead runs left there."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from taskkit.errors import MissingError, SandboxError

if TYPE_CHECKING:
    import docker

OWNER = "taskkit.owner"
"""Label of each container: the machine's boot, the process that made it, and when that began."""
TIMEOUT_S = 60
STEPS = """Do one of these:
  on Debian or Ubuntu, as root: apt-get install -y docker.io && systemctl start docker
  where there is no systemd, as root: dockerd &
  as an ordinary user: ask for membership of the group docker, then log in again
  where the engine is elsewhere: set DOCKER_HOST"""


def connect() -> docker.DockerClient:
    """Reach the engine that the environment names, by default this machine's.

    Raises:
        MissingError: there is none; the message says what to do.
    """
    import docker
    from docker.errors import DockerException

    try:
        client = docker.from_env(timeout=TIMEOUT_S)
        client.ping()
    except (DockerException, OSError) as error:
        raise MissingError(f"sandbox docker: no engine answers: {_cause(error)}\n{STEPS}") from None
    return client


def _cause(error: BaseException) -> str:
    while error.__context__ is not None:
        error = error.__context__
    return f"{type(error).__name__}: {error}"


@cache
def availability() -> str | None:
    """Return why this machine cannot run containers; None where it can."""
    try:
        connect().close()
    except MissingError as error:
        return str(error).partition("\n")[0]
    return None


@contextmanager
def answers(what: str) -> Iterator[None]:
    """Raise a `SandboxError` where the engine refuses what is asked of it inside."""
    from docker.errors import DockerException

    try:
        yield
    except (DockerException, OSError) as error:
        raise SandboxError(f"sandbox docker: {what}: {error}") from error


def owner(pid: int | None = None) -> str:
    """Return what a process's containers are labelled with; no other process ever has the same."""
    pid = pid or os.getpid()
    return f"{_boot()} {pid} {_started(pid)}"


def leftovers(client: docker.DockerClient) -> list[Any]:
    """Return our containers whose process has ended: what a crash left behind."""
    with answers("cannot list the containers"):
        ours = client.containers.list(all=True, filters={"label": OWNER}, ignore_removed=True)
    return [one for one in ours if not _lives(one.labels[OWNER])]


def remove(container: Any) -> None:
    """Kill and remove a container; one that is gone already is no error."""
    from docker.errors import APIError

    with suppress(APIError):
        container.remove(force=True)


def _lives(label: str) -> bool:
    boot, _, rest = label.partition(" ")
    pid, _, started = rest.partition(" ")
    return boot == _boot() and pid.isdigit() and _started(int(pid)) == started != ""


def _boot() -> str:
    if not sys.platform.startswith("linux"):
        return "here"
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()


def _started(pid: int) -> str:
    """Return when a process began, in ticks since the boot; empty where it runs no longer."""
    if not sys.platform.startswith("linux"):
        try:
            os.kill(pid, 0)
        except OSError:
            return ""
        return "running"
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if fields[0] in "ZX" else fields[19]
