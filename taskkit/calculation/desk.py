"""From a calculation to a task."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from taskkit import __version__
from taskkit.build.origin import Origin
from taskkit.calculation.calculation import Calculation
from taskkit.spec.action import CodeExecution
from taskkit.spec.environment import Environment
from taskkit.spec.provenance import Provenance
from taskkit.spec.task import TASK_SCHEMA, Reference, Split, TaskSpec
from taskkit.spec.wording import describe

OWN_LICENCE = "CC0-1.0"  # of what taskkit draws
SPLITS: tuple[tuple[float, Split], ...] = ((0.8, "train"), (0.9, "valid"), (1.0, "test"))


@dataclass(frozen=True)
class Desk:
    """What every calculation of a build shares."""

    domain: str
    image: str
    origin: Origin
    citation: str | None = None

    def task(self, made: Calculation, category: str, record: str) -> TaskSpec:
        """Give the task of a calculation."""
        source = json.dumps({"record": record, "text": made.text}, sort_keys=True)
        key = hashlib.sha256(f"{self.domain}\0{source}".encode()).hexdigest()
        step = CodeExecution(
            action="code_execution", language="python", code=made.code, submit=True
        )
        return TaskSpec(
            schema_version=TASK_SCHEMA,
            id=f"{self.domain}-{key[:16]}",
            domain=self.domain,
            category=category,
            split=split(key),
            instruction=f"{made.text}\n\n{describe(made.answer)}",
            answer=made.answer,
            environment=Environment(image=self.image),
            oracle=made.oracle,
            reference=Reference(steps=(step,)),
            provenance=Provenance(
                source=self.origin.name,
                record=record,
                record_sha256=hashlib.sha256(source.encode()).hexdigest(),
                licence=self.origin.licence,
                access=self.origin.access,
                citation=self.citation,
                builder=f"{self.domain} {__version__}",
            ),
        )


def split(key: str) -> Split:
    """Give the part of the set that a hexadecimal digest falls into."""
    place = int(key[-8:], 16) / 0x1_0000_0000
    return next(name for share, name in SPLITS if place < share)


def own(domain: str, folder: Path) -> Origin:
    """Give the origin of what is drawn from a domain's own folder."""
    return Origin(f"taskkit {domain} {__version__}", OWN_LICENCE, "open", folder_sum(folder))


def folder_sum(folder: Path) -> str:
    """Give the digest of all that a domain's folder says, by name."""
    total = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix in (".yaml", ".py"):
            total.update(path.relative_to(folder).as_posix().encode())
            total.update(path.read_bytes())
    return total.hexdigest()
