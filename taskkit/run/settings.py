"""What a run is made of: the choices that its figures hang on."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal

from pydantic import Field

from taskkit.errors import UsageError
from taskkit.play.tools import Protocol
from taskkit.spec.action import ActionName
from taskkit.spec.base import Many, Spec
from taskkit.spec.task import TaskSpec
from taskkit.taskset.folder import results_folder

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


class Settings(Spec):
    """What all episodes of a run share; a run that goes on has the same."""

    agent: str
    """Name of the agent."""
    options: dict[str, str] = Field(default_factory=dict)
    """What the agent was given."""
    model: str | None = None
    """Name of the model at its endpoint."""
    base_url: str | None = None
    """The endpoint."""
    protocol: Protocol | None = None
    """How the model is offered the actions."""
    temperature: float | None = Field(default=None, ge=0)
    """As the endpoint is asked; its own where not given."""
    seed: int | None = None
    """Of the first attempt; each later one has the next."""
    max_steps: int | None = Field(default=None, ge=1)
    """Bound of actions beside the task's own."""
    max_tokens: int | None = Field(default=None, ge=1)
    """Bound of an episode's tokens, requests and replies."""
    max_reply: int | None = Field(default=None, ge=1)
    """Bound of one reply's tokens."""
    max_time: float | None = Field(default=None, gt=0)
    """Bound of an episode, seconds."""
    window: int | None = Field(default=None, ge=1)
    """Tokens of the model's window."""
    without: Many[ActionName] = ()
    """Actions that the agent may not use."""
    feedback: Literal["none"] | None = None
    """`none`: no verdict is told, whatever the task says."""
    sandbox: str
    """Backend that runs the programs."""

    def applied(self, spec: TaskSpec) -> TaskSpec:
        """Give a task as it is to be played."""
        changes: dict[str, object] = {}
        if self.max_steps is not None:
            changes["max_steps"] = min(self.max_steps, spec.max_steps)
        if self.without:
            changes["actions"] = tuple(a for a in spec.actions if a not in self.without)
        if self.feedback is not None:
            changes["feedback"] = self.feedback
            if spec.turns:  # else no turn would end
                changes["max_submissions"] = 1
        return spec.model_copy(update=changes) if changes else spec

    def name(self) -> str:
        """Give a run's name where the user gives none."""
        text = (self.model or self.agent).rpartition("/")[2]
        parts = [re.sub(r"[^A-Za-z0-9._-]+", "-", text).strip("-.") or "run"]
        parts += [f"without-{one}" for one in self.without]
        parts += ["feedback-none"] if self.feedback else []
        return "-".join(parts)[:100]


def run_folder(taskset: Path, name: str) -> Path:
    """Give the folder of a run, beside its taskset.

    Raises:
        UsageError: the name is none for a folder.
    """
    if not NAME.fullmatch(name):
        raise UsageError(f"run {name!r}: need letters, digits, dots and hyphens, at most 100")
    return results_folder(taskset) / "runs" / name
