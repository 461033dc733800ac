"""Which questions over one form of query tell its mutants from it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TypeAlias

from taskkit.audit.mutant import Key
from taskkit.sql.mutants.question_filter import every, tried
from taskkit.sql.mutants.trial import Trials
from taskkit.sql.questions.question import Question

LIMIT = 0.05  # share of the mutants that can be told which a question may fail to tell
ENOUGH = 8  # questions of which none tells a mutant: it is taken for equivalent
MOST = 12  # other values of one question that are looked at
SOON = 6  # questions looked at before one that tells all that these tell is taken

Turned: TypeAlias = tuple[int, Key]
"""Turn of a dialogue, and the key of a mutant of its query."""


@dataclass(frozen=True, slots=True)
class Look:
    """What became of the mutants of one question."""

    question: Question
    tried: int
    survivors: dict[Turned, str]
    """Those that give its answer too, and what they change."""


class Contrast:
    """Learns from questions over one form of query which of its mutants are not equivalent."""

    def __init__(self, trials: Trials) -> None:
        """Know nothing yet."""
        self._trials = trials
        self._told: set[Turned] = set()
        self.asked = 0
        """Questions seen so far."""

    def look(self, question: Question) -> Look:
        """Try all mutants of a question."""
        asked = 0
        survivors: dict[Turned, str] = {}
        for number, turn, mutant in every(question, self._trials):
            asked += 1
            if tried(turn, mutant, self._trials).earns:
                survivors[number, mutant.key] = f"{mutant.kind}: {mutant.change}"
            else:
                self._told.add((number, mutant.key))
        self.asked += 1
        return Look(question, asked, survivors)

    def learn(self, question: Question, keys: Collection[Turned]) -> bool:
        """Try some of the mutants of a question; say whether it tells any of them."""
        told = {
            (number, mutant.key)
            for number, turn, mutant in every(question, self._trials)
            if (number, mutant.key) in keys and not tried(turn, mutant, self._trials).earns
        }
        self._told |= told
        self.asked += 1
        return bool(told)

    def missed(self, look: Look) -> list[str]:
        """Give the changes that a question does not tell though others do, if they are too many."""
        missed = [what for key, what in look.survivors.items() if key in self._told]
        telling = look.tried - len(look.survivors) + len(missed)
        return missed if len(missed) > LIMIT * telling else []

    def open(self, looks: Iterable[Look]) -> set[Turned]:
        """Give the mutants that nobody has told so far."""
        return {key for look in looks for key in look.survivors} - self._told

    def best(self, candidates: Iterator[Question]) -> Question | list[str]:
        """Give the question that tells most, or the changes that the best of them does not tell."""
        best: Look | None = None
        for question in islice(candidates, MOST):
            if best is None:
                best = self.look(question)
            elif self.learn(question, best.survivors):
                other = self.look(question)
                self.asked -= 1
                if self._missed(other) < self._missed(best):
                    best = other
            if not best.survivors or (self.asked >= SOON and not self._missed(best)):
                break
        if best is None:
            return []
        return self.missed(best) or best.question

    def _missed(self, look: Look) -> int:
        return len(look.survivors.keys() & self._told)
