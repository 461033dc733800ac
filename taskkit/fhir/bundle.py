"""Bundles that the server answers: pages of searches, and histories."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice
from urllib.parse import quote, urlencode

from pydantic import JsonValue

from taskkit.fhir import query
from taskkit.fhir.element import each
from taskkit.fhir.errors import refused
from taskkit.fhir.exchange import Request, Response
from taskkit.fhir.moment import instant
from taskkit.fhir.parameters import parameters
from taskkit.fhir.search import Page, search
from taskkit.fhir.store import Found, Store, Version

ALWAYS = ("resourceType", "id", "meta")
REQUIRED = ("status", "code", "subject", "patient", "intent", "class")
"""Elements that are kept by `_elements` and `_summary` where the resource has them."""
BULK = ("text", "contained", "note", "extension", "modifierExtension", "photo", "contact",
        "communication", "evidence", "stage", "referenceRange", "reaction")  # fmt: skip
"""Elements that `_summary=true` leaves out."""


class Pager:
    """Answers searches page by page."""

    def __init__(self, store: Store, address: str, size: int, most: int) -> None:
        self.store = store
        self.address = address
        self.size = size
        self.most = most

    def search(self, request: Request, type_: str) -> Response:
        """A page of a search."""
        lenient = request.prefers("handling=lenient")
        asked = query.parse(type_, request.pairs(), now=self.store.now, lenient=lenient)
        size = self.size if asked.count is None else min(asked.count, self.most)
        page = search(self.store, asked, size=size)
        return self.bundle(asked, page, size)

    def bundle(self, asked: query.Query, page: Page, size: int) -> Response:
        """The Bundle of a page; texts are joined, since resources are stored as JSON."""
        links = [("self", self.link(asked.type, asked.said, asked.offset))]
        if page.more:
            links.append(("next", self.link(asked.type, asked.said, asked.offset + size)))
        if asked.offset and size:
            before = max(0, asked.offset - size)
            links.append(("previous", self.link(asked.type, asked.said, before)))
        reduce = asked.elements or asked.summary != "false"
        entries = [
            self.entry(
                item, mode, reduced_text(item[3], asked) if reduce and mode == "match" else item[3]
            )
            for mode, items in (("match", page.matches), ("include", page.included))
            for item in items
        ]
        return joined("searchset", page.total, links, entries)

    def entry(self, item: Found, mode: str, body: str) -> str:
        """The JSON text of an entry."""
        address = f"{self.address}/{item[1]}/{item[2]}"
        return f'{{"fullUrl":"{address}","resource":{body},"search":{{"mode":"{mode}"}}}}'

    def link(self, path: str, said: list[tuple[str, str]], offset: int) -> str:
        """The address of a page."""
        pairs = [*said, *([("_offset", str(offset))] if offset else [])]
        text = urlencode(pairs, quote_via=quote, safe=":/|,$")
        return f"{self.address}/{path}" + (f"?{text}" if text else "")

    def everything(self, request: Request, patient: str) -> Response:
        """A patient and all that refers to them, in pages."""
        given = dict(request.pairs())
        extra = sorted(set(given) - {"_count", "_offset", "_type", *query.IGNORED})
        if extra:
            raise refused(
                400, "not-supported", f"$everything: parameter {extra[0]!r}: need _count or _type"
            )
        size = min(query.whole("_count", given.get("_count", str(self.size))), self.most)
        offset = query.whole("_offset", given.get("_offset", "0"))
        wanted = given["_type"].split(",") if "_type" in given else None
        found = self.about(patient, wanted)
        part = found[offset : offset + size]
        said = [pair for pair in given.items() if pair[0] in ("_count", "_type")]
        path = f"Patient/{patient}/$everything"
        links = [("self", self.link(path, said, offset))]
        if len(found) > offset + size:
            links.append(("next", self.link(path, said, offset + size)))
        entries = [self.entry(item, "match", item[3]) for item in part]
        return joined("searchset", len(found), links, entries)

    def about(self, patient: str, wanted: list[str] | None) -> list[Found]:
        """The patient and what refers to them, by type."""
        version = self.store.read("Patient", patient)
        assert version is not None
        assert version.body is not None
        found: list[Found] = [(0, "Patient", patient, version.body)]
        for type_, table in parameters().items():
            if "patient" in table and (wanted is None or type_ in wanted):
                asked = query.parse(type_, [("patient", f"Patient/{patient}")], now=self.store.now)
                asked.total = "none"
                found += search(self.store, asked, size=100_000).matches
        return found if wanted is None or "Patient" in wanted else found[1:]

    def reduced(self, request: Request, type_: str, response: Response) -> Response:
        """A resource with the elements that `_summary` or `_elements` ask for."""
        pairs = [pair for pair in request.pairs() if pair[0] not in query.IGNORED]
        if not pairs:
            return response
        strange = [name for name, _ in pairs if name not in ("_summary", "_elements")]
        if strange:
            raise refused(
                400, "not-supported", f"read: parameter {strange[0]!r}: need _summary or _elements"
            )
        asked = query.parse(type_, pairs, now=self.store.now)
        return Response(200, reduced_text(response.body.decode(), asked).encode(), response.headers)


def joined(
    kind: str, total: int | None, links: list[tuple[str, str]], entries: list[str]
) -> Response:
    """The response of a Bundle whose entries are JSON texts."""
    head: dict[str, JsonValue] = {"resourceType": "Bundle", "type": kind}
    if total is not None:
        head["total"] = total
    head["link"] = [{"relation": relation, "url": url} for relation, url in links]
    text = json.dumps(head, ensure_ascii=False, separators=(",", ":"))
    if entries:
        text = f'{text[:-1]},"entry":[{",".join(entries)}]}}'
    return Response(200, text.encode())


def reduced_text(body: str, asked: query.Query) -> str:
    """A resource with a part of its elements, tagged SUBSETTED."""
    document = json.loads(body)
    match asked.summary:
        case "true":
            kept = {name: value for name, value in document.items() if name not in BULK}
        case "text":
            kept = only(document, (*ALWAYS, *REQUIRED, "text"))
        case "data":
            kept = {name: value for name, value in document.items() if name != "text"}
        case _:
            kept = only(document, (*ALWAYS, *REQUIRED, *asked.elements))
    tag = {
        "system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue",
        "code": "SUBSETTED",
    }
    kept["meta"] = {**kept["meta"], "tag": [*each(kept["meta"].get("tag")), tag]}
    return json.dumps(kept, ensure_ascii=False, separators=(",", ":"))


def only(document: dict[str, JsonValue], names: tuple[str, ...]) -> dict[str, JsonValue]:
    """The members of some names."""
    return {name: value for name, value in document.items() if name in names}


def bundle_of_versions(pager: Pager, request: Request, versions: Iterator[Version]) -> Response:
    """A history, the newest version first, in pages."""
    given = dict(request.pairs())
    size = min(query.whole("_count", given.get("_count", str(pager.size))), pager.most)
    offset = query.whole("_offset", given.get("_offset", "0"))
    part = list(islice(versions, offset, offset + size + 1))
    path = request.path.removeprefix("/fhir/")
    said = [("_count", given["_count"])] if "_count" in given else []
    links = [("self", pager.link(path, said, offset))]
    if len(part) > size:
        links.append(("next", pager.link(path, said, offset + size)))
    return joined("history", None, links, [past(pager, one) for one in part[:size]])


def past(pager: Pager, version: Version) -> str:
    """The JSON text of a history's entry."""
    key = f"{version.type}/{version.id}"
    url = version.type if version.method == "POST" else key
    status = {"POST": "201", "DELETE": "204"}.get(version.method, "200")
    tail = {
        "request": {"method": version.method, "url": url},
        "response": {
            "status": status,
            "etag": version.tag,
            "lastModified": instant(version.updated),
        },
    }
    head = f'{{"fullUrl":"{pager.address}/{key}",'
    body = f'"resource":{version.body},' if version.body is not None else ""
    return head + body + json.dumps(tail)[1:]
