"""Mangled requests, drawn from a seed, and what may not come of them.

    python -m tests.fhir.fuzzing --seed 1 --count 2000

sends so many to the interface in this process, and a tenth of them over a socket. Whatever is sent,
the answer is no 500 and JSON, and what was refused or only read has changed nothing.
"""

from __future__ import annotations

import argparse
import json
import socket
import tempfile
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import quote

from taskkit.fhir.api import Api
from taskkit.fhir.exchange import Request, Response
from taskkit.fhir.moment import interval
from taskkit.fhir.parameters import parameters, types
from taskkit.fhir.schema import write
from taskkit.fhir.service import FhirService
from tests.fhir.ward import NOW, RESOURCES, api, observation

FRESH = 50  # requests of one episode, so that not all is deleted in the end
OWN = "http://127.0.0.1:8080/fhir"
METHODS = ("GET", "GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "X", "")
KINDS = (
    "application/fhir+json", "application/json", "application/json-patch+json",
    "application/merge-patch+json", "application/x-www-form-urlencoded", "text/plain", "", ";;",
    "application/fhir+json; charset=utf-16", "\xff", "application/fhir+xml",
)  # fmt: skip
HEADERS = {
    "accept": ("application/fhir+json", "*/*", "", "text/csv", ",", "\xe9", "*/*;q=x"),
    "prefer": ("return=minimal", "return=OperationOutcome", "handling=lenient", "return=", ";,="),
    "if-match": ('W/"1"', "1", "", "*", 'W/"99"', "\x00", "²"),
    "if-none-match": ("*", 'W/"1"', "", "\xff"),
    "if-none-exist": ("identifier=urn:mrn|Ma", "", "?", "_id=a", "name=", "x=y", "&&", "_has:a:b"),
    "if-modified-since": ("yesterday", "Tue, 18 Jun 2024 10:00:00 GMT"),
}
TEXTS = (
    "", " ", "\0", "\x1f", "\ud800", "é", "\u202e", "💉" * 3, "a" * 5000, "%", "'", '"', "\\", "--",
    "|", "||", "|||", ",", ",,", "$", "\\,", "\\|", ":", "::", ".", "..", "../..", "/", "//",
    "//[", "[",
    "http://[", "http://x/fhir/Patient/a", f"{OWN}/Patient/a", "urn:uuid:1", "Patient/a",
    "Patient/", "Patient/a/_history/1", "#c", "_history", "$everything", "$validate", "_search",
    "metadata",
    "null", "true", "-1", "0", "1e400", "-1e-400", "NaN", "sNaN", "Infinity", "9" * 30, "9" * 5000,
    "1.5e999999999", "1e-999999999", "٣", "²", "gt", "gt2024", "ap0001-01-01", "ap9999-12-31",
    "0000", "0000-00-00", "9999-12-31T23:59:59.999999999+14:00", "0001-01-01T00:00:00+14:00",
    "2024-06-18T10:00:00+24:00", "2024-02-30", "2024-06-18T25:61:61Z", "5.4|u|c", "5.4||mmol/L",
    "5|", "{}", "[]", "<script>", "\r\n", "a\nb", "%00", "%ff", "%u0000", "+", "&", "=", "?", ";",
)  # fmt: skip
VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 2**63, 10**40, 10**400, 1.5, 1e308, -0.0, [], {}, [None], [[]], [{}],
    {"": ""}, {"reference": 5}, {"reference": ""}, {"reference": "Patient/b"}, {"coding": 1},
    {"coding": [None]}, {"extension": [{"url": "x"}]}, {"value": {}}, [1, "a", None],
    {"resourceType": "Bundle"}, {"start": "2025", "end": "2024"}, *TEXTS,
)  # fmt: skip
NAMES = (
    "_id", "_lastUpdated", "_count", "_offset", "_sort", "_include", "_include:iterate",
    "_revinclude", "_summary", "_total", "_elements", "_format", "_pretty", "_type", "_has",
    "_has:Observation:patient:code", "_has:Observation:patient:_has:X:y:z",
    "subject:Patient.family", "patient.name", "subject.", ".", ":", "code:not", "code:text",
    "code:missing", "code:in",
    "subject:Patient", "subject:identifier", "date", "value-quantity", "name:exact",
    "name:contains", "patient.patient.patient.patient.patient.name", "_id:missing",
    "_lastUpdated:missing", "x", "",
)  # fmt: skip
Part = Callable[[Random, Request], Request]


def body_of(chance: Random) -> Any:
    """A document of a kind that the server takes."""
    own = chance.choice(RESOURCES)
    new = observation("x", "a", "2823-3", NOW, 4.4)
    step = {"op": chance.choice(("add", "remove", "replace", "move", "copy", "test", "x")),
            "path": chance.choice(("", "/", "/note", "/code/coding/0", "/code/coding/-", "/x/y")),
            "from": chance.choice(("/code", "", "/x")), "value": chance.choice(VALUES)}  # fmt: skip
    return chance.choice((own, new, bundle(chance), bundle(chance), [step], {"status": "amended"}))


def bundle(chance: Random) -> dict[str, Any]:
    """A batch or transaction of a few requests."""
    entries = []
    for number in range(chance.randrange(5)):
        resource = chance.choice(RESOURCES)
        key = f"{resource['resourceType']}/{resource['id']}"
        url = chance.choice((key, key, resource["resourceType"], f"{OWN}/{key}", "Patient?name=S"))
        asked = {"method": chance.choice(METHODS[:7]), "url": url}
        if chance.random() < 0.2:
            asked["ifNoneExist"] = chance.choice(HEADERS["if-none-exist"])
        full = chance.choice((f"urn:uuid:{number}", f"{OWN}/{key}"))
        entries.append({"fullUrl": full, "resource": resource, "request": asked})
    return {"resourceType": "Bundle", "type": chance.choice(("batch", "transaction")),
            "entry": entries}  # fmt: skip


def usual(chance: Random) -> Request:
    """A request that is nearly always in order."""
    document = body_of(chance)
    if isinstance(document, list):
        method, target = "PATCH", "/fhir/Observation/o1"
    elif document.get("resourceType") == "Bundle":
        method, target = "POST", "/fhir"
    elif "resourceType" not in document:
        method, target = "PATCH", "/fhir/Observation/o2"
    else:
        type_ = document["resourceType"]
        method, target = chance.choice((
            ("GET", f"/fhir/{chance.choice(types())}"), ("GET", f"/fhir/{type_}?_count=2"),
            ("POST", f"/fhir/{type_}"), ("POST", f"/fhir/{type_}/_search"),
            ("PUT", f"/fhir/{type_}/{document['id']}"),
            ("PUT", f"/fhir/{type_}?_id={document['id']}"),
            ("POST", f"/fhir/{type_}/$validate"), ("DELETE", f"/fhir/{type_}/{document['id']}"),
            ("DELETE", f"/fhir/{type_}?_id={document['id']}"), ("GET", f"/fhir/{type_}/_history"),
            ("GET", f"/fhir/{type_}/{document['id']}/_history"), ("GET", "/fhir/metadata"),
            ("GET", "/fhir/Patient/a/$everything"), ("GET", f"/fhir/{type_}/{document['id']}"),
        ))  # fmt: skip
    kind = KINDS[2] if isinstance(document, list) else KINDS[3 if method == "PATCH" else 0]
    return Request(method, target, {"content-type": kind}, json.dumps(document).encode())


def mangled_method(chance: Random, request: Request) -> Request:
    """Another method."""
    return replace(request, method=chance.choice(METHODS))


def mangled_path(chance: Random, request: Request) -> Request:
    """A path with a part of it replaced."""
    parts = request.target.split("/")
    parts[chance.randrange(len(parts))] = one_text(chance)
    return replace(request, target="/".join(parts))


def mangled_query(chance: Random, request: Request) -> Request:
    """Search parameters that fit, fit nearly, or do not."""
    names = [*NAMES, *parameters()[chance.choice(types())]]
    values = [*TEXTS, "Observation:subject", "Observation:patient:Patient", "-date", "_id", "a,b"]
    pairs = [
        f"{chance.choice(names)}={one_text(chance, values)}" for _ in range(chance.randrange(1, 4))
    ]
    return replace(request, target=f"{request.target.partition('?')[0]}?{'&'.join(pairs)}")


def mangled_headers(chance: Random, request: Request) -> Request:
    """Headers that say something else."""
    name = chance.choice([*HEADERS, "content-type"])
    value = chance.choice(HEADERS.get(name, KINDS))
    return replace(request, headers={**request.headers, name: value})


def mangled_value(chance: Random, request: Request) -> Request:
    """A body with one value in the document replaced, removed, or under another name."""
    try:
        document = json.loads(request.body)
    except (ValueError, RecursionError):
        return mangled_bytes(chance, request)
    places = list(inner(document))
    if places:
        holder, key = chance.choice(places)
        holder[key] = chance.choice(VALUES)
        if isinstance(holder, dict) and chance.random() < 0.2:
            holder[chance.choice(TEXTS)] = holder.pop(key)
    return replace(request, body=json.dumps(document).encode())


def mangled_bytes(chance: Random, request: Request) -> Request:
    """A body with bytes cut, doubled or replaced."""
    data = bytearray(request.body or b"{}")
    at = chance.randrange(len(data))
    part = chance.choice((b"", b"\xff", b"\0", b"[", b"}", b'"', b"\\u0000", b"[" * 3000, b"1e999"))
    data[at : at + chance.randrange(3)] = part
    return replace(request, body=bytes(data[: chance.choice((at, len(data), len(data)))]))


def inner(document: Any) -> Iterator[tuple[Any, Any]]:
    """Every place in a document that holds a value."""
    pairs = (
        list(document.items())
        if isinstance(document, dict)
        else list(enumerate(document))
        if isinstance(document, list)
        else []
    )
    for key, value in pairs:
        yield document, key
        yield from inner(value)


def one_text(chance: Random, texts: Any = TEXTS) -> str:
    """A text for an address, escaped or as it is."""
    text = str(chance.choice(texts))
    if chance.random() < 0.7:
        return quote(text.encode("utf-8", "replace"), safe="")
    return text.encode("utf-8", "replace").decode("latin-1")  # as the server reads it


PARTS: dict[Part, int] = {
    mangled_method: 1, mangled_path: 2, mangled_query: 6, mangled_headers: 2, mangled_value: 10,
    mangled_bytes: 2,
}  # fmt: skip
"""How often each is taken."""


def mangled(seed: int, count: int) -> Iterator[Request]:
    """So many requests, each mangled in one way or two."""
    chance = Random(seed)
    for _ in range(count):
        request = usual(chance)
        for part in chance.choices([*PARTS], [*PARTS.values()], k=chance.choice((1, 1, 2))):
            request = part(chance, request)
        yield request


def faults(seed: int, count: int, folder: Path) -> Iterator[tuple[str, Request]]:
    """What is wrong with the answers to so many requests, and the requests.

    Every other episode is one of a server that does not check the structure of resources.
    """
    server = api(folder)
    for number, request in enumerate(mangled(seed, count)):
        if number % FRESH == 0:
            server = api(folder, lenient=number % (2 * FRESH) == 0)
        wrong = fault(server, request)
        if wrong:
            yield wrong, request


def state(server: Api) -> list[str]:
    """All that an episode wrote."""
    return [*server.store.connection.iterdump(), str(server.store.writes), str(server.store.own)]


def fault(server: Api, request: Request) -> str:
    """What is wrong with the answer to a request; empty where nothing is."""
    before = state(server)
    try:
        response = server.answer(request)
        wrong = fault_of(response)
    except Exception as error:
        last = traceback.extract_tb(error.__traceback__)[-1]
        return f"{Path(last.filename).name}:{last.lineno}: {type(error).__name__}: {error}"
    unwritten = response.status >= 400 or request.method in ("GET", "HEAD")
    if unwritten and state(server) != before:
        wrong = wrong or f"{response.status}, and the state is another"
    if server.store.coming or server.store.connection.in_transaction:
        wrong = wrong or "a transaction is left open"
    return wrong


def fault_of(response: Response) -> str:
    """What is wrong with a response by itself."""
    if response.status >= 500:
        return f"{response.status} {response.body!r:.300}"
    if not response.body:
        return (
            "" if response.status in (200, 201, 204, 304) else f"{response.status} without a body"
        )
    document = json.loads(response.body.decode())
    if response.status >= 400 and document["resourceType"] != "OperationOutcome":
        return f"{response.status} without an OperationOutcome"
    return ""


def over_socket(seed: int, count: int, folder: Path) -> Counter[int]:
    """Send requests as bytes to a service process; the numbers of each status."""
    path = folder / "served.sqlite"
    write(path, RESOURCES, updated=interval(NOW)[0])
    parent = FhirService().prepare(path, {"now": NOW})
    listener = socket.create_server(("127.0.0.1", 0))
    address = listener.getsockname()
    running = parent.start(listener)
    found: Counter[int] = Counter()
    for number, request in enumerate(mangled(seed, count)):
        found[exchanged(address, on_the_wire(Random(seed + number), request))] += 1
    running.changes()
    running.close()
    parent.close()
    return found


def on_the_wire(chance: Random, request: Request) -> bytes:
    """The bytes of a request; some with a head that is damaged."""
    lines = [f"{request.method} {request.target} HTTP/1.1", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in request.headers.items()]
    length = chance.choice((0, 0, 0, 0, 1, -1))
    lines.append(f"Content-Length: {max(0, len(request.body) + length)}")
    head = bytearray("\r\n".join(lines).encode("latin-1", "replace"))
    if chance.random() < 0.3:
        at = chance.randrange(len(head))
        head[at : at + 1] = chance.choice(
            (b"", b"\0", b"\r\n", b" ", b"\xff", b":", b"\n", b"a" * 70_000)
        )
    return bytes(head) + b"\r\n\r\n" + request.body


def exchanged(address: tuple[str, int], data: bytes) -> int:
    """The status that bytes are answered with; 0 where they are no whole request."""
    with socket.create_connection(address, timeout=20) as client:
        try:
            client.sendall(data)
            client.shutdown(socket.SHUT_WR)
            answer = b"".join(iter(lambda: client.recv(65_536), b""))
        except (BrokenPipeError, ConnectionResetError):  # refused before all was sent
            return 0
    if not answer:
        return 0
    head, _, body = answer.partition(b"\r\n\r\n")
    if body and not head.startswith(b"HTTP/1.1 100"):
        json.loads(body)
    return int(head.split(b" ")[1])


def main() -> None:
    """Send them, and print what is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=2000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        found: Counter[str] = Counter()
        for wrong, request in faults(given.seed, given.count, folder):
            found[wrong[:200]] += 1
            if found[wrong[:200]] == 1:
                print(f"{wrong[:400]}\n    {str(request)[:700]}")  # noqa: T201
        print(f"in process: {found.total()} of {given.count} are wrong")  # noqa: T201
        statuses = over_socket(given.seed, given.count // 10, folder)
        print(f"over a socket: {dict(sorted(statuses.items()))}; 0: no answer")  # noqa: T201


if __name__ == "__main__":
    main()
