"""Kill a verification -9 at random moments, resume it, and compare with an undisturbed one.

python -m tests.bench.kills TASKSET [--kills 20] [--seed 0]
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

from taskkit.verify.results import read_results

KEYS = ("sha256", "code", "detail", "repeats", "answer", "sandbox", "version")


def verify(taskset: Path, results: Path, *words: str) -> subprocess.Popen[bytes]:
    """Start a verification."""
    command = [sys.executable, "-m", "taskkit", "verify", str(taskset), "-k", "1"]
    return subprocess.Popen(
        [*command, "--results", str(results), "--json", *words], stdout=subprocess.DEVNULL
    )


def seconds(taskset: Path, results: Path, *words: str) -> float:
    """Give how long an undisturbed verification takes."""
    begun = time.perf_counter()
    assert verify(taskset, results, *words).wait() == 0
    return time.perf_counter() - begun


def findings(results: Path) -> dict[str, tuple[object, ...]]:
    """Give what was found of each instance, without the times."""
    rows = list(read_results(results))
    assert max(Counter(row.id for row in rows).values(), default=1) == 1
    return {row.id: tuple(getattr(row, key) for key in KEYS) for row in rows}


def kept(results: Path) -> int:
    """Give how many instances have a result."""
    return len(findings(results)) if results.exists() else 0


def main() -> None:
    """Print what came out; exit with 1 if a result was lost or differs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("taskset", type=Path)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    folder = arguments.taskset.with_name(arguments.taskset.name + ".kills")
    calm, wild = folder / "calm.sqlite", folder / "wild.sqlite"
    for path in folder.glob("*"):
        path.unlink()
    start = seconds(arguments.taskset, folder / "start.sqlite", "--filter", "id=*00")
    share = max(1.0, seconds(arguments.taskset, calm) - start) / arguments.kills
    dice = random.Random(arguments.seed)
    for number in range(arguments.kills):
        process = verify(arguments.taskset, wild)
        time.sleep(dice.uniform(start / 2, start + 1.5 * share))  # before the first result, too
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        print(f"kill {number + 1:2}: {kept(wild):,} results kept", flush=True)  # noqa: T201
    assert verify(arguments.taskset, wild).wait() == 0
    one, two = findings(calm), findings(wild)
    print(f"{len(one):,} results undisturbed, {len(two):,} after {arguments.kills} kills")  # noqa: T201
    if one != two:
        differing = [id for id in one.keys() | two.keys() if one.get(id) != two.get(id)]
        sys.exit(f"{len(differing)} differ, such as {differing[0]}")
    print("every result is there once and equal")  # noqa: T201


if __name__ == "__main__":
    main()
