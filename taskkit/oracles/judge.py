"""Judge what an episode left, by the oracle of its task."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import JsonValue

from taskkit.oracles.evidence import Evidence
from taskkit.oracles.kind import Asked, Fault, Judge
from taskkit.oracles.registry import judges
from taskkit.oracles.verdict import Verdict
from taskkit.spec.oracle import AbstainOracle, Oracle


def judge_of(asked: Asked) -> Judge[Any]:
    """Give the judge of a task's kind."""
    return judges()[asked.oracle.kind]


def judge(asked: Asked, evidence: Evidence) -> Verdict:
    """Say whether the evidence shows the right answer to a task, or to one turn of a dialogue.

    Raises:
        SpecError: the oracle does not go with the answer's type.
        SandboxError: a program of the judge could not be run.
    """
    return judge_of(asked).judge(asked, evidence)


def digest(asked: Asked, evidence: Evidence) -> str:
    """Give a digest that two pieces of evidence share which show the same answer."""
    return judge_of(asked).digest(asked, evidence)


def expected(asked: Asked) -> JsonValue | None:
    """Give the one answer expected, as a program would set it; None where there is not one."""
    return judge_of(asked).expected(asked)


def key(asked: Asked) -> JsonValue:
    """Give what tasks share that expect the same."""
    return judge_of(asked).key(asked)


def expecting(asked: Asked, value: JsonValue) -> Oracle | None:
    """Give the oracle that expects another value, without leniency; None where none can."""
    return judge_of(asked).expecting(asked, value)


def faults(asked: Asked) -> Iterator[Fault]:
    """Give what does not go together in an answer and its oracle."""
    return judge_of(asked).faults(asked)


def abstaining(asked: Asked) -> bool:
    """Say whether the right answer is that there is none."""
    return isinstance(asked.oracle, AbstainOracle)
