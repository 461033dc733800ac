"""The examiner of references that are SQL queries."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import ClassVar

from taskkit.audit.determinism import clock_finding
from taskkit.audit.examiner import Examination, Examiner, Ground, Traits
from taskkit.spec.action import CodeExecution
from taskkit.spec.task import TaskSpec
from taskkit.sql.mutants.family import form
from taskkit.sql.mutants.resamples import measured, resamples, reversed_rows, shuffled
from taskkit.sql.mutants.sql import UnparsableError
from taskkit.sql.order import Orders
from taskkit.sql.populations import populations
from taskkit.sql.prepared import clocks, prepared
from taskkit.sql.range import Range, last_sql
from taskkit.sql.readout import read_out


class SqlExaminer(Examiner):
    """Shoots mutants of a query on its own data and others, and shuffles the tables."""

    name: ClassVar[str] = "sql"

    def __init__(self, ground: Ground) -> None:
        """Open no database yet."""
        super().__init__(ground)
        self._ranges: dict[str, Range] = {}
        self._orders: dict[str, Orders] = {}

    def examines(self, task: TaskSpec) -> bool:
        """Whether a query is among the reference's steps."""
        return any(_sql(task))

    def examine(self, task: TaskSpec, said: Sequence[str]) -> Examination:
        """Look at clocks in every query; at order, leaks and mutants of the one that answers."""
        made = Examination()
        for code in _sql(task):
            made.findings += clock_finding(_clocks(code))
        sql, environment = last_sql(task), task.environment
        assets = {asset.name: asset.sha256 for asset in environment.visible}
        if sql is None or environment.database not in assets:
            return made
        sha256 = assets[environment.database]
        orders = self._order(sha256)
        made.findings += orders.findings(task, sql)
        made.findings += read_out(task, sql, said, orders.usual)
        made.add(self._range(task, sha256).kill(task, sql, said))
        return made

    def traits(self, task: TaskSpec) -> Traits | None:
        """Give the query's form and meaning, and the tables that it reads."""
        sql = last_sql(task)
        if sql is None:
            return None
        try:
            found, values = prepared(sql)
        except UnparsableError:
            return Traits(form(sql), " ".join(sql.split()), {"tables": []})
        return Traits(form(sql), found.meaning(values), {"tables": [*sorted(found.tables)]})

    def _range(self, task: TaskSpec, sha256: str) -> Range:
        if sha256 not in self._ranges:
            path, cache = self.ground.taskset.asset(sha256), self.ground.cache
            self._ranges[sha256] = Range(
                measured(path, sha256, cache),
                partial(populations, task, cache),
                partial(resamples, path, sha256, cache),
            )
        return self._ranges[sha256]

    def _order(self, sha256: str) -> Orders:
        if sha256 not in self._orders:
            path = self.ground.taskset.asset(sha256)
            cache = self.ground.cache
            copies = shuffled(path, sha256, cache), reversed_rows(path, sha256, cache)
            self._orders[sha256] = Orders(path, *copies)
        return self._orders[sha256]

    def close(self) -> None:
        """Close the databases."""
        while self._ranges:
            self._ranges.popitem()[1].close()
        while self._orders:
            self._orders.popitem()[1].close()


def _sql(task: TaskSpec) -> Iterator[str]:
    for step in task.reference.steps:
        if isinstance(step, CodeExecution) and step.language == "sql":
            yield step.code


def _clocks(sql: str) -> list[str]:
    """Give what a query reads of the clock or of chance; nothing of one that cannot be read."""
    try:
        return clocks(sql)
    except UnparsableError:
        return []
