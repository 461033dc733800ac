"""Prove a taskset on each backend in one run, beside one `docker run` per instance.

    python -m tests.bench.containers TASKSET [--sample 'id=*0']

namespace                 `taskkit verify -k 1`, all instances
docker                    the same, in warm containers
docker, one each          the same with `--isolation container`, on the sample
one docker run each       the bare query of each of the sample in a container of its own
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from taskkit.sandbox import engine
from taskkit.sandbox.building import installed
from taskkit.taskset.filter import Filter
from taskkit.taskset.folder import Taskset
from tests.bench.bench import JOBS, queries, verify_rate

QUERY = """
import json, sqlite3, sys
found = sqlite3.connect("file:/data/db?mode=ro&immutable=1", uri=True).execute(sys.argv[1])
print(json.dumps(found.fetchall()))
"""


def bare_runs(taskset: Path, chosen: Filter) -> float:
    """Give the queries a second that containers of their own answer, as many at a time as cores."""
    source = Taskset(taskset)
    specs = [source.read(path) for path in source.paths() if chosen.takes(path)]
    client = engine.connect()
    image = installed(client, specs[0].environment.image)
    database = source.asset(specs[0].environment.assets[0].sha256)

    def run(query: str) -> None:
        client.containers.run(
            image,
            ["python3", "-c", QUERY, query],
            volumes={str(database): {"bind": "/data/db", "mode": "ro"}},
            network_disabled=True,
            labels={engine.OWNER: engine.owner()},
            remove=True,
        )

    texts = queries(specs)
    run(texts[0])
    begun = time.perf_counter()
    with ThreadPoolExecutor(JOBS) as pool:
        list(pool.map(run, texts))
    return len(texts) / (time.perf_counter() - begun)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("taskset", type=Path)
    parser.add_argument("--sample", default="id=*0", help="Filter of what is slow.")
    arguments = parser.parse_args()
    taskset, sample = arguments.taskset.resolve(), arguments.sample
    with tempfile.TemporaryDirectory() as folder:
        kept = ("--results", str(Path(folder) / "results.sqlite"))

        def rate(*words: str) -> float:
            return verify_rate(taskset, *kept, *words)

        one_each = ("--sandbox", "docker", "--isolation", "container", "--filter", sample)
        rates = {
            "namespace": rate("--sandbox", "namespace"),
            "docker": rate("--sandbox", "docker"),
            "docker, one each": rate(*one_each),
            "one docker run each": bare_runs(taskset, Filter.parse((sample,))),
        }
    print(f"{JOBS} at a time; load {os.getloadavg()[1]:.1f} over the last five minutes")  # noqa: T201
    for name, found in rates.items():
        ratio = rates["namespace"] / found
        print(f"{name:20} {found:8.2f} a second   {ratio:6.2f} times namespace")  # noqa: T201


if __name__ == "__main__":
    main()
