"""What only the whole set shows: repeated ids, files that are missing, sums that do not agree."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path

from taskkit.errors import SourceError, SpecError
from taskkit.spec.document import check, read_bytes
from taskkit.spec.manifest import TasksetManifest
from taskkit.spec.schema import MODELS
from taskkit.sqlite import connect, scan
from taskkit.taskset.digest import file_sha256
from taskkit.taskset.finding import Finding, FindingCode
from taskkit.taskset.folder import MANIFEST, QUARANTINE, quarantine_lines
from taskkit.taskset.inspection import Inspected, Need
from taskkit.taskset.query import is_database


class Sums:
    """Adds up tasks as they pass, and holds the sums against the manifest."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._file = root / MANIFEST
        self._broken: list[Finding] = []
        self._manifest = self._read()
        self._ids: dict[str, str] = {}
        self._splits: Counter[str] = Counter()
        self._categories: Counter[str] = Counter()
        self._unread = 0
        self.needs: dict[Need, str] = {}
        """Every file that tasks need, with the first task that does."""

    @property
    def expected(self) -> int | None:
        """Tasks that the manifest promises."""
        return self._manifest.counts.total if self._manifest else None

    def add(self, one: Inspected) -> Iterator[Finding]:
        """Count a task, and give what its company makes wrong with it."""
        for need in one.needs:
            self.needs.setdefault(need, one.file)
        if one.id is None:
            self._unread += 1
            return
        self._splits[one.split] += 1
        self._categories[one.category] += 1
        if self._manifest and one.domain != self._manifest.domain:
            remedy = f"need the taskset's, {self._manifest.domain!r}"
            yield Finding("domain", one.file, 1, "domain", repr(one.domain), remedy)
        first = self._ids.setdefault(one.id, one.file)
        if first != one.file:
            message = f"{one.id!r} is the id of {first} too"
            yield Finding("duplicate_id", one.file, 1, "id", message, "need an id of its own")

    def faults(self) -> Iterator[Finding]:
        """Give what is wrong with the manifest, the quarantine and the schemas."""
        yield from self._broken
        for name in MODELS:
            path = self._root / "schemas" / f"{name}.json"
            if not path.is_file():
                yield _missing(path, "build the taskset again, or copy it from taskkit")
        rejected: Counter[str] | None = Counter()
        try:
            rejected = Counter(line.code for line in quarantine_lines(self._root / QUARANTINE))
        except SpecError as error:
            rejected = None
            where, message = str(self._root / QUARANTINE), str(error)
            line = message.removeprefix(f"{where}:").partition(":")[0]
            number = int(line) if line.isdigit() else 1
            yield Finding("syntax", where, number, "", "no quarantine line", "remove the line")
        if self._manifest is not None:
            yield from self._counted(self._manifest, rejected)
            yield from self._listed(self._manifest)

    def _read(self) -> TasksetManifest | None:
        try:
            found = check(read_bytes(self._file), TasksetManifest)
        except SpecError as error:
            message = str(error).removeprefix(f"{self._file}: ")
            self._fault("unreadable", "", message, "replace the file")
            return None
        if isinstance(found, TasksetManifest):
            return found
        for one in found:
            self._fault(one.code, one.field, one.message, one.need, one.line)
        return None

    def _fault(
        self, code: FindingCode, field: str, message: str, remedy: str, line: int = 1
    ) -> None:
        self._broken.append(Finding(code, str(self._file), line, field, message, remedy))

    def _counted(
        self, manifest: TasksetManifest, rejected: Counter[str] | None
    ) -> Iterator[Finding]:
        counts, records = manifest.counts, manifest.records
        total = self._splits.total() + self._unread
        pairs: list[tuple[str, object, object]] = [("counts.total", counts.total, total)]
        if not self._unread:  # a task that cannot be read has no split
            pairs.append(("counts.by_split", counts.by_split, dict(self._splits)))
            pairs.append(("counts.by_category", counts.by_category, dict(self._categories)))
        if rejected is not None:
            pairs.append(("records.rejected", records.rejected, dict(rejected)))
        ended = counts.total + sum(records.rejected.values())
        pairs.append(("records.read", records.read, ended))
        for number, asset in enumerate(manifest.assets):
            path = self._root / "assets" / asset.sha256
            if path.is_file() and not [*_digested(path, asset.sha256)]:  # else that is told
                field = f"assets[{number}]"
                pairs.append((f"{field}.bytes", asset.bytes, path.stat().st_size))
                if asset.rows and (rows := _rows(path)) is not None:
                    pairs.append((f"{field}.rows", asset.rows, rows))
        for field, said, found in pairs:
            if said != found:
                message = f"{_shown(said)}, but there are {_shown(found)}"
                remedy = "build the taskset again"
                yield Finding("wrong_count", str(self._file), 1, field, message, remedy)

    def _listed(self, manifest: TasksetManifest) -> Iterator[Finding]:
        """Give the needs that the manifest does not list."""
        listed = {f"images/{name}/Dockerfile" for name in manifest.images}
        listed |= {f"assets/{asset.sha256}" for asset in manifest.assets}
        listed |= {f"context/{one.sha256}.md" for one in manifest.context}
        for need, task in sorted(self.needs.items()):
            if need.path not in listed:
                field = need.path.partition("/")[0]
                message = f"{need.path} is needed by {task}, but not listed"
                remedy = "build the taskset again"
                yield Finding("not_listed", str(self._file), 1, field, message, remedy)


def stored_faults(root: Path, needs: Mapping[Need, str]) -> Iterator[Finding]:
    """Give what is wrong with the files that tasks need; each is hashed once."""
    for need, task in sorted(needs.items()):
        path = root / need.path
        if not path.is_file():
            yield _missing(path, f"{task} needs it: build the taskset again")
        elif need.sha256:
            yield from _digested(path, need.sha256)
            if need.database and not is_database(path):
                remedy = f"{task} runs SQL against it: need a SQLite file"
                yield Finding("not_database", str(path), 1, "", "no SQLite database", remedy)


def _digested(path: Path, sha256: str) -> Iterator[Finding]:
    try:
        found = file_sha256(path)
    except SourceError as error:
        yield Finding("unreadable", str(path), 1, "", str(error), "replace the file")
        return
    if found != sha256:
        message = f"its bytes have SHA-256 {found}"
        yield Finding("wrong_digest", str(path), 1, "", message, "build the taskset again")


def _rows(path: Path) -> dict[str, int] | None:
    """Count the rows of every table of a database; None of what is none."""
    query = "select name from sqlite_schema where type = 'table' and name not like 'sqlite_%'"
    try:
        with closing(connect(path)) as connection, scan(connection, path):
            names = [name for (name,) in connection.execute(query)]
            return {
                name: connection.execute(f'select count(*) from "{name}"').fetchone()[0]
                for name in names
            }
    except (SourceError, sqlite3.Error):
        return None  # told by its digest


def _missing(path: Path, remedy: str) -> Finding:
    return Finding("missing_file", str(path), 1, "", "no such file", remedy)


def _shown(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{value[name]} {name}" for name in sorted(value)) or "none"
    return str(value)
