"""The watch over a session: what its processes use together, which no rlimit can bound.

Memory is what processes keep for themselves: private pages, page tables and mappings, the pages
behind shared mappings of no file, which stay when a process lets go of them and then count towards
nobody, and what waits in their sockets.
A process that hides its account counts with all that it has mapped.
"""

from __future__ import annotations

import os
import time

from taskkit.sandbox.guest import cell, sockets

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

MAPPING = 200  # bytes that the kernel keeps of each
BLOCK = 512  # bytes, whatever the file system has
PAGE = os.sysconf("SC_PAGE_SIZE")
TICKS = os.sysconf("SC_CLK_TCK")
SHARED = "/dev/zero (deleted)"
"""What the kernel calls a shared mapping of no file."""


class Watch:
    """What the programs of a session have used since one was started."""

    def __init__(self, place: cell.Cell, limits: dict[str, Any]) -> None:
        """Begin to count."""
        self.place, self.limits = place, limits
        account = place.account
        self.kills, self.start = (account.kills(), account.cpu_s()) if account else (0, 0.0)
        self.seen: dict[str, float] = {}
        """CPU seconds by process, the ended ones too."""

    def cpu_s(self) -> float:
        """The CPU seconds used, by the kernel's account of all; 0 where it keeps none."""
        return self.place.account.cpu_s() - self.start if self.place.account else 0.0

    def killed(self) -> bool:
        """Whether the kernel has killed a program for what all of them hold."""
        return self.place.account is not None and self.place.account.kills() != self.kills

    def excess(self, deadline: float) -> str | None:
        """Return `out_of_memory` or `timeout` where the processes together passed that limit.

        Args:
            deadline: By which it gives up.
        """
        if not cell.LINUX:
            return None
        if self.place.isolated:
            pids = [name for name in os.listdir("/proc") if name.isdigit() and name != "1"]
        else:
            pids = [str(pid) for pid in cell.descendants()]
        if self.killed() or self._overfull(pids, deadline):
            return "out_of_memory"
        if max(self._seen(pids), self.cpu_s()) > self.limits["cpu_s"]:
            return "timeout"
        return None

    def _overfull(self, pids: list[str], deadline: float) -> bool:
        allowed = int(self.limits["memory_mib"]) * cell.MIB
        if self.place.isolated:
            allowed -= sockets.held(networked=self.place.networked)
        return sum(map(_mapped, pids)) > allowed and (
            allowed < 0 or _memory(pids, allowed, deadline) > allowed
        )

    def _seen(self, pids: list[str]) -> float:
        """Sum up CPU time, once by what parents know of children, once by what we saw of each.

        A parent that waits for no child knows nothing.
        """
        known = 0.0
        for pid in pids:
            fields = (_read(pid, "stat") or "").rpartition(")")[2].split()
            if fields:
                own, below = (
                    sum(map(int, part)) / TICKS for part in (fields[11:13], fields[13:15])
                )
                known += own + below
                self.seen[f"{pid} {fields[19]}"] = own
        return max(known, sum(self.seen.values()))


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


def _memory(pids: list[str], allowed: int, deadline: float) -> int:
    """Return what processes keep for themselves, bytes, as far as ``allowed`` is not passed."""
    total = 0
    shared: dict[str, int] = {}
    for pid in pids:
        if total + sum(shared.values()) > allowed or time.monotonic() > deadline:
            break
        rollup, maps = _read(pid, "smaps_rollup"), _read(pid, "maps")
        if rollup is None or maps is None:
            total += _mapped(pid)
            continue
        total += (_kib(rollup, "Pss_Anon:") + _kib(_read(pid, "status") or "", "VmPTE:")) * 1024
        total += maps.count("\n") * MAPPING
        for line in maps.splitlines() if SHARED in maps else ():
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
