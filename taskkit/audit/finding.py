"""What an audit finds wrong with an instance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from pydantic import JsonValue

ExploitCode: TypeAlias = Literal[
    "passes_empty",
    "passes_failed_program",
    "passes_wrong_type",
    "passes_among_others",
    "passes_dump",
    "passes_trivial",
    "passes_retry",
    "oracle_visible",
]
"""An agent that did not solve the task was rewarded, or could see the answer."""
InstanceCode: TypeAlias = (
    ExploitCode
    | Literal[
        "answer_in_prompt",
        "weak",
        "order_dependent",
        "clock_dependent",
        "environment_dependent",
        "float_noise",
        "spec_invalid",
        "asset_invalid",
        "sandbox_failed",
        "plugin_failed",
        "internal_error",
    ]
)
"""`weak`: a mutant of the reference earns the reward, and differs from it elsewhere."""
SetCode: TypeAlias = Literal["duplicate", "near_duplicate", "guessable", "majority"]
"""What only the whole set can show; `majority` and `guessable` are of categories and the domain."""
AuditCode: TypeAlias = InstanceCode | SetCode

EXPLAINED: dict[str, str] = {
    "passes_empty": "nothing, or an empty answer, is rewarded",
    "passes_failed_program": "a program that failed or set no answer is rewarded",
    "passes_wrong_type": "the right value in another type or shape is rewarded",
    "passes_among_others": "the right answer amid wrong ones is rewarded",
    "passes_dump": "giving everything the data hold is rewarded",
    "passes_trivial": "predictions that need no work are rewarded",
    "passes_retry": "an answer after the last one allowed is rewarded",
    "oracle_visible": "the sandbox holds what only the oracle may know",
    "answer_in_prompt": "the answer can be read in the instruction",
    "weak": "a program that does not do what is asked earns the reward on this data",
    "order_dependent": "the answer hangs on the order in which the database holds its rows",
    "clock_dependent": "the answer hangs on the day it is asked, or on chance",
    "environment_dependent": "the answer changes with the hash seed, time zone or locale",
    "float_noise": "the oracle refuses a number that differs by rounding noise",
    "spec_invalid": "the task's file is not a task",
    "asset_invalid": "the task's data are missing or not those it names",
    "sandbox_failed": "the sandbox failed; tried again by the next run",
    "plugin_failed": "code of others, such as a judge, raised or hung; tried again by the next run",
    "internal_error": "a bug of taskkit; its traceback is kept",
    "duplicate": "asks what another task asks",
    "near_duplicate": "asks nearly what another task asks, with the same values and answer",
    "guessable": "a fixed guess or an echo of the prompt is right too often",
    "majority": "one answer is right too often",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong with an instance."""

    code: AuditCode
    probe: str
    """What found it."""
    detail: str
    evidence: JsonValue = None
    """The answer or program that was rewarded, or the values that disagree."""

    def as_json(self) -> dict[str, JsonValue]:
        """Give it as plain values."""
        made: dict[str, JsonValue] = {"code": self.code, "probe": self.probe, "detail": self.detail}
        return made if self.evidence is None else made | {"evidence": self.evidence}
