"""What mutants gave on one database; one that comes again with the same values is not run again."""

from __future__ import annotations

import sqlite3
from collections import OrderedDict
from dataclasses import dataclass
from typing import TypeAlias

from taskkit.audit.mutant import Mutant
from taskkit.sql.mutants.family import NAMED
from taskkit.sql.mutants.trial import Trials
from taskkit.sqlite import GRAIN, BudgetError, TooManyRowsError

KEPT = 2_000  # results that stay in memory
_Key: TypeAlias = tuple[str, str, int]


@dataclass(frozen=True, slots=True)
class _Outcome:
    """How a query ended."""

    found: bytes | Exception
    steps: int
    """What it needed, rounded down; where it ended for its budget, that budget."""

    def holds_within(self, max_steps: int) -> bool:
        """Whether it would end alike within another budget."""
        over = type(self.found) is BudgetError
        return max_steps <= self.steps if over else self.steps <= max_steps


class RunCache:
    """Runs mutants of many instances on one database.

    A mutant that has lost a condition often has the values left that the same mutant of another
    instance has: those are the costly ones.
    """

    def __init__(self, trials: Trials) -> None:
        """Keep nothing yet."""
        self._trials = trials
        self._kept: OrderedDict[_Key, _Outcome] = OrderedDict()

    def run(self, mutant: Mutant, max_steps: int, most: int) -> bytes:
        """Give the document that a mutant leaves, as `Trials.run` does.

        Raises:
            BudgetError: it needs more than ``max_steps``.
            TooManyRowsError: it gives more than ``most`` rows.
            sqlite3.Error: SQLite refuses it.
            ValueError: it gives a value that no document can hold.
        """
        used = [mutant.values[name] for name in NAMED.findall(mutant.code)]
        key = mutant.code, repr(used), most
        outcome = self._kept.get(key)
        if outcome is None or not outcome.holds_within(max_steps):
            outcome = self._kept[key] = self._outcome(mutant, max_steps, most)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        self._kept.move_to_end(key)
        if isinstance(outcome.found, bytes):
            return outcome.found
        raise outcome.found

    def _outcome(self, mutant: Mutant, max_steps: int, most: int) -> _Outcome:
        try:
            trial = self._trials.run(mutant.code, mutant.values, max_steps=max_steps, most=most)
        except TooManyRowsError as error:
            return _Outcome(error.with_traceback(None), error.steps - GRAIN)
        except BudgetError as error:
            return _Outcome(error.with_traceback(None), max_steps)
        except (sqlite3.Error, ValueError) as error:
            return _Outcome(error.with_traceback(None), 0)
        return _Outcome(trial.document, trial.steps - GRAIN)
