"""A taskset on disk.

taskset.yaml                         the manifest
tasks/<split>/<category>/<id>.yaml   one task each
context/<sha256>.md                  documents for the agent
assets/<sha256>                      data files
images/<name>/                       Dockerfile and what it needs
schemas/<kind>.json                  JSON Schemas, for editors
quarantine.jsonl                     what was put aside, and why
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from pathlib import Path

from taskkit.errors import SourceError, SpecError, UsageError
from taskkit.spec.document import read_bytes, read_document
from taskkit.spec.manifest import TasksetManifest
from taskkit.spec.quarantine import QuarantineLine
from taskkit.spec.task import TaskSpec
from taskkit.taskset.atomic_folder import AtomicFolder
from taskkit.taskset.digest import file_sha256, tasks_sha256

MANIFEST = "taskset.yaml"
QUARANTINE = "quarantine.jsonl"
MAX_DOCUMENT = 10_000_000  # bytes of a context document
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,79}")
_DIGEST = re.compile(r"[0-9a-f]{64}")


class Taskset:
    """A taskset that is read; opening it reads the manifest and nothing else."""

    def __init__(self, path: Path) -> None:
        """Open a taskset.

        Raises:
            UsageError: there is no taskset at ``path``.
            SpecError: its manifest is not as it should be.
        """
        AtomicFolder(path).recover()
        self.path = path
        if not (path / MANIFEST).is_file():
            what = "not a taskset: it has no taskset.yaml" if path.exists() else "no such folder"
            raise UsageError(f"{path}: {what}: name a folder that `taskkit build` wrote")
        self.manifest = read_document(path / MANIFEST, TasksetManifest)

    def paths(self) -> Iterator[Path]:
        """Give the file of every task, ordered by split, category and id."""
        for split in _folders(self.path / "tasks"):
            for category in _folders(split):
                for name in _names(category, ".yaml"):
                    yield category / name

    def read(self, path: Path) -> TaskSpec:
        """Return the task in one file.

        Raises:
            SpecError: the file holds no task; a line for each mistake.
        """
        return read_document(path, TaskSpec)

    def specs(self) -> Iterator[TaskSpec]:
        """Give every task, in the order of `paths`."""
        return map(self.read, self.paths())

    def find(self, id: str) -> Path | None:
        """Return the file of a task; None where the taskset has no such task."""
        if _NAME.fullmatch(id):
            for split in _folders(self.path / "tasks"):
                for category in _folders(split):
                    path = category / f"{id}.yaml"
                    if path.is_file():
                        return path
        return None

    def asset(self, sha256: str) -> Path:
        """Return a data file whose bytes have been checked.

        Raises:
            SourceError: it is not there, or its bytes are not those of its digest.
        """
        path = self._stored("assets", sha256, "")
        found = file_sha256(path)
        if found != sha256:
            raise SourceError(f"{path}: its bytes have SHA-256 {found}: build the taskset again")
        return path

    def document(self, sha256: str) -> str:
        """Return the text of a context document whose bytes have been checked.

        Raises:
            SourceError: it is not there, or its bytes are not those of its digest.
        """
        path = self._stored("context", sha256, ".md")
        data = read_bytes(path, max_bytes=MAX_DOCUMENT)
        found = hashlib.sha256(data).hexdigest()
        if found != sha256:
            raise SourceError(f"{path}: its bytes have SHA-256 {found}: build the taskset again")
        return data.decode()

    def quarantine(self) -> Iterator[QuarantineLine]:
        """Give every line of the quarantine."""
        return quarantine_lines(self.path / QUARANTINE)

    def _stored(self, folder: str, sha256: str, suffix: str) -> Path:
        path = self.path / folder / f"{sha256}{suffix}"
        if not _DIGEST.fullmatch(sha256) or not path.is_file():
            raise SourceError(f"{path}: no such file: build the taskset again")
        return path


def results_folder(taskset: Path) -> Path:
    """Give the folder of what is found of a taskset: beside it, since a build replaces it whole.

    Raises:
        UsageError: a link stands there, which would have the findings written elsewhere.
    """
    folder = taskset.with_name(f"{taskset.name}.results")
    if folder.is_symlink():
        raise UsageError(f"{folder}: a symbolic link: need a folder; delete the link")
    return folder


def quarantine_lines(path: Path) -> Iterator[QuarantineLine]:
    """Give the lines of a quarantine file; none where there is no file.

    Raises:
        SpecError: a line is not as it should be.
    """
    if not path.is_file():
        return
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            try:
                yield QuarantineLine.model_validate_json(line)
            except ValueError as error:
                raise SpecError(f"{path}:{number}: no quarantine line: remove the line") from error


def _folders(path: Path) -> list[Path]:
    if not path.is_dir():
        return []
    with os.scandir(path) as entries:
        return sorted(path / entry.name for entry in entries if entry.is_dir())


def _names(path: Path, suffix: str) -> list[str]:
    with os.scandir(path) as entries:
        return sorted(entry.name for entry in entries if entry.name.endswith(suffix))


def changed_by_hand(path: Path) -> Path | None:
    """Give a file of a taskset that is not as it was built: the newest; None where all are.

    Of a set that does not say what its files were, nothing is known.
    """
    try:
        taskset = Taskset(path)
    except SpecError:
        return path / MANIFEST
    if taskset.manifest.tasks_sha256 is None:
        return None
    files = {file.relative_to(path / "tasks").as_posix(): file for file in taskset.paths()}
    digests = {name: hashlib.sha256(file.read_bytes()).digest() for name, file in files.items()}
    if tasks_sha256(digests) == taskset.manifest.tasks_sha256:
        return None
    return max(files.values(), key=lambda file: file.stat().st_mtime_ns, default=path / "tasks")
