"""The REST interface of FHIR R4 on a store."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable

from taskkit.fhir import capability, exchange
from taskkit.fhir.bundle import Pager, bundle_of_versions
from taskkit.fhir.errors import RefusedError, refused
from taskkit.fhir.exchange import Request, Response, answer, refusal
from taskkit.fhir.moment import instant
from taskkit.fhir.parameters import types
from taskkit.fhir.search import interrupted
from taskkit.fhir.store import Store, Version
from taskkit.fhir.validation import ID
from taskkit.fhir.writing import Writer

BASE = "/fhir"
LONGEST_S = 3.0  # of one request's work in the store
STEPS = 20_000  # of the SQLite machine between two looks at the clock


class Api:
    """Answers requests on one store; never raises for what a client sends."""

    def __init__(
        self, store: Store, *, address: str, size: int = 50, most: int = 500, lenient: bool = False
    ) -> None:
        """Make the interface.

        Args:
            address: `http://host:port/fhir`, as clients see it.
            size: Matches on a page where `_count` does not say it.
            most: Matches on a page at most.
            lenient: Accept resources whose structure is not valid.
        """
        self.store = store
        self.address = address
        self.pager = Pager(store, address, size, most)
        self.writer = Writer(store, address, lenient=lenient)
        self.deadline = 0.0
        store.connection.set_progress_handler(self.overdue, STEPS)

    def overdue(self) -> int:
        """Whether the request at hand has taken too long; SQLite asks."""
        return int(time.monotonic() > self.deadline)

    def answer(self, request: Request) -> Response:
        """The response to a request."""
        self.deadline = time.monotonic() + LONGEST_S
        try:
            exchange.acceptable(request)
            return self.route(request)
        except RefusedError as error:
            return refusal(error)
        except sqlite3.OperationalError as error:
            if not interrupted(error):
                raise
            return refusal(
                refused(
                    503, "too-costly", f"request took more than {LONGEST_S} s: need a narrower one"
                )
            )

    def route(self, request: Request) -> Response:
        """Send a request to what answers it."""
        path = request.path
        if path != BASE and not path.startswith(f"{BASE}/"):
            raise refused(404, "not-found", f"{path[:200]!r}: need a path below {BASE}")
        parts = [part for part in path[len(BASE) :].split("/") if part]
        method = "GET" if request.method == "HEAD" else request.method
        if not parts:
            return self.root(request, method)
        if parts == ["metadata"] and method == "GET":
            return answer(200, capability.statement(self.address, instant(self.store.started)))
        if parts[0].startswith("$"):
            raise refused(404, "not-supported", f"operation {parts[0][:80]!r}: not supported")
        if parts == ["_history"]:
            raise refused(400, "not-supported", "history of the whole system: need a type")
        if parts[0] not in types():
            raise refused(
                404, "not-supported", f"resource type {parts[0]!r}: not kept by this server"
            )
        routes: dict[int, Callable[[Request, str, list[str]], Response]] = {
            1: self.of_type,
            2: self.of_instance,
            3: self.of_history,
            4: self.of_history,
        }
        if len(parts) not in routes:
            raise refused(404, "not-found", f"{path[:200]!r}: there is no such interaction")
        return routes[len(parts)](request, method, parts)

    def root(self, request: Request, method: str) -> Response:
        """A batch or a transaction."""
        if method != "POST":
            raise refused(405, "not-supported", f"{request.method} {BASE}: need POST of a Bundle")
        return self.writer.bundle(request, self.part)

    def part(self, request: Request) -> Response:
        """The response to one entry of a bundle."""
        exchange.acceptable(request)
        return self.route(request)

    def of_type(self, request: Request, method: str, parts: list[str]) -> Response:
        """Search, create, conditional update and conditional delete."""
        match method:
            case "GET":
                return self.pager.search(request, parts[0])
            case "POST":
                return self.writer.create(request, parts[0])
            case "PUT":
                return self.writer.update_where(request, parts[0])
            case "DELETE":
                return self.writer.delete_where(request, parts[0])
        raise refused(405, "not-supported", f"{method} {parts[0]}: need GET, POST, PUT or DELETE")

    def of_instance(self, request: Request, method: str, parts: list[str]) -> Response:
        """Read, update, patch and delete; search by POST; history of a type; validate."""
        type_, name = parts
        if name == "_search" and method == "POST":
            return self.pager.search(request, type_)
        if name == "_history" and method == "GET":
            return bundle_of_versions(self.pager, request, self.store.history(type_))
        if name == "$validate" and method == "POST":
            return self.writer.check(request, type_)
        if not ID.fullmatch(name):
            raise refused(404, "not-found", f"{type_}/{name[:200]}: there is no such interaction")
        match method:
            case "GET":
                return self.read(request, type_, name)
            case "PUT":
                return self.writer.update(request, type_, name)
            case "PATCH":
                return self.writer.patch(request, type_, name)
            case "DELETE":
                return self.writer.delete(type_, name)
        raise refused(
            405, "not-supported", f"{method} {type_}/{name}: need GET, PUT, PATCH or DELETE"
        )

    def of_history(self, request: Request, method: str, parts: list[str]) -> Response:
        """History of a resource, one of its versions, and everything of a patient."""
        type_, id_, name = parts[:3]
        if method != "GET":
            raise refused(405, "not-supported", f"{method} {'/'.join(parts)}: need GET")
        if [type_, name] == ["Patient", "$everything"] and len(parts) == 3:
            self.current(type_, id_)
            return self.pager.everything(request, id_)
        if name != "_history":
            raise refused(
                404, "not-found", f"{'/'.join(parts)[:200]}: there is no such interaction"
            )
        versions = self.store.history(type_, id_)
        if len(parts) == 3:
            if self.store.read(type_, id_) is None:
                raise refused(404, "not-found", f"{type_}/{id_}: there is no such resource")
            return bundle_of_versions(self.pager, request, versions)
        for version in versions:
            if str(version.number) == parts[3]:
                return shown(version)
        raise refused(404, "not-found", f"{type_}/{id_}: there is no version {parts[3][:20]!r}")

    def read(self, request: Request, type_: str, id_: str) -> Response:
        """The current version of a resource."""
        version = self.current(type_, id_)
        if request.headers.get("if-none-match", "").strip() == version.tag:
            return Response(304, headers=(("ETag", version.tag),))
        return self.pager.reduced(request, type_, shown(version))

    def current(self, type_: str, id_: str) -> Version:
        """The current version of a resource.

        Raises:
            RefusedError: it never was, or is deleted.
        """
        version = self.store.read(type_, id_)
        if version is None:
            raise refused(404, "not-found", f"{type_}/{id_}: there is no such resource")
        if version.body is None:
            raise refused(410, "deleted", f"{type_}/{id_}: was deleted")
        return version


def shown(version: Version) -> Response:
    """The response that shows a version."""
    if version.body is None:
        raise refused(410, "deleted", f"{version.type}/{version.id}: was deleted in this version")
    headers = (("ETag", version.tag), ("Last-Modified", http_date(version.updated)))
    return Response(200, version.body.encode(), headers)


def http_date(moment: int) -> str:
    """The date of an HTTP header, from milliseconds since 1970."""
    from email.utils import formatdate

    return formatdate(moment / 1000, usegmt=True)
