"""A fault of the server's own code: a 500 for the agent, an error for the host, never a reward."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest
import requests

from taskkit.errors import InternalError
from taskkit.fhir.exchange import Request, Response
from taskkit.fhir.process import Reporter, loop
from taskkit.fhir.service import FhirRunning
from taskkit.sandbox.service import Started
from tests.fhir.ward import api

Faulty = tuple[str, FhirRunning]


@pytest.fixture
def faulty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Faulty]:
    """A server that fails over Patient/b, in a thread of the test."""
    monkeypatch.setenv("TASKKIT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(signal, "pidfd_send_signal", lambda *given: None)  # it is our own process
    server = api(tmp_path)
    answer = server.answer

    def answer_or_fail(request: Request) -> Response:
        if request.path.endswith("Patient/b"):
            raise LookupError("secret of the host")
        return answer(request)

    monkeypatch.setattr(server, "answer", answer_or_fail)
    listener = socket.create_server(("127.0.0.1", 0))
    base = f"http://127.0.0.1:{listener.getsockname()[1]}/fhir"
    ours, theirs = socket.socketpair()
    thread = Thread(target=lambda: asyncio.run(loop(listener, theirs, server, "")))
    thread.start()
    running = FhirRunning(ours)
    yield base, running
    running.end()
    thread.join(9)
    assert not thread.is_alive()
    theirs.close()


def test_the_agent_gets_a_500_that_says_nothing_of_the_server(faulty: Faulty) -> None:
    response = requests.get(f"{faulty[0]}/Patient/b", timeout=9)
    assert (response.status_code, response.json()) == (
        500,
        {
            "resourceType": "OperationOutcome",
            "issue": [
                {"severity": "error", "code": "exception", "diagnostics": "the server failed"}
            ],
        },
    )
    assert requests.get(f"{faulty[0]}/Patient/a", timeout=9).status_code == 200


@pytest.mark.parametrize("means", ["changes", "get", "close", "close of the session"])
def test_the_host_gets_an_error_with_the_traceback_kept(
    means: str, faulty: Faulty, tmp_path: Path
) -> None:
    base, running = faulty
    requests.get(f"{base}/Patient/b", timeout=9)
    ways = {
        "changes": running.changes,
        "get": lambda: running.get("Patient/a"),
        "close": running.close,
        "close of the session": Started({"fhir": running}).close,
    }
    said = r"^a bug of taskkit: service fhir: LookupError: secret of the host: please report it"
    with pytest.raises(InternalError, match=said):
        ways[means]()
    (kept,) = (tmp_path / "cache" / "bugs").iterdir()
    assert "answer_or_fail" in kept.read_text()
    running.close()


def test_a_fault_over_the_hosts_own_request_is_an_error(faulty: Faulty) -> None:
    with pytest.raises(InternalError, match="LookupError: secret of the host"):
        faulty[1].get("Patient/b")


def test_an_episode_without_a_fault_ends_without_an_error(faulty: Faulty) -> None:
    base, running = faulty
    assert requests.get(f"{base}/Patient/zzz", timeout=9).status_code == 404
    assert requests.post(f"{base}/Patient", data=b"\x00", timeout=9).status_code == 400
    assert running.changes() == []
    running.close()
    running.close()


def test_a_socket_that_failed_is_no_fault_and_the_rest_is() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs, asyncio.Runner() as runner:
        reporter = Reporter(theirs)
        reporter.unhandled(runner.get_loop(), {"message": "accept", "exception": OSError(24, "x")})
        assert not reporter.silent
        reporter.unhandled(runner.get_loop(), {"message": "no exception"})
        with pytest.raises(InternalError, match="service fhir: no exception"):
            FhirRunning(ours).receive()
