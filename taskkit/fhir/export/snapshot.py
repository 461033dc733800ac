"""A snapshot of a running server, as the files of an export: by search and paging, resumable.

Every page is kept as it comes. A snapshot that was broken off goes on after its last page; one that
is whole is used again.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from taskkit.build.origin import Progress, silent
from taskkit.errors import SourceError
from taskkit.fhir.export.client import Client
from taskkit.fhir.parameters import types
from taskkit.lock import alone

PAGE = 200  # resources asked for at once
WHOLE = "complete"  # the file that a finished snapshot has
GONE = (400, 404, 410)
"""States of a `next` link that the server no longer knows."""
Make = Callable[[str], Client]


def folder_of(base: str) -> Path:
    """Where the pages of a server are kept."""
    cache = Path(os.environ.get("TASKKIT_CACHE", "~/.cache/taskkit")).expanduser()
    return cache / "fhir" / hashlib.sha256(base.rstrip("/").encode()).hexdigest()[:16]


def snapshot(
    base: str,
    *,
    most: int,
    refresh: bool = False,
    progress: Progress = silent,
    connect: Make = Client,
) -> tuple[Path, tuple[str, ...]]:
    """Take a snapshot of a server; give its folder, and what the user should know.

    Args:
        base: The server's address.
        most: Resources at most; more are refused.
        refresh: Take it anew where there is one.

    Raises:
        SourceError: the server does not answer as a FHIR R4 server does, or has more.
    """
    folder = folder_of(base)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with alone(folder, f"{folder}: another build takes this snapshot: need one at a time"):
        if refresh and folder.exists():
            shutil.rmtree(folder)
        if (folder / WHOLE).is_file():
            return folder, (f"the snapshot of {folder} is used again: --refresh takes a new one",)
        folder.mkdir(mode=0o700, exist_ok=True)  # patients' data
        client = connect(base)
        try:
            kinds = searched(client.capabilities())
            if "Patient" not in kinds:
                raise SourceError(f"{base}/metadata: no search of Patient: need it")
            count = 0
            for kind in kinds:
                count += Pages(client, folder, kind).fetch(most - count, progress)
                if count > most:
                    raise SourceError(
                        f"{base}: more than {most:,} resources: need --most-resources for more"
                    )
        finally:
            client.close()
        (folder / WHOLE).write_text(f"{base}\n", "utf-8")
    return folder, (f"{count:,} resources read from {base}: kept in {folder}",)


def searched(statement: dict[str, Any]) -> list[str]:
    """The types that a server lets search, of those that ours keeps."""
    found = set()
    for rest in statement.get("rest", []):
        for one in rest.get("resource", []):
            codes = {entry.get("code") for entry in one.get("interaction", [])}
            if "search-type" in codes:
                found.add(one.get("type"))
    return [kind for kind in types() if kind in found]


class Pages:
    """The pages of one type, each a file."""

    def __init__(self, client: Client, folder: Path, kind: str) -> None:
        self.client = client
        self.kind = kind
        self.folder = folder / kind
        self.target = folder / f"{kind}.ndjson"

    def fetch(self, most: int, progress: Progress) -> int:
        """Read what is missing, and write the type's NDJSON file; the number of resources.

        Args:
            most: Resources after which it stops.

        Raises:
            SourceError: a page cannot be read.
        """
        if self.target.is_file():
            with self.target.open("rb") as file:
                return sum(1 for _ in file)
        self.folder.mkdir(exist_ok=True)
        pages = sorted(self.folder.glob("*.json"))
        count = sum(len(matches(load(one), self.kind)) for one in pages)
        url = following(load(pages[-1])) if pages else self.first()
        seen: set[str] = set()
        number = len(pages)
        while url is not None:
            if url in seen:
                raise SourceError(f"{url}: a page that leads to itself: need another `next` link")
            seen.add(url)
            status, page = self.client.send("GET", url)
            if status in GONE and pages:
                pages, number, count, url = self.anew()
                continue
            if status != 200 or page is None or page.get("resourceType") != "Bundle":
                raise SourceError(f"{url}: {self.client.said(status, page)}")
            write(self.folder / f"{number:07d}.json", page)
            number += 1
            count += len(matches(page, self.kind))
            if count > most:
                return count
            total = page.get("total")
            progress(f"reading {self.kind}", count, total if isinstance(total, int) else None)
            url = following(page)
        return self.joined()

    def first(self) -> str:
        """The address of the first page."""
        return f"{self.client.base}/{self.kind}?_count={PAGE}"

    def anew(self) -> tuple[list[Path], int, int, str]:
        """Begin again, where the server has forgotten the pages after those that are here."""
        shutil.rmtree(self.folder)
        self.folder.mkdir()
        return [], 0, 0, self.first()

    def joined(self) -> int:
        """Write all resources into one file, each once, and drop the pages.

        Raises:
            SourceError: they are fewer than the server says that it has.
        """
        seen: set[str] = set()
        total = 0
        draft = self.target.with_suffix(".part")
        with draft.open("w", encoding="utf-8") as file:
            for page in map(load, sorted(self.folder.glob("*.json"))):
                told = page.get("total")
                total = told if isinstance(told, int) else total
                for resource in matches(page, self.kind):
                    if str(resource.get("id")) not in seen:
                        seen.add(str(resource.get("id")))
                        file.write(json.dumps(resource, ensure_ascii=False) + "\n")
        shutil.rmtree(self.folder)
        if len(seen) < total:
            raise SourceError(
                f"{self.client.base}/{self.kind}: {len(seen):,} resources read, {total:,} by the "
                "server's count: need a server that does not change meanwhile; try again"
            )
        draft.replace(self.target)
        return len(seen)


def write(path: Path, document: dict[str, Any]) -> None:
    """Write a file that is whole or not there."""
    draft = path.with_suffix(".part")
    draft.write_text(json.dumps(document, ensure_ascii=False), "utf-8")
    draft.replace(path)


def load(path: Path) -> dict[str, Any]:
    """A page that was kept."""
    found: dict[str, Any] = json.loads(path.read_bytes())
    return found


def matches(page: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    """The resources of a page that are of its type."""
    entries = [one for one in page.get("entry") or [] if isinstance(one, dict)]
    found = [one.get("resource") for one in entries]
    return [one for one in found if isinstance(one, dict) and one.get("resourceType") == kind]


def following(page: dict[str, Any]) -> str | None:
    """The address of the next page; None after the last."""
    for one in page.get("link") or []:
        if isinstance(one, dict) and one.get("relation") == "next":
            return str(one.get("url"))
    return None
