"""Print each figure of speed beside its floor, measured in the same run.

verify    instances proved a second (k = 1), beside the same queries in bare forks with the same
          namespaces and no framework
validate  specs checked a second, beside bare YAML parsing of the same files
audit     milliseconds of an instance, all probes and up to 20 mutants, beside those of verify with
          k = 1: CPU of the whole process tree, and wall clock; the aim is at most ten times as many
build     tasks built a second, beside the bare SQL of the same tasks run once in one process
memory    peak of the whole process tree of `taskkit verify`, by number of instances
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from itertools import islice
from pathlib import Path

import yaml

from taskkit.spec.action import CodeExecution
from taskkit.spec.task import TaskSpec
from taskkit.taskset.folder import Taskset
from tests.bench.bare import bare_forks
from tests.bench.tree import run

TASKKIT = (sys.executable, "-m", "taskkit")
JOBS = os.cpu_count() or 1
PLAYS = (("verify", ("-k", "1")), ("audit", ()), ("verify", ("-k", "1")))


def say(name: str, ours: float, floor: float, unit: str, *, cost: bool = False) -> None:
    """Print one line of the table; of a rate the floor is the larger, of a cost the smaller."""
    ratio = ours / floor if cost else floor / ours
    print(f"{name:34} {ours:10.1f} {unit:14} floor {floor:10.1f}   ratio {ratio:5.2f}")  # noqa: T201


def queries(specs: Iterable[TaskSpec]) -> list[str]:
    """Give the SQL of every reference."""
    steps = (step for spec in specs for step in spec.reference.steps)
    return [step.code for step in steps if isinstance(step, CodeExecution)]


def best(measure: Callable[[], float], rounds: int) -> float:
    """Give the best of several rounds: the machine is shared."""
    return max(measure() for _ in range(rounds))


def build(folder: Path, limit: int) -> tuple[Path, float]:
    """Build a set; give its folder and the tasks a second, the database included."""
    out = folder / f"mimic-{limit}"
    begun = time.perf_counter()
    command = [*TASKKIT, "build", "mimic", "--limit", str(limit), "--out", str(out), "--json"]
    done = subprocess.run(command, check=True, capture_output=True)
    total = json.loads(done.stdout)["tasks"]["total"]
    return out, total / (time.perf_counter() - begun)


def verify_rate(out: Path, *words: str) -> float:
    """Give the instances that `taskkit verify -k 1` proves a second."""
    command = [*TASKKIT, "verify", str(out), "-k", "1", "--fresh", "--json", *words]
    done = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    assert done["codes"] == {"verified": done["done"]}, done["codes"]
    return float(done["per_second"])


def validate_rate(out: Path, total: int) -> float:
    """Give the specs that `taskkit validate` checks a second."""
    begun = time.perf_counter()
    subprocess.run([*TASKKIT, "validate", str(out)], check=True, capture_output=True)
    return total / (time.perf_counter() - begun)


def audit_cost(out: Path) -> None:
    """Print what an audit costs an instance, beside a verification: its whole process tree.

    Both are of the whole set: what is found out once for a template is shared by its instances.
    Verifications before and after the audit stand for the speed of the machine meanwhile.
    """
    runs = [
        run([*TASKKIT, command, str(out), *words, "--fresh", "--json"]) for command, words in PLAYS
    ]
    (before, audited, after), total = runs, json.loads(runs[0].output)["done"]
    ours, floor = audited.cpu_s, (before.cpu_s + after.cpu_s) / 2
    say("audit, CPU", 1000 * ours / total, 1000 * floor / total, "ms an instance", cost=True)
    ours, floor = audited.seconds, (before.seconds + after.seconds) / 2
    name = f"audit, wall clock, {JOBS} jobs"
    say(name, 1000 * ours / total, 1000 * floor / total, "ms an instance", cost=True)


def _parse(paths: list[Path]) -> None:
    for path in paths:
        yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader)


def parse_rate(out: Path) -> float:
    """Give the files that bare YAML parsing reads a second, in as many processes."""
    paths = list(Taskset(out).paths())
    with multiprocessing.get_context("spawn").Pool(JOBS) as pool:
        pool.map(_parse, [paths[:1]] * JOBS)
        begun = time.perf_counter()
        pool.map(_parse, [paths[start::JOBS] for start in range(JOBS)], chunksize=1)
        return len(paths) / (time.perf_counter() - begun)


def sql_rate(out: Path) -> float:
    """Give the tasks whose bare SQL one process runs a second."""
    taskset = Taskset(out)
    database = taskset.asset(taskset.manifest.assets[0].sha256)
    connection = sqlite3.connect(f"file:{database}?mode=ro&immutable=1", uri=True)
    texts = queries(taskset.specs())
    begun = time.perf_counter()
    for text in texts:
        connection.execute(text).fetchall()
    return len(texts) / (time.perf_counter() - begun)


def memory(out: Path, count: int) -> None:
    """Print the peak of a verification of ``count`` instances."""
    done = run([*TASKKIT, "verify", str(out), "-k", "1", "--fresh", "--json"])
    rate = count / done.seconds
    print(  # noqa: T201
        f"memory of verify at {count:6,} instances  {done.peak_mib:6.0f} MiB   {rate:6.1f} a second"
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=6000, help="instances of the rates")
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--memory", default="1000,10000,50000", help="instances, by comma")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="taskkit-bench-") as name:
        folder = Path(name)
        out, built = build(folder, arguments.count)
        taskset = Taskset(out)
        database = taskset.asset(taskset.manifest.assets[0].sha256)
        texts = list(islice(queries(taskset.specs()), arguments.count))
        floors, ours = [], []
        for _ in range(arguments.rounds):  # turn about: a busy machine is busy for both
            floors.append(bare_forks(database, texts, JOBS))
            ours.append(verify_rate(out))
        say(f"verify, k=1, {JOBS} jobs", max(ours), max(floors), "instances/s")
        audit_cost(out)
        checked = best(lambda: validate_rate(out, len(texts)), arguments.rounds)
        say(f"validate, {JOBS} jobs", checked, parse_rate(out), "specs/s")
        say(f"build with its database, {JOBS} jobs", built, sql_rate(out), "tasks/s")
        for count in map(int, filter(None, arguments.memory.split(","))):
            memory(build(folder, count)[0], count)


if __name__ == "__main__":
    main()
