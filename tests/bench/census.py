"""What a run holds of the machine at a moment: processes, memory, files, mounts, containers."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path

from taskkit.errors import MissingError
from taskkit.sandbox import engine
from taskkit.sandbox.namespace import FIRST_UID
from tests.bench.tree import pss_kib, tree

SETTLED_S = (
    5.0  # a process older than this is no instance's: those of hostile ones are killed sooner
)
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Census:
    """Counts at one moment."""

    processes: int
    """Of ours, older than `SETTLED_S`."""
    memory_mib: float
    """Of those; what several share counts once."""
    descriptors: int
    """Open in those."""
    mounts: int
    """In the machine's own mount namespace."""
    files: int
    """Below the run's folder for temporary files."""
    containers: int


class Watch:
    """Looks at what one run holds, again and again."""

    def __init__(self, root: int, folder: Path) -> None:
        """Watch process ``root`` and all below it; temporary files of theirs go to ``folder``."""
        self.root, self.folder = root, folder
        self.users: set[int] = set()
        """First of the 256 user numbers that each process seen gives to its workers' programs."""

    def below(self) -> set[int]:
        """Return the processes below the root, and wherever they are, those of its programs."""
        found = set(tree(self.root)) - {self.root}
        self.users |= {FIRST_UID + (pid << 8) % 0x0FFFFF00 for pid in found}
        for path in Path("/proc").glob("[0-9]*"):
            try:
                user = path.stat().st_uid
            except OSError:
                continue
            if user - user % 256 in self.users:
                found.add(int(path.name))
        return found

    def take(self) -> Census:
        """Count what the run holds, its root included."""
        processes = [pid for pid in {self.root, *self.below()} if _age_s(pid) > SETTLED_S]
        return Census(
            processes=len(processes),
            memory_mib=sum(map(pss_kib, processes)) / 1024,
            descriptors=sum(map(_descriptors, processes)),
            mounts=len(mounts()),
            files=sum(1 for _ in self.folder.rglob("*")),
            containers=containers(),
        )


def mounts() -> set[str]:
    """Return the mounts of this process's own namespace."""
    return set(Path("/proc/self/mountinfo").read_text("utf-8").splitlines())


def containers(*, dead: bool = False) -> int:
    """Return how many containers of taskkit the engine has; 0 where there is no engine.

    Args:
        dead: Only those whose run has ended.
    """
    try:
        client = engine.connect()
    except MissingError:
        return 0
    try:
        if dead:
            return len(engine.leftovers(client))
        filters: dict[str, str | list[str] | bool] = {"label": engine.OWNER}
        return len(client.containers.list(all=True, filters=filters, ignore_removed=True))
    finally:
        client.close()


def _descriptors(pid: int) -> int:
    try:
        return len(list(Path(f"/proc/{pid}/fd").iterdir()))
    except OSError:
        return 0  # it ended while we looked


def _age_s(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return time.clock_gettime(time.CLOCK_BOOTTIME) - int(fields[19]) / TICKS
