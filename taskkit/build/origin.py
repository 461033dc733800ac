"""Where data came from, and how a long reading tells how far it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

SYNTHETIC = "Synthetic"  # the first word of the name of every embedded source
Progress = Callable[[str, int, int | None], None]
"""Told what is going on, how much of it is done, and the total where it is known."""


def silent(what: str, done: int, total: int | None) -> None:
    """Tell nobody."""


@dataclass(frozen=True)
class Origin:
    """A source that a build read."""

    name: str
    """With its version, such as `MIMIC-III Clinical Database Demo 1.4`."""
    licence: str
    access: Literal["open", "credentialed"]
    sha256: str
    """Digest of everything that was read, in a fixed order."""
    rows: Mapping[str, int] = field(default_factory=dict, hash=False)
    """Rows of each table that was read, whether they were wanted or not."""
    left_out: tuple[str, ...] = ()
    """What of it the build could not use, a line each."""
