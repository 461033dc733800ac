"""Run a command and measure its whole process tree from outside."""

from __future__ import annotations

import os
import resource
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

INTERVAL_S = 0.1
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Run:
    """What a command took."""

    seconds: float
    peak_mib: float
    """Largest sum over the tree of proportional set sizes: shared pages count once."""
    exit_code: int
    output: str
    """What it wrote to standard output."""
    errors: str
    """What it wrote to standard error."""
    cpu_s: float
    """Processor time of the tree, user and system."""


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


def cpu_s(processes: list[int]) -> float:
    """Return the processor time, in seconds, of processes and of the children they waited for."""
    ticks = 0
    for pid in processes:
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it ended while we looked
        ticks += sum(map(int, fields[11:15]))
    return ticks / TICKS


def _waited_s() -> float:
    """Return the processor time of every child that this process has waited for."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def run(command: list[str], *, interval_s: float = INTERVAL_S) -> Run:
    """Run a command to its end, looking at its tree every ``interval_s`` seconds.

    Its output goes to files: through a pipe that nobody reads, a long one would stop it.
    """
    peak = cpu = 0.0
    with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as errors:
        begun, waited = time.perf_counter(), _waited_s()
        process = subprocess.Popen(command, stdout=output, stderr=errors)
        try:
            while process.poll() is None:
                found = tree(process.pid)
                peak = max(peak, sum(map(pss_kib, found)))
                cpu = max(cpu, cpu_s(found))
                time.sleep(interval_s)
        except BaseException:
            process.terminate()
            process.wait()
            raise
        seconds = time.perf_counter() - begun
        cpu = max(cpu, _waited_s() - waited)  # a short command ends between two looks
        output.seek(0)
        errors.seek(0)
        return Run(seconds, peak / 1024, process.returncode, output.read(), errors.read(), cpu)
