"""A question answered by a program of its own, and the check that both ways agree."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pydantic import JsonValue

from taskkit.spec.answer import AnswerSpec
from taskkit.spec.oracle import Tolerance


class DisputedError(ValueError):
    """A reference program that does not give the expected result."""


@dataclass(frozen=True)
class Calculation:
    """A computation that is ready to be a task."""

    text: str
    """What is asked, without the form of the answer."""
    answer: AnswerSpec
    expected: JsonValue
    """As taskkit's own library gives it."""
    tolerance: Tolerance
    code: str
    """Python that sets `answer`, written apart from the library."""

    def check(self) -> None:
        """Run the program, which taskkit ships, and compare its answer with the expected one.

        Raises:
            DisputedError: They differ.
        """
        scope: dict[str, Any] = {}
        exec(compile(self.code, "reference", "exec"), scope)  # noqa: S102 shipped with taskkit
        got = scope["answer"]
        if isinstance(self.expected, float):
            agrees = abs(got - self.expected) <= self.tolerance.absolute
        else:
            agrees = got == self.expected
        if not agrees:
            raise DisputedError(f"computed {self.expected}, by the reference {got}")
