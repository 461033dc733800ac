"""What a static check finds."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Literal

from taskkit.spec.complaint import ComplaintCode

FaultCode = Literal[
    "file_name",
    "folder",
    "stray_file",
    "duplicate_id",
    "domain",
    "missing_file",
    "wrong_digest",
    "not_listed",
    "wrong_count",
    "no_database",
    "not_database",
    "sql_syntax",
    "sql_unknown_table",
    "sql_unknown_column",
    "sql_error",
    "sql_not_query",
    "sql_quoted_text",
    "python_syntax",
    "no_submission",
    "too_many_steps",
    "action_not_allowed",
    "wrong_type",
]
FindingCode = ComplaintCode | FaultCode
"""What kind of fault; docs/format.md explains each."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault of a taskset."""

    code: FindingCode
    file: str
    """Path as the user gave it."""
    line: int
    """Counts from 1."""
    field: str
    """Path such as `reference.steps[0].code`; empty for the file as a whole."""
    message: str
    """What is there, with its value."""
    remedy: str
    """What to do about it."""
    column: int = 1
    """Counts from 1."""

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}:{self.column}"
        parts = (where, self.field, self.message, self.remedy)
        return ": ".join(part for part in parts if part)


@dataclass
class Report:
    """All that a static check found."""

    path: str
    tasks: int = 0
    """Tasks looked at, broken ones among them."""
    findings: list[Finding] = field(default_factory=list)
    """Ordered by file; those of the set as a whole come last."""
    notes: list[str] = field(default_factory=list)
    """What was not checked, and why."""

    def as_json(self) -> dict[str, object]:
        """Return it as plain values."""
        return asdict(self)
