"""What an audit found of each instance, and the file that keeps it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from taskkit.errors import UsageError, blame
from taskkit.taskset.folder import results_folder
from taskkit.verify.store import Store, read_rows, require


@dataclass(frozen=True, slots=True)
class Record:
    """The audit of one instance; lists are kept as JSON text."""

    id: str
    file: str
    """Path below the taskset."""
    sha256: str
    """Digest of the file's bytes."""
    domain: str
    split: str
    category: str
    guessable: bool
    template: str
    """Digest of what it was made from: its queries without their values."""
    codes: str
    """Codes of its findings, each once, parted by blanks; empty where it holds."""
    findings: str
    """A JSON list of findings."""
    guesses: str
    """A JSON list of the rules whose guess was right."""
    fates: str
    """A JSON list: kind and fate of each mutant."""
    survivors: str
    """A JSON list: kind, change and fate of each that earned the reward."""
    attempts: int
    """What the probes tried."""
    answer: str
    """Digest of the expected answer, equal for equal answers."""
    asks: str
    """Digest of the instruction, whatever its case and blanks."""
    does: str
    """Digest of the reference's meaning; empty where it has none."""
    values: str
    """Digest of the values that the instruction names."""
    signature: bytes
    """Of the instruction's words, to tell how alike two are."""
    facts: str
    """A JSON object: tables read, words asked, characters of the reference, kind of answer."""
    wall_s: float
    cpu_s: float
    sandbox: str
    version: str
    """Of taskkit and of the probes installed."""

    def loaded(self, name: str) -> Any:
        """Give the value of a field that is JSON text.

        Raises:
            UsageError: it is none.
        """
        with blame(UsageError, f"the audit's results on {self.id}: {name} is damaged"):
            return json.loads(cast(str, getattr(self, name)))


class Records(Store[Record]):
    """The findings of `taskkit audit` on one taskset."""

    def __init__(self, path: Path, *, fresh: bool = False) -> None:
        """Open the file to write it, or make it; with `fresh`, start over.

        Raises:
            UsageError: the file is no results file, or another run is writing it.
        """
        super().__init__(path, Record, fresh=fresh)

    def current(self, sandbox: str, version: str) -> dict[str, str]:
        """Give file digest by id, of instances that need no audit again."""
        rows = self.connection.execute(
            "select id, sha256 from result where sandbox = ? and version = ?"
            " and codes not like '%sandbox_failed%' and codes not like '%plugin_failed%'",
            (sandbox, version),
        )
        return dict(rows)


def read_records(path: Path) -> Iterator[Record]:
    """Give the findings of an audit so far, though a run may be writing them.

    Raises:
        UsageError: there is no such file, or it is no results file.
    """
    require(path, "audit")
    yield from read_rows(path, Record)


def records_path(taskset: Path) -> Path:
    """Give the file of a taskset's audit: beside the folder, which a build replaces whole."""
    return results_folder(taskset) / "audit.sqlite"
