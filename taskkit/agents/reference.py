"""The agent that plays a task's reference, by the same actions as any other."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from taskkit.agents.protocol import Act, Halt, Scene
from taskkit.oracles.judge import digest
from taskkit.oracles.verdict import Verdict
from taskkit.play.episode import Episode
from taskkit.play.observation import Observation
from taskkit.sandbox.protocol import Outcome
from taskkit.spec.action import CodeExecution
from taskkit.spec.task import TaskSpec


@dataclass(frozen=True, slots=True)
class Play:
    """What came of playing a reference."""

    verdict: Verdict
    steps: int
    """Actions taken; fewer than the reference has where the episode ended before."""
    outcome: Outcome | None
    """How the last program ended; None where none was run."""
    digest: str | None
    """Digest of the answer, equal for equal answers; None where none was left."""


def is_query(spec: TaskSpec) -> bool:
    """Tell whether the reference is a single SQL query."""
    if spec.turns or len(spec.reference.steps) != 1:
        return False
    step = spec.reference.steps[0]
    return isinstance(step, CodeExecution) and step.language == "sql"


def begin(spec: TaskSpec, episode: Episode) -> None:
    """Begin the first action of a reference; `play` goes on from there."""
    episode.begin(spec.reference.steps[0])


def play(spec: TaskSpec, episode: Episode) -> Play:
    """Play the reference of a task in a fresh episode of it, or in one where it has begun.

    Raises:
        SandboxError: the sandbox failed; says nothing about the task.
    """
    for turn in spec.dialogue:
        for action in turn.reference.steps:
            if episode.done:
                break
            if not episode.begun:
                episode.begin(action)
            episode.finish()
    return Play(episode.verdict, episode.steps, episode.outcome, answer_digest(spec, episode))


def answer_digest(spec: TaskSpec, episode: Episode) -> str | None:
    """Give the digest of the last answer of every turn; None where one was left without."""
    digests = []
    for number, turn in enumerate(spec.dialogue):
        last = episode.answers.get(number)
        if last is None or (last.document is None and turn.answer.kind != "none"):
            return None
        digests.append(digest(turn, last.evidence))
    return (
        digests[0] if len(digests) == 1 else hashlib.sha256("".join(digests).encode()).hexdigest()
    )


class ReferenceAgent:
    """Plays the reference, for `taskkit run --agent reference`: the most that can be reached."""

    def __init__(self, scene: Scene) -> None:
        steps = [step for turn in scene.spec.dialogue for step in turn.reference.steps]
        self._steps = iter(step for step in steps if step.action in scene.spec.actions)

    def act(self, observation: Observation) -> Act:
        """Give the next step.

        Raises:
            Halt: there is none left.
        """
        step = next(self._steps, None)
        if step is None:
            raise Halt("gave_up", "the reference has no more steps")
        return Act(step)
