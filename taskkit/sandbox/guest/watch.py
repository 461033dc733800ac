"""The watch over a session: what its processes use together, which no rlimit can bound.

Memory is what processes keep for themselves: private pages, page tables, the pages behind shared
mappings of no file, which stay when a process lets go of them and then count towards nobody, and
what waits in their sockets.
A process that hides its account counts with all that it has mapped.
"""

from __future__ import annotations

import os

from taskkit.sandbox.guest import cell, sockets

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

BLOCK = 512  # bytes, whatever the file system has
PAGE = os.sysconf("SC_PAGE_SIZE")
TICKS = os.sysconf("SC_CLK_TCK")
SHARED = "/dev/zero (deleted)"
"""What the kernel calls a shared mapping of no file."""


def excess(place: cell.Cell, limits: dict[str, Any]) -> str | None:
    """Return `out_of_memory` or `timeout` where the processes together passed that limit."""
    if not cell.LINUX:
        return None
    if place.isolated:
        pids = [name for name in os.listdir("/proc") if name.isdigit() and name != "1"]
    else:
        pids = [str(pid) for pid in cell.descendants()]
    allowed = limits["memory_mib"] * cell.MIB
    if place.isolated:
        allowed -= sockets.held(networked=place.networked)
    if sum(map(_mapped, pids)) > allowed and (allowed < 0 or _memory(pids) > allowed):
        return "out_of_memory"
    if sum(map(_cpu, pids)) > limits["cpu_s"]:
        return "timeout"
    return None


def _read(pid: str, name: str) -> str | None:
    """Return a file of /proc; empty where the process has ended, None where it is closed to us."""
    try:
        with open(f"/proc/{pid}/{name}", encoding="utf-8", errors="replace") as file:
            return file.read()
    except PermissionError:
        return None
    except OSError:
        return ""


def _mapped(pid: str) -> int:
    """Return the size of all that a process has mapped, bytes: the most it can be using."""
    fields = (_read(pid, "statm") or "").split()
    return int(fields[0]) * PAGE if fields else 0


def _memory(pids: list[str]) -> int:
    """Return what processes keep for themselves, bytes."""
    total = 0
    shared: dict[str, int] = {}
    for pid in pids:
        rollup, maps = _read(pid, "smaps_rollup"), _read(pid, "maps")
        if rollup is None or maps is None:
            total += _mapped(pid)
            continue
        total += (_kib(rollup, "Pss_Anon:") + _kib(_read(pid, "status") or "", "VmPTE:")) * 1024
        for line in maps.splitlines():
            if line.endswith(SHARED):
                span, mode, offset, _, number, _ = line.split(maxsplit=5)
                if mode[3] == "s":
                    size = _behind(pid, span, int(offset, 16))
                    shared[number] = max(shared.get(number, 0), size)
    return total + sum(shared.values())


def _behind(pid: str, span: str, offset: int) -> int:
    """Return the size of what is behind a shared mapping, mapped still or not, bytes.

    An ordinary user is not told: then it is as far as the mapping reaches into it.
    """
    start, end = (int(part, 16) for part in span.split("-"))
    try:
        return os.stat(f"/proc/{pid}/map_files/{start:x}-{end:x}").st_blocks * BLOCK
    except OSError:
        return offset + end - start


def _kib(text: str, name: str) -> int:
    return sum(int(line.split()[1]) for line in text.splitlines() if line.startswith(name))


def _cpu(pid: str) -> float:
    """Return the seconds that it and its ended children used."""
    fields = (_read(pid, "stat") or "").rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / TICKS if fields else 0.0
