"""What the agent is told after an action."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

from taskkit.sandbox.protocol import Outcome

ObservationStatus = Literal[
    "ok", "refused", "error", "timeout", "out_of_memory", "killed", "output_limit"
]
"""`refused`: the action was malformed or not allowed, and nothing was run."""
MAX_TEXT = 10_000  # characters; about 3,000 tokens of a model's context
ENDINGS = {
    "ok": "",
    "error": "The program failed",
    "timeout": "The program was stopped: it ran longer than the time limit",
    "out_of_memory": "The program was stopped: it needed more than the memory limit",
    "killed": "The program was killed by a signal",
    "output_limit": "The program was stopped: it wrote more than the output limit",
}


@dataclass(frozen=True, slots=True)
class Observation:
    """The answer of the environment to one action."""

    text: str
    status: ObservationStatus
    done: bool
    steps_left: int
    submissions_left: int
    verdict: Literal["right", "wrong"] | None = None
    """Told after a submission where the task's feedback is `each`."""

    def as_json(self) -> dict[str, Any]:
        """Give its fields as a JSON object."""
        return asdict(self)


def capped(text: str, limit: int = MAX_TEXT) -> str:
    """Cut the middle out of a text that is too long, and say so."""
    if len(text) <= limit:
        return text
    head, tail = limit * 3 // 4, limit // 4
    return f"{text[:head]}\n[... {len(text) - head - tail} characters left out ...]\n{text[-tail:]}"


def report(outcome: Outcome) -> str:
    """Write how a program ended and what it printed."""
    parts = [capped(outcome.stdout.rstrip("\n"))]
    if outcome.stderr.strip():
        parts.append(f"[stderr]\n{capped(outcome.stderr.rstrip(chr(10)), MAX_TEXT // 2)}")
    if outcome.status != "ok":
        code = f" (exit code {outcome.exit_code})" if outcome.exit_code is not None else ""
        parts.append(f"[{ENDINGS[outcome.status]}{code}.]")
    return "\n".join(part for part in parts if part) or "[no output]"
