"""What a client may not send: control characters, half characters, other servers' addresses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from taskkit.fhir import writing
from tests.fhir.ward import NOW, api, get, observation, send

OWN = "http://127.0.0.1:8080/fhir"
ELSEWHERE = "https://elsewhere.example/fhir"


def noted(text: str) -> dict[str, Any]:
    return {**observation("o1", "a", "2823-3", NOW, 4.4), "note": [{"text": text}]}


@pytest.mark.parametrize("sign", ["\0", "\b", "\v", "\f", "\x1b", "\x1f"])
@pytest.mark.parametrize("lenient", [False, True])
def test_control_characters_are_refused(tmp_path: Path, sign: str, lenient: bool) -> None:
    server = api(tmp_path, lenient=lenient)
    status, said = send(server, "PUT", "Observation/o1", noted(f"ab{sign}c"))
    assert (status, said["issue"]) == (
        400,
        [
            {
                "severity": "error",
                "code": "value",
                "diagnostics": f"Observation.note[0].text: U+{ord(sign):04X} at 2: "
                "need no control characters but tab, CR and LF",
                "expression": ["Observation.note[0].text"],
            }
        ],
    )
    assert server.store.differences() == []


def test_tab_cr_and_lf_are_kept(tmp_path: Path) -> None:
    server = api(tmp_path)
    assert send(server, "PUT", "Observation/o1", noted("a\tb\r\nc"))[0] == 200
    assert get(server, "Observation/o1")[1]["note"] == [{"text": "a\tb\r\nc"}]


@pytest.mark.parametrize("text", ["\0", "\ud800"])
@pytest.mark.parametrize(
    ("kind", "make"),
    [
        ("application/json-patch+json", lambda text: [
            {"op": "add", "path": "/note", "value": [{"text": text}]}]),
        ("application/merge-patch+json", lambda text: {"note": [{"text": text}]}),
        ("application/merge-patch+json", lambda text: {text: "x"}),
    ],
)  # fmt: skip
def test_patches_are_held_to_it(tmp_path: Path, kind: str, make: Any, text: str) -> None:
    server = api(tmp_path)
    status, said = send(server, "PATCH", "Observation/o1", make(text), content_type=kind)
    assert (status, said["resourceType"]) == (400, "OperationOutcome")
    assert server.store.differences() == []


def test_entries_of_bundles_are_held_to_it(tmp_path: Path) -> None:
    server = api(tmp_path)
    entry = {"request": {"method": "PUT", "url": "Observation/o1"}, "resource": noted("\0")}
    status, said = send(server, "POST", "", bundle([entry]))
    assert status == 400
    assert said["issue"][0]["expression"] == ["Bundle.entry[0].resource.note[0].text"]
    assert server.store.differences() == []


@pytest.mark.parametrize("number", ["1e400", "-1e400", "1" + "0" * 400, "NaN", "Infinity"])
def test_numbers_that_no_decimal_holds_are_refused(tmp_path: Path, number: str) -> None:
    body = b'{"resourceType":"Observation","valueQuantity":{"value":%s}}' % number.encode()
    assert send(api(tmp_path, lenient=True), "POST", "Observation", body)[0] == 400


@pytest.mark.parametrize("id_", ["a b", "a/b", "a\n", "é", "", "x" * 65, 5, ["a"]])
def test_ids_outside_of_their_letters_are_refused(tmp_path: Path, id_: Any) -> None:
    server = api(tmp_path)
    body = {"resourceType": "Patient", "id": id_}
    for path in ("Patient/a", "Patient?family=Nobody"):
        assert send(server, "PUT", path, body)[0] in (400, 422)
    assert server.store.differences() == []


@pytest.mark.parametrize("at", ["2024-13-01", "2024-02-30", "2024-1-1", "2024-06-18T10:00", "now"])
def test_dates_of_no_calendar_are_refused(tmp_path: Path, at: str) -> None:
    server = api(tmp_path)
    body = {**observation("o1", "a", "2823-3", NOW, 4.4), "effectiveDateTime": at}
    assert send(server, "PUT", "Observation/o1", body)[0] == 422
    assert send(server, "POST", "Patient", {"resourceType": "Patient", "birthDate": at})[0] == 422


def test_an_episode_writes_so_much_and_no_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "MOST_WRITTEN", 1_500)
    server = api(tmp_path)
    body = observation("x", "a", "2823-3", NOW, 4.4)  # some 400 characters each
    statuses = [send(server, "POST", "Observation", body)[0] for _ in range(6)]
    assert statuses == [201, 201, 201, 201, 503, 503]
    assert len(server.store.differences()) == 4


def bundle(entries: list[dict[str, Any]], kind: str = "transaction") -> dict[str, Any]:
    return {"resourceType": "Bundle", "type": kind, "entry": entries}


@pytest.mark.parametrize("kind", ["batch", "transaction"])
@pytest.mark.parametrize(
    "base",
    [ELSEWHERE, "http://127.0.0.1:8081/fhir", "//elsewhere.example/fhir", "HTTPS://x/fhir",
     "http://127.0.0.1:8080.elsewhere.example/fhir", "file:///fhir"],
)  # fmt: skip
def test_entries_for_another_server_are_refused(tmp_path: Path, base: str, kind: str) -> None:
    server = api(tmp_path)
    patient = {"resourceType": "Patient", "id": "a", "active": False}
    for method, url, full in (
        ("DELETE", f"{base}/Observation/o1", None),
        ("PUT", f"{base}/Patient/a", None),
        ("GET", f"{base}/Patient?name=x", None),
        ("PUT", "Patient/a", f"{base}/Patient/a"),
    ):
        entry = {"request": {"method": method, "url": url}, "resource": patient}
        entry |= {"fullUrl": full} if full else {}
        status, said = send(server, "POST", "", bundle([entry], kind))
        place = f"Bundle.entry[0].{'fullUrl' if full else 'request.url'}"
        assert (status, said["issue"][0]["diagnostics"]) == (
            400, f"{place}: {full or url!r}: another server's: need one of {OWN}",
        )  # fmt: skip
    assert server.store.differences() == []


def test_entries_by_our_own_address_are_carried_out(tmp_path: Path) -> None:
    server = api(tmp_path)
    patient = {"resourceType": "Patient", "id": "new"}
    observed = observation("x", "new", "2823-3", NOW, 4.4)
    observed["subject"] = {"reference": f"{OWN}/Patient/new"}
    asked: list[dict[str, Any]] = [
        {"request": {"method": "PUT", "url": f"{OWN}/Patient/new"}, "resource": patient,
         "fullUrl": f"{OWN}/Patient/new"},
        {"request": {"method": "POST", "url": "Observation"}, "resource": observed,
         "fullUrl": "urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0"},
        {"request": {"method": "GET", "url": f"{OWN}/Observation?code=http://loinc.org|2951-2"}},
    ]  # fmt: skip
    status, said = send(server, "POST", "", bundle(asked))
    assert status == 200
    assert [one["response"]["status"] for one in said["entry"]] == ["201", "201", "200"]
    assert said["entry"][1]["resource"]["subject"] == {"reference": "Patient/new"}
    assert said["entry"][2]["resource"]["total"] == 1
