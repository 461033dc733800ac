"""One mistake in a document: where it stands, what is wrong, and what is needed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ComplaintCode = Literal[
    "unreadable",
    "not_utf8",
    "syntax",
    "too_large",
    "duplicate_key",
    "not_mapping",
    "schema_version",
    "missing_key",
    "unknown_key",
    "bad_value",
]
"""What kind of mistake; docs/format.md explains each."""


@dataclass(frozen=True, slots=True)
class Complaint:
    """One mistake; lines and columns count from 1."""

    line: int
    column: int
    field: str
    """Path such as `reference.steps[0].code`; empty for the document as a whole."""
    code: ComplaintCode
    message: str
    """What is there, with its value."""
    need: str
    """What to do about it."""

    def text(self, where: str) -> str:
        """Return the message of it, led by file, line, column and field."""
        field = f"{self.field}: " if self.field else ""
        return f"{where}:{self.line}:{self.column}: {field}{self.message}: {self.need}"
