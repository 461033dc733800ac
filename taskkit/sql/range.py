"""Play mutants of an instance's reference against its own oracle."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path

from taskkit.audit.examiner import MUTANTS, Examination, Fate, Survivor
from taskkit.audit.mutant import Mutant, choose
from taskkit.oracles.evidence import Evidence
from taskkit.oracles.judge import abstaining, expected, judge
from taskkit.spec.action import CodeExecution
from taskkit.spec.task import TaskSpec
from taskkit.sql.mutants.comparisons import Comparisons, Databases
from taskkit.sql.mutants.family import split
from taskkit.sql.mutants.run_cache import RunCache
from taskkit.sql.mutants.sql import UnparsableError
from taskkit.sql.mutants.trial import LEAST, MAX_ROWS, Trials, most_rows
from taskkit.sqlite import BudgetError, TooManyRowsError

DRAWN, OWN, PART = 24, 8, 8
"""Answers compared on each database drawn anew, beside them on the task's own, and on resamples."""
MARGIN = 10  # times the reference's work that a mutant may do


class Range:
    """Where mutants are run: one database, others like it, and what is known of templates."""

    def __init__(
        self, path: Path, drawn: Callable[[], list[Path]], resamples: Callable[[], list[Path]]
    ) -> None:
        """Open nothing yet.

        Args:
            path: The database.
            drawn: Gives small ones of the same kind, drawn anew.
            resamples: Gives parts of it, in whose place those are taken where there are any.
        """
        self._drawn, self._resamples = drawn, resamples
        self.trials = Trials(path)
        self._runs = RunCache(self.trials)
        self._comparisons = Comparisons(self.trials, self._others)

    def kill(self, spec: TaskSpec, sql: str, said: Sequence[str] = ()) -> Examination:
        """Try mutants of a query on the task's own data; tell survivors from equivalents.

        What was said in earlier turns names values of the query too.

        None are tried where the reference itself does not earn the reward: verify says so, or
        SQLite answers it otherwise once it has the measures of the tables, as some versions do.
        """
        made = Examination()
        try:
            family, values = split(sql)
            reference = self.trials.run(sql)
        except (UnparsableError, BudgetError, sqlite3.Error, ValueError):
            return made
        if not judge(spec, Evidence(reference.document, "sql")).reward:
            return made
        budget = max(LEAST, MARGIN * reference.steps)
        most = _most(spec)
        for mutant in choose(family.mutants(values, self.trials.neighbour), MUTANTS, spec.id):
            fate = self._fate(spec, mutant, budget, most)
            if fate is None:
                found = self._comparisons.compare(spec, sql, said, mutant.key)
                fate = "weak" if found.fate == "differs" else found.fate
                if found.fate != "equivalent":
                    made.survivors.append(Survivor(mutant, fate, found.evidence))
            made.fates.append((mutant.kind, fate))
        return made

    def _fate(self, spec: TaskSpec, mutant: Mutant, budget: int, most: int) -> Fate | None:
        """Give the fate of a mutant; None where it earns the reward."""
        try:
            document = self._runs.run(mutant, budget, most)
        except TooManyRowsError:
            return "costly" if most == MAX_ROWS else "killed"
        except BudgetError:
            return "costly"
        except (sqlite3.Error, ValueError):
            return "invalid"
        return None if judge(spec, Evidence(document, "sql")).reward else "killed"

    def _others(self) -> Databases:
        drawn = [(Trials(path), DRAWN) for path in self._drawn()]
        others = drawn or [(Trials(path), PART) for path in self._resamples()]
        return [*others, (self.trials, OWN if drawn else PART)]

    def close(self) -> None:
        """Close the databases."""
        self._comparisons.close()
        self.trials.close()


def _most(spec: TaskSpec) -> int:
    value = expected(spec)
    return MAX_ROWS if value is None or abstaining(spec) else most_rows(spec.answer, value)


def last_sql(spec: TaskSpec) -> str | None:
    """Give the query whose rows are a task's answer; None where something else is."""
    last = spec.reference.steps[-1]
    if isinstance(last, CodeExecution) and last.language == "sql" and last.submit:
        return last.code
    return None
