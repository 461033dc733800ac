"""The server of an episode over TCP: fresh state, standard clients, and clients that mean harm."""

from __future__ import annotations

import json
import socket
import struct
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
import requests

from taskkit.errors import SandboxError, SpecError
from taskkit.fhir.moment import interval
from taskkit.fhir.schema import write
from taskkit.fhir.service import FhirParent, FhirRunning, FhirService
from tests.fhir.ward import NOW, RESOURCES, observation

BODY = {
    name: value for name, value in observation("x", "a", "2823-3", NOW, 4.4).items() if name != "id"
}


@pytest.fixture(scope="module")
def parent(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FhirParent]:
    path = tmp_path_factory.mktemp("ward") / "ward.sqlite"
    write(path, RESOURCES, updated=interval(NOW)[0])
    found = FhirService().prepare(path, {"now": NOW})
    yield found
    found.close()


def listening() -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    listener.listen(1024)
    return listener


@pytest.fixture
def server(parent: FhirParent) -> Iterator[tuple[str, FhirRunning]]:
    listener = listening()
    base = f"http://127.0.0.1:{listener.getsockname()[1]}/fhir"
    running = parent.start(listener)
    yield base, running
    running.close()


Server = tuple[str, FhirRunning]


def test_every_episode_starts_fresh(parent: FhirParent, server: Server) -> None:
    base, running = server
    assert requests.post(f"{base}/Observation", json=BODY, timeout=9).status_code == 201
    assert [one.op for one in running.changes()] == ["created"]
    other = parent.start(listening())
    assert other.changes() == []
    assert json.loads(other.get("Observation?_summary=count")[1])["total"] == 5
    other.close()
    other.close()


def test_changes_show_both_sides(server: Server) -> None:
    base, running = server
    found = requests.get(f"{base}/Observation/o1", timeout=9).json()
    requests.put(f"{base}/Observation/o1", json={**found, "status": "amended"}, timeout=9)
    requests.delete(f"{base}/Observation/o3", timeout=9)
    first, second = running.changes()
    assert (first.op, first.key, second.op, second.key) == (
        "updated", "Observation/o1", "deleted", "Observation/o3",
    )  # fmt: skip
    assert json.loads(json.dumps(first.before))["status"] == "final"
    assert json.loads(json.dumps(first.after))["status"] == "amended"


def test_httpx_and_keep_alive(server: Server) -> None:
    with httpx.Client() as client:
        for _ in range(3):
            assert client.get(f"{server[0]}/Patient/a").json()["id"] == "a"


def test_the_clock_is_frozen(server: Server) -> None:
    response = requests.get(f"{server[0]}/metadata", timeout=9)
    assert response.headers["Date"] == "Tue, 18 Jun 2024 10:00:00 GMT"


def raw(base: str, data: bytes) -> bytes:
    host, _, port = base.removeprefix("http://").removesuffix("/fhir").partition(":")
    with socket.create_connection((host, int(port)), timeout=9) as client:
        client.sendall(data)
        client.shutdown(socket.SHUT_WR)
        parts = []
        while part := client.recv(65536):
            parts.append(part)
    return b"".join(parts)


RAW = {
    "no HTTP": (b"hello\r\n\r\n", b"400"),
    "a header without a name": (b"GET /fhir/metadata HTTP/1.1\r\n: x\r\n\r\n", b"400"),
    "a long header": (b"GET /fhir HTTP/1.1\r\nx: " + b"a" * 70_000, b"431"),
    "a long body announced": (
        b"POST /fhir/Patient HTTP/1.1\r\nContent-Length: 52428800\r\n\r\n", b"413",
    ),
    "a length that is none": (b"POST /fhir HTTP/1.1\r\nContent-Length: ten\r\n\r\n", b"400"),
    "two lengths": (
        b"POST /fhir HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", b"400",
    ),
    "length and chunks": (
        b"POST /fhir HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", b"400",
    ),
    "a chunk of no size": (
        b"POST /fhir HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", b"400",
    ),
    "another method": (b"BREW /fhir/Patient HTTP/1.1\r\n\r\n", b"405"),
    "another path": (b"GET /admin HTTP/1.1\r\n\r\n", b"404"),
}  # fmt: skip


@pytest.mark.parametrize("case", RAW)
def test_what_is_no_request_gets_an_answer(case: str, server: Server) -> None:
    data, status = RAW[case]
    answer = raw(server[0], data)
    assert answer.split(b" ")[1] == status
    assert b"OperationOutcome" in answer
    assert requests.get(f"{server[0]}/Patient/a", timeout=9).status_code == 200


def test_a_body_in_chunks(server: Server) -> None:
    parts = iter([json.dumps(BODY).encode()[:50], json.dumps(BODY).encode()[50:]])
    headers = {"Content-Type": "application/fhir+json"}
    response = requests.post(f"{server[0]}/Observation", data=parts, headers=headers, timeout=9)
    assert response.status_code == 201


def test_fifty_megabytes_are_refused_and_nothing_is_kept(server: Server) -> None:
    base, running = server
    data = b'{"resourceType":"Observation","x":"' + b"a" * 50_000_000 + b'"}'
    try:
        status = requests.post(f"{base}/Observation", data=data, timeout=20).status_code
    except requests.ConnectionError:
        status = 413  # the server had answered and closed before all was sent
    assert status == 413
    assert running.changes() == []


def test_a_thousand_requests_at_once(server: Server) -> None:
    base, running = server

    def ask(_: int) -> int:
        try:
            return requests.get(f"{base}/Observation?patient=a", timeout=30).status_code
        except requests.ConnectionError:
            return 503

    with ThreadPoolExecutor(200) as pool:
        found = list(pool.map(ask, range(1000)))
    assert set(found) <= {200, 503}
    assert found.count(200) > 500
    assert running.changes() == []


def test_more_connections_than_allowed_are_told_so(server: Server) -> None:
    host, port = server[0].removeprefix("http://").removesuffix("/fhir").split(":")
    held = [socket.create_connection((host, int(port))) for _ in range(420)]
    time.sleep(0.3)
    answer = held[-1].recv(4096)
    assert answer.startswith(b"HTTP/1.1 503")
    for one in held:
        one.close()
    time.sleep(0.3)
    assert requests.get(f"{server[0]}/Patient/a", timeout=9).status_code == 200


def test_a_reader_that_does_not_read_stops_nobody(server: Server) -> None:
    base, running = server
    host, port = base.removeprefix("http://").removesuffix("/fhir").split(":")
    slow = socket.create_connection((host, int(port)))
    line = b"GET /fhir/Patient/a/$everything?_count=100 HTTP/1.1\r\nHost: x\r\n\r\n"
    slow.sendall(line * 2000)
    begun = time.monotonic()
    assert requests.get(f"{base}/Patient/a", timeout=9).status_code == 200
    assert requests.post(f"{base}/Observation", json=BODY, timeout=9).status_code == 201
    assert [one.op for one in running.changes()] == ["created"]
    assert time.monotonic() - begun < 8
    slow.close()


def test_what_follows_a_request_and_is_none_ends_the_connection(server: Server) -> None:
    request = b"GET /fhir/Patient/a HTTP/1.1\r\nHost: x\r\n\r\n"
    answer = raw(server[0], request + request + b"\x00\xff garbage\r\n\r\n" + request)
    assert [part[:3] for part in answer.split(b"HTTP/1.1 ")[1:]] == [b"200", b"200", b"400"]


def test_half_open_connections_stop_nobody(server: Server) -> None:
    base, running = server
    host, port = base.removeprefix("http://").removesuffix("/fhir").split(":")
    held = [socket.create_connection((host, int(port))) for _ in range(200)]
    for number, one in enumerate(held):
        data = b"POST /fhir/Observation HTTP/1.1\r\nContent-Length: 900\r\n\r\n" + b"{" * 9
        one.sendall(data[: 1 + number % len(data)])
    assert requests.post(f"{base}/Observation", json=BODY, timeout=9).status_code == 201
    for one in held[::2]:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        one.close()
    assert requests.get(f"{base}/Patient/a", timeout=9).status_code == 200
    assert [one.op for one in running.changes()] == ["created"]
    for one in held[1::2]:
        one.close()


def test_writes_of_many_clients_at_once_are_all_seen(server: Server) -> None:
    base, running = server

    def write(_: int) -> int:
        try:
            return requests.post(f"{base}/Observation", json=BODY, timeout=30).status_code
        except requests.ConnectionError:
            return 503

    with ThreadPoolExecutor(100) as pool:
        found = list(pool.map(write, range(300)))
    assert set(found) <= {201, 503}
    assert len(running.changes()) == found.count(201) > 150


def test_a_unix_socket_serves_as_well(parent: FhirParent, tmp_path: Path) -> None:
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(tmp_path / "s"))
    listener.listen()
    running = parent.start(listener)
    transport = httpx.HTTPTransport(uds=str(tmp_path / "s"))
    with httpx.Client(transport=transport) as client:
        assert client.get("http://x/fhir/Patient/a").status_code == 200
    running.close()


def test_options_that_do_not_fit_are_named(tmp_path: Path) -> None:
    for options, said in (
        ({"now": "today"}, r"options\.now: 'today': need a date"),
        ({"now": NOW, "pages": 3}, r"options\.pages: 3: need"),
        ({"now": NOW, "page": "3"}, r"options\.page: '3': need"),
    ):
        with pytest.raises(SpecError, match=said):
            FhirService().prepare(tmp_path / "none", options)


def test_a_file_that_is_no_store_is_named(tmp_path: Path) -> None:
    (tmp_path / "none").write_text("nothing")
    with pytest.raises(SandboxError, match="did not start"):
        FhirService().prepare(tmp_path / "none", {"now": NOW})
