"""What was found of each instance, in a SQLite file that survives whatever happens to the run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from taskkit.verify.store import Store, read_rows, require

Code = Literal[
    "verified",
    "reference_wrong",
    "reference_failed",
    "unstable",
    "spec_invalid",
    "asset_invalid",
    "sandbox_failed",
    "plugin_failed",
    "internal_error",
]
"""`verified`, or why not; `sandbox_failed` says nothing about the instance and is tried again;
`internal_error` neither, and is not: it is a bug of taskkit."""


@dataclass(frozen=True, slots=True)
class Result:
    """The finding on one instance."""

    id: str
    file: str
    """Path below the taskset."""
    sha256: str
    """Digest of the file's bytes; it covers the assets too, which the file names by digest."""
    domain: str
    split: str
    category: str
    code: Code
    detail: str
    repeats: int
    """How often the reference was played in a fresh sandbox."""
    answer: str
    """Digest of the answer that the reference gave."""
    wall_s: float
    """Seconds for all repeats, sandbox included."""
    program_s: float
    """CPU seconds of the reference's programs."""
    sandbox: str
    """Backend that it was played in."""
    version: str
    """Version of taskkit that found it."""


class Results(Store[Result]):
    """The findings of `taskkit verify` on one taskset."""

    def __init__(self, path: Path, *, fresh: bool = False) -> None:
        """Open the file to write it, or make it; with `fresh`, start over.

        Raises:
            UsageError: the file is no results file, or another run is writing it.
        """
        super().__init__(path, Result, fresh=fresh)

    def current(self, sandbox: str, version: str, repeats: int) -> dict[str, tuple[str, Code]]:
        """Give file digest and code by id, of findings that need not be made again."""
        rows = self.connection.execute(
            "select id, sha256, code from result where sandbox = ? and version = ?"
            " and (repeats >= ? or code = 'internal_error')"
            " and code not in ('sandbox_failed', 'plugin_failed')",
            (sandbox, version, repeats),
        )
        return {row[0]: (row[1], row[2]) for row in rows}


def read_results(path: Path) -> Iterator[Result]:
    """Give the findings of a results file so far, though a run may be writing it.

    Raises:
        UsageError: there is no such file, or it is no results file.
    """
    require(path, "verify")
    yield from read_rows(path, Result)
