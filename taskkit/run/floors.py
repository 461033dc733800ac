"""What a run has to beat: success without looking at a task, as the audit measured it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from taskkit.audit.record import read_records, records_path

IDLE = ("null", "empty", "exit", "crash")
"""Probes that do nothing."""


@dataclass(frozen=True, slots=True)
class Floor:
    """Shares of tasks that are right without solving any."""

    audited: int
    """Tasks that the shares are of."""
    nothing: float
    """By an agent that does nothing."""
    guess: float
    """By the one rule of guessing that is right most often."""
    rule: str
    """That rule; empty where none is ever right."""


@dataclass(frozen=True)
class Floors:
    """What the audit found of each task."""

    guesses: Mapping[str, tuple[str, ...]]
    """Rules whose guess is right, by task."""
    idle: frozenset[str]
    """Tasks that doing nothing solves."""

    @classmethod
    def of(cls, tasksets: Iterable[Path]) -> Floors:
        """Read the audits of tasksets; nothing of one that was not audited.

        Raises:
            UsageError: the results cannot be read.
        """
        guesses, idle = {}, set()
        paths = [path for taskset in tasksets if (path := records_path(taskset)).exists()]
        for one in chain.from_iterable(map(read_records, paths)):
            guesses[one.id] = tuple(one.loaded("guesses"))
            if any(found.get("probe") in IDLE for found in one.loaded("findings")):
                idle.add(one.id)
        return cls(guesses, frozenset(idle))

    def floor(self, tasks: Collection[str]) -> Floor | None:
        """Give the floors over some tasks; None where none of them was audited."""
        audited = [task for task in tasks if task in self.guesses]
        if not audited:
            return None
        rules = Counter(rule for task in audited for rule in self.guesses[task])
        rule, hits = min(rules.items(), key=lambda item: (-item[1], item[0]), default=("", 0))
        nothing = sum(task in self.idle for task in audited)
        return Floor(len(audited), nothing / len(audited), hits / len(audited), rule)
