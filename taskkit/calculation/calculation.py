"""A question answered by a program of its own, and the check that both ways agree."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from pydantic import JsonValue

from taskkit.build.draft import Desk
from taskkit.oracles.evidence import Evidence
from taskkit.oracles.example import Example
from taskkit.oracles.judge import judge
from taskkit.spec.answer import AnswerSpec
from taskkit.spec.oracle import ValueOracle
from taskkit.spec.task import Split, TaskSpec


class DisputedError(ValueError):
    """A reference program that does not give the expected result."""


@dataclass(frozen=True)
class Calculation:
    """A computation that is ready to be a task."""

    text: str
    """What is asked, without the form of the answer."""
    answer: AnswerSpec
    oracle: ValueOracle
    """Expects what taskkit's own library gives."""
    code: str
    """Python that sets `answer`, written apart from the library."""

    @property
    def expected(self) -> JsonValue:
        """The right answer."""
        return self.oracle.expected

    def check(self) -> None:
        """Run the program, which taskkit ships, and compare its answer with the expected one.

        Raises:
            DisputedError: They differ.
        """
        scope: dict[str, Any] = {}
        exec(compile(self.code, "reference", "exec"), scope)  # noqa: S102 shipped with taskkit
        got = scope["answer"]
        asked = Example(self.answer, self.oracle)
        if not judge(asked, Evidence(json.dumps(got).encode())).reward:
            raise DisputedError(f"computed {self.expected}, by the reference {got}")

    def task(
        self,
        desk: Desk,
        category: str,
        record: str,
        *,
        content: JsonValue = None,
        split: Split | None = None,
    ) -> TaskSpec:
        """Give the task of it; see `Desk.draft` for content and split."""
        return desk.draft(
            self.text,
            self.answer,
            self.oracle,
            self.code,
            category=category,
            record=record,
            content=content,
            split=split,
        )
