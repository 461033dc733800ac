"""Answers `request_info` from a FHIR server: what it can do, resources and searches."""

from __future__ import annotations

import json
from typing import ClassVar

from pydantic import JsonValue

from taskkit.play.guide import Failure, Guide, Reachable, Surroundings
from taskkit.spec.action import RequestInfo


class FhirGuide(Guide):
    """Reads the server of one episode."""

    topics: ClassVar[tuple[str, ...]] = ("metadata", "read")
    usage: ClassVar[str] = (
        '{"action": "request_info", "about": "read", "path": "Patient?family=Smith&_count=5"} '
        "reads from the FHIR server; about metadata, with a path such as Observation, lists what "
        "can be searched for"
    )

    def __init__(self, server: Reachable) -> None:
        """Read nothing yet."""
        self.server = server

    def answer(self, request: RequestInfo) -> str:
        """Describe the server, or read from it."""
        if request.about == "metadata":
            return self.describe(request.path)
        if not request.path:
            return "read: need a path, such as Patient/12 or Observation?patient=12&_sort=-date"
        status, body = self.server.get(request.path)
        return f"HTTP {status}\n{pretty(body)}"

    def describe(self, kind: str | None) -> str:
        """The types that are kept, or the search parameters of one."""
        _, body = self.server.get("metadata")
        document = json.loads(body)
        kinds = {one["type"]: one for one in document["rest"][0]["resource"]}
        if kind is None:
            return f"FHIR {document['fhirVersion']} at {document['implementation']['url']}\n" + (
                "types: " + ", ".join(kinds)
            )
        if kind not in kinds:
            return f"no type {kind!r}: need one of {', '.join(kinds)}"
        found = [f"{one['name']} ({one['type']})" for one in kinds[kind]["searchParam"]]
        return f"search parameters of {kind}: {', '.join(found)}"

    def explain(self, failure: Failure) -> str | None:
        """Explain an HTTP error that a program met, by what the server says of such requests."""
        for status, text in STATUS.items():
            if f"{status} Client Error" in failure.error:
                return f"The FHIR server answered {status}: {text}"
        return None


STATUS = {
    400: "the request cannot be read: print response.text, an OperationOutcome that says what is "
    "wrong; an unknown search parameter is refused with the list of those known.",
    404: "there is no such resource or path; the address begins with the base and /fhir.",
    409: "another resource refers to it.",
    410: "the resource was deleted.",
    412: "a condition matches several resources, or If-Match names another version.",
    415: "send the resource as JSON, Content-Type application/fhir+json.",
    422: "the resource is not valid R4: print response.text, an OperationOutcome whose issues name "
    "each element.",
}


def pretty(body: bytes) -> str:
    """A JSON document with indents; the text as it is where it is none."""
    try:
        document: JsonValue = json.loads(body)
    except ValueError:
        return body.decode("utf-8", "replace")
    return json.dumps(document, indent=1, ensure_ascii=False)


class FhirGuides:
    """Makes a guide for each episode with a FHIR server."""

    per_episode = True

    def make(self, surroundings: Surroundings) -> FhirGuide | None:
        """Make it; None where there is no FHIR server."""
        for service in surroundings.environment.services:
            if service.kind == "fhir":
                return FhirGuide(surroundings.services[service.name])
        return None


GUIDES = FhirGuides()
