"""Where a task runs: image, data, network and limits."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from taskkit.spec.base import Many, Name, Sha256, Spec


class Asset(Spec):
    """A data file by name and content; the agent finds it at /data/<name>, read-only."""

    name: Name
    """File name below /data."""
    sha256: Sha256
    """Digest of its bytes; a run refuses another file."""


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
    """Data that the agent may read."""
    database: Name | None = None
    """The asset that SQL runs against: a SQLite file."""
    network: Literal["none"] = "none"
    """Network policy; `none` is no network at all, loopback included."""
    limits: Limits = Limits()
    """Limits of each program."""
