"""What agents do: actions by kind, what follows an error, and whether `debugging` helps."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from taskkit.run.failures import PROGRAMS, error_class, repeats
from taskkit.run.trajectory import Step, Trajectory

PUBLISHED_ACTIONS = {"code_execution": 0.8579, "debugging": 0.1246}
"""Shares of actions that the paper on MedAgentGym reports (arXiv 2506.04405)."""


@dataclass
class Followed:
    """Errors of programs, and what became of them."""

    errors: int = 0
    mended: int = 0
    """The next program ended well."""

    @property
    def share(self) -> float | None:
        """Share of the errors whose next program ended well; None where there was no error."""
        return self.mended / self.errors if self.errors else None


@dataclass
class Behaviour:
    """Sums over the steps of many episodes."""

    episodes: int = 0
    steps: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    """Steps by action."""
    statuses: Counter[str] = field(default_factory=Counter)
    """Steps by how they ended."""
    repeated: int = 0
    """Steps that repeat an earlier one and bring nothing new."""
    errors: Counter[str] = field(default_factory=Counter)
    """Programs that failed, by class of error."""
    after: Counter[str] = field(default_factory=Counter)
    """What came next after a program that failed: an action, or `end`."""
    explained: Followed = field(default_factory=Followed)
    """Errors with `debugging` between them and the next program."""
    unexplained: Followed = field(default_factory=Followed)
    """Errors without."""

    def add(self, trajectory: Trajectory) -> None:
        """Count an episode."""
        steps = trajectory.steps
        self.episodes += 1
        self.steps += len(steps)
        self.kinds.update(step.kind for step in steps)
        self.statuses.update(step.status for step in steps)
        self.repeated += sum(repeats(steps))
        for at, step in enumerate(steps):
            if failed(step):
                self._error(step, steps[at + 1 :])

    def _error(self, step: Step, rest: Sequence[Step]) -> None:
        self.errors[error_class(step)] += 1
        self.after[rest[0].kind if rest else "end"] += 1
        explained = False
        for later in rest:
            explained = explained or later.kind == "debugging"
            if later.kind in PROGRAMS and later.status != "refused":
                followed = self.explained if explained else self.unexplained
                followed.errors += 1
                followed.mended += later.status == "ok"
                return


def failed(step: Step) -> bool:
    """Whether a step is a program that ended badly."""
    return step.kind in PROGRAMS and step.status not in ("ok", "refused")
