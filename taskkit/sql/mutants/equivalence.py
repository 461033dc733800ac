"""Whether a mutant could ever be told from its reference: the same question about other values."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from random import Random
from typing import cast

from pydantic import JsonValue
from sqlglot import exp

from taskkit.audit.examiner import Comparison
from taskkit.audit.mutant import Key, Mutant
from taskkit.oracles.evidence import Evidence
from taskkit.oracles.judge import judge
from taskkit.oracles.rows import from_rows
from taskkit.spec.fit import MisfitError, normal
from taskkit.spec.task import TaskSpec
from taskkit.sql.mutants.family import Scalar, filled, split
from taskkit.sql.mutants.sql import parse
from taskkit.sql.mutants.trial import LEAST, MAX_ROWS, Trials, most_rows, written
from taskkit.sql.questions.reground import draws
from taskkit.sql.questions.slot import Slot, find_slots, slot_of
from taskkit.sql.questions.tie import differ, variants
from taskkit.sqlite import BudgetError, TooManyRowsError
from taskkit.sqlite import run as rows_of

TRIES = 60  # values drawn on each database; most name nothing there
MAX_STEPS = 20_000_000  # SQLite instructions of a reference, about 0.4 s
MARGIN = 10  # times as many of a mutant


@dataclass(frozen=True, slots=True)
class _Case:
    """The reference over other values, and its answer there."""

    trials: Trials
    values: tuple[Scalar, ...]
    asked: TaskSpec
    """The task as it would be with these values."""
    rows: list[list[Scalar]]
    columns: int
    most: int
    """Rows of an answer that may be right."""
    max_steps: int


class Equivalence:
    """Compares mutants with one reference, on several databases."""

    def __init__(
        self,
        spec: TaskSpec,
        sql: str,
        databases: Sequence[tuple[Trials, int]],
        *,
        own: Trials | None = None,
        said: Sequence[str] = (),
    ) -> None:
        """Compare with this reference; its answers elsewhere are found when first needed.

        Args:
            databases: Each with how many answers are compared there at the most. Those on which
                queries take least time come best first.
            own: That of the task, if it is among them. The very values of the task tell nothing
                there: who asks has seen that the mutant gives the answer.
            said: The instructions of earlier turns, whose values the query holds too.

        Raises:
            UnparsableError: it is no query.
        """
        self._spec, self._databases, self._own = spec, databases, own
        self._text = "\n".join((*said, spec.instruction))
        self._tree = parse(sql)
        self._family, self._values = split(sql)
        self._settled = list(variants(self._family.tree))
        self._cases: list[_Case] = []
        self._more = self._find()

    def compare(self, key: Key) -> Comparison:
        """Ask reference and mutant about other patients and values; compare their answers."""
        compared = 0
        for case in self._each():
            mutant = self._family.mutant(key, case.values, case.trials.neighbour)
            if mutant is None:
                continue
            found = self._differ(case, mutant)
            if found and self._tied(case):
                continue
            if found:
                return Comparison("differs", compared + 1, found)
            compared += 1
        return Comparison("equivalent" if compared else "undecided", compared)

    def _each(self) -> Iterator[_Case]:
        """Give the cases known, then more."""
        yield from self._cases
        for case in self._more:
            self._cases.append(case)
            yield case

    def _find(self) -> Iterator[_Case]:
        for trials, enough in self._databases:
            cases = (self._case(values, trials) for values in self._variants(trials))
            found = False
            for case in islice(filter(None, cases), enough):
                found = True
                yield case
            if (
                not found
                and trials is not self._own
                and (as_is := self._case(self._values, trials))
            ):
                yield as_is

    def _variants(self, trials: Trials) -> Iterator[tuple[Scalar, ...]]:
        """Give values that a database has, the same ones for all queries of one form."""
        random = Random(self._family.form)
        slots = [slot for slot in self._slots if slot.table in trials.tables]
        if not slots:
            return
        own = self._family.named(self._values)
        seen = set()
        for drawn in islice(draws(self._richest, slots, trials.connection, random), TRIES):
            bound = dict(own)
            for slot, value in drawn.items():
                bound |= {
                    name: value for name in self._names.get(slot.key, ()) if value is not None
                }
            values = tuple(bound.values())
            if values not in seen:
                seen.add(values)
                yield values

    @cached_property
    def _slots(self) -> list[Slot]:
        """The values that the question shares, in the order of their places."""
        every = (slot_of(literal) for literal in self._tree.find_all(exp.Literal))
        places = list(dict.fromkeys(slot.key for slot in every if slot))
        found = find_slots(self._tree, self._text)
        return sorted(found, key=lambda slot: places.index(slot.key))

    @cached_property
    def _richest(self) -> exp.Query:
        """The part of the query whose conditions tell most about values that belong together.

        That is the query itself, or the common table expression with most literals.
        """
        parts: list[exp.Query] = [cte.this for cte in self._tree.find_all(exp.CTE)]
        return max(
            parts, key=lambda part: len(list(part.find_all(exp.Literal))), default=self._tree
        )

    @cached_property
    def _names(self) -> dict[tuple[str, str], list[str]]:
        """The parameters that stand for each of them."""
        found: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
        pairs = zip(self._family.tree.walk(), self._tree.walk(), strict=True)
        for blank, node in pairs:
            if isinstance(blank, exp.Placeholder) and isinstance(node, exp.Literal):
                slot = slot_of(node)
                if slot is not None:
                    found[slot.key].append(str(blank.this))
        return found

    def _case(self, values: tuple[Scalar, ...], trials: Trials) -> _Case | None:
        """Give what the query answers on a database; None where it has no answer there."""
        spec, named = self._spec, self._family.named(values)
        try:
            names, rows, steps = trials.rows(
                self._family.form, named, max_steps=MAX_STEPS, most=MAX_ROWS
            )
            left = cast(JsonValue, {"columns": names, "rows": rows})
            value = from_rows(spec.answer, left, booleans=True)
            normal(spec.answer, value)
        except (BudgetError, sqlite3.Error, MisfitError, ValueError):
            return None
        if not rows or value in (None, []):
            return None
        asked = spec.model_copy(
            update={"oracle": spec.oracle.model_copy(update={"expected": value})}
        )
        most = most_rows(spec.answer, value)
        budget = max(LEAST, MARGIN * steps)
        return _Case(trials, values, asked, rows, len(names), most, budget)

    def _tied(self, case: _Case) -> bool:
        """Whether the reference's answer hangs on the order of rows; few patients have many ties.

        Another answer than that tells nothing.
        """
        if not self._settled:
            return False
        connection, named = case.trials.connection, self._family.named(case.values)
        try:
            found = rows_of(connection, self._family.form, named, max_steps=MAX_STEPS)
            return differ(self._settled, connection, found, named, max_steps=MAX_STEPS)
        except (BudgetError, sqlite3.Error):
            return False

    def _differ(self, case: _Case, mutant: Mutant) -> str:
        """Say how a mutant's answer differs; empty where it does not."""
        try:
            names, rows, _ = case.trials.rows(
                mutant.code, mutant.values, max_steps=case.max_steps, most=case.most
            )
            if rows == case.rows and len(names) == case.columns:
                return ""
            other = written(names, rows)
        except TooManyRowsError as error:
            if case.most == MAX_ROWS:
                return ""  # too many to tell: not held against a task
            shown = f"{error}"
        except BudgetError:
            return ""  # too costly to tell
        except (sqlite3.Error, ValueError) as error:
            shown = f"no answer: {error}"
        else:
            if judge(case.asked, Evidence(other, "sql")).reward:
                return ""
            shown = json.dumps(rows)[:200]
        sql = filled(self._family.form, self._family.named(case.values))
        return f"{sql}: {json.dumps(case.rows)[:200]}, the mutant {shown}"
