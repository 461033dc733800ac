"""Time and memory of many episodes that wait for a model at once.

    python -m tests.bench.waiting TASKSET --episodes 1000 --concurrency 64 --latency 0.2

A scripted endpoint answers each of four steps after the latency: a look at the data, two programs,
and an answer. Printed are the wall clock, the least it could be by waiting alone, the same with the
CPU time of the run spread over all processors, and the peak of the memory of the process tree.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.bench.tree import run

STEPS = 4
LOOK = {"action": "request_info", "about": "tables"}
PROGRAMS = {
    "sql": {"action": "code_execution", "language": "sql", "code": "select 1"},
    "python": {"action": "code_execution", "language": "python", "code": "answer = 1"},
}


def main() -> None:
    """Measure, and print a line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("taskset", type=Path)
    parser.add_argument("--episodes", type=int, default=1000)
    parser.add_argument("--attempts", type=int, default=1, help="at each task, for a small set")
    parser.add_argument("--concurrency", type=int, default=64)
    parser.add_argument("--latency", type=float, default=0.2)
    parser.add_argument("--language", choices=PROGRAMS, default="sql")
    given = parser.parse_args()
    program = PROGRAMS[given.language]
    again = {**program, "code": f"{program['code']} "}
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "script.json"
        script.write_text(json.dumps({"*": [LOOK, program, again, {**again, "submit": True}]}))
        words = ["-m", "taskkit.testing.endpoint", str(script), "--latency", str(given.latency)]
        server = subprocess.Popen([sys.executable, *words], stdout=subprocess.PIPE, text=True)
        assert server.stdout is not None
        try:
            measure(given, server.stdout.readline().strip())
        finally:
            server.terminate()
            server.wait()


def measure(given: argparse.Namespace, url: str) -> None:
    """Play the episodes against an endpoint."""
    words = {
        "--model": "scripted", "--base-url": url, "--attempts": given.attempts,
        "--count": given.episodes // given.attempts,
        "--concurrency": given.concurrency, "--name": "bench-waiting",
    }  # fmt: skip
    options = [str(part) for pair in words.items() for part in pair]
    command = [sys.executable, "-m", "taskkit", "run", str(given.taskset), *options]
    found = run([*command, "--fresh", "--json"], interval_s=0.5)
    if found.exit_code:
        raise SystemExit(found.errors)
    waiting = given.episodes * STEPS * given.latency / given.concurrency
    least = waiting + found.cpu_s / (os.cpu_count() or 1)
    sys.stdout.write(
        f"{given.episodes} episodes of {STEPS} steps, {given.concurrency} at once: "
        f"{found.seconds:.1f} s; by waiting alone {waiting:.1f} s, with the CPU time {least:.1f} s;"
        f" CPU {found.cpu_s:.1f} s; peak {found.peak_mib:.0f} MiB\n"
    )


if __name__ == "__main__":
    main()
