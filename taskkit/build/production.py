"""Run a preparation's units in worker processes and give what they make, in order."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from taskkit.build.balance import Candidate
from taskkit.build.domain import Domain
from taskkit.build.protocol import Preparation, Unit
from taskkit.build.rejection import Rejection
from taskkit.oracles.judge import key
from taskkit.pool.processes import in_order
from taskkit.spec.document import dump_task
from taskkit.spec.task import Split, TaskSpec, Turn


@dataclass(frozen=True, slots=True)
class Made:
    """A finished document and what choosing it needs."""

    id: str
    record: str
    category: str
    split: Split
    guessable: bool
    """It is in a category that is judged by its guess rate, whatever its answers."""
    answer: str
    """Key of the expected answer; of a dialogue those of its turns, parted by spaces."""
    instruction: str
    """Key of the instruction."""
    document: bytes

    @property
    def candidate(self) -> Candidate:
        """Give it as one that may be chosen; a guessable task competes with no other's answer."""
        return Candidate(self.id, self.category, self.id if self.guessable else self.answer)


def _key(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def _answer(turn: TaskSpec | Turn) -> str:
    return json.dumps(key(turn), sort_keys=True, ensure_ascii=False)


def _made(spec: TaskSpec) -> Made:
    answer = " ".join(_key(_answer(turn)) for turn in spec.dialogue)
    words = " ".join(" ".join(one.instruction for one in spec.dialogue).split()).casefold()
    return Made(
        spec.id,
        spec.provenance.record,
        spec.category,
        spec.split,
        spec.guessable,
        answer,
        _key(words),
        dump_task(spec),
    )


class Shop:
    """Runs units, in one process."""

    def __init__(self, domain: Domain, preparation: Preparation) -> None:
        self._builder = domain.builder()
        self._preparation = preparation

    def __call__(self, unit: Unit) -> list[Made | Rejection]:
        """Make what comes of a unit."""
        produced = self._builder.produce(self._preparation, unit)
        return [one if isinstance(one, Rejection) else _made(one) for one in produced]


def produce(
    domain: Domain, preparation: Preparation, jobs: int
) -> Iterator[list[Made | Rejection]]:
    """Give what each unit makes, in the order of the units whatever the number of jobs."""
    return in_order(partial(Shop, domain, preparation), preparation.units, jobs)
