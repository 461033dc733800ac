"""A question for the fixtures of a kind."""

from __future__ import annotations

from dataclasses import dataclass

from taskkit.spec.answer import AnswerSpec
from taskkit.spec.oracle import Oracle


@dataclass(frozen=True, slots=True)
class Example:
    """What is asked, with no task around it."""

    answer: AnswerSpec
    oracle: Oracle
    abstention: bool = False
