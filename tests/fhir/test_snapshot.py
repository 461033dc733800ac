"""A running server as a source: paged, patient, resumable, and clear where it cannot be read."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from taskkit.build.domain import domain
from taskkit.build.driver import Order, run
from taskkit.errors import SourceError, UsageError
from taskkit.fhir.export.client import Client
from taskkit.fhir.export.snapshot import folder_of, snapshot
from taskkit.fhir.moment import interval
from taskkit.fhir.schema import write
from taskkit.fhir.service import FhirParent, FhirService
from taskkit.taskset.folder import Taskset
from tests.fhir.medplum.server import fill, serving
from tests.fhir.test_export import rich
from tests.fhir.ward import NOW

Answer = tuple[int, object, dict[str, str]]


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TASKKIT_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("TASKKIT_FHIR_TOKEN", raising=False)


@pytest.fixture(scope="module")
def parent(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FhirParent]:
    path = tmp_path_factory.mktemp("own") / "own.sqlite"
    write(path, rich(), updated=interval(NOW)[0])
    found = FhirService().prepare(path, {"now": NOW, "page": 3, "most": 3})
    yield found
    found.close()


@pytest.fixture
def own(parent: FhirParent) -> Iterator[str]:
    """Our own server with the records of a small clinic, three matches on a page."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    listener.listen(64)
    port = listener.getsockname()[1]
    running = parent.start(listener)
    yield f"http://127.0.0.1:{port}/fhir"
    running.close()


def test_a_server_becomes_the_same_tasks_as_its_export(own: str, tmp_path: Path) -> None:
    chosen = domain("fhir")
    options = chosen.builder().Options()
    first = Order(chosen, options, tmp_path / "a", address=own, limit=8)
    built = run(first)
    assert any(f"{len(rich())} resources read from {own}" in note for note in built.notes)
    again = run(Order(chosen, options, tmp_path / "b", address=own, limit=8))
    assert any("is used again: --refresh takes a new one" in note for note in again.notes)
    folder = Order(chosen, options, tmp_path / "c", source=folder_of(own), limit=8)
    run(folder)
    sets = [list(Taskset(tmp_path / name).specs()) for name in "abc"]
    assert len(sets[0]) == 8
    assert sets[0] == sets[1] == sets[2]


SLOW = """
import sys, time
from taskkit.fhir.export.client import Client
from taskkit.fhir.export.snapshot import snapshot

class Slow(Client):
    def send(self, *given, **more):
        time.sleep(0.05)
        return super().send(*given, **more)

snapshot(sys.argv[1], most=1000, connect=Slow)
"""


def test_a_snapshot_that_is_killed_goes_on_where_it_was(own: str) -> None:
    process = subprocess.Popen([sys.executable, "-c", SLOW, own])
    pages = folder_of(own) / "Observation"
    while len(list(pages.glob("*.json"))) < 3:
        assert process.poll() is None
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    kept = len(list(pages.glob("*.json")))
    asked: list[str] = []

    class Counting(Client):
        def send(self, method: str, url: str, *more: Any) -> Any:
            asked.append(url)
            return super().send(method, url, *more)

    folder, _ = snapshot(own, most=1000, connect=Counting)
    observations = (folder / "Observation.ndjson").read_text("utf-8").splitlines()
    assert len({json.loads(line)["id"] for line in observations}) == len(observations) == 23
    assert len([url for url in asked if "/Observation?" in url]) == 8 - kept


class Stub:
    """A server that answers what a test says, in turn; the last answer stays."""

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers)
        self.seen: list[dict[str, str]] = []
        stub = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                stub.seen.append(dict(self.headers))
                status, body, headers = (
                    stub.answers.pop(0) if len(stub.answers) > 1 else stub.answers[0]
                )
                text = body.encode() if isinstance(body, str) else json.dumps(body).encode()
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.base = f"http://127.0.0.1:{self.server.server_port}/r4"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


def statement(version: str = "4.0.1", *types: str) -> Answer:
    resource = [{"type": one, "interaction": [{"code": "search-type"}]} for one in types]
    document = {"resourceType": "CapabilityStatement", "fhirVersion": version}
    return 200, {**document, "rest": [{"mode": "server", "resource": resource}]}, {}


def page(*ids: str, following: str | None = None) -> Answer:
    entry = [{"resource": {"resourceType": "Patient", "id": id_}} for id_ in ids]
    link = [{"relation": "next", "url": following}] if following else []
    return 200, {"resourceType": "Bundle", "entry": entry, "link": link}, {}


REFUSED: dict[str, tuple[list[Answer], str]] = {
    "no FHIR": ([(200, "<html>", {})], "HTTP 200, no JSON: need the base address"),
    "another thing": ([(404, {"error": "x"}, {})], "HTTP 404: None: need a FHIR R4 resource"),
    "an outcome": (
        [(500, {"resourceType": "OperationOutcome", "issue": [{"diagnostics": "too bad"}]}, {})],
        "HTTP 500: too bad",
    ),
    "authorization": ([(401, "", {})], "HTTP 401: need authorization: TASKKIT_FHIR_TOKEN"),
    "another release": ([statement("5.0.0", "Patient")], r"FHIR 5\.0\.0: need R4"),
    "no patients": ([statement("4.0.1", "Observation")], "no search of Patient"),
    "elsewhere": (
        [statement("4.0.1", "Patient"), page("a", following="http://evil.example/r4?p=2")],
        r"a link leads to another server: 'http://evil\.example",
    ),
    "always busy": ([(503, "", {})], "HTTP 503, no JSON"),
    "too many": ([statement("4.0.1", "Patient"), page(*"abcdefg")], "more than 5 resources"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_server_that_cannot_be_read_is_named(case: str) -> None:
    answers, said = REFUSED[case]
    stub = Stub(*answers)
    with pytest.raises(SourceError, match=said):
        snapshot(stub.base, most=5, connect=quick([]))
    stub.server.shutdown()


def quick(waits: list[float]) -> Callable[[str], Client]:
    return lambda base: Client(base, sleep=waits.append)


def test_a_busy_server_is_given_the_time_it_asks_for() -> None:
    stub = Stub(
        statement("4.0.1", "Patient"), (429, "", {"Retry-After": "7"}), (503, "", {}), page("a")
    )
    waits: list[float] = []
    folder, _ = snapshot(stub.base, most=5, connect=quick(waits))
    assert waits == [7.0, 2.0]
    assert (folder / "Patient.ndjson").read_text() == '{"resourceType": "Patient", "id": "a"}\n'
    stub.server.shutdown()


def test_pages_that_lead_in_a_circle_end(monkeypatch: pytest.MonkeyPatch) -> None:
    stub = Stub(statement("4.0.1", "Patient"))
    stub.answers.append(page("a", following=f"{stub.base}/Patient?p=2"))
    with pytest.raises(SourceError, match="a page that leads to itself"):
        snapshot(stub.base, most=50, connect=quick([]))
    stub.server.shutdown()


def test_fewer_resources_than_the_server_counts_are_no_snapshot() -> None:
    stub = Stub(statement("4.0.1", "Patient"))
    status, bundle, headers = page("a", "a")
    stub.answers.append((status, {**bundle, "total": 2}, headers))  # type: ignore[dict-item]
    with pytest.raises(SourceError, match="Patient: 1 resources read, 2 by the server's count"):
        snapshot(stub.base, most=50, connect=quick([]))
    assert not (folder_of(stub.base) / "complete").exists()
    stub.server.shutdown()


def test_a_server_that_is_not_there_is_named_at_once() -> None:
    waits: list[float] = []
    with pytest.raises(SourceError, match=r"no answer: .*refused"):
        snapshot("http://127.0.0.1:9/r4", most=5, connect=quick(waits))
    assert waits == []


def test_a_server_that_forgot_its_pages_is_read_anew() -> None:
    stub = Stub(statement("4.0.1", "Patient"))
    stub.answers += [page("a", following=f"{stub.base}/x?p=2"), (500, "", {})]
    with pytest.raises(SourceError, match="HTTP 500"):
        snapshot(stub.base, most=50, connect=quick([]))
    stub.answers = [statement("4.0.1", "Patient"), (410, {}, {}), page("a", "b")]
    folder, _ = snapshot(stub.base, most=50, connect=quick([]))
    assert len((folder / "Patient.ndjson").read_text().splitlines()) == 2
    stub.server.shutdown()


def test_the_token_is_sent_and_kept_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TASKKIT_FHIR_TOKEN", "s3cr3t")
    stub = Stub(statement("4.0.1", "Patient"), page("a"))
    folder, _ = snapshot(stub.base, most=50, connect=quick([]))
    assert {one["Authorization"] for one in stub.seen} == {"Bearer s3cr3t"}
    assert not [path for path in folder.rglob("*") if path.is_file() and b"s3cr3t" in
                path.read_bytes()]  # fmt: skip
    stub.server.shutdown()


def test_addresses_that_are_none_are_refused() -> None:
    for address, said in (
        ("http://", "need an address"),
        ("https://me:pw@x.org/r4", "need TASKKIT_FHIR_TOKEN"),
    ):
        with pytest.raises(UsageError, match=said):
            snapshot(address, most=5)
    npower = domain("npower")
    order = Order(npower, npower.builder().Options(), Path("x"), address="http://x.org")
    with pytest.raises(UsageError, match="reads no server: need a folder"):
        run(order)


@pytest.mark.slow
def test_an_independent_server_is_read_too(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as own_cache:
        own_cache.delenv("TASKKIT_CACHE")
        server = serving()
        base = server.__enter__()
    try:
        fill(base, rich())
        folder, _ = snapshot(base, most=1000)
        found = sum(len(path.read_text().splitlines()) for path in folder.glob("*.ndjson"))
        assert found == len(rich())
    finally:
        server.__exit__(None, None, None)
