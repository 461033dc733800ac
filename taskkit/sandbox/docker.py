"""The `docker` backend: the guest server in a container of the task's image, one per site."""

from __future__ import annotations

import select
import socket
import struct
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from taskkit.errors import SandboxError
from taskkit.sandbox import engine, loader
from taskkit.sandbox.building import installed
from taskkit.sandbox.guest import wire
from taskkit.sandbox.link import LAST_WORDS, SOCKET, Meeting
from taskkit.sandbox.namespace import INSIDE, environment, paths, programs_uid, refuse_unreadable
from taskkit.sandbox.profile import profile
from taskkit.sandbox.protocol import Site
from taskkit.sandbox.worker import WarmWorker

if TYPE_CHECKING:
    import docker

Isolation = Literal["worker", "container"]
"""What a container is for: all sessions of a worker, or one session."""

CAPABILITIES = {
    "SYS_ADMIN": "makes each session's namespaces and mounts",
    "SYS_CHROOT": "enters the root built for programs",
    "SYS_PTRACE": "weighs the memory of programs, which have another user",
    "SETUID": "becomes the programs' user",
    "SETGID": "becomes the programs' group",
    "SETPCAP": "drops all of these from the bounding set",
    "CHOWN": "gives /workspace to the programs' user",
    "DAC_OVERRIDE": "reads what a program left there",
    "KILL": "ends what a program left running",
}
"""What the guest server keeps, and why, where an ordinary user may make no namespaces.

Programs have none of them, nor a way to gain one.
"""

NETWORKED = ("NET_ADMIN",)
"""What it keeps in addition where sessions have services: it switches on each one's loopback."""

MEETING = "/run/taskkit"
"""Folder in a container that holds the socket where the guest server calls the host."""
OURS_MIB = 768  # for the server and the packages that it has loaded
PIDS = 8192
CPU_PERIOD = 100_000  # microseconds
CPUS = 4  # for all processes of a worker; one program runs at a time
MODES: dict[Isolation, str] = {"worker": "docker", "container": "docker/container"}
CAPABLE = "+capabilities"
"""Ends the name of a backend whose guest server has `CAPABILITIES`."""

SETTINGS = Path("/proc/sys")
SWITCHES = {
    "user/max_user_namespaces": ("0", "15000"),
    "kernel/unprivileged_userns_clone": ("0", "1"),
    "kernel/apparmor_restrict_unprivileged_userns": ("1", "0"),
}
"""What may forbid an ordinary user namespaces: its value then, and one that allows them."""

STDOUT, STDERR = 1, 2
HEAD = struct.Struct(">BxxxI")
"""Before each piece of an attached stream: which it is of, and how long."""
CHUNK = 1 << 18


class Docker:
    """Programs in namespaces of their own, inside a container of the task's image."""

    def __init__(self, *, isolation: Isolation = "worker") -> None:
        """Reach the engine.

        Raises:
            MissingError: there is none.
        """
        self.mode = isolation
        self.closed = closed() is not None
        self.name = MODES[isolation] + (CAPABLE if self.closed else "")
        self.isolation = described(self.name)
        self.client = engine.connect()

    def worker(self, site: Site) -> WarmWorker:
        """Start a warm worker.

        Raises:
            MissingError: the image of the site is not built; the message says how to.
            SandboxError: the worker did not come up.
        """
        assets = paths(site)
        refuse_unreadable(assets)
        image = installed(self.client, site.image)
        uid = programs_uid()
        user = "0:0" if self.closed else f"{uid}:{uid}"
        config = {
            "isolated": True,
            "control": -1,
            "group": None,
            "contained": True,
            "callback": f"{MEETING}/{SOCKET}",
            "host_pid": 0,  # not to be seen from inside: the end of the input tells
            "uid": uid,
            "furnished": True,
            "executable": "",
            "folder": "",
            "folders": [INSIDE],
            "binds": {},
            "hidden": [],
            "assets": {name: f"/data/{name}" for name in assets},
            "preload": list(site.preload),
            "environment": environment(),
        }
        return WarmWorker(
            config,
            link=lambda config: Container(self.client, image, assets, config, user=user),
            single=self.mode == "container",
            services=site.services,
        )


class Container:
    """A guest server in a container, behind the engine's attached stream."""

    def __init__(
        self,
        client: docker.DockerClient,
        image: str,
        assets: dict[str, str],
        config: dict[str, Any],
        *,
        user: str,
    ) -> None:
        """Start it; the engine removes it as soon as it ends, or its stream does."""
        self.api = client.api
        self.words = b""
        self.buffer, self.pending = bytearray(), bytearray()
        self.ended = False
        self.control: socket.socket | None = None
        self.programs_mib = 0
        self.meeting = Meeting()
        try:
            self._start(client, image, assets, config, user)
        except BaseException:
            self.meeting.end()
            raise

    def _start(
        self,
        client: docker.DockerClient,
        image: str,
        assets: dict[str, str],
        config: dict[str, Any],
        user: str,
    ) -> None:
        with engine.answers(f"cannot start a container of {image}"):
            self.id: str = self.api.create_container(
                image,
                entrypoint=["python3", *loader.OPTIONS, "-c", loader.BOOTSTRAP],
                environment=config["environment"],
                user=user,
                working_dir="/",
                hostname="sandbox",
                stdin_open=True,
                labels={engine.OWNER: engine.owner()},
                network_disabled=True,
                host_config=_host_config(
                    client,
                    {
                        MEETING: self.meeting.folder,
                        **{f"/data/{name}": path for name, path in assets.items()},
                    },
                    capabilities=_capabilities(config) if user == "0:0" else None,
                ),
            )["Id"]
            parameters = {"stdin": 1, "stdout": 1, "stderr": 1, "stream": 1}
            self.stream = self.api.attach_socket(self.id, params=parameters)
            self.socket = getattr(self.stream, "_sock", self.stream)
            self.socket.settimeout(None)
            self.to: int = self.socket.fileno()
            self.poll = select.poll()
            self.poll.register(self.to, select.POLLIN)
            self.api.start(self.id)

    def take(self, size: int, deadline: float) -> bytes:
        """Read exactly ``size`` bytes of its standard output."""
        while len(self.buffer) < size:
            left = deadline - time.monotonic()
            if left <= 0 or not self.poll.poll(left * 1000):
                raise wire.ClosedError("no answer in time")
            self._pull()
        if not self.meeting.over:  # before the server says anything, it has called
            self.control = self.meeting.take()
        taken = bytes(self.buffer[:size])
        del self.buffer[:size]
        return taken

    def _pull(self) -> None:
        """Take what has come, and sort it by stream."""
        try:
            part = self.socket.recv(CHUNK)
        except ConnectionResetError:
            part = b""
        if not part:
            raise wire.ClosedError("end of stream")
        self.pending += part
        while len(self.pending) >= HEAD.size:
            kind, length = HEAD.unpack_from(self.pending)
            end = HEAD.size + length
            if len(self.pending) < end:
                return
            if kind == STDOUT:
                self.buffer += self.pending[HEAD.size : end]
            elif kind == STDERR:
                self.words = (self.words + self.pending[HEAD.size : end])[-LAST_WORDS:]
            del self.pending[:end]

    def hold(self, programs_mib: int, *, alone: bool) -> None:
        """Let all programs together hold so much; ``alone`` no other session needs more.

        Raises:
            SandboxError: the engine does not answer.
        """
        more = programs_mib > self.programs_mib
        if more or (alone and programs_mib < self.programs_mib):
            most = f"{OURS_MIB + programs_mib}m"
            try:
                with engine.answers("cannot set the container's memory"):
                    self.api.update_container(self.id, mem_limit=most, memswap_limit=most)
            except SandboxError:
                if more:
                    raise
                return  # what it holds still is more
            self.programs_mib = programs_mib

    def last_words(self) -> str:
        """Give the end of its standard error."""
        with suppress(wire.ClosedError, OSError):
            while self.poll.poll(100):
                self._pull()
        return self.words.decode("utf-8", "replace").strip()

    def end(self) -> None:
        """Kill and remove the container, and everything in it."""
        if not self.ended:
            self.ended = True
            self.meeting.end()
            if self.control is not None:
                self.control.close()
            from docker.errors import DockerException

            with suppress(DockerException, OSError):
                self.api.remove_container(self.id, force=True)

    def close(self) -> None:
        """Close the stream."""
        self.stream.close()
        self.socket.close()

    @property
    def alive(self) -> bool:
        """Whether the stream stands; the engine closes it when the container ends."""
        if self.ended:
            return False
        with suppress(wire.ClosedError):
            while self.poll.poll(0):
                self._pull()
            return True
        return False


def described(name: str) -> str:
    """Return what stands between a program and the machine, by the name of such a backend."""
    mode = name.removesuffix(CAPABLE)
    what = "environment" if mode == MODES["worker"] else "instance"
    trusted = "" if mode == name else f" (the trusted server keeps {len(CAPABILITIES)})"
    return (
        f"a Docker container per {what}, Linux namespaces per instance, read-only root, "
        f"no network, no capabilities{trusted}, seccomp filter"
    )


def closed() -> str | None:
    """Return the setting that lets no ordinary user make namespaces here; None where one may."""
    for name, (refusing, _) in SWITCHES.items():
        path = SETTINGS / name
        if path.exists() and path.read_text().strip() == refusing:
            return name
    return None


def _capabilities(config: dict[str, Any]) -> list[str]:
    return [*CAPABILITIES, *(NETWORKED if config["ports"] else ())]


def _host_config(
    client: docker.DockerClient, shown: dict[str, str], *, capabilities: list[str] | None
) -> Any:
    """The engine's settings for a container that is shown files and folders of the host.

    Args:
        client: The engine.
        shown: Path in the container to path on the host.
        capabilities: What its server keeps; None where it needs none.
    """
    from docker.types import LogConfig, Mount

    # no profile of AppArmor that Docker has by default allows a mount
    security = ["no-new-privileges:true", "apparmor=unconfined"]
    config = client.api.create_host_config(
        auto_remove=True,
        init=True,
        network_mode="none",
        read_only=True,
        cap_drop=["ALL"],
        cap_add=capabilities or [],
        security_opt=security if capabilities else [*security, f"seccomp={profile()}"],
        pids_limit=PIDS,
        mem_limit=f"{OURS_MIB}m",
        memswap_limit=f"{OURS_MIB}m",
        cpu_period=CPU_PERIOD,
        cpu_quota=CPU_PERIOD * CPUS,
        ipc_mode="private",
        tmpfs={"/tmp": "size=1m,noexec,nosuid,nodev"},  # noqa: S108
        log_config=LogConfig(type="none"),
        mounts=[
            Mount(target, source, type="bind", read_only=True) for target, source in shown.items()
        ],
    )
    if (
        not capabilities
    ):  # an ordinary user may mount a /proc only where the one there hides nothing
        config |= {"MaskedPaths": [], "ReadonlyPaths": []}
    return config
