"""Programs in bare forks: what no sandbox can do without, and nothing else.

A loop without limits, checks, filter, pipes or protocol: fork into new process and mount
namespaces, mount the files, run the program, wait. Our sandbox makes the same two namespaces for
each session; the others belong to its worker. It needs root.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

FLOOR = r"""
import ctypes, gc, json, os, sqlite3, sys, time
libc = ctypes.CDLL(None)
mode, database, path = sys.argv[1:]
bodies = json.load(open(path))
if mode == "python":
    import site; site.main(); import numpy, pandas
gc.collect(); gc.freeze(); gc.disable()
own = os.open("/proc/self/ns/pid", os.O_RDONLY)
os.mkdir("/tmp/floor.%d" % os.getpid()); base = ("/tmp/floor.%d" % os.getpid()).encode()
def wait(pid):
    assert os.waitpid(pid, 0)[1] == 0
def program(body):
    if mode == "sql":
        connection = sqlite3.connect("file:%s?mode=ro&immutable=1" % database, uri=True)
        connection.execute(body).fetchall()
    else:
        exec(body, {})
    os._exit(0)
def inside(body):
    libc.unshare(0x20000)
    libc.mount(b"none", b"/", None, 0x44000, None)
    libc.mount(b"tmpfs", base, b"tmpfs", 6, b"size=64m")
    os.mkdir(base + b"/a"); os.mkdir(base + b"/b")
    libc.mount(base + b"/a", b"/mnt", None, 4096, None)
    libc.mount(base + b"/b", b"/srv", None, 4096, None)
    libc.mount(b"proc", b"/proc", b"proc", 14, b"subset=pid")
    program(body)
def one(body):
    libc.unshare(0x20000000)
    pid = os.fork()
    if pid == 0:
        inside(body)
    libc.setns(own, 0x20000000)
    wait(pid)
one(bodies[0])
start = time.perf_counter()
for body in bodies:
    one(body)
print(len(bodies) / (time.perf_counter() - start))
os.rmdir(base)
"""


def bare_forks(database: Path, bodies: Sequence[str], jobs: int, *, kind: str = "sql") -> float:
    """Return how many programs a second ``jobs`` processes run.

    Args:
        database: The SQLite file that `sql` programs query.
        bodies: The programs; each process runs its part of them once.
        jobs: Processes.
        kind: `sql`, or `python` after loading numpy and pandas.
    """
    one_thread = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    running = []
    with tempfile.TemporaryDirectory() as folder:
        for job in range(jobs):
            path = Path(folder) / f"{job}.json"
            path.write_text(json.dumps(list(bodies[job::jobs])))
            command = [sys.executable, "-I", "-S", "-c", FLOOR, kind, str(database), str(path)]
            running.append(
                subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=one_thread)
            )
        rates = [float(process.communicate()[0]) for process in running]
    return sum(rates)
