"""SHA-256 of files, computed once per process for a file that does not change."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path

from taskkit.errors import SourceError

_known: dict[tuple[int, int, int, int], str] = {}


def file_sha256(path: Path) -> str:
    """Return the digest of a file's bytes.

    Raises:
        SourceError: the file cannot be read.
    """
    try:
        with path.open("rb") as file:
            status = os.fstat(file.fileno())
            key = (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)
            if key not in _known:
                _known[key] = hashlib.file_digest(file, "sha256").hexdigest()
            return _known[key]
    except OSError as error:
        raise SourceError(f"{path}: cannot be read: {error.strerror}") from error


def tasks_sha256(digests: Mapping[str, bytes]) -> str:
    """Return the digest of all tasks of a set.

    Args:
        digests: Of each document, by its path below tasks/.
    """
    total = hashlib.sha256()
    for path, digest in sorted(digests.items()):
        total.update(path.encode() + b"\0" + digest)
    return total.hexdigest()
