"""What changes a store: create, update, patch, delete, each with its conditions, and bundles."""

from __future__ import annotations

import json
from urllib.parse import parse_qsl

from taskkit.fhir import patching, query, validation
from taskkit.fhir.errors import refused
from taskkit.fhir.exchange import Request, Response, answer
from taskkit.fhir.index import Resource
from taskkit.fhir.search import search
from taskkit.fhir.store import Method, Store, Version
from taskkit.fhir.transaction import Carry, process

BODIES = ("application/fhir+json", "application/json", "text/json", "")
MOST_WRITES = 5_000  # of one episode
MOST_WRITTEN = 64 * 1024 * 1024  # characters, of one episode: they are kept in memory
NOTHING_WRONG = {
    "resourceType": "OperationOutcome",
    "issue": [{"severity": "information", "code": "informational", "diagnostics": "valid"}],
}


class Writer:
    """Carries out what changes a store."""

    def __init__(self, store: Store, address: str, *, lenient: bool) -> None:
        self.store = store
        self.address = address
        self.lenient = lenient

    def exists(self, type_: str, id_: str) -> bool:
        """Whether a resource is there."""
        version = self.store.read(type_, id_)
        here = version is not None and version.body is not None
        return here or f"{type_}/{id_}" in self.store.coming

    def body(self, request: Request, type_: str) -> Resource:
        """The resource that a request brings, of the type of its address, references made short.

        Raises:
            RefusedError: there is none, or it is another type's.
        """
        kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
        if kind not in BODIES:
            raise refused(415, "not-supported", f"Content-Type {kind!r}: need {BODIES[0]}")
        document = validation.resource(request.body)
        found = document.get("resourceType")
        if found != type_:
            raise refused(
                400, "structure", f"resourceType {found!r}: need {type_!r}", "resourceType"
            )
        validation.printable(document, type_)
        shorten(document, f"{self.address}/")
        return document

    def valid(self, document: Resource) -> Resource:
        """A resource that may be written.

        Raises:
            RefusedError: it is not valid, or too much was written.
        """
        if self.store.writes >= MOST_WRITES:
            raise refused(503, "too-costly", f"need at most {MOST_WRITES} writes")
        if self.store.size >= MOST_WRITTEN:
            raise refused(503, "too-costly", f"need at most {MOST_WRITTEN} characters written")
        validation.validate(document, self.exists, lenient=self.lenient)
        return document

    def check(self, request: Request, type_: str) -> Response:
        """Validate a resource and keep nothing."""
        validation.validate(self.body(request, type_), self.exists)
        return answer(200, NOTHING_WRONG)

    def create(self, request: Request, type_: str) -> Response:
        """Create a resource; with `If-None-Exist`, only where no other matches."""
        document = self.body(request, type_)
        condition = request.headers.get("if-none-exist")
        if condition is not None:
            found = self.matches(type_, condition)
            if found:
                return self.shown(request, found[0], 200)
        document = {**document, "id": request.assigned or self.store.new_id(type_)}
        return self.write(request, self.valid(document), "POST")

    def update(self, request: Request, type_: str, id_: str) -> Response:
        """Put a resource in the place of one, or where none was."""
        document = self.body(request, type_)
        if document.get("id", id_) != id_ or "id" not in document:
            raise refused(400, "value", f"id {document.get('id')!r}: need {id_!r}", f"{type_}.id")
        self.unchanged_since(request, type_, id_)
        return self.write(request, self.valid(document), "PUT")

    def update_where(self, request: Request, type_: str) -> Response:
        """Put a resource in the place of the one that matches."""
        document = self.body(request, type_)
        found = self.matches(type_, request.parts[1])
        id_ = found[0].id if found else str(document.get("id", self.store.new_id(type_)))
        if document.get("id", id_) != id_:
            raise refused(400, "value", f"id {document.get('id')!r}: need {id_!r}", f"{type_}.id")
        return self.write(request, self.valid({**document, "id": id_}), "PUT")

    def patch(self, request: Request, type_: str, id_: str) -> Response:
        """Change parts of a resource by JSON Patch."""
        version = self.store.read(type_, id_)
        if version is None or version.body is None:
            raise refused(404, "not-found", f"{type_}/{id_}: there is no such resource")
        self.unchanged_since(request, type_, id_)
        document = patching.patched(request, json.loads(version.body))
        if (document.get("resourceType"), document.get("id")) != (type_, id_):
            raise refused(422, "business-rule", "patch: type and id cannot be changed")
        shorten(document, f"{self.address}/")
        return self.write(request, self.valid(document), "PUT")

    def delete(self, type_: str, id_: str) -> Response:
        """Delete a resource that nothing refers to."""
        version = self.store.read(type_, id_)
        if version is None:
            raise refused(404, "not-found", f"{type_}/{id_}: there is no such resource")
        if version.body is None:
            return Response(204)
        self.unreferenced(type_, id_)
        deleted = self.store.delete(type_, id_)
        return Response(204, headers=(("ETag", deleted.tag),))

    def delete_where(self, request: Request, type_: str) -> Response:
        """Delete the one resource that matches."""
        found = self.matches(type_, request.parts[1])
        return self.delete(type_, found[0].id) if found else Response(204)

    def unreferenced(self, type_: str, id_: str) -> None:
        """Check that no resource refers to one.

        Raises:
            RefusedError: one does.
        """
        for part in ("base", "main"):
            hidden = "AND rid NOT IN (SELECT rid FROM main.hidden)" if part == "base" else ""
            row = self.store.connection.execute(
                f"SELECT r.type, r.id FROM {part}.reference x JOIN {part}.resource r USING (rid) "
                f"WHERE x.param IN (SELECT DISTINCT param FROM {part}.reference) "
                f"AND x.target = ? AND x.type = ? {hidden} LIMIT 1",
                (id_, type_),
            ).fetchone()
            if row:
                text = f"{type_}/{id_}: {row[0]}/{row[1]} refers to it: cannot be deleted"
                raise refused(409, "conflict", text)

    def unchanged_since(self, request: Request, type_: str, id_: str) -> None:
        """Check the version that `If-Match` names, and that there is none for `If-None-Match: *`.

        Raises:
            RefusedError: the resource has another.
        """
        wanted = request.headers.get("if-match")
        current = self.store.read(type_, id_)
        there = current is not None and current.body is not None
        if request.headers.get("if-none-match", "").strip() == "*" and there:
            raise refused(412, "conflict", f"If-None-Match: *: {type_}/{id_} is there")
        if wanted is None:
            return
        if current is None or wanted.strip() not in (
            current.tag,
            current.tag[2:],
            str(current.number),
        ):
            found = current.tag if current else "none"
            raise refused(412, "conflict", f"If-Match: {wanted!r}: the version is {found}")

    def matches(self, type_: str, condition: str) -> list[Version]:
        """The resource that a condition names, if there is one.

        Raises:
            RefusedError: it names nothing to search by, or more than one matches.
        """
        pairs = parse_qsl(condition.removeprefix(f"{type_}?").lstrip("?"), keep_blank_values=True)
        asked = query.parse(type_, pairs, now=self.store.now)
        if not asked.conditions and not asked.chains:
            raise refused(412, "value", f"condition {condition!r}: need search parameters")
        found = search(self.store, asked, size=2).matches
        if len(found) > 1:
            raise refused(412, "multiple-matches", f"condition {condition!r}: several match")
        versions = [self.store.read(type_, id_) for _, _, id_, _ in found]
        return [one for one in versions if one is not None]

    def write(self, request: Request, document: Resource, method: Method) -> Response:
        """Write a resource, and answer with it."""
        type_, id_ = str(document["resourceType"]), str(document["id"])
        before = self.store.read(type_, id_)
        fresh = before is None or before.body is None
        return self.shown(request, self.store.put(document, method), 201 if fresh else 200)

    def shown(self, request: Request, version: Version, status: int) -> Response:
        """The response that shows what was written."""
        location = f"{self.address}/{version.type}/{version.id}/_history/{version.number}"
        headers = (("Location", location), ("ETag", version.tag))
        if request.prefers("return=minimal"):
            return Response(status, headers=headers)
        if request.prefers("return=OperationOutcome"):
            return answer(status, NOTHING_WRONG, headers)
        assert version.body is not None
        return Response(status, version.body.encode(), headers)

    def bundle(self, request: Request, carry: Carry) -> Response:
        """Carry out a batch or a transaction."""
        document = self.body(request, "Bundle")
        if document.get("type") == "batch":
            return process(document, request, carry, self.store, self.address, whole=False)
        if document.get("type") != "transaction":
            text = f"type {document.get('type')!r}: need batch or transaction"
            raise refused(400, "value", text, "Bundle.type")
        self.store.begin()
        kept = False
        try:
            response = process(document, request, carry, self.store, self.address, whole=True)
            kept = True
            return response
        finally:
            (self.store.commit if kept else self.store.rollback)()


def shorten(document: object, prefix: str) -> None:
    """Make the references to this server's own address relative, in place."""
    if isinstance(document, dict):
        target = document.get("reference")
        if isinstance(target, str) and target.startswith(prefix):
            document["reference"] = target[len(prefix) :]
        for value in document.values():
            shorten(value, prefix)
    elif isinstance(document, list):
        for value in document:
            shorten(value, prefix)
