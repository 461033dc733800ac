"""The FHIR service beside a bare server that does nothing but answer, in the same run.

    python -m tests.bench.fhir_service --resources 100000 --rounds 60

Printed are, each as wall clock and as CPU time of the processes that serve: a fresh service from
its start to its first answer, a search of a patient's last results, a create, and the private
memory of an episode that waits. The bare server is a fork of the same warm parent's kind that
answers a fixed text by the same HTTP code. Where the machine is busy, the CPU time counts.
"""

from __future__ import annotations

import argparse
import http.client
import json
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from taskkit.fhir.moment import interval
from taskkit.fhir.schema import write
from taskkit.fhir.service import FhirParent, FhirService

NOW = datetime(2024, 6, 18, 10, tzinfo=UTC)
CODES = ("2823-3", "2951-2", "2160-0", "2345-7", "718-7", "6690-2", "777-3", "1975-2")
BARE = """
import asyncio, os, sys, time
from taskkit.fhir.exchange import Response
from taskkit.fhir.http import Connection, Site
async def serve():
    site = Site(lambda request: Response(200, b'{"resourceType":"Bundle"}'), "", print)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(site), "127.0.0.1", 0)
    print(os.getpid(), server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()
asyncio.run(serve())
"""


def observations(count: int) -> Iterator[dict[str, Any]]:
    """Patients with Observations, so many resources in all."""
    chance = Random(0)
    patients = max(1, count // 100)
    for number in range(patients):
        yield {"resourceType": "Patient", "id": f"p{number}", "birthDate": "1950-01-01"}
    for number in range(count - patients):
        at = NOW - timedelta(minutes=chance.randrange(1_500_000))
        yield {
            "resourceType": "Observation",
            "id": f"o{number}",
            "status": "final",
            "code": {"coding": [{"system": "http://loinc.org", "code": chance.choice(CODES)}]},
            "subject": {"reference": f"Patient/p{number % patients}"},
            "effectiveDateTime": at.isoformat(),
            "valueQuantity": {
                "value": round(chance.uniform(1, 200), 1),
                "unit": "mmol/L",
                "system": "http://unitsofmeasure.org",
                "code": "mmol/L",
            },
        }


def listening() -> socket.socket:
    """A socket as the sandbox makes it."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    listener.listen(64)
    return listener


def cpu_ms(pid: int) -> float:
    """CPU time that a process has used, from the scheduler's own count, ms."""
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e6


def private_mib(pid: int) -> float:
    """Memory of a process that no other shares, MiB."""
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    kib = sum(int(line.split()[1]) for line in text.splitlines() if line.startswith("Private_"))
    return kib / 1024


def get(port: int, path: str) -> bytes:
    """The body of one GET over a connection of its own."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", path)
    body = connection.getresponse().read()
    connection.close()
    return body


def fresh(parent: FhirParent, rounds: int) -> tuple[list[float], list[float], list[float]]:
    """Wall and CPU times of fresh services until their first answer, and their memory."""
    wall, cpu, memory = [], [], []
    for _ in range(rounds):
        time.sleep(0.05)  # the spare child is forked between episodes, as it is in use
        listener = listening()
        port = listener.getsockname()[1]
        begun = time.perf_counter()
        running = parent.start(listener)
        get(port, "/fhir/Patient/p1")
        wall.append((time.perf_counter() - begun) * 1000)
        running.hello()
        assert running.pid is not None
        cpu.append(cpu_ms(running.pid))
        memory.append(private_mib(running.pid))
        running.close()
    return wall, cpu, memory


def requests(
    port: int, pid: int, rounds: int, send: Callable[[Any, int], None]
) -> tuple[float, float]:
    """Median wall time of a request over one connection, and the CPU time of each."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    for number in range(10):
        send(connection, number)
    wall, before = [], cpu_ms(pid)
    for number in range(rounds):
        begun = time.perf_counter()
        send(connection, number)
        wall.append((time.perf_counter() - begun) * 1000)
    connection.close()
    return statistics.median(wall), (cpu_ms(pid) - before) / rounds


def search(connection: http.client.HTTPConnection, number: int) -> None:
    """The last results of a patient."""
    patient, code = f"p{number % 900}", CODES[number % len(CODES)]
    path = f"/fhir/Observation?patient={patient}&code=http://loinc.org|{code}&_sort=-date&_count=10"
    connection.request("GET", path)
    connection.getresponse().read()


def create(connection: http.client.HTTPConnection, number: int) -> None:
    """A new result."""
    body = {name: value for name, value in BODY.items() if name != "id"}
    headers = {"Content-Type": "application/fhir+json"}
    connection.request("POST", "/fhir/Observation", json.dumps(body), headers)
    assert connection.getresponse().read().startswith(b'{"resourceType":"Observation"')


BODY = list(observations(101))[-1] | {"subject": {"reference": "Patient/p1"}}


@contextmanager
def bare() -> Iterator[tuple[int, int, float]]:
    """A bare server: its process, port, and ms from its start to its first answer."""
    begun = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-c", BARE], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    pid, port = map(int, process.stdout.readline().split())
    get(port, "/")
    try:
        yield pid, port, (time.perf_counter() - begun) * 1000
    finally:
        process.kill()
        process.wait()


def shown(what: str, wall: float, cpu: float | str, target: str) -> None:
    """Print a line."""
    used = f"{cpu:6.2f}" if isinstance(cpu, float) else cpu
    print(f"{what:34} wall {wall:8.2f}   CPU {used}   target {target}")  # noqa: T201


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--resources", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=60)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        store = Path(folder) / "store.sqlite"
        write(store, observations(given.resources), updated=interval(NOW.isoformat())[0])
        parent = FhirService().prepare(store, {"now": NOW.isoformat()})
        wall, cpu, memory = fresh(parent, given.rounds)
        shown("fresh service to first answer, ms", statistics.median(wall),
              statistics.median(cpu), "15")  # fmt: skip
        listener = listening()
        port = listener.getsockname()[1]
        running = parent.start(listener)
        running.hello()
        assert running.pid is not None
        for name, send, target in (("search", search, "1.5"), ("create", create, "-")):
            shown(f"{name}, ms", *requests(port, running.pid, given.rounds * 5, send), target)
        running.close()
        memory_mib = statistics.median(memory)
        print(f"private memory of an episode, MiB  {memory_mib:.1f}   target 15")  # noqa: T201
        with bare() as (pid, port, started):
            shown("bare server to first answer, ms", started, cpu_ms(pid), "-")
            shown("bare request, ms", *requests(port, pid, given.rounds * 5, search), "-")
        parent.close()


if __name__ == "__main__":
    main()
