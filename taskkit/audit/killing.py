"""Play mutants of an instance's reference against its own oracle."""

from __future__ import annotations

import hashlib
import sqlite3
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from sqlglot import exp

from taskkit.mutants.equivalence import Comparison, Equivalence
from taskkit.mutants.mutant import Mutant, choose
from taskkit.mutants.siblings import siblings
from taskkit.mutants.sql import UnparsableError, mutate, parse
from taskkit.mutants.trial import LEAST, OverBudgetError, Trials
from taskkit.oracles.judge import judge
from taskkit.spec.action import CodeExecution
from taskkit.spec.task import TaskSpec

MUTANTS = 20  # of an instance at most
MARGIN = 10  # times the reference's work that a mutant may do
Fate = Literal["killed", "equivalent", "weak", "undecided", "costly", "invalid"]
"""`weak`: it earns the reward though it answers otherwise on other data; `undecided`: it earns it,
and there were no other data to tell; `costly`, `invalid`: not judged."""


@dataclass(frozen=True, slots=True)
class Survivor:
    """A mutant that earned the reward and is not known to be equivalent."""

    mutant: Mutant
    fate: Fate
    evidence: str


@dataclass
class Killing:
    """What became of an instance's mutants."""

    fates: list[tuple[str, Fate]] = field(default_factory=list)
    """Kind and fate of each."""
    survivors: list[Survivor] = field(default_factory=list)


class Range:
    """Where mutants are shot at: one database, its siblings, and what is known of templates."""

    def __init__(self, path: Path, sha256: str, cache: Path) -> None:
        """Open nothing yet."""
        self._path, self._sha256, self._cache = path, sha256, cache
        self.trials = Trials(path)
        self._equivalence: Equivalence | None = None
        self._known: dict[tuple[str, tuple[str, int, int]], Comparison] = {}

    def kill(self, spec: TaskSpec, sql: str) -> Killing:
        """Try mutants of a query on the task's own data; tell survivors from equivalents."""
        made = Killing()
        try:
            tree = parse(sql)
            reference = self.trials.run(sql)
        except (UnparsableError, OverBudgetError, sqlite3.Error, ValueError):
            return made
        form = _form(tree)
        budget = max(LEAST, MARGIN * reference.steps)
        for mutant in choose(mutate(tree, self.trials.neighbour), MUTANTS, spec.id):
            fate = self._shoot(spec, mutant, budget)
            if fate is None:
                found = self._compare(spec, tree, form, mutant)
                fate = "weak" if found.fate == "differs" else found.fate
                if found.fate != "equivalent":
                    made.survivors.append(Survivor(mutant, fate, found.evidence))
            made.fates.append((mutant.kind, fate))
        return made

    def _shoot(self, spec: TaskSpec, mutant: Mutant, budget: int) -> Fate | None:
        """Give the fate of a mutant; None where it earns the reward."""
        try:
            document = self.trials.run(mutant.code, max_steps=budget).document
        except OverBudgetError:
            return "costly"
        except (sqlite3.Error, ValueError):
            return "invalid"
        return None if judge(spec, document, origin="sql").reward else "killed"

    def _compare(self, spec: TaskSpec, tree: exp.Query, form: str, mutant: Mutant) -> Comparison:
        """Compare a mutant with its reference; once for all instances of a template."""
        key = form, mutant.key
        if key not in self._known:
            if self._equivalence is None:
                paths = siblings(self._path, self._sha256, self._cache)
                self._equivalence = Equivalence([self._path, *paths])
            self._known[key] = self._equivalence.compare(spec, tree, mutant.key)
        return self._known[key]

    def close(self) -> None:
        """Close the databases."""
        self.trials.close()
        if self._equivalence is not None:
            self._equivalence.close()


def _form(tree: exp.Query) -> str:
    """Give a digest that queries share which differ in their literals only."""

    def blank(node: exp.Expr) -> exp.Expr:
        return exp.Placeholder() if isinstance(node, exp.Literal) else node

    text = tree.transform(blank).sql(dialect="sqlite")
    return hashlib.sha256(text.encode()).hexdigest()


def last_sql(spec: TaskSpec) -> str | None:
    """Give the query whose rows are a task's answer; None where something else is."""
    last = spec.reference.steps[-1]
    if isinstance(last, CodeExecution) and last.language == "sql" and last.submit:
        return last.code
    return None
