"""Mangled requests, the same in every run: no 500, and nothing changed by what was refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from taskkit.fhir.exchange import Request, Response
from tests.fhir import fuzzing
from tests.fhir.ward import NOW, api, get, observation, send


def test_no_mangled_request_is_a_fault_of_the_server(tmp_path: Path) -> None:
    assert list(fuzzing.faults(1, 1_000, tmp_path)) == []


def test_no_mangled_bytes_over_a_socket_are_a_fault_of_the_server(tmp_path: Path) -> None:
    statuses = fuzzing.over_socket(2, 60, tmp_path)
    assert statuses.total() == 60
    assert max(statuses) < 500
    assert {200, 400, 404} <= statuses.keys()


def test_a_refusal_that_wrote_something_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = api(tmp_path)

    def written(request: Request) -> Response:
        server.store.delete("Observation", "o1")
        return Response(404, b'{"resourceType": "OperationOutcome"}')

    monkeypatch.setattr(server, "answer", written)
    assert fuzzing.fault(server, Request("PUT", "/fhir")) == "404, and the state is another"


def test_an_exception_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server = api(tmp_path)
    empty: dict[str, Response] = {}
    monkeypatch.setattr(server, "route", lambda request: empty["planted"])
    assert "KeyError: 'planted'" in fuzzing.fault(server, Request("GET", "/fhir/metadata"))


TARGETS = {
    "//[/fhir": 404,
    "//elsewhere.example/fhir/Patient/a": 404,
    "http://[/fhir/Patient/a": 200,
    "http://127.0.0.1:8080/fhir/Patient/a": 200,
    "/fhir/Patient/a#part?_summary=x": 200,
    "/fhir/Observation?value-quantity=1.5e999999999": 400,
    "/fhir/Observation?value-quantity=gt1e-999999999": 400,
    "/fhir/Observation?value-quantity=gt1e400": 200,
}


@pytest.mark.parametrize("target", TARGETS)
def test_addresses_that_are_hard_to_read(target: str, tmp_path: Path) -> None:
    assert api(tmp_path).answer(Request("GET", target)).status == TARGETS[target]


@pytest.mark.parametrize("tag", [5, None, True, 1.5, {"code": "x"}])
def test_a_lenient_server_shows_a_part_of_what_has_odd_tags(tag: object, tmp_path: Path) -> None:
    server = api(tmp_path, lenient=True)
    body = {**observation("o1", "a", "2823-3", NOW, 4.4), "meta": {"tag": tag}}
    assert send(server, "PUT", "Observation/o1", body)[0] == 200
    status, found = get(server, "Observation?_summary=true&_id=o1")
    assert (status, "SUBSETTED" in json.dumps(found)) == (200, True)
