"""The watch over a session: what its processes use together, which no rlimit can bound."""

from __future__ import annotations

import os

from taskkit.sandbox.guest import cell

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

PAGE = os.sysconf("SC_PAGE_SIZE")
TICKS = os.sysconf("SC_CLK_TCK")


def excess(place: cell.Cell, limits: dict[str, Any]) -> str | None:
    """Return `out_of_memory` or `timeout` where the processes together passed that limit."""
    if not cell.LINUX:
        return None
    if place.isolated:
        pids = [name for name in os.listdir("/proc") if name.isdigit() and name != "1"]
    else:
        pids = [str(pid) for pid in cell.descendants()]
    allowed = limits["memory_mib"] * cell.MIB
    if sum(map(_resident, pids)) > allowed and sum(map(_private, pids)) > allowed:
        return "out_of_memory"
    if sum(map(_cpu, pids)) > limits["cpu_s"]:
        return "timeout"
    return None


def _read(pid: str, name: str) -> str:
    try:
        with open(f"/proc/{pid}/{name}", encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError:
        return ""  # it ended meanwhile


def _resident(pid: str) -> int:
    fields = _read(pid, "statm").split()
    return int(fields[1]) * PAGE if fields else 0


def _private(pid: str) -> int:
    """Return the anonymous and shared memory that is this process's own part, bytes."""
    kib = 0
    for line in _read(pid, "smaps_rollup").splitlines():
        if line.startswith(("Pss_Anon:", "Pss_Shmem:")):
            kib += int(line.split()[1])
    return kib * 1024


def _cpu(pid: str) -> float:
    """Return the seconds that it and its ended children used."""
    fields = _read(pid, "stat").rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / TICKS if fields else 0.0
