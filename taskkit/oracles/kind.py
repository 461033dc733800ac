"""What a kind of oracle offers: how it judges, what is the same answer, what a guess is."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from pydantic import JsonValue

from taskkit.oracles.evidence import Evidence
from taskkit.oracles.verdict import Verdict
from taskkit.spec.answer import AnswerSpec
from taskkit.spec.oracle import Oracle

OracleT = TypeVar("OracleT", bound=Oracle)


class Asked(Protocol):
    """What is judged: a task, or one turn of a dialogue."""

    @property
    def answer(self) -> AnswerSpec:
        """The type of answer expected."""
        ...

    @property
    def abstention(self) -> bool:
        """The agent may abstain."""
        ...

    @property
    def oracle(self) -> Any:
        """The spec of the judge's kind."""
        ...


@dataclass(frozen=True, slots=True)
class Fault:
    """Why an oracle cannot judge an answer."""

    place: tuple[str | int, ...]
    """Below the task or turn."""
    message: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Case:
    """An answer with the reward that it must earn."""

    asked: Asked
    evidence: Evidence
    reward: float


@dataclass(frozen=True)
class Fixtures:
    """Cases that show what a kind rewards; its contract test plays them."""

    full: Sequence[Case]
    """Answers that earn the reward."""
    zero: Sequence[Case]
    """Well-formed answers that earn none."""
    malformed: Sequence[Case]
    """What is no answer of the type."""


class Judge(ABC, Generic[OracleT]):
    """One kind of oracle; it keeps nothing between answers."""

    model: ClassVar[type[Oracle]]
    """The spec, whose field `kind` names the kind."""

    @abstractmethod
    def judge(self, asked: Asked, evidence: Evidence) -> Verdict:
        """Say whether the evidence shows the right answer.

        Raises:
            SpecError: the oracle does not go with the answer's type.
            SandboxError: a program of the judge could not be run.
        """

    @abstractmethod
    def fixtures(self) -> Fixtures:
        """Give cases for full, zero and malformed answers."""

    def faults(self, asked: Asked) -> Iterator[Fault]:
        """Give what does not go together in the oracle and the answer; nothing is run."""
        yield from ()

    def expected(self, asked: Asked) -> JsonValue | None:
        """Give the one answer expected, as a Python program would set it; None where none is.

        Balance, the search for leaks, and probes that alter the right answer are about it.
        """
        return None

    def digest(self, asked: Asked, evidence: Evidence) -> str:
        """Give a digest that two pieces of evidence share which show the same answer."""
        return hashlib.sha256(evidence.document or b"").hexdigest()

    def expecting(self, asked: Asked, value: JsonValue) -> Oracle | None:
        """Give the oracle that expects another value, without leniency; None where none can.

        Mutants of a reference are told apart by it.
        """
        return None

    def key(self, asked: Asked) -> JsonValue:
        """Give what two tasks share that expect the same: compared for balance and duplicates."""
        expected = self.expected(asked)
        if expected is not None:
            return expected
        made: JsonValue = asked.oracle.model_dump(mode="json")
        return made

    def guesses(self, asked: Asked) -> Iterator[tuple[str, bytes]]:
        """Give documents that a guesser would hand in, each with the name of its rule.

        Those that follow from the type of the answer alone need not be given.
        """
        yield from ()
