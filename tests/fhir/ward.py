"""A small ward, written out, for the tests of the server."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from taskkit.fhir.api import Api
from taskkit.fhir.exchange import Request, Response
from taskkit.fhir.moment import interval
from taskkit.fhir.schema import write
from taskkit.fhir.store import Store

NOW = "2024-06-18T10:00:00+00:00"
LOINC = "http://loinc.org"


def patient(id_: str, family: str, given: str, born: str, gender: str = "female") -> dict[str, Any]:
    return {
        "resourceType": "Patient",
        "id": id_,
        "identifier": [{"system": "urn:mrn", "value": f"M{id_}"}],
        "active": True,
        "name": [{"family": family, "given": [given]}],
        "telecom": [
            {"system": "phone", "value": f"555-{id_}"},
            {"system": "email", "value": f"{id_}@example.org"},
        ],
        "gender": gender,
        "birthDate": born,
        "generalPractitioner": [{"reference": "Practitioner/d1"}],
    }


def observation(
    id_: str, owner: str, code: str, at: str, value: float, **more: Any
) -> dict[str, Any]:
    return {
        "resourceType": "Observation",
        "id": id_,
        "status": "final",
        "code": {"coding": [{"system": LOINC, "code": code, "display": f"Test {code}"}]},
        "subject": {"reference": f"Patient/{owner}"},
        "effectiveDateTime": at,
        "valueQuantity": {
            "value": value,
            "unit": "mmol/L",
            "system": "http://unitsofmeasure.org",
            "code": "mmol/L",
        },
        **more,
    }


RESOURCES = [
    {"resourceType": "Practitioner", "id": "d1", "name": [{"family": "Müller", "given": ["Eva"]}]},
    patient("a", "Smith", "Anna", "1950-03-01"),
    patient("b", "Smithson", "Bert", "1961-07-15", "male"),
    patient("c", "Öztürk", "Can", "1950", "male"),
    observation("o1", "a", "2823-3", "2024-06-17T08:00:00+00:00", 3.4),
    observation("o2", "a", "2823-3", "2024-06-18T08:00:00+00:00", 3.9),
    observation("o3", "a", "2951-2", "2024-06-18T08:00:00+00:00", 140, status="preliminary"),
    observation("o4", "b", "2823-3", "2024-06-18T01:00:00+02:00", 5.4),
    observation("o5", "b", "2823-3", "2024-06", 5.35),
    {
        "resourceType": "Encounter",
        "id": "e1",
        "status": "in-progress",
        "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "IMP"},
        "subject": {"reference": "Patient/a"},
        "period": {"start": "2024-06-15T10:00:00+00:00"},
    },
]


def api(folder: Path, resources: list[dict[str, Any]] | None = None, **options: Any) -> Api:
    """The interface on a fresh store."""
    path = folder / "ward.sqlite"
    if not path.exists():
        write(path, resources or RESOURCES, updated=interval(NOW)[0])
    store = Store(path, now=interval(NOW)[0])
    return Api(store, address="http://127.0.0.1:8080/fhir", **options)


def get(server: Api, path: str, **headers: str) -> tuple[int, dict[str, Any]]:
    return shown(server.answer(Request("GET", f"/fhir/{path}", headers)))


def send(
    server: Api, method: str, path: str, body: object, **headers: str
) -> tuple[int, dict[str, Any]]:
    given = {"content-type": "application/fhir+json"}
    given |= {name.replace("_", "-"): value for name, value in headers.items()}
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return shown(server.answer(Request(method, f"/fhir/{path}".rstrip("/"), given, data)))


def shown(response: Response) -> tuple[int, dict[str, Any]]:
    return response.status, json.loads(response.body) if response.body else {}


def ids(document: dict[str, Any], mode: str = "match") -> list[str]:
    return [
        str(one["resource"]["id"])
        for one in document.get("entry", [])
        if one.get("search", {}).get("mode") == mode
    ]
