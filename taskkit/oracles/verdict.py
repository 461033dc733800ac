"""What an oracle says of an answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

VerdictCode = Literal["right", "wrong", "wrong_type", "malformed", "missing"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """The judgement of one answer."""

    code: VerdictCode
    """`wrong_type`: well-formed JSON of another type; `malformed`: no JSON document we accept."""
    explanation: str
    """For the author; never shown to the agent, since it may quote the expected value."""

    @property
    def reward(self) -> float:
        """1.0 for a right answer, else 0.0."""
        return 1.0 if self.code == "right" else 0.0
