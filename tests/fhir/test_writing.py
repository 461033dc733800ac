"""What changes the server: the interactions of R4, and the differences that are left."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from taskkit.fhir.api import Api
from tests.fhir.ward import NOW, api, get, ids, observation, send


def fresh(**more: Any) -> dict[str, Any]:
    made = observation("x", "a", "2823-3", NOW, 4.4)
    del made["id"]
    return {**made, **more}


def differences(server: Api) -> list[tuple[str, str]]:
    return [(one.op, one.key.partition("/")[0]) for one in server.store.differences()]


def test_create_read_and_difference(tmp_path: Path) -> None:
    server = api(tmp_path)
    status, made = send(server, "POST", "Observation", fresh())
    assert status == 201
    assert made["meta"] == {"versionId": "1", "lastUpdated": "2024-06-18T10:00:01.000+00:00"}
    assert get(server, f"Observation/{made['id']}") == (200, made)
    assert differences(server) == [("created", "Observation")]


def test_ids_are_the_same_in_every_episode(tmp_path: Path) -> None:
    one, two = (send(api(tmp_path), "POST", "Observation", fresh())[1] for _ in range(2))
    assert one == two


def test_update_keeps_versions(tmp_path: Path) -> None:
    server = api(tmp_path)
    _, before = get(server, "Observation/o1")
    after = {**before, "status": "amended"}
    status, made = send(server, "PUT", "Observation/o1", after, if_match='W/"1"')
    assert (status, made["meta"]["versionId"]) == (200, "2")
    assert send(server, "PUT", "Observation/o1", after, if_match='W/"1"')[0] == 412
    assert get(server, "Observation/o1/_history/1") == (200, before)
    _, history = get(server, "Observation/o1/_history")
    assert [one["resource"]["status"] for one in history["entry"]] == ["amended", "final"]
    assert differences(server) == [("updated", "Observation")]


def test_an_update_that_is_taken_back_is_no_difference(tmp_path: Path) -> None:
    server = api(tmp_path)
    _, before = get(server, "Observation/o1")
    send(server, "PUT", "Observation/o1", {**before, "status": "amended"})
    send(server, "PUT", "Observation/o1", before)
    assert differences(server) == []


def test_delete_leaves_gone(tmp_path: Path) -> None:
    server = api(tmp_path)
    assert send(server, "DELETE", "Observation/o1", b"")[0] == 204
    assert get(server, "Observation/o1")[0] == 410
    assert send(server, "DELETE", "Observation/o1", b"")[0] == 204
    assert send(server, "DELETE", "Observation/none", b"")[0] == 404
    assert differences(server) == [("deleted", "Observation")]


def test_what_is_referred_to_cannot_be_deleted(tmp_path: Path) -> None:
    status, outcome = send(api(tmp_path), "DELETE", "Patient/a", b"")
    assert (status, outcome["issue"][0]["code"]) == (409, "conflict")


def test_conditional_create(tmp_path: Path) -> None:
    server = api(tmp_path)
    body = {**fresh(), "identifier": [{"system": "urn:x", "value": "1"}]}
    first = send(server, "POST", "Observation", body, if_none_exist="identifier=urn:x|1")
    again = send(server, "POST", "Observation", body, if_none_exist="identifier=urn:x|1")
    assert (first[0], again[0], first[1]["id"]) == (201, 200, again[1]["id"])
    assert send(server, "POST", "Observation", body, if_none_exist="patient=a")[0] == 412


def test_conditional_update_and_delete(tmp_path: Path) -> None:
    server = api(tmp_path)
    body = fresh(status="amended")
    assert send(server, "PUT", "Observation?code=2951-2", body)[1]["id"] == "o3"
    assert send(server, "PUT", "Observation?patient=b", body)[0] == 412
    assert send(server, "DELETE", "Observation?code=2951-2", b"")[0] == 204


def test_patch(tmp_path: Path) -> None:
    server = api(tmp_path)
    steps = [
        {"op": "test", "path": "/status", "value": "final"},
        {"op": "replace", "path": "/status", "value": "amended"},
        {"op": "add", "path": "/note", "value": [{"text": "seen"}]},
    ]
    kind = {"content_type": "application/json-patch+json"}
    status, made = send(server, "PATCH", "Observation/o1", steps, **kind)
    assert (status, made["status"], made["note"]) == (200, "amended", [{"text": "seen"}])
    assert send(server, "PATCH", "Observation/o1", steps, **kind)[0] == 422
    wrong = [{"op": "replace", "path": "/status", "value": "great"}]
    assert send(server, "PATCH", "Observation/o1", wrong, **kind)[0] == 422


def entry(method: str, url: str, resource: object = None, **more: Any) -> dict[str, Any]:
    made: dict[str, Any] = {"request": {"method": method, "url": url}, **more}
    return made if resource is None else {**made, "resource": resource}


def bundle(kind: str, *entries: dict[str, Any]) -> dict[str, Any]:
    return {"resourceType": "Bundle", "type": kind, "entry": list(entries)}


STAY = {
    "resourceType": "Encounter",
    "status": "in-progress",
    "class": {"code": "IMP"},
    "subject": {"reference": "Patient/b"},
}


def test_transaction_resolves_references_between_its_entries(tmp_path: Path) -> None:
    server = api(tmp_path)
    weighed = fresh(subject={"reference": "Patient/b"}, encounter={"reference": "urn:uuid:1"})
    body = bundle(
        "transaction",
        entry("POST", "Observation", weighed),
        entry("POST", "Encounter", STAY, fullUrl="urn:uuid:1"),
    )
    status, response = send(server, "POST", "", body)
    assert status == 200, response
    first, second = (one["resource"] for one in response["entry"])
    assert first["encounter"]["reference"] == f"Encounter/{second['id']}"
    assert [one["response"]["status"] for one in response["entry"]] == ["201", "201"]


def test_a_transaction_that_fails_changes_nothing(tmp_path: Path) -> None:
    server = api(tmp_path)
    body = bundle(
        "transaction",
        entry("POST", "Encounter", STAY),
        entry("PUT", "Observation/o1", {"resourceType": "Observation", "id": "o1"}),
    )
    status, outcome = send(server, "POST", "", body)
    assert status == 422
    assert outcome["issue"][0]["diagnostics"].startswith("entry[1]: ")
    assert differences(server) == []
    assert ids(get(server, "Encounter")[1]) == ["e1"]
    assert send(server, "POST", "Observation", fresh())[0] == 201


def test_a_transaction_that_writes_a_resource_twice_is_refused(tmp_path: Path) -> None:
    server = api(tmp_path)
    _, before = get(server, "Observation/o1")
    put = entry("PUT", "Observation/o1", {**before, "status": "amended"})
    body = bundle("transaction", put, entry("DELETE", "Observation/o1"))
    status, outcome = send(server, "POST", "", body)
    assert status == 400
    assert "entry[0] writes it too" in outcome["issue"][0]["diagnostics"]
    assert differences(server) == []


def test_a_transaction_whose_condition_is_not_one_changes_nothing(tmp_path: Path) -> None:
    server = api(tmp_path)
    several = entry("POST", "Observation", fresh())
    several["request"]["ifNoneExist"] = "patient=a"
    stale = entry("PUT", "Observation/o1", {**get(server, "Observation/o1")[1]})
    stale["request"]["ifMatch"] = 'W/"7"'
    for last, said in ((several, "several match"), (stale, "the version is")):
        body = bundle("transaction", entry("POST", "Encounter", STAY), last)
        status, outcome = send(server, "POST", "", body)
        assert status == 412
        assert said in outcome["issue"][0]["diagnostics"]
        assert differences(server) == []


def test_versions_in_the_head_of_a_request_count(tmp_path: Path) -> None:
    server = api(tmp_path)
    _, before = get(server, "Observation/o1")
    assert get(server, "Observation/o1", **{"if-none-match": 'W/"1"'})[0] == 304
    assert send(server, "PUT", "Observation/o1", before, if_none_match="*")[0] == 412
    assert send(server, "PUT", "Observation/o9", {**before, "id": "o9"}, if_match="2")[0] == 412
    assert differences(server) == []
    made = send(server, "PUT", "Observation/o9", {**before, "id": "o9"}, if_none_match="*")
    assert made[0] == 201


def test_a_batch_carries_out_what_it_can(tmp_path: Path) -> None:
    server = api(tmp_path)
    body = bundle(
        "batch",
        entry("GET", "Patient?family=smith"),
        entry("POST", "Observation", {"resourceType": "Observation"}),
        entry("POST", "Observation", fresh()),
        entry("GET", "Patient/nobody"),
    )
    _, response = send(server, "POST", "", body)
    found = [one["response"]["status"] for one in response["entry"]]
    assert found == ["200", "422", "201", "404"]
    assert differences(server) == [("created", "Observation")]


INVALID: dict[str, tuple[dict[str, Any], int, str]] = {
    "no status": ({"status": None}, 422, "Observation.status"),
    "unknown status": ({"status": "great"}, 422, "need one of amended"),
    "unknown element": ({"shoe": 1}, 422, "Observation.shoe"),
    "two values": ({"valueString": "a"}, 422, "but got multiple"),
    "list expected": ({"note": {"text": "a"}}, 422, "valid list"),
    "text for a number": ({"valueQuantity": {"value": "high"}}, 422, "valueQuantity.value"),
    "no such day": ({"effectiveDateTime": "2024-13-01"}, 422, "effectiveDateTime"),
    "nobody": ({"subject": {"reference": "Patient/nobody"}}, 422, "there is no such resource"),
    "wrong kind": ({"subject": {"reference": "Encounter/e1"}}, 422, "refers to Encounter"),
    "elsewhere": ({"subject": {"reference": "http://x.org/Patient/a"}}, 422, "of this server"),
    "absent and present": ({"dataAbsentReason": {"text": "x"}}, 422, "obs-6"),
    "empty": ({"note": []}, 422, "leave it out"),
    "other type": ({"resourceType": "Patient"}, 400, "need 'Observation'"),
}


@pytest.mark.parametrize("case", INVALID)
def test_invalid_resources_are_refused(case: str, tmp_path: Path) -> None:
    changed, wanted, said = INVALID[case]
    body = fresh(**changed)
    if case == "no status":
        del body["status"]
    server = api(tmp_path)
    status, outcome = send(server, "POST", "Observation", body)
    assert status == wanted
    assert outcome["resourceType"] == "OperationOutcome"
    assert said in " ".join(one["diagnostics"] for one in outcome["issue"])
    assert differences(server) == []


HOSTILE = {
    "no JSON": (b"{", 400),
    "a list": (b"[]", 400),
    "a doubled name": (b'{"resourceType":"Observation","resourceType":"Patient"}', 400),
    "not a number": (b'{"resourceType":"Observation","x":NaN}', 400),
    "deep": (b'{"resourceType":"Observation","x":' + b"[" * 100_000 + b"]" * 100_000 + b"}", 400),
    "fairly deep": (b'{"resourceType":"Observation","x":' + b"[" * 60 + b"]" * 60 + b"}", 400),
    "huge number": (b'{"resourceType":"Observation","x":' + b"9" * 10_000 + b"}", 400),
    "no text": (b'{"resourceType":"Observation","status":"\xff"}', 400),
    "another width": (b'{"resourceType":"Patient"}'.decode().encode("utf-16"), 400),
    "a deep bundle": (
        b'{"resourceType":"Bundle","type":"batch","entry":' + b"[" * 5_000 + b"]" * 5_000 + b"}",
        400,
    ),
    "an entry within itself": (
        b'{"resourceType":"Bundle","type":"batch","entry":[{"request":{"method":"POST","url":"/"},'
        b'"resource":{"resourceType":"Bundle"}}]}',
        400,
    ),
    "a list for a resource": (
        b'{"resourceType":"Bundle","type":"transaction","entry":[{"request":{"method":"POST",'
        b'"url":"Patient"},"resource":[1]}]}',
        400,
    ),
    "entries of no kind": (b'{"resourceType":"Bundle","type":"batch","entry":[1]}', 400),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_bodies_get_an_outcome(case: str, tmp_path: Path) -> None:
    body, wanted = HOSTILE[case]
    server = api(tmp_path)
    path = "" if b"Bundle" in body else "Observation"
    status, outcome = send(server, "POST", path, body)
    assert (status, outcome["resourceType"]) == (wanted, "OperationOutcome")
    assert get(server, "Patient/a")[0] == 200


def test_a_lenient_server_takes_what_published_payloads_have(tmp_path: Path) -> None:
    body = fresh(note={"text": "as an object"})
    assert send(api(tmp_path, lenient=True), "POST", "Observation", body)[0] == 201


def test_capabilities_name_what_there_is(tmp_path: Path) -> None:
    status, found = get(api(tmp_path), "metadata")
    kinds = {one["type"]: one for one in found["rest"][0]["resource"]}
    assert (status, found["fhirVersion"]) == (200, "4.0.1")
    names = {one["name"] for one in kinds["Observation"]["searchParam"]}
    assert {"code", "date", "patient", "value-quantity"} <= names


def test_everything_of_a_patient(tmp_path: Path) -> None:
    _, found = get(api(tmp_path), "Patient/a/$everything?_count=100")
    assert sorted(ids(found)) == ["a", "e1", "o1", "o2", "o3"]
