"""Print what a sandboxed SQL program costs, beside the bare calls that no sandbox can do without.

The floor is a bare loop without limits, checks, filter or protocol: fork into new process and mount
namespaces, mount the files, fork again, run the query, wait. It needs root.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from taskkit.sandbox.namespace import Namespace
from taskkit.sandbox.protocol import Program, Site
from taskkit.spec.environment import Limits

QUERY = "select count(*), sum(b) from t where a between 100 and 200"
SNIPPET = "import pandas as pd\nanswer = int(pd.Series([1, 2, 3]).sum())"

FLOOR = r"""
import ctypes, gc, os, sqlite3, sys, time
libc = ctypes.CDLL(None)
mode, database, count, body = sys.argv[1:]
if mode == "python":
    import site; site.main(); import numpy, pandas
gc.collect(); gc.freeze(); gc.disable()
own = os.open("/proc/self/ns/pid", os.O_RDONLY)
os.mkdir("/tmp/floor.%d" % os.getpid()); base = ("/tmp/floor.%d" % os.getpid()).encode()
def wait(pid):
    assert os.waitpid(pid, 0)[1] == 0
def program():
    if mode == "sql":
        connection = sqlite3.connect("file:%s?mode=ro&immutable=1" % database, uri=True)
        assert connection.execute(body).fetchall()
    else:
        exec(body, {})
    os._exit(0)
def first():
    libc.unshare(0x20000)
    libc.mount(b"none", b"/", None, 0x44000, None)
    libc.mount(b"tmpfs", base, b"tmpfs", 6, b"size=64m")
    os.mkdir(base + b"/a"); os.mkdir(base + b"/b")
    libc.mount(base + b"/a", b"/mnt", None, 4096, None)
    libc.mount(base + b"/b", b"/srv", None, 4096, None)
    libc.mount(b"proc", b"/proc", b"proc", 14, b"subset=pid")
    pid = os.fork()
    if pid == 0:
        program()
    wait(pid)
    os._exit(0)
def one():
    libc.unshare(0x20000000)
    pid = os.fork()
    if pid == 0:
        first()
    libc.setns(own, 0x20000000)
    wait(pid)
one()
start = time.perf_counter()
for _ in range(int(count)):
    one()
print(int(count) / (time.perf_counter() - start))
os.rmdir(base)
"""


def floor(job: tuple[str, str, int]) -> float:
    """Return how many bare runs a second one process makes."""
    kind, database, count = job
    body = QUERY if kind == "sql" else SNIPPET
    command = [sys.executable, "-I", "-S", "-c", FLOOR, kind, database, str(count), body]
    environment = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    return float(subprocess.check_output(command, env=environment))


def ours(job: tuple[str, str, int]) -> float:
    """Return how many fresh sessions a second one worker runs."""
    kind, database, count = job
    program = Program("sql", QUERY, "t.sqlite", collect=True)
    if kind == "python":
        program = Program("python", SNIPPET, collect=True)
    limits = Limits()
    worker = Namespace().worker(Site("bench", {"t.sqlite": Path(database)}, ("numpy", "pandas")))
    try:
        for turn in range(count + 1):
            if turn == 1:  # the first one makes the worker warm
                start = time.perf_counter()
            with worker.session() as session:
                outcome = session.run(program, limits)
            assert outcome.document is not None, outcome
        return count / (time.perf_counter() - start)
    finally:
        worker.close()


def main() -> None:
    """Print floor and sandbox side by side, for one and two workers."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "t.sqlite"
        connection = sqlite3.connect(path)
        connection.execute("create table t (a integer primary key, b real)")
        connection.executemany("insert into t values (?, ?)", ((i, i / 7) for i in range(50_000)))
        connection.commit()
        connection.close()
        path.chmod(0o644)
        Path(folder).chmod(0o755)
        for kind in ("sql", "python"):
            for workers in (1, 2):
                _compare(kind, str(path), workers, arguments.count, arguments.rounds)


def _compare(kind: str, database: str, workers: int, count: int, rounds: int) -> None:
    best = {}
    jobs = [(kind, database, count)] * workers
    with multiprocessing.get_context("spawn").Pool(workers) as pool:
        for _ in range(rounds):  # turn about, so that a busy machine is busy for both
            for measure in (floor, ours):
                rate = sum(pool.map(measure, jobs, chunksize=1))
                best[measure] = max(rate, best.get(measure, 0))
    bare, real = best[floor], best[ours]
    print(  # noqa: T201
        f"{kind:6} {workers} worker{'s' if workers > 1 else ' '}: floor {bare:6.1f}/s"
        f"   sandbox {real:6.1f}/s   ratio {bare / real:.2f}"
    )


if __name__ == "__main__":
    main()
