"""An agent that does not solve a task, and what it tries."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.metadata import entry_points
from typing import ClassVar, Literal, Protocol, TypeAlias, cast

from pydantic import JsonValue

from taskkit.audit.finding import ExploitCode
from taskkit.build.domain import domains
from taskkit.errors import MissingError, blame
from taskkit.oracles.evidence import Origin
from taskkit.oracles.judge import abstaining, expected
from taskkit.plugin import guard
from taskkit.spec.action import CodeExecution, Terminal
from taskkit.spec.task import TaskSpec

GROUP = "taskkit.probes"


@dataclass(frozen=True, slots=True)
class Subject:
    """An instance under attack, by an attacker who knows all that the oracle knows."""

    spec: TaskSpec
    expected: JsonValue | None
    """The right answer; `{"abstain": true}` where that is right; None where it is no one value."""

    @property
    def text(self) -> str:
        """The right answer as JSON text."""
        return json.dumps(self.expected, ensure_ascii=False)

    @property
    def abstains(self) -> bool:
        """The right answer is that there is none."""
        return abstaining(self.spec)

    @classmethod
    def of(cls, spec: TaskSpec) -> Subject:
        """Make it of a task."""
        return cls(spec, expected(spec))


def turns(spec: TaskSpec) -> list[TaskSpec]:
    """Give each turn of a dialogue as a task of its own; a task without turns as it is."""
    return [
        spec.model_copy(
            update={
                "instruction": turn.instruction,
                "answer": turn.answer,
                "abstention": turn.abstention,
                "oracle": turn.oracle,
                "reference": turn.reference,
                "turns": (),
            }
        )
        for turn in spec.dialogue
    ]


@dataclass(frozen=True, slots=True)
class Answer:
    """A document handed to the oracle as if a program had left it; nothing is run."""

    what: str
    document: bytes | None
    origin: Origin = "python"

    @classmethod
    def value(cls, what: str, value: JsonValue) -> Answer:
        """Make it of a value that a Python program would set."""
        return cls(what, json.dumps(value, ensure_ascii=False).encode())


@dataclass(frozen=True, slots=True)
class Submission:
    """A program that submits; it shares a session with others, and is judged by itself."""

    what: str
    action: CodeExecution | Terminal


@dataclass(frozen=True, slots=True)
class Session:
    """Actions played from first to last in an episode of their own, within the task's limits."""

    what: str
    actions: tuple[CodeExecution | Terminal, ...]
    spec: TaskSpec | None = None
    """What to play it on in place of the instance."""
    tells: str | None = None
    """A word that the last program prints where the exploit succeeds without any reward."""


@dataclass(frozen=True, slots=True)
class Guess:
    """An answer by a rule that needs no work; counted over the set, not held against one task."""

    rule: str
    value: JsonValue = None
    document: bytes | None = None
    """What a program would leave, where that is not the value as JSON."""

    @property
    def answer(self) -> Answer:
        """The document that a program would leave."""
        if self.document is not None:
            return Answer(self.rule, self.document)
        return Answer.value(self.rule, self.value)


Attempt: TypeAlias = Answer | Submission | Session | Guess
Pace: TypeAlias = Literal["every", "sampled"]
"""`sampled`: on the first instance of each environment, and on about one in a hundred."""


class Probe(Protocol):
    """A way to earn a reward without solving the task."""

    name: ClassVar[str]
    code: ClassVar[ExploitCode]
    """What it is called where it succeeds; guesses have none of their own."""
    pace: ClassVar[Pace]

    def attempts(self, subject: Subject) -> Iterator[Attempt]:
        """Give what to try on an instance; the same every time."""
        ...


@cache
def probes() -> tuple[Probe, ...]:
    """Give every probe that is installed, by name: ours and those of plug-ins.

    Raises:
        MissingError: a plug-in cannot be imported.
    """
    found: dict[str, Probe] = {}
    for entry in sorted(entry_points(group=GROUP), key=lambda entry: entry.name):
        with blame(MissingError, f"probe {entry.name!r} ({entry.value}): cannot be loaded"):
            found[entry.name] = entry.load()()
    return tuple(map(_guarded, found.values()))


def probes_of(name: str) -> tuple[Probe, ...]:
    """Give every probe for a domain's tasks: those installed, and the domain's own.

    A domain that is not on this machine has none of its own here.

    Raises:
        MissingError: a plug-in cannot be imported.
        SpecError: a probe that the domain's manifest names is not there.
    """
    known = domains().get(name)
    own = cast("list[Probe]", known.probes()) if known else []
    return (*probes(), *map(_guarded, own))


def _guarded(probe: Probe) -> Probe:
    return guard("probe", probe, attempts=(list, tuple))


def python(code: str) -> CodeExecution:
    """Make a Python program that submits."""
    return CodeExecution(action="code_execution", language="python", code=code, submit=True)


def shell(command: str) -> Terminal:
    """Make a command that submits."""
    return Terminal(action="terminal", command=command, submit=True)
