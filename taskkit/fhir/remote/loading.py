"""A store's resources on another server: put there, tagged, and nobody else's touched."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from taskkit.build.origin import Progress, silent
from taskkit.errors import SourceError
from taskkit.fhir.export.client import Client

SYSTEM = "urn:taskkit:store"
"""Of the tag that every resource which taskkit wrote has; its code is the store's digest."""
BATCH = 50  # resources in one bundle
SHOWN = 3  # refusals that are named
Key = tuple[str, str]


@dataclass(frozen=True)
class Target:
    """A server that has a store's resources."""

    base: str
    tag: str
    """`system|code`."""
    mixed: bool
    """It has other resources too: searches need the tag."""


def load(store: Path, sha256: str, client: Client, progress: Progress = silent) -> Target:
    """Put the resources of a store onto a server; those that are there already stay.

    Raises:
        SourceError: the server has another's resource of the same id, or refuses one.
    """
    client.capabilities()
    code = sha256[:40]
    with closing(sqlite3.connect(f"file:{store}?mode=ro", uri=True)) as connection:
        keys = connection.execute("SELECT type, id FROM resource ORDER BY rid").fetchall()
        there = present(client, keys, code)
        left = [key for key in keys if key not in there]
        done = 0
        while left:
            refused: dict[Key, str] = {}
            for batch in batches(left):
                refused |= put(client, bodies(connection, batch, code))
                done += len(batch)
                progress(f"writing to {client.base}", min(done, len(keys)), len(keys))
            if len(refused) == len(left):
                said = "; ".join(f"{'/'.join(key)}: {refused[key]}" for key in left[:SHOWN])
                raise SourceError(f"{client.base}: refuses {len(left):,} resources: {said}")
            left = [key for key in left if key in refused]  # what they refer to may be there now
    return Target(client.base, f"{SYSTEM}|{code}", mixed(client, keys))


def batches(keys: list[Key]) -> Iterator[list[Key]]:
    """Keys in lists of bounded size."""
    for start in range(0, len(keys), BATCH):
        yield keys[start : start + BATCH]


def present(client: Client, keys: list[Key], code: str) -> set[Key]:
    """The resources that an earlier run put there.

    Raises:
        SourceError: a resource of the same type and id is another's.
    """
    found: set[Key] = set()
    for kind in dict.fromkeys(kind for kind, _ in keys):
        for batch in batches([key for key in keys if key[0] == kind]):
            ids = ",".join(id_ for _, id_ in batch)
            url = f"{client.base}/{kind}?_id={ids}&_count={BATCH}"
            for entry in client.get(url).get("entry") or []:
                resource = entry["resource"]
                tags = (resource.get("meta") or {}).get("tag") or []
                if {"system": SYSTEM, "code": code} not in tags:
                    raise SourceError(
                        f"{client.base}/{kind}/{resource.get('id')}: is there, and not ours: "
                        "nothing was written over it: need a server without it"
                    )
                found.add((kind, str(resource["id"])))
    return found


def bodies(connection: sqlite3.Connection, keys: Iterable[Key], code: str) -> list[dict[str, Any]]:
    """The resources of some keys, tagged."""
    found = []
    for key in keys:
        (body,) = connection.execute(
            "SELECT body FROM resource WHERE type = ? AND id = ?", key
        ).fetchone()
        resource = json.loads(body)
        meta = resource["meta"]
        kept = {name: meta[name] for name in meta if name not in ("versionId", "lastUpdated")}
        tag = [*kept.get("tag", []), {"system": SYSTEM, "code": code}]
        found.append({**resource, "meta": {**kept, "tag": tag}})
    return found


def put(client: Client, resources: list[dict[str, Any]]) -> dict[Key, str]:
    """Put resources in one batch; what was refused, and why."""
    keys = [(str(one["resourceType"]), str(one["id"])) for one in resources]
    entries = [
        {"resource": one, "request": {"method": "PUT", "url": "/".join(key)}}
        for one, key in zip(resources, keys, strict=True)
    ]
    bundle = {"resourceType": "Bundle", "type": "batch", "entry": entries}
    status, answer = client.send("POST", client.base, bundle)
    found = (answer or {}).get("entry") or []
    if status not in (200, 201) or len(found) != len(keys):
        raise SourceError(f"{client.base}: a batch: {client.said(status, answer)}")
    responses = [one.get("response") or {} for one in found]
    return {
        key: f"HTTP {one.get('status')} {json.dumps(one.get('outcome'))[:200]}"
        for key, one in zip(keys, responses, strict=True)
        if not str(one.get("status")).startswith("2")
    }


def mixed(client: Client, keys: list[Key]) -> bool:
    """Whether a server has more of the types than a store.

    Raises:
        SourceError: it has less.
    """
    more = False
    for kind in dict.fromkeys(kind for kind, _ in keys):
        wanted = sum(1 for one, _ in keys if one == kind)
        url = f"{client.base}/{kind}?_summary=count&_total=accurate"
        total = client.get(url).get("total")
        if not isinstance(total, int) or total < wanted:
            raise SourceError(f"{url}: {total!r}: need {wanted} resources, as were written")
        more = more or total > wanted
    return more
