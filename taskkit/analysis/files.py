"""The tables of studies as assets of a task."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from taskkit.spec.environment import Asset, Environment


@cache
def digest(path: Path) -> str:
    """Give the digest of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def environment(image: str, files: Mapping[str, Path]) -> Environment:
    """Give the environment in which the agent may read files."""
    assets = tuple(Asset(name=name, sha256=digest(path)) for name, path in sorted(files.items()))
    return Environment(image=image, assets=assets)
