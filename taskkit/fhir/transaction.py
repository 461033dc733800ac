"""Batches and transactions: a Bundle of requests."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace

from pydantic import JsonValue

from taskkit.fhir.errors import RefusedError, refused
from taskkit.fhir.exchange import Request, Response, answer, refusal
from taskkit.fhir.store import Store

Carry = Callable[[Request], Response]
ORDER = ("DELETE", "POST", "PUT", "PATCH", "GET", "HEAD")
"""The order in which a transaction's entries are carried out, as R4 says."""
ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:|[/\\]{2}")  # scheme or host, as RFC 3986 says
MOST_ENTRIES = 1_000  # of one bundle
CONDITIONS = {
    "ifNoneExist": "if-none-exist",
    "ifMatch": "if-match",
    "ifNoneMatch": "if-none-match",
    "ifModifiedSince": "if-modified-since",
}


def process(
    document: dict[str, JsonValue],
    request: Request,
    carry: Carry,
    store: Store,
    address: str,
    *,
    whole: bool,
) -> Response:
    """Carry out the entries of a bundle; the response has theirs, in the order of the request.

    Args:
        address: Of this server, as clients see it.
        whole: All or nothing, and entries may refer to one another by `fullUrl`.

    Raises:
        RefusedError: the bundle cannot be read, or an entry of a transaction fails.
    """
    entries = listed(document)
    requests = [
        entry_request(entry, number, request, address) for number, entry in enumerate(entries)
    ]
    numbers = list(range(len(entries)))
    if whole:
        check_apart(requests)
        numbers.sort(key=lambda number: ORDER.index(requests[number].method))
        requests, addresses = assigned(entries, requests, store, carry)
        requests = [pointed(one, addresses) for one in requests]
        store.coming = {key for key in map(written, requests) if key is not None}
    responses: dict[int, Response] = {}
    for number in numbers:
        try:
            responses[number] = carry(requests[number])
        except RefusedError as error:
            if whole:
                issues = [replace(one, text=f"entry[{number}]: {one.text}") for one in error.issues]
                raise RefusedError(error.status, issues) from error
            responses[number] = refusal(error)
    kind = "transaction-response" if whole else "batch-response"
    found = [entry_response(responses[number]) for number in range(len(entries))]
    return answer(200, {"resourceType": "Bundle", "type": kind, "entry": found})


def listed(document: dict[str, JsonValue]) -> list[dict[str, JsonValue]]:
    """The entries of a bundle.

    Raises:
        RefusedError: they are no list of objects, or too many.
    """
    entries = document.get("entry", [])
    if not isinstance(entries, list) or len(entries) > MOST_ENTRIES:
        raise refused(400, "structure", f"Bundle.entry: need a list of at most {MOST_ENTRIES}")
    for number, entry in enumerate(entries):
        if not isinstance(entry, dict) or not isinstance(entry.get("request"), dict):
            raise refused(400, "required", f"Bundle.entry[{number}].request: need an object")
    return [entry for entry in entries if isinstance(entry, dict)]


def entry_request(
    entry: dict[str, JsonValue], number: int, outer: Request, address: str
) -> Request:
    """The request of an entry.

    Raises:
        RefusedError: it has no method or address of its own kind, or one of another server.
    """
    asked = entry["request"]
    assert isinstance(asked, dict)
    method, url = asked.get("method"), asked.get("url")
    place = f"Bundle.entry[{number}].request"
    if method not in ORDER or not isinstance(method, str):
        raise refused(400, "value", f"{place}.method: {method!r}: need one of {', '.join(ORDER)}")
    if not isinstance(url, str) or not url.strip("/"):
        raise refused(400, "value", f"{place}.url: {url!r}: need such as Patient or Patient/1")
    if "resource" not in entry and method in ("POST", "PUT"):
        raise refused(400, "required", f"Bundle.entry[{number}].resource: need one for {method}")
    body = json.dumps(entry["resource"]).encode() if "resource" in entry else b""
    headers = {"content-type": "application/fhir+json", "prefer": outer.headers.get("prefer", "")}
    headers |= {name: str(asked[key]) for key, name in CONDITIONS.items() if key in asked}
    full = entry.get("fullUrl")
    if isinstance(full, str) and not full.startswith("urn:"):
        relative(full, address, f"Bundle.entry[{number}].fullUrl")
    path = relative(url, address, f"{place}.url")
    return Request(method, f"/fhir/{path.lstrip('/')}", headers, body)


def relative(url: str, address: str, place: str) -> str:
    """An address without the base of this server.

    Raises:
        RefusedError: it is that of another server.
    """
    if url == address or url.startswith((f"{address}/", f"{address}?")):
        return url[len(address) :]
    if ABSOLUTE.match(url):
        text = f"{place}: {url[:200]!r}: another server's: need one of {address}"
        raise refused(400, "not-supported", text, place)
    return url


def check_apart(requests: list[Request]) -> None:
    """Check that no two entries of a transaction write the same resource, as R4 says.

    Raises:
        RefusedError: two do.
    """
    seen: dict[str, int] = {}
    for number, one in enumerate(requests):
        if one.method in ("PUT", "PATCH", "DELETE") and "?" not in one.target:
            first = seen.setdefault(one.path.rstrip("/"), number)
            if first != number:
                key = one.path.removeprefix("/fhir/")
                text = f"entry[{number}]: {key}: entry[{first}] writes it too: need one of them"
                raise refused(400, "invalid", text)


def assigned(
    entries: list[dict[str, JsonValue]], requests: list[Request], store: Store, carry: Carry
) -> tuple[list[Request], dict[str, str]]:
    """The requests, each create with its id, and what the temporary addresses become.

    Returns:
        The requests, and `fullUrl` to `Type/id`.
    """
    made: list[Request] = []
    addresses: dict[str, str] = {}
    for number, request in enumerate(requests):
        full = entries[number].get("fullUrl")
        key = None
        if request.method == "POST":
            type_ = request.path.split("/")[2]
            if "if-none-exist" in request.headers:
                key = matching(request, type_, carry)
            if key is None:
                request = replace(request, assigned=store.new_id(type_, ahead=number))
        key = key or written(request)
        if isinstance(full, str) and key is not None:
            addresses[full] = key
        made.append(request)
    return made, addresses


def written(request: Request) -> str | None:
    """The resource that a request creates or replaces, as `Type/id`, where it says so."""
    if request.assigned is not None:
        return f"{request.path.split('/')[2]}/{request.assigned}"
    if request.method == "PUT" and "?" not in request.target:
        return request.path.removeprefix("/fhir/")
    return None


def matching(request: Request, type_: str, carry: Carry) -> str | None:
    """The resource that a conditional create finds, as `Type/id`."""
    condition = request.headers["if-none-exist"].lstrip("?")
    response = carry(Request("GET", f"/fhir/{type_}?{condition}"))
    entries = json.loads(response.body).get("entry", [])
    return f"{type_}/{entries[0]['resource']['id']}" if len(entries) == 1 else None


def pointed(request: Request, addresses: dict[str, str]) -> Request:
    """A request whose references by temporary address are those of the real ones."""
    if not request.body or not addresses:
        return request
    document = json.loads(request.body)
    resolve(document, addresses)
    return replace(request, body=json.dumps(document).encode())


def resolve(document: JsonValue, addresses: dict[str, str]) -> None:
    """Replace temporary addresses in references, in place."""
    if isinstance(document, dict):
        target = document.get("reference")
        if isinstance(target, str) and target in addresses:
            document["reference"] = addresses[target]
        for value in document.values():
            resolve(value, addresses)
    elif isinstance(document, list):
        for value in document:
            resolve(value, addresses)


def entry_response(response: Response) -> dict[str, JsonValue]:
    """The entry of a response."""
    told: dict[str, JsonValue] = {"status": str(response.status)}
    names = {"ETag": "etag", "Location": "location"}
    told |= {names[name]: value for name, value in response.headers if name in names}
    if not response.body:
        return {"response": told}
    document = json.loads(response.body)
    if document["resourceType"] == "OperationOutcome":
        return {"response": {**told, "outcome": document}}
    return {"resource": document, "response": told}
