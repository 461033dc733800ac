"""What an agent is: one class that turns each observation into an action.

    class Guess:
        def __init__(self, scene: Scene) -> None: ...
        def act(self, observation: Observation) -> Act | dict | str:
            return {"action": "code_execution", "language": "python",
                    "code": "answer = 42", "submit": True}

An entry point of the group `taskkit.agents` names it for `taskkit run --agent`. It is made anew for
each episode; its first observation is the opening.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from typing import Any, Literal, Protocol

from taskkit.errors import AgentError, UsageError, blame
from taskkit.play.observation import Observation
from taskkit.spec.action import CodeExecution, Debugging, RequestInfo, Terminal
from taskkit.spec.task import TaskSpec
from taskkit.spec.validation import nearest

GROUP = "taskkit.agents"
AnyAction = RequestInfo | Terminal | CodeExecution | Debugging
Reason = Literal["tokens", "context", "time", "refusal", "gave_up", "stopped"]
"""Why an agent ends an episode: a budget, the window, its own will; `stopped`: the run's will."""


class Halt(Exception):  # noqa: N818  # an ending, not an error
    """Raised by an agent to end its episode without an answer."""

    def __init__(self, reason: Reason, detail: str = "") -> None:
        super().__init__(detail or reason)
        self.reason: Reason = reason
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one reply, and what they cost."""

    input_tokens: int = 0
    cached_tokens: int = 0
    """Of the input, those that the endpoint had cached."""
    output_tokens: int = 0
    cost: float | None = None
    """US dollars; None where no price is known."""

    @property
    def tokens(self) -> int:
        """Input and output together."""
        return self.input_tokens + self.output_tokens


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A function that a model called; its arguments are its own text."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Reply:
    """What a model answered."""

    content: str = ""
    reasoning: str = ""
    calls: tuple[ToolCall, ...] = ()
    refusal: str = ""
    finish: str = "stop"
    """Why it ended, in the endpoint's words: stop, length, tool_calls, content_filter."""
    usage: Usage = Usage()
    wall_s: float = 0.0
    known: bool = False
    """It was answered by an earlier run, and kept."""


@dataclass(frozen=True, slots=True)
class Act:
    """An action, with the reply that it was read from."""

    action: AnyAction | Mapping[str, Any] | str
    reply: Reply | None = None
    """None where the action follows in a reply that another action was read from."""
    call: str | None = None
    """Id of the function call that it is."""


@dataclass(frozen=True)
class Scene:
    """What an agent knows of its episode before it begins; nothing that judges it."""

    task: str
    """Id of the task."""
    attempt: int
    """From 1."""
    seed: int | None
    spec: TaskSpec = field(repr=False)
    """The task as it is played; its oracle and reference are none of an agent's business."""
    tools: tuple[dict[str, Any], ...] = ()
    """The actions as functions, in the form of OpenAI's `tools`."""
    options: Mapping[str, str] = field(default_factory=dict)
    """Of `--agent-option NAME=VALUE`."""


class Agent(Protocol):
    """Plays one episode."""

    def act(self, observation: Observation) -> Act | Mapping[str, Any] | str:
        """Give the next action, after an observation.

        Raises:
            Halt: the episode is to end here.
        """
        ...


Casting = Callable[[Scene], Agent]
"""Makes the agent of an episode; an agent's class is one."""


def names() -> list[str]:
    """Give the names of the agents that are installed."""
    return sorted({one.name for one in entry_points(group=GROUP)})


def casting(name: str) -> Casting:
    """Load an agent's class by its name.

    Raises:
        UsageError: none has that name.
        AgentError: it cannot be loaded.
    """
    found = next((one for one in entry_points(group=GROUP) if one.name == name), None)
    if found is None:
        known = ", ".join(names()) or "none"
        raise UsageError(
            f"--agent {name!r}: no agent of that name{nearest(name, names())}: installed: {known}"
        )
    with blame(AgentError, f"agent {name}: {found.value}"):
        made: Casting = found.load()
    return made
