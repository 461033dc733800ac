"""What a judge says of an answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

VerdictCode = Literal["right", "wrong", "wrong_type", "malformed", "missing"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """The judgement of one answer."""

    code: VerdictCode
    """`wrong_type`: well-formed, but of another type; `malformed`: no document we accept."""
    explanation: str
    """For the author; never shown to the agent, since it may quote the expected value."""
    partial: float | None = None
    """Share of the parts that were right, from 0 to 1, where the oracle has parts: it is reported,
    and earns nothing."""

    @property
    def reward(self) -> float:
        """1.0 for a right answer, else 0.0."""
        return 1.0 if self.code == "right" else 0.0

    @property
    def share(self) -> float:
        """The share that was right: `partial`, else the reward."""
        return self.reward if self.partial is None else self.partial
