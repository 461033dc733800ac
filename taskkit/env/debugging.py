"""Explain an error in plain words, grounded in the task's own schema and data."""

from __future__ import annotations

from dataclasses import dataclass

from taskkit.env.guide import Guide
from taskkit.sandbox.protocol import Outcome, Program, Status


@dataclass(frozen=True, slots=True)
class Failure:
    """What went wrong, as far as it is known."""

    error: str = ""
    """The raw error text; empty where the program ended well."""
    program: Program | None = None
    status: Status = "ok"

    @classmethod
    def of(cls, program: Program, outcome: Outcome) -> Failure:
        """Give what there is to explain about a program that has ended."""
        failed = outcome.status != "ok"
        return cls(outcome.stderr if failed else "", program, outcome.status)


def explain(failure: Failure, guide: Guide | None) -> str:
    """Explain a failure."""
    return failure.error or "There is no error to explain."
