"""Searches on a small ward, with what FHIR R4 says they find."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fhir.ward import RESOURCES, api, get, ids, patient, send

FOUND = {
    "Patient?family=smith": ["a", "b"],
    "Patient?family:exact=Smith": ["a"],
    "Patient?family:exact=smith": [],
    "Patient?family:contains=ith": ["a", "b"],
    "Patient?name=anna": ["a"],
    "Patient?family=ozturk": ["c"],
    "Patient?family=smith,ozturk": ["a", "b", "c"],
    "Patient?family=smith&given=bert": ["b"],
    "Patient?gender=male": ["b", "c"],
    "Patient?gender:not=male": ["a"],
    "Patient?identifier=Ma": ["a"],
    "Patient?identifier=urn:mrn|Ma": ["a"],
    "Patient?identifier=urn:other|Ma": [],
    "Patient?identifier=urn:mrn|": ["a", "b", "c"],
    "Patient?phone=555-b": ["b"],
    "Patient?email=555-b": [],
    "Patient?birthdate=1950-03-01": ["a"],
    "Patient?birthdate=1950": ["a", "c"],
    "Patient?birthdate=gt1950": ["b"],
    "Patient?birthdate=lt1950-02-01": ["c"],
    "Patient?birthdate=sa1950-12-31": ["b"],
    "Patient?birthdate=ne1950": ["b"],
    "Patient?deceased=false": ["a", "b", "c"],
    "Patient?deceased:missing=true": [],
    "Patient?_id=a,c": ["a", "c"],
    "Patient?active=true&_id=b": ["b"],
    "Patient?death-date:missing=true": ["a", "b", "c"],
    "Patient?death-date:missing=false": [],
    "Patient?general-practitioner=d1": ["a", "b", "c"],
    "Patient?general-practitioner.name=muller": ["a", "b", "c"],
    "Patient?general-practitioner:Practitioner.name=nobody": [],
    "Patient?_has:Observation:patient:code=2951-2": ["a"],
    "Observation?patient=a": ["o1", "o2", "o3"],
    "Observation?patient=Patient/a": ["o1", "o2", "o3"],
    "Observation?subject=http://127.0.0.1:8080/fhir/Patient/b": ["o4", "o5"],
    "Observation?subject:Patient=b": ["o4", "o5"],
    "Observation?patient.birthdate=1961-07-15": ["o4", "o5"],
    "Observation?code=http://loinc.org|2823-3&patient=a": ["o1", "o2"],
    "Observation?code=2823-3,2951-2&patient=a": ["o1", "o2", "o3"],
    "Observation?code:text=test 2951": ["o3"],
    "Observation?status=final&patient=a": ["o1", "o2"],
    "Observation?date=2024-06-18": ["o2", "o3"],
    "Observation?date=ge2024-06-18&patient=a": ["o2", "o3"],
    "Observation?date=lt2024-06-18&patient=a": ["o1"],
    "Observation?date=ge2024-06-17T23:00:00Z&date=le2024-06-17T23:00:00Z": ["o4", "o5"],
    "Observation?date=2024-06-17T23:00:00Z": ["o4"],
    "Observation?date=2024-06-18T01:00:00+02:00": ["o4"],
    "Observation?value-quantity=3.4": ["o1"],
    "Observation?value-quantity=5.4": ["o4", "o5"],
    "Observation?value-quantity=gt5.35&patient=b": ["o4"],
    "Observation?value-quantity=ge5.35&patient=b": ["o4", "o5"],
    "Observation?value-quantity=gt5|http://unitsofmeasure.org|mmol/L&patient=b": ["o4", "o5"],
    "Observation?value-quantity=gt5||mmol/L&patient=b": ["o4", "o5"],
    "Observation?value-quantity=gt5||mg/dL&patient=b": [],
    "Observation?value-quantity=ap140": ["o3"],
    "Observation?_sort=-date&patient=a": ["o2", "o3", "o1"],
    "Observation?_sort=date,-_id&patient=a": ["o1", "o3", "o2"],
    "Observation?_sort=value-quantity&patient=b": ["o5", "o4"],
    "Encounter?class=IMP&status=in-progress": ["e1"],
    "Encounter?date=ge2024-06-18": ["e1"],
    "Encounter?date=lt2024-06-15": [],
}


@pytest.mark.parametrize("query", FOUND)
def test_search_finds(query: str, tmp_path: Path) -> None:
    status, bundle = get(api(tmp_path), query.replace("+02:00", "%2B02:00").replace(" ", "%20"))
    assert status == 200, bundle
    assert ids(bundle) == FOUND[query]
    assert bundle["total"] == len(FOUND[query])


REFUSED = {
    "Patient?nme=x": "need one of active, address",
    "Patient?family:text=x": "need one of :exact, :contains, :missing",
    "Patient?birthdate=yesterday": "need a date such as",
    "Patient?birthdate=2023-02-30": "need a date of the calendar",
    "Patient?family=": "need a value",
    "Patient?_count=-1": "need a whole number",
    "Patient?_sort=shoe": "not known",
    "Patient?_summary=maybe": "need true, text, data, count or false",
    "Patient?_include=Patient:name": "name is no reference",
    "Patient?_include=Observation:subject": "need a parameter of Patient",
    "Observation?value-quantity=high": "need a number",
    "Observation?code.name=x": "code is no reference",
    "Observation?patient:missing=perhaps": "need true or false",
    "Shoe?size=4": "not kept by this server",
    "Patient?identifier=a|b|c": "need code or system|code",
    "Patient?family=x" + ",y" * 500: "need at most 500 values in all",
    "Patient?_sort=" + ",".join(["family"] * 11): "need at most 10 keys",
    "Patient?" + "_has:Observation:patient:" * 600 + "code=1": "need at most 4 _has",
    "Patient?link.link.link.link.link.family=x": "need a shorter chain",
    "Patient?_count=1e9": "need a whole number",
    "Patient/a/$foo": "there is no such interaction",
    "$export": "operation '$export': not supported",
}


@pytest.mark.parametrize("query", REFUSED)
def test_search_refuses_and_says_what_is_needed(query: str, tmp_path: Path) -> None:
    status, outcome = get(api(tmp_path), query)
    assert status in (400, 404)
    assert outcome["resourceType"] == "OperationOutcome"
    assert REFUSED[query] in outcome["issue"][0]["diagnostics"]


@pytest.mark.parametrize(
    ("prefer", "wanted"),
    [("handling=lenient", 200), ("return=minimal, handling=lenient; x=1", 200),
     ("handling=strict", 400), ("respond-async", 400)],
)  # fmt: skip
def test_lenient_handling_passes_over_unknown_parameters(
    prefer: str, wanted: int, tmp_path: Path
) -> None:
    status, bundle = get(api(tmp_path), "Patient?nme=x&_id=a", prefer=prefer)
    assert status == wanted
    if wanted == 200:
        assert ids(bundle) == ["a"]
        assert "nme" not in bundle["link"][0]["url"]


def test_a_count_over_the_limit_is_cut_to_it(tmp_path: Path) -> None:
    _, bundle = get(api(tmp_path, most=2), "Patient?_count=1000000000000")
    assert len(ids(bundle)) == 2
    assert bundle["link"][1]["relation"] == "next"


def test_includes_that_lead_in_a_circle_end(tmp_path: Path) -> None:
    ring = [patient(id_, "Ring", "A", "1980-01-01") for id_ in "xyz"]
    for one, other in zip(ring, "yzx", strict=True):
        del one["generalPractitioner"]
        one["link"] = [{"other": {"reference": f"Patient/{other}"}, "type": "seealso"}]
    server = api(tmp_path, ring)
    query = "Patient?_id=x&_include=Patient:link&_include:iterate=Patient:link"
    _, bundle = get(server, f"{query}&_revinclude:iterate=Patient:link")
    assert (ids(bundle), sorted(ids(bundle, "include"))) == (["x"], ["y", "z"])
    chained = "Patient?link:Patient.link:Patient.link:Patient.link:Patient._id=x"
    assert ids(get(server, chained)[1]) == ["z"]


@pytest.mark.parametrize(
    ("form", "wanted"),
    [(b"family:contains=" + b"a" * 300_000, 413), (b"_id=" + b"a," * 100_000, 400),
     (b"&".join([b"family=" + b"x," * 400 + b"x"] * 150), 400), (b"family=x&" * 300, 400)],
    ids=["long", "many-ids", "many-values", "many-parameters"],
)  # fmt: skip
def test_a_posted_search_over_the_limits_is_refused(
    form: bytes, wanted: int, tmp_path: Path
) -> None:
    kind = {"content_type": "application/x-www-form-urlencoded"}
    status, outcome = send(api(tmp_path), "POST", "Patient/_search", form, **kind)
    assert (status, outcome["resourceType"]) == (wanted, "OperationOutcome")


def test_pages_lead_through_all_matches(tmp_path: Path) -> None:
    server = api(tmp_path, size=2)
    path, found, pages = "Observation?_sort=date", [], 0
    while path:
        _, bundle = get(server, path)
        found += ids(bundle)
        pages += 1
        links = {one["relation"]: one["url"] for one in bundle["link"]}
        path = links.get("next", "").removeprefix("http://127.0.0.1:8080/fhir/")
        assert bundle["total"] == 5
    assert (found, pages) == (["o5", "o1", "o4", "o2", "o3"], 3)


def test_includes_come_once_and_marked(tmp_path: Path) -> None:
    _, bundle = get(api(tmp_path), "Observation?patient=a&_include=Observation:subject")
    assert (len(ids(bundle)), ids(bundle, "include")) == (3, ["a"])
    _, bundle = get(api(tmp_path), "Patient?_id=b&_revinclude=Observation:patient")
    assert (ids(bundle), ids(bundle, "include")) == (["b"], ["o4", "o5"])
    query = "Observation?_id=o1&_include=Observation:subject"
    _, bundle = get(api(tmp_path), f"{query}&_include:iterate=Patient:general-practitioner")
    assert ids(bundle, "include") == ["a", "d1"]


def test_summary_count_has_no_entries(tmp_path: Path) -> None:
    for query in ("Observation?_summary=count", "Observation?_count=0"):
        _, bundle = get(api(tmp_path), query)
        assert (bundle["total"], "entry" in bundle) == (5, False)


def test_elements_are_a_part_and_tagged(tmp_path: Path) -> None:
    _, bundle = get(api(tmp_path), "Patient?_id=a&_elements=birthDate")
    (found,) = (one["resource"] for one in bundle["entry"])
    assert set(found) == {"resourceType", "id", "meta", "birthDate"}
    assert found["meta"]["tag"][0]["code"] == "SUBSETTED"


def test_search_by_post_is_the_same(tmp_path: Path) -> None:
    form = {"content_type": "application/x-www-form-urlencoded"}
    status, bundle = send(api(tmp_path), "POST", "Patient/_search", b"family=smith", **form)
    assert (status, ids(bundle)) == (200, ["a", "b"])


def test_search_sees_what_the_episode_wrote(tmp_path: Path) -> None:
    server = api(tmp_path)
    _, found = get(server, "Observation/o1")
    found["status"] = "corrected"
    assert send(server, "PUT", "Observation/o1", found)[0] == 200
    assert send(server, "DELETE", "Observation/o2", b"")[0] == 204
    _, bundle = get(server, "Observation?patient=a&_sort=date")
    assert ids(bundle) == ["o1", "o3"]
    assert bundle["total"] == 2
    assert ids(get(server, "Observation?status=corrected")[1]) == ["o1"]
    assert ids(get(server, "Observation?status=final&patient=a")[1]) == []


def test_a_concept_of_words_alone_has_no_code_and_is_not_missing(tmp_path: Path) -> None:
    words = {
        "resourceType": "Observation",
        "id": "w",
        "status": "final",
        "code": {"text": "wound swab"},
        "subject": {"reference": "Patient/a"},
    }
    server = api(tmp_path, [*RESOURCES, words])
    assert ids(get(server, "Observation?patient=a&code:missing=false")[1]) == [
        "o1",
        "o2",
        "o3",
        "w",
    ]
    assert ids(get(server, "Observation?code:missing=true")[1]) == []
    assert ids(get(server, "Observation?code:text=swab")[1]) == ["w"]
    assert ids(get(server, "Observation?patient=a&code:not=2951-2")[1]) == ["o1", "o2", "w"]
