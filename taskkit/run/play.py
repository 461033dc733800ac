"""Play one episode: an agent's actions, the environment's observations, and all of it recorded."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from taskkit import __version__
from taskkit.agents.model import Refusal
from taskkit.agents.protocol import Act, Agent, Casting, Halt, Reply, Scene, Usage
from taskkit.errors import AgentError, TaskkitError, blame
from taskkit.oracles.verdict import Verdict
from taskkit.play.action import RefusedError, read
from taskkit.play.episode import Episode
from taskkit.play.observation import Observation
from taskkit.play.tools import MODELS, Protocol, expected, system_prompt, tools
from taskkit.run.trajectory import (
    TRAJECTORY_SCHEMA,
    Call,
    Ending,
    Judgement,
    Kind,
    Message,
    Place,
    Player,
    Step,
    Task,
    Tokens,
    Trajectory,
)
from taskkit.sandbox.protocol import Backend
from taskkit.spec.task import TaskSpec

MALFORMED = "malformed"  # how the episode begins its answer to what is no action

MAX_MALFORMED = 20_000  # characters of what is no action that are kept


class StoppedError(Exception):
    """The run is over before the episode is."""


@dataclass(frozen=True)
class Cast:
    """Who plays, and how what happened is to be labelled."""

    run: str
    casting: Casting
    player: Player
    options: Mapping[str, str]
    backend: Backend

    @property
    def protocol(self) -> Protocol | None:
        """How a model is offered the actions; None where there is no model."""
        return self.player.protocol


class Play:
    """One episode being played."""

    def __init__(self, cast: Cast, episode: Episode, sha256: str, attempt: int) -> None:
        """Take an episode that has not begun.

        Args:
            sha256: Digest of the task's file.
        """
        self.cast, self.episode, self.sha256, self.attempt = cast, episode, sha256, attempt
        self.steps: list[Step] = []
        self.last: Message | None = None
        self.ending: Ending = "answered"
        self.detail = ""
        self._began, self._clock = datetime.now(UTC), time.monotonic()

    def run(self) -> Trajectory:
        """Play it to its end.

        Raises:
            StoppedError: the run was stopped.
            AgentError: the agent raised an error of its own.
            EndpointError: its endpoint failed.
            SandboxError: the sandbox failed.
        """
        opening = self.episode.reset()
        self._play(opening)
        return self._trajectory(opening.text)

    def _play(self, observation: Observation) -> None:
        agent = self._agent()
        while not self.episode.done:
            try:
                with blame(AgentError, f"agent {self.cast.player.name}"):
                    act = _act(agent, observation)
            except _HaltedError as halted:
                self._halt(halted.halt)
                return
            observation = self._step(act)
        self.ending = "answered" if self.episode.answered else "steps"

    def _agent(self) -> Agent:
        spec, seed = self.episode.spec, self.cast.player.seed
        sampled = None if seed is None else seed + self.attempt - 1
        offered = tuple(tools(spec, self.episode.topics))
        scene = Scene(spec.id, self.attempt, sampled, spec, offered, self.cast.options)
        with blame(AgentError, f"agent {self.cast.player.name}"):
            return self.cast.casting(scene)

    def _halt(self, halt: Halt) -> None:
        if halt.reason == "stopped":
            raise StoppedError
        self.ending, self.detail = halt.reason, halt.detail
        if isinstance(halt, Refusal):
            self.last = message(halt.reply)

    def _step(self, act: Act) -> Observation:
        """Carry out an action and record it."""
        turn, before = self.episode.turn, len(self.episode.submissions)
        observation = self.episode.step(act.action)
        if observation.status == "refused" and observation.text.startswith(MALFORMED):
            hint = expected(self.episode.offers, self.cast.protocol or "text")
            observation = replace(observation, text=f"{observation.text}\n{hint}")
        submitted = self.episode.submissions[before:]
        kind, action = recorded(act.action)
        self.steps.append(
            Step(
                reply=message(act.reply) if act.reply else None,
                call=act.call,
                kind=kind,
                action=action,
                status=observation.status,
                observation=observation.text,
                done=observation.done,
                turn=turn,
                judgement=judged(submitted[-1].verdict) if submitted else None,
            )
        )
        return observation

    def _trajectory(self, opening: str) -> Trajectory:
        spec, episode, protocol = self.episode.spec, self.episode, self.cast.protocol
        return Trajectory(
            schema_version=TRAJECTORY_SCHEMA,
            run=self.cast.run,
            attempt=self.attempt,
            task=_task(spec, self.sha256),
            player=self.cast.player,
            place=_place(spec, self.cast.backend),
            taskkit=__version__,
            system=system_prompt(protocol) if protocol else "",
            tools=tuple(tools(spec, episode.topics)) if protocol == "tools" else (),
            opening=opening,
            steps=tuple(self.steps),
            last=self.last,
            ending=self.ending,
            detail=self.detail,
            judgements=tuple(map(judged, episode.verdicts)),
            judgement=judged(episode.verdict),
            tokens=total([*(step.reply for step in self.steps), self.last]),
            began=self._began.isoformat(timespec="milliseconds"),
            wall_s=round(time.monotonic() - self._clock, 3),
        )


class _HaltedError(TaskkitError):
    """Carries an agent's `Halt` past the boundary that names its errors."""

    def __init__(self, halt: Halt) -> None:
        super().__init__(halt.detail)
        self.halt = halt


def _act(agent: Agent, observation: Observation) -> Act:
    try:
        made = agent.act(observation)
    except Halt as halt:
        raise _HaltedError(halt) from None
    return made if isinstance(made, Act) else Act(made)


def recorded(action: Any) -> tuple[Kind, Any]:
    """Give the kind of an action and its JSON value; its text where it cannot be read."""
    if not isinstance(action, tuple(MODELS.values())):
        try:
            action = read(action)
        except RefusedError:
            text = action if isinstance(action, str) else json.dumps(action, default=repr)
            return "malformed", text.encode("utf-8", "replace").decode()[:MAX_MALFORMED]
    return action.action, action.model_dump(mode="json", exclude_defaults=True)


def message(reply: Reply) -> Message:
    """Give a reply as a part of the document."""
    return Message(
        content=reply.content,
        reasoning=reply.reasoning,
        calls=tuple(Call(id=c.id, name=c.name, arguments=c.arguments) for c in reply.calls),
        finish=reply.finish,
        tokens=tokens(reply.usage),
        wall_s=round(reply.wall_s, 3),
    )


def tokens(usage: Usage) -> Tokens:
    """Give what a reply used as a part of the document."""
    return Tokens(
        input=usage.input_tokens,
        cached=usage.cached_tokens,
        output=usage.output_tokens,
        cost=usage.cost,
    )


def total(replies: list[Message | None]) -> Tokens:
    """Add up what replies used; without a cost where none has one."""
    used = [reply.tokens for reply in replies if reply is not None]
    costs = [one.cost for one in used if one.cost is not None]
    return Tokens(
        input=sum(one.input for one in used),
        cached=sum(one.cached for one in used),
        output=sum(one.output for one in used),
        cost=sum(costs) if costs else None,
    )


def judged(verdict: Verdict) -> Judgement:
    """Give a verdict as a part of the document."""
    return Judgement(code=verdict.code, reward=verdict.reward, explanation=verdict.explanation)


def _task(spec: TaskSpec, sha256: str) -> Task:
    return Task(
        id=spec.id,
        sha256=sha256,
        domain=spec.domain,
        category=spec.category,
        split=spec.split,
        source=spec.provenance.source,
        licence=spec.provenance.licence,
        access=spec.provenance.access,
    )


def _place(spec: TaskSpec, backend: Backend) -> Place:
    return Place(
        image=spec.environment.image,
        assets=tuple(asset.sha256 for asset in spec.environment.assets),
        sandbox=backend.name,
        isolation=backend.isolation,
        actions=spec.actions,
        max_steps=spec.max_steps,
        feedback=spec.feedback,
    )
