"""Run a command and measure its whole process tree from outside."""

from __future__ import annotations

import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

INTERVAL_S = 0.1


@dataclass(frozen=True)
class Run:
    """What a command took."""

    seconds: float
    peak_mib: float
    """Largest sum over the tree of proportional set sizes: shared pages count once."""
    exit_code: int
    output: str


def _children() -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        found.setdefault(int(fields[1]), []).append(int(path.parent.name))
    return found


def tree(root: int) -> list[int]:
    """Return a process and all below it."""
    children, found, left = _children(), [], [root]
    while left:
        found.append(left.pop())
        left.extend(children.get(found[-1], ()))
    return found


def pss_kib(pid: int) -> int:
    """Return a process's proportional set size; 0 where it has ended."""
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
    except OSError:
        pass  # it ended while we looked
    return 0


def run(command: list[str]) -> Run:
    """Run a command to its end."""
    begun = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    peak = 0
    while process.poll() is None:
        peak = max(peak, sum(pss_kib(pid) for pid in tree(process.pid)))
        time.sleep(INTERVAL_S)
    seconds = time.perf_counter() - begun
    assert process.stdout is not None
    return Run(seconds, peak / 1024, process.returncode, process.stdout.read())
