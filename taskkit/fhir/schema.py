"""The tables of a store: resources, their earlier versions, and the search index."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path

from taskkit.errors import SourceError
from taskkit.fhir.index import COLUMNS, Resource, rows
from taskkit.fhir.parameters import digest, types

BATCH = 5_000  # resources written at once
FORM = "1"  # of the tables below


def create(connection: sqlite3.Connection, part: str = "main") -> None:
    """Make the empty tables of a store in one part of a connection."""
    connection.execute(f"CREATE TABLE {part}.meta (name TEXT PRIMARY KEY, value TEXT)")
    connection.execute(
        f"CREATE TABLE {part}.resource (rid INTEGER PRIMARY KEY, type TEXT, id TEXT, version "
        "INTEGER, updated INTEGER, body TEXT, UNIQUE (type, id))"
    )
    for table, columns in COLUMNS.items():
        connection.execute(
            f"CREATE TABLE {part}.{table} (rid INTEGER, param INTEGER, {', '.join(columns)}, "
            f"PRIMARY KEY (rid, param, {', '.join(columns)})) WITHOUT ROWID"
        )


def index(connection: sqlite3.Connection, part: str = "main") -> None:
    """Make the indexes by value; after the rows where there are many."""
    for table, columns in COLUMNS.items():
        lead = "target, type" if table == "reference" else ", ".join(columns[:2])
        if table == "token":
            lead = "code, system"
        connection.execute(f"CREATE INDEX {part}.{table}_value ON {table} (param, {lead}, rid)")


def insert(
    connection: sqlite3.Connection, entries: Iterable[tuple[int, int, Resource]], updated: int
) -> None:
    """Write resources, each with its rid and version, and their index rows.

    Args:
        updated: Of their last update, milliseconds since 1970.
    """
    bodies: list[tuple[object, ...]] = []
    found: dict[str, list[tuple[object, ...]]] = {table: [] for table in COLUMNS}
    for rid, version, resource in entries:
        text = json.dumps(resource, ensure_ascii=False, separators=(",", ":"))
        bodies.append((rid, resource["resourceType"], resource["id"], version, updated, text))
        for table, param, values in rows(resource):
            found[table].append((rid, param, *values))
    connection.executemany("INSERT INTO main.resource VALUES (?,?,?,?,?,?)", bodies)
    for table, columns in COLUMNS.items():
        marks = ",".join("?" * (len(columns) + 2))
        connection.executemany(f"INSERT INTO main.{table} VALUES ({marks})", found[table])


def stamped(resource: Resource, version: int, updated: str) -> Resource:
    """The resource with its version and time of update, type and id first."""
    meta = resource.get("meta")
    head = {"resourceType": resource["resourceType"], "id": resource["id"]}
    told: Resource = {**(meta if isinstance(meta, dict) else {})}
    told |= {"versionId": str(version), "lastUpdated": updated}
    rest = {name: value for name, value in resource.items() if name not in {*head, "meta"}}
    return {**head, "meta": told, **rest}


def write(target: Path, resources: Iterable[Resource], *, updated: int) -> int:
    """Write a store of resources; give their number.

    Args:
        resources: Valid, each with its id; type and id together are not repeated.
        updated: Of every one's last update, milliseconds since 1970.

    Raises:
        SourceError: a resource's type is not kept, or it is there twice.
    """
    with sqlite3.connect(target) as connection:
        connection.execute("PRAGMA page_size = 4096")
        connection.execute("PRAGMA journal_mode = OFF")
        connection.execute("PRAGMA synchronous = OFF")
        create(connection)
        number = 0
        for batch in batches(numbered(resources, updated)):
            try:
                insert(connection, batch, updated)
            except sqlite3.IntegrityError as error:
                raise SourceError(f"FHIR store: a resource is there twice: {error}") from error
            number += len(batch)
        index(connection)
        connection.execute("CREATE INDEX resource_type ON resource (type)")  # lists a type in order
        marks = (("form", FORM), ("parameters", digest()), ("updated", str(updated)))
        connection.executemany("INSERT INTO meta VALUES (?, ?)", marks)
        connection.execute("ANALYZE")
    connection.close()
    return number


def numbered(resources: Iterable[Resource], updated: int) -> Iterator[tuple[int, int, Resource]]:
    """The resources with rid and version, in the order given."""
    from taskkit.fhir.moment import instant

    time = instant(updated)
    for rid, resource in enumerate(resources, start=1):
        if resource.get("resourceType") not in types():
            raise SourceError(
                f"FHIR store: resource type {resource.get('resourceType')!r}: need one of "
                f"{', '.join(types())}"
            )
        yield rid, 1, stamped(resource, 1, time)


def batches(
    entries: Iterable[tuple[int, int, Resource]],
) -> Iterator[list[tuple[int, int, Resource]]]:
    """The entries in lists of bounded size."""
    batch: list[tuple[int, int, Resource]] = []
    for entry in entries:
        batch.append(entry)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def check(connection: sqlite3.Connection, part: str, path: Path) -> int:
    """Check that a part is a store that this version reads; give its time of update.

    Raises:
        SourceError: it is not.
    """
    try:
        found = dict(connection.execute(f"SELECT name, value FROM {part}.meta"))
    except sqlite3.Error as error:
        raise SourceError(f"{path}: no FHIR store: {error}") from error
    if (found.get("form"), found.get("parameters")) != (FORM, digest()):
        raise SourceError(f"{path}: FHIR store of another version: need one built anew")
    return int(found["updated"])
