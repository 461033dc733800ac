"""Where a task runs: image, data, network and limits."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, JsonValue, model_validator

from taskkit.spec.base import Many, Name, Sha256, Spec


class Asset(Spec):
    """A data file by name and content; its reader finds it at /data/<name>, read-only."""

    name: Name
    """File name below /data."""
    sha256: Sha256
    """Digest of its bytes; a run refuses another file."""
    reader: Literal["agent", "judge"] = "agent"
    """Who may read it; what only the judge reads is never mounted in the agent's sandbox."""


class Service(Spec):
    """A process beside the agent, started fresh for each episode and reached over loopback."""

    name: Name
    """What the judge calls it."""
    kind: Name
    """Which service it is, such as `fhir`: one of those installed."""
    port: int = Field(ge=1024, le=65_535)
    """The agent reaches it at http://127.0.0.1:<port>."""
    data: Name | None = None
    """The asset that it starts from; only the judge reads it."""
    options: dict[str, JsonValue] = Field(default_factory=dict)
    """Choices of the service's kind."""


class Limits(Spec):
    """What one program of an instance may use."""

    wall_s: float = Field(default=30.0, gt=0, le=86_400)
    """Wall-clock seconds."""
    cpu_s: float = Field(default=30.0, gt=0, le=86_400)
    """CPU seconds over all its processes."""
    memory_mib: int = Field(default=1024, ge=64, le=1_048_576)
    """Memory, MiB."""
    processes: int = Field(default=64, ge=1, le=4096)
    """Processes and threads alive at once."""
    disk_mib: int = Field(default=64, ge=1, le=1_048_576)
    """Size of /workspace and /tmp together, MiB."""
    output_kib: int = Field(default=256, ge=1, le=65_536)
    """Standard output, standard error and answer, KiB each."""


class Environment(Spec):
    """The sandbox that the task needs."""

    image: Name
    """Name of a folder of images/."""
    assets: Many[Asset] = ()
    """Data of the task, each with its reader."""
    database: Name | None = None
    """The asset that SQL runs against: a SQLite file."""
    services: Many[Service] = ()
    """Processes beside the agent."""
    network: Literal["none", "services"] = "none"
    """`none` is no network at all, loopback included; `services` is loopback to the task's own
    services and nothing else."""
    limits: Limits = Limits()
    """Limits of each program."""

    @model_validator(mode="after")
    def _services_are_reached(self) -> Self:
        if bool(self.services) != (self.network == "services"):
            raise ValueError(
                f"network: {self.network!r} with {len(self.services)} services:"
                " need `services` where there are any, else `none`"
            )
        return self

    @property
    def visible(self) -> tuple[Asset, ...]:
        """The assets that the agent may read."""
        return tuple(asset for asset in self.assets if asset.reader == "agent")
