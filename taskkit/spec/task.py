"""One task: what the agent sees, where it runs, what judges it and who solves it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final, Literal, Self, Union

from pydantic import Field, model_validator

from taskkit.oracles.registry import models
from taskkit.spec.action import Action, ActionName
from taskkit.spec.answer import AnswerSpec
from taskkit.spec.base import Many, Name, Sha256, Spec
from taskkit.spec.environment import Environment
from taskkit.spec.oracle import Oracle
from taskkit.spec.provenance import Provenance

TASK_SCHEMA: Final = "taskkit/task/1"
Split = Literal["train", "valid", "test"]

if TYPE_CHECKING:
    OracleSpec = Oracle
else:
    OracleSpec = Annotated[Union[models()], Field(discriminator="kind")]  # noqa: UP007 # of a tuple
    """The spec of one of the kinds installed."""


class Document(Spec):
    """A text for the agent, by reference: file context/<sha256>.md of the taskset."""

    name: str
    """Title."""
    sha256: Sha256
    """Digest of its bytes."""


class Reference(Spec):
    """The steps that solve the task; the last one submits."""

    steps: Many[Action] = Field(min_length=1)
    """Played in order by the reference agent through the environment's own actions."""


class Turn(Spec):
    """A question that follows in the same episode, once the one before is answered."""

    instruction: str = Field(min_length=1)
    """What the agent is asked; it may refer to earlier turns."""
    answer: AnswerSpec
    """The type of answer expected."""
    abstention: bool = False
    """The agent may answer `{"abstain": true}`, if the data cannot answer the question."""
    oracle: OracleSpec
    """What judges the answer of this turn."""
    reference: Reference
    """What solves this turn; it needs nothing that an earlier turn left."""


class TaskSpec(Spec):
    """A task instance; with `turns`, a dialogue whose first turn is its own instruction."""

    schema_version: Literal["taskkit/task/1"] = Field(alias="schema")
    """Version of this document's form."""
    id: Name
    """Stable: the domain and a digest of the source record."""
    domain: Name
    """The domain that built it."""
    category: Name
    """The kind of work, within the domain."""
    split: Split
    """Which part of the set it belongs to."""
    guessable: bool = False
    """The answer space is small by nature: judged by its guess rate, left out unless asked for."""
    instruction: str = Field(min_length=1)
    """What the agent is asked."""
    context: Many[Document] = ()
    """Documents that the agent gets with the instruction."""
    answer: AnswerSpec
    """The type of answer expected."""
    abstention: bool = False
    """The agent may answer `{"abstain": true}`, if the data cannot answer the question."""
    environment: Environment
    """Where it runs."""
    actions: Many[ActionName] = ("request_info", "terminal", "code_execution", "debugging")
    """What the agent may do."""
    max_steps: int = Field(default=20, ge=1, le=1000)
    """Actions that the agent may take, over all turns."""
    max_submissions: int = Field(default=1, ge=1, le=100)
    """Answers that the agent may give, in each turn; the last one counts."""
    feedback: Literal["none", "each"] = "none"
    """`each`: the agent is told the verdict after each submission."""
    oracle: OracleSpec
    """What judges the answer."""
    reference: Reference
    """What solves it."""
    turns: Many[Turn] = Field(default=(), max_length=9)
    """The questions that follow, in order; the reward is earned where every turn is right."""
    provenance: Provenance
    """Where it comes from."""

    @model_validator(mode="after")
    def _turns_end(self) -> Self:
        if self.turns and self.max_submissions > 1 and self.feedback == "none":
            raise ValueError("turns: no turn would end: need max_submissions 1, or feedback `each`")
        return self

    @property
    def dialogue(self) -> tuple[TaskSpec | Turn, ...]:
        """Every turn in order: the task itself, then those that follow."""
        return (self, *self.turns)
