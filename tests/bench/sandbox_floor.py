"""Print what a sandboxed SQL program costs, beside the bare calls that no sandbox can do without.

The floor is that of `bare`. It needs root.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sqlite3
import tempfile
import time
from pathlib import Path

from taskkit.sandbox.namespace import Namespace
from taskkit.sandbox.protocol import Program, Site
from taskkit.spec.environment import Limits
from tests.bench.bare import bare_forks

QUERY = "select count(*), sum(b) from t where a between 100 and 200"
SNIPPET = "import pandas as pd\nanswer = int(pd.Series([1, 2, 3]).sum())"


def ours(job: tuple[str, str, int]) -> float:
    """Return how many fresh sessions a second one worker runs."""
    kind, database, count = job
    program = Program("sql", QUERY, "t.sqlite", collect=True)
    if kind == "python":
        program = Program("python", SNIPPET, collect=True)
    limits = Limits()
    worker = Namespace().worker(Site("sql", {"t.sqlite": Path(database)}, ("numpy", "pandas")))
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
    bare = real = 0.0
    body = QUERY if kind == "sql" else SNIPPET
    jobs = [(kind, database, count)] * workers
    with multiprocessing.get_context("spawn").Pool(workers) as pool:
        for _ in range(rounds):  # turn about, so that a busy machine is busy for both
            bodies = [body] * count * workers
            bare = max(bare, bare_forks(Path(database), bodies, workers, kind=kind))
            real = max(real, sum(pool.map(ours, jobs, chunksize=1)))
    print(  # noqa: T201
        f"{kind:6} {workers} worker{'s' if workers > 1 else ' '}: floor {bare:6.1f}/s"
        f"   sandbox {real:6.1f}/s   ratio {bare / real:.2f}"
    )


if __name__ == "__main__":
    main()
