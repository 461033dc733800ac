"""The quarantine: one JSON line for each record or task that was put aside, and why."""

from __future__ import annotations

from pydantic import Field, JsonValue

from taskkit.spec.base import Name, Spec


class QuarantineLine(Spec):
    """A record that became no task, or a task that was not proved."""

    code: str = Field(pattern=r"^[a-z][a-z_]*$")
    """Reason, one of docs/quarantine.md."""
    record: str
    """Identifier of the record in the source."""
    detail: str
    """What was found, with its values."""
    instance: Name | None = None
    """Id of the task, where there was one."""
    evidence: dict[str, JsonValue] | None = None
    """What was measured: values that disagree, the program that passed."""


def dump_line(line: QuarantineLine) -> bytes:
    """Return one line of quarantine.jsonl, line end included."""
    return line.model_dump_json(exclude_defaults=True).encode() + b"\n"
