"""A trajectory: all that happened in one episode, as a document that outlives the run."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final, Literal

from pydantic import BaseModel, Field, JsonValue

from taskkit.oracles.verdict import VerdictCode
from taskkit.spec.action import ActionName
from taskkit.spec.base import Many, Name, Sha256, Spec

TRAJECTORY_SCHEMA: Final = "taskkit/trajectory/1"
Ending = Literal["answered", "steps", "tokens", "context", "time", "refusal", "gave_up"]
Kind = ActionName | Literal["malformed"]
Status = Literal["ok", "refused", "error", "timeout", "out_of_memory", "killed", "output_limit"]


class Task(Spec):
    """The task that was played."""

    id: Name
    """Its id."""
    sha256: Sha256
    """Digest of its file, which names its data by digest."""
    domain: Name
    """The domain that built it."""
    category: Name
    """The kind of work."""
    split: Literal["train", "valid", "test"]
    """Which part of the set it belongs to."""
    source: str
    """Name and version of the source."""
    licence: str
    """What the task may be distributed under."""
    access: Literal["open", "credentialed"]
    """`credentialed`: derived from data that may not be passed on, and so is this."""


class Player(Spec):
    """Who played it."""

    name: str
    """Name of the agent."""
    model: str | None = None
    """Name of the model at its endpoint; none where the agent has no model."""
    protocol: Literal["tools", "text"] | None = None
    """How the model is offered the actions."""
    temperature: float | None = None
    """As it was asked for; the endpoint's own where not given."""
    seed: int | None = None
    """As it was asked for."""


class Place(Spec):
    """Where it was played."""

    image: Name
    """Image of the task."""
    assets: Many[Sha256] = ()
    """Digests of the data that the agent could read."""
    sandbox: str
    """Backend that ran the programs."""
    isolation: str
    """What stood between a program and the machine."""
    actions: Many[ActionName] = ()
    """What the agent could do."""
    max_steps: int
    """Actions it could take."""
    feedback: Literal["none", "each"] = "none"
    """Whether it was told the verdict of an answer."""


class Tokens(Spec):
    """What replies used."""

    input: int = 0
    """Tokens of the requests."""
    cached: int = 0
    """Of them, those that the endpoint had cached."""
    output: int = 0
    """Tokens of the replies."""
    cost: float | None = None
    """US dollars; none where no price is known."""


class Call(Spec):
    """A function that the model called."""

    id: str
    """As the endpoint named it."""
    name: str
    """The function."""
    arguments: str
    """The model's own text."""


class Message(Spec):
    """A reply of the model."""

    content: str = ""
    """Its text."""
    reasoning: str = ""
    """What it thought, where the endpoint tells; not sent back to it."""
    calls: Many[Call] = ()
    """Functions that it called."""
    finish: str = "stop"
    """Why it ended, in the endpoint's words."""
    tokens: Tokens = Tokens()
    """What it used."""
    wall_s: float = 0.0
    """Seconds from request to reply."""


class Judgement(Spec):
    """A verdict; the explanation is for authors, and may quote the expected value."""

    code: VerdictCode
    """`right`, or why not."""
    reward: float = 0.0
    """1.0 where right, else 0.0."""
    explanation: str = ""
    """Why, for authors; exports leave it out."""


class Step(Spec):
    """An action and what came of it."""

    reply: Message | None = None
    """The reply that it was read from; none where one before it was, or there is no model."""
    call: str | None = None
    """Id of the function call that it is."""
    kind: Kind
    """The action; `malformed` where it could not be read."""
    action: JsonValue
    """The action; its text where it is malformed."""
    status: Status
    """How it ended; `refused`: malformed or not allowed, and nothing was run."""
    observation: str
    """What the agent was told."""
    done: bool = False
    """The episode was over with it."""
    turn: int = 0
    """Which question of a dialogue it worked on, from 0."""
    judgement: Judgement | None = None
    """Of the answer that it submitted; none where it submitted none."""


class Trajectory(Spec):
    """All that happened in one episode."""

    schema_version: Literal["taskkit/trajectory/1"] = Field(alias="schema")
    """Version of this document's form."""
    run: str
    """Name of the run."""
    attempt: int = Field(ge=1)
    """Which attempt at the task."""
    task: Task
    """What was played."""
    player: Player
    """Who played it."""
    place: Place
    """Where it was played."""
    taskkit: str
    """Version of taskkit."""
    system: str = ""
    """What a model is told before every task."""
    tools: Many[dict[str, JsonValue]] = ()
    """The functions that it could call, in the form of OpenAI's `tools`."""
    opening: str
    """What the agent was told first: task, documents, actions, limits."""
    steps: Many[Step] = ()
    """In order."""
    last: Message | None = None
    """A last reply that no action could be read from, such as a refusal."""
    ending: Ending
    """Why it is over: `answered`, `steps` and so on for a budget, or the agent's own will."""
    detail: str = ""
    """More on the ending."""
    judgements: Many[Judgement] = ()
    """Of each turn's last answer."""
    judgement: Judgement
    """Of the whole."""
    tokens: Tokens = Tokens()
    """What all replies used."""
    began: str
    """When, UTC, ISO 8601."""
    wall_s: float = 0.0
    """Seconds it took, waiting included."""

    @property
    def id(self) -> str:
        """Task and attempt: unique in a run."""
        return key(self.task.id, self.attempt)

    @property
    def reward(self) -> float:
        """1.0 where every turn's last answer is right, else 0.0."""
        return self.judgement.reward

    @property
    def credentialed(self) -> bool:
        """It derives from data that may not be passed on."""
        return self.task.access == "credentialed"


DOCUMENTS: dict[str, type[BaseModel]] = {"trajectory": Trajectory}
"""File name without `.json` to the model, for schemas/."""


def key(task: str, attempt: int) -> str:
    """Give the name of an episode in its run."""
    return f"{task}.{attempt}"


def messages(trajectory: Trajectory) -> list[dict[str, Any]]:
    """Give a trajectory as a conversation in OpenAI's form; nothing that judges it is in it."""
    made: list[dict[str, Any]] = []
    if trajectory.system:
        made.append({"role": "system", "content": trajectory.system})
    made.append({"role": "user", "content": trajectory.opening})
    for steps in exchanges(trajectory.steps):
        made.append(assistant(steps))
        for step in steps:
            role = {"role": "tool", "tool_call_id": step.call} if step.call else {"role": "user"}
            made.append({**role, "content": step.observation})
    if trajectory.last is not None:
        made.append({"role": "assistant", "content": trajectory.last.content})
    return made


def exchanges(steps: Sequence[Step]) -> list[list[Step]]:
    """Group the steps by the reply that they were read from."""
    made: list[list[Step]] = []
    for step in steps:
        if made and step.reply is None and step.call is not None:
            made[-1].append(step)
        else:
            made.append([step])
    return made


def assistant(steps: Sequence[Step]) -> dict[str, Any]:
    """Give the reply of an exchange as a message; calls that were not carried out are left out."""
    reply, carried = steps[0].reply, {step.call for step in steps}
    if reply is None:
        return {"role": "assistant", "content": written(steps[0].action)}
    made: dict[str, Any] = {"role": "assistant", "content": reply.content}
    calls = [one for one in reply.calls if one.id in carried]
    if calls:
        made["tool_calls"] = [
            {
                "id": one.id,
                "type": "function",
                "function": {"name": one.name, "arguments": one.arguments},
            }
            for one in calls
        ]
    return made


def written(action: JsonValue) -> str:
    """Give an action as text."""
    return action if isinstance(action, str) else json.dumps(action, ensure_ascii=False)
