"""A store of resources: a base that nobody changes, and what one episode wrote over it."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import JsonValue

from taskkit.fhir import schema
from taskkit.fhir.errors import refused
from taskkit.fhir.index import COLUMNS, Resource
from taskkit.fhir.moment import instant
from taskkit.sqlite import uri

OWN = 1 << 40  # rids of what an episode wrote start here
TICK = 1_000  # ms between two writes of an episode's frozen clock
MAP = 1 << 30  # bytes of the base mapped; shared by all episodes
Op = Literal["created", "updated", "deleted"]
Method = Literal["POST", "PUT", "DELETE"]
Found = tuple[int, str, str, str]
"""rid, type, id and JSON text of a resource."""


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a resource."""

    type: str
    id: str
    number: int
    updated: int
    """Milliseconds since 1970."""
    body: str | None
    """Its JSON text; None where it was deleted."""
    method: Method = "PUT"

    @property
    def tag(self) -> str:
        """Its ETag."""
        return f'W/"{self.number}"'


@dataclass(frozen=True, slots=True)
class Difference:
    """What differs between a store and its base."""

    op: Op
    key: str
    """Type and id, such as `Patient/12`."""
    before: Resource | None
    after: Resource | None


class Store:
    """A base file, read only, and an overlay in memory."""

    def __init__(self, base: Path, *, now: int) -> None:
        self.connection = sqlite3.connect(
            ":memory:", uri=True, isolation_level=None, check_same_thread=False
        )
        run = self.connection.execute
        run("PRAGMA cache_size = -512")
        run("ATTACH ? AS base", (uri(base),))
        run(f"PRAGMA base.mmap_size = {MAP}")
        self.started = schema.check(self.connection, "base", base)
        schema.create(self.connection)
        schema.index(self.connection)
        run("CREATE TABLE main.hidden (rid INTEGER PRIMARY KEY)")
        run(
            "CREATE TABLE main.history (number INTEGER PRIMARY KEY, type, id, version, updated, "
            "body, method)"
        )
        self.now = max(now, self.started)
        self.writes = 0
        self.size = 0
        """Characters of all that was written, what was taken back included."""
        self.own: set[str] = set()
        """The types that the overlay has resources of."""
        self.coming: set[str] = set()
        """Resources that the transaction at hand creates, as `Type/id`."""

    def read(self, type_: str, id_: str) -> Version | None:
        """The current version of a resource; None where it never was; its body None if deleted."""
        if self.writes:
            row = self.connection.execute(
                "SELECT version, updated, body, method FROM main.history WHERE type = ? AND id = ? "
                "ORDER BY number DESC LIMIT 1",
                (type_, id_),
            ).fetchone()
            if row:
                return Version(type_, id_, *row)
        return self.original(type_, id_)

    def find(self, type_: str, id_: str) -> Found | None:
        """The row of a resource that is there."""
        part = "main" if type_ in self.own and self.hidden(type_, id_) else "base"
        row = self.connection.execute(
            f"SELECT rid, type, id, body FROM {part}.resource WHERE type = ? AND id = ?",
            (type_, id_),
        ).fetchone()
        return None if row is None or (part == "base" and self.hidden(type_, id_)) else row

    def hidden(self, type_: str, id_: str) -> bool:
        """Whether the episode wrote or deleted a resource."""
        return self.connection.execute(
            "SELECT 1 FROM main.history WHERE type = ? AND id = ?", (type_, id_)
        ).fetchone() is not None  # fmt: skip

    def original(self, type_: str, id_: str) -> Version | None:
        """The version of a resource that the base has."""
        row = self.connection.execute(
            "SELECT version, updated, body FROM base.resource WHERE type = ? AND id = ?",
            (type_, id_),
        ).fetchone()
        return Version(type_, id_, *row) if row else None

    def history(self, type_: str, id_: str | None = None) -> Iterator[Version]:
        """Every version of a resource or of a type, the newest first; lazily."""
        clause, values = (
            ("type = ?", [type_]) if id_ is None else ("type = ? AND id = ?", [type_, id_])
        )
        for row in self.connection.execute(
            "SELECT type, id, version, updated, body, method FROM main.history "
            f"WHERE {clause} ORDER BY number DESC",
            values,
        ).fetchall():
            yield Version(*row)
        for row in self.connection.execute(
            "SELECT type, id, version, updated, body, 'POST' FROM base.resource "
            f"WHERE {clause} ORDER BY rid",
            values,
        ):
            yield Version(*row)

    def new_id(self, type_: str, *, ahead: int = 0) -> str:
        """An id that no resource of the type has; the same in every run.

        Args:
            ahead: How many other resources get their ids before this one.
        """
        for number in range(self.writes + ahead, self.writes + ahead + 1_000):
            id_ = hashlib.sha256(f"{type_}/{number}/{self.now}".encode()).hexdigest()[:16]
            if self.read(type_, id_) is None:
                return id_
        raise refused(500, "exception", "no free id")

    def put(self, resource: Resource, method: Method) -> Version:
        """Write a resource with its id; the new version."""
        type_, id_ = str(resource["resourceType"]), str(resource["id"])
        current = self.read(type_, id_)
        number = 1 if current is None else current.number + 1
        moment = self.tick()
        written = schema.stamped(resource, number, instant(moment))
        self.forget(type_, id_)
        rid = OWN + self.writes
        schema.insert(self.connection, [(rid, number, written)], moment)
        self.own.add(type_)
        body = json.dumps(written, ensure_ascii=False, separators=(",", ":"))
        self.size += len(body)
        return self.log(Version(type_, id_, number, moment, body, method))

    def delete(self, type_: str, id_: str) -> Version:
        """Delete a resource that is there; its last version, without a body."""
        current = self.read(type_, id_)
        assert current is not None
        moment = self.tick()
        self.forget(type_, id_)
        return self.log(Version(type_, id_, current.number + 1, moment, None, "DELETE"))

    def tick(self) -> int:
        """The time of the next write: the frozen clock goes on by a second."""
        self.writes += 1
        return self.now + self.writes * TICK

    def log(self, version: Version) -> Version:
        """Keep a version in the history."""
        self.connection.execute(
            "INSERT INTO main.history (type, id, version, updated, body, method) "
            "VALUES (?,?,?,?,?,?)",
            (version.type, version.id, version.number, version.updated, version.body,
             version.method),
        )  # fmt: skip
        return version

    def forget(self, type_: str, id_: str) -> None:
        """Take a resource out of what is found."""
        key = (type_, id_)
        run = self.connection.execute
        run(
            "INSERT OR IGNORE INTO main.hidden SELECT rid FROM base.resource "
            "WHERE type = ? AND id = ?",
            key,
        )
        row = run("SELECT rid FROM main.resource WHERE type = ? AND id = ?", key).fetchone()
        if row:
            for table in ("resource", *COLUMNS):
                run(f"DELETE FROM main.{table} WHERE rid = ?", row)

    def differences(self) -> list[Difference]:
        """What differs from the base, in order of the first write; versions do not count."""
        found = []
        for type_, id_ in self.connection.execute(
            "SELECT type, id FROM main.history GROUP BY type, id ORDER BY min(number)"
        ).fetchall():
            original, current = self.original(type_, id_), self.read(type_, id_)
            before = content(original.body if original else None)
            after = content(current.body if current else None)
            if before != after:
                op: Op = "created" if before is None else "deleted" if after is None else "updated"
                found.append(Difference(op, f"{type_}/{id_}", before, after))
        return found

    def begin(self) -> None:
        """Begin a transaction: all that is written until `commit` or `rollback`."""
        self.connection.execute("BEGIN")
        self.saved = (self.writes, set(self.own))

    def commit(self) -> None:
        """Keep what was written since `begin`."""
        self.connection.execute("COMMIT")
        self.coming = set()

    def rollback(self) -> None:
        """Undo what was written since `begin`."""
        self.connection.execute("ROLLBACK")
        self.writes, self.own = self.saved
        self.coming = set()

    def close(self) -> None:
        """Let go of the files."""
        self.connection.close()


def content(body: str | None) -> Resource | None:
    """A resource without what the server itself sets: version and time of update."""
    if body is None:
        return None
    resource: dict[str, JsonValue] = json.loads(body)
    meta = resource.pop("meta", None)
    kept = {} if not isinstance(meta, dict) else meta
    kept = {name: value for name, value in kept.items() if name not in ("versionId", "lastUpdated")}
    if kept:
        resource["meta"] = kept
    return resource
