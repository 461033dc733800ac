"""What the server refuses, as the OperationOutcome that it answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import JsonValue

Kind = Literal[
    "invalid",
    "structure",
    "required",
    "value",
    "invariant",
    "not-supported",
    "duplicate",
    "multiple-matches",
    "not-found",
    "deleted",
    "too-long",
    "too-costly",
    "business-rule",
    "conflict",
    "throttled",
    "exception",
]
"""Codes of http://hl7.org/fhir/issue-type that the server uses."""


@dataclass(frozen=True, slots=True)
class Issue:
    """One thing that is wrong with a request."""

    kind: Kind
    text: str
    place: str | None = None
    """FHIRPath of the element at fault, such as `Observation.status`."""

    def document(self) -> dict[str, JsonValue]:
        """The entry of an OperationOutcome."""
        entry: dict[str, JsonValue] = {
            "severity": "error",
            "code": self.kind,
            "diagnostics": self.text,
        }
        if self.place is not None:
            entry["expression"] = [self.place]
        return entry


class RefusedError(Exception):
    """A request that the server does not carry out: the client's fault, never ours."""

    def __init__(self, status: int, issues: Issue | Sequence[Issue]) -> None:
        self.status = status
        self.issues = (issues,) if isinstance(issues, Issue) else tuple(issues)
        super().__init__("; ".join(issue.text for issue in self.issues))

    def document(self) -> dict[str, JsonValue]:
        """The OperationOutcome."""
        return outcome(self.issues)


def outcome(issues: Sequence[Issue]) -> dict[str, JsonValue]:
    """An OperationOutcome of what is wrong."""
    return {"resourceType": "OperationOutcome", "issue": [one.document() for one in issues]}


def refused(status: int, kind: Kind, text: str, place: str | None = None) -> RefusedError:
    """The error of one issue."""
    return RefusedError(status, Issue(kind, text, place))
