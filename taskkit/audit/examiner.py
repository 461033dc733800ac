"""What looks at references of one kind: mutants, equivalents, and what an answer hangs on."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path
from types import NoneType
from typing import ClassVar, Literal

from pydantic import JsonValue

from taskkit.audit.finding import Finding
from taskkit.audit.mutant import Mutant
from taskkit.errors import MissingError, blame
from taskkit.play.stage import Stage
from taskkit.plugin import guard, third_party
from taskkit.spec.task import TaskSpec
from taskkit.taskset.folder import Taskset

GROUP = "taskkit.examiners"
MUTANTS = 20  # of an instance at most
Fate = Literal["killed", "equivalent", "weak", "idle", "undecided", "costly", "invalid"]
"""`weak`: it earns the reward though it answers otherwise on other data; `idle`: so does a Python
program that gives the very answer, since the values of this task do not meet what was changed;
`undecided`: it earns the reward, and there were no other data to tell; `costly`, `invalid`: not
judged."""


@dataclass(frozen=True, slots=True)
class Survivor:
    """A mutant that earned the reward and is not known to be equivalent."""

    mutant: Mutant
    fate: Fate
    evidence: str


@dataclass
class Examination:
    """What became of an instance's mutants, and what else was found of its reference."""

    findings: list[Finding] = field(default_factory=list)
    fates: list[tuple[str, Fate] | tuple[str, Fate, str]] = field(default_factory=list)
    """Kind and fate of each; of a Python mutant also a name, the same in all tasks that have it."""
    survivors: list[Survivor] = field(default_factory=list)

    def add(self, other: Examination) -> None:
        """Take over what another one found."""
        self.findings += other.findings
        self.fates += other.fates
        self.survivors += other.survivors


@dataclass(frozen=True, slots=True)
class Comparison:
    """What comparing a mutant with its reference on other data gave."""

    fate: Literal["equivalent", "differs", "undecided"]
    """`undecided`: there were no other answers to compare."""
    compared: int
    evidence: str = ""
    """Where they differ: the inputs, and both answers."""


@dataclass(frozen=True, slots=True)
class Traits:
    """What tells a reference from others."""

    template: str
    """A text that instances of one template share: the reference without its values."""
    meaning: str
    """A text that references share which say the same in other words."""
    facts: Mapping[str, JsonValue] = field(default_factory=dict)
    """What says how hard it is, such as the tables that it reads."""


@dataclass(frozen=True)
class Ground:
    """What an examiner works with."""

    stage: Stage
    taskset: Taskset
    cache: Path
    """Folder for what is costly to make, shared by all runs."""
    fresh: Callable[[TaskSpec], Iterator[str]]
    """Gives Python references of a task's category for inputs drawn afresh, one after another;
    none where its builder draws none."""


class Examiner(ABC):
    """Examines references of one kind; a dialogue's turns come as tasks of their own."""

    name: ClassVar[str]

    def __init__(self, ground: Ground) -> None:
        """Open nothing yet."""
        self.ground = ground

    @abstractmethod
    def examines(self, task: TaskSpec) -> bool:
        """Whether a task's reference is of its kind."""

    @abstractmethod
    def examine(self, task: TaskSpec, said: Sequence[str]) -> Examination:
        """Try mutants of a reference, and look at what its answer hangs on.

        Args:
            said: The instructions of earlier turns.

        Raises:
            SandboxError: the sandbox failed; says nothing about the task.
        """

    def traits(self, task: TaskSpec) -> Traits | None:
        """Give what tells the reference from others; None where nothing is known."""
        return None

    def close(self) -> None:
        """Close what is open; safe to call twice."""
        return


@cache
def examiners() -> tuple[type[Examiner], ...]:
    """Give the examiners that are installed, by name.

    Raises:
        MissingError: a plug-in cannot be imported.
    """
    found: list[type[Examiner]] = []
    for entry in sorted(entry_points(group=GROUP), key=lambda entry: entry.name):
        with blame(MissingError, f"examiner {entry.name!r} ({entry.value}): cannot be loaded"):
            found.append(entry.load())
    return tuple(found)


def staged(ground: Ground) -> list[Examiner]:
    """Make one examiner of each kind that is installed.

    Raises:
        PluginError: one of others cannot be made.
    """
    made = []
    for kind in examiners():
        with third_party("examiner", kind):
            one = kind(ground)
        traits = Traits, NoneType
        made.append(guard("examiner", one, examines=bool, examine=Examination, traits=traits))
    return made
