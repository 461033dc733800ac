"""What a second engine made of each instance, kept beside the taskset."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, get_args

from taskkit.taskset.folder import results_folder
from taskkit.verify.store import read_rows

EngineCode = Literal[
    "differs",
    "text_affinity",
    "bare_column",
    "quoted_text",
    "integer_division",
    "like_case",
    "engine_failed",
    "untranslated",
    "agrees",
    "no_sql",
    "not_asked",
]
"""What came of an instance, the gravest of its turns; docs/crosscheck.md explains each."""
EngineName = Literal["duckdb", "fhir"]
"""What the command line calls an engine."""
GRAVITY = {code: rank for rank, code in enumerate(get_args(EngineCode))}
FINDINGS = frozenset(get_args(EngineCode)[:6])


@dataclass(frozen=True, slots=True)
class EngineResult:
    """What an engine made of one instance."""

    id: str
    file: str
    """Path below the taskset."""
    sha256: str
    """Digest of the file's bytes."""
    split: str
    category: str
    code: EngineCode
    detail: str
    """Both results where they differ; the construct where it has no counterpart."""
    version: str
    """Version of taskkit that found it."""


@dataclass
class Engines:
    """What a run found, earlier findings on unchanged instances included."""

    engine: EngineName
    codes: Counter[str] = field(default_factory=Counter)
    constructs: Counter[str] = field(default_factory=Counter)
    """What has no counterpart, with the number of instances that use it."""
    findings: list[EngineResult] = field(default_factory=list)
    """Instances that another engine answers otherwise, by file."""
    stopped: str = ""
    """Why the run ended early; the instances that were not asked count as `engine_failed`."""

    def add(self, one: EngineResult) -> None:
        """Count a result."""
        self.codes[one.code] += 1
        if one.code == "untranslated":
            self.constructs[one.detail] += 1
        if one.code in FINDINGS:
            self.findings.append(one)


def engines_path(taskset: Path, engine: EngineName) -> Path:
    """Give the file of what an engine made of a taskset."""
    return results_folder(taskset) / f"{engine}.sqlite"


def read_findings(taskset: Path) -> Iterator[tuple[EngineName, EngineResult]]:
    """Give the instances that an engine answered otherwise; none of one that was not asked.

    Raises:
        UsageError: a file cannot be read.
    """
    for engine in get_args(EngineName):
        path = engines_path(taskset, engine)
        if path.exists():
            found = read_rows(path, EngineResult)
            yield from ((engine, one) for one in found if one.code in FINDINGS)
