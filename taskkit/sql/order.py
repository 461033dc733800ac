"""The same rows in other orders: whether an answer hangs on the order of a database's rows."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

from taskkit.audit.attack import right
from taskkit.audit.determinism import PROBE
from taskkit.audit.finding import Finding
from taskkit.audit.probe import Answer
from taskkit.spec.task import TaskSpec
from taskkit.sql.mutants.sql import UnparsableError
from taskkit.sql.mutants.trial import Trials
from taskkit.sql.prepared import prepared
from taskkit.sql.questions.tie import differ
from taskkit.sqlite import BudgetError, run


class Orders:
    """The same rows in other orders."""

    def __init__(self, path: Path, shuffled: Path, reversed_rows: Path) -> None:
        """Compare a database with copies whose tables are shuffled, and the other way round."""
        self.usual = Trials(path)
        self._shuffled, self._reversed = Trials(shuffled), Trials(reversed_rows)
        self._reversed.connection.execute("pragma reverse_unordered_selects = on")

    def findings(self, spec: TaskSpec, sql: str) -> Iterator[Finding]:
        """Find out whether another order of the rows gives another answer."""
        for what, document in self._documents(sql):
            if document is not None and not right(spec, Answer(what, document, "sql")):
                shown = document.decode()[:200]
                yield Finding("order_dependent", PROBE, f"another answer {what}", shown)
                return
        if name := self._listing(sql):
            yield Finding("order_dependent", PROBE, f"{name} lists rows in no order of its own")
        elif self._tied(sql):
            yield Finding(
                "order_dependent", PROBE, "equal rows at a LIMIT, or one value of several"
            )

    def _documents(self, sql: str) -> Iterator[tuple[str, bytes | None]]:
        yield "over shuffled tables", self._run(self._shuffled, sql)
        yield "over reversed tables", self._run(self._reversed, sql)

    @staticmethod
    def _run(trials: Trials, sql: str) -> bytes | None:
        try:
            return trials.run(sql).document
        except (BudgetError, sqlite3.Error, ValueError):
            return None

    @staticmethod
    def _listing(sql: str) -> str | None:
        try:
            return prepared(sql)[0].listing
        except UnparsableError:
            return None

    def _tied(self, sql: str) -> bool:
        connection = self.usual.connection
        try:
            found, values = prepared(sql)
            if not found.settled:
                return False
            return differ(found.settled, connection, run(connection, sql), values)
        except (UnparsableError, BudgetError, sqlite3.Error):
            return False

    def close(self) -> None:
        """Close the databases."""
        for trials in (self._shuffled, self._reversed, self.usual):
            trials.close()
