"""What can be seen without a sandbox: clocks and chance in the text, row order, rounding noise."""

from __future__ import annotations

import ast
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from pydantic import JsonValue

from taskkit.audit.attack import right
from taskkit.audit.finding import Finding
from taskkit.audit.probe import Answer
from taskkit.spec.action import CodeExecution, Terminal
from taskkit.spec.oracle import ValueOracle
from taskkit.spec.task import TaskSpec
from taskkit.sql.mutants.sql import UnparsableError
from taskkit.sql.mutants.trial import OverBudgetError, Trials
from taskkit.sql.prepared import clocks, prepared
from taskkit.sql.questions.execution import BudgetError, run
from taskkit.sql.questions.tie import differ

PROBE = "determinism"
NOISE = 1e-9  # relative; far above what summing in another order gives, far below any meaning
CLOCK_CALLS = frozenset(
    (
        *("time.time", "time.time_ns", "time.localtime", "time.gmtime"),
        *("datetime.now", "datetime.utcnow", "datetime.today", "date.today"),
        *("random.random", "random.choice", "random.randint", "random.sample", "random.shuffle"),
        *("random.rand", "random.randn", "uuid.uuid4", "os.urandom"),
    )
)
CLOCK_WORDS = ("$(date", "`date", "$RANDOM", "/dev/urandom")


def static(spec: TaskSpec) -> Iterator[Finding]:
    """Find what can be seen without running anything: clocks, chance, a tolerance too small."""
    for step in spec.reference.steps:
        found: list[str] = []
        if isinstance(step, Terminal):
            found = [word for word in CLOCK_WORDS if word in step.command]
        elif isinstance(step, CodeExecution):
            found = sql_clocks(step.code) if step.language == "sql" else python_clocks(step.code)
        if found:
            yield Finding("clock_dependent", PROBE, f"the reference uses {', '.join(found)}")
    oracle = spec.oracle
    if isinstance(oracle, ValueOracle):
        noisy = stirred(oracle.expected)
        if noisy != oracle.expected and not right(spec, Answer.value("noise", noisy)):
            yield Finding("float_noise", PROBE, f"{noisy!r} is wrong, {oracle.expected!r} is right")


def sql_clocks(sql: str) -> list[str]:
    """Give what a query reads of the clock or of chance."""
    try:
        return clocks(sql)
    except UnparsableError:
        return []


def python_clocks(code: str) -> list[str]:
    """Give what a program calls of the clock or of chance, unless it sets the seed."""
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError, RecursionError):
        return []
    calls = {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    if any(call.endswith((".seed", "default_rng")) for call in calls):
        calls = {call for call in calls if "random" not in call}
    return sorted(
        call
        for call in calls
        if any(call == one or call.endswith(f".{one}") for one in CLOCK_CALLS)
    )


def stirred(value: JsonValue) -> JsonValue:
    """Give a value with noise on every number that is no whole one."""
    if isinstance(value, list):
        return [stirred(item) for item in value]
    if isinstance(value, float) and not value.is_integer():
        return value * (1 + NOISE)
    return value


class Orders:
    """The same rows in other orders."""

    def __init__(self, path: Path, shuffled: Path) -> None:
        """Compare a database with a copy whose tables are shuffled."""
        self._shuffled, self._reversed, self.usual = Trials(shuffled), Trials(path), Trials(path)
        self._reversed.connection.execute("pragma reverse_unordered_selects = on")

    def findings(self, spec: TaskSpec, sql: str) -> Iterator[Finding]:
        """Find out whether another order of the rows gives another answer."""
        for what, document in self._documents(sql):
            if document is not None and not right(spec, Answer(what, document, "sql")):
                shown = document.decode()[:200]
                yield Finding("order_dependent", PROBE, f"another answer {what}", shown)
                return
        if self._tied(sql):
            yield Finding(
                "order_dependent", PROBE, "equal rows at a LIMIT, or one value of several"
            )

    def _documents(self, sql: str) -> Iterator[tuple[str, bytes | None]]:
        yield "over shuffled tables", self._run(self._shuffled, sql)
        yield "with unordered rows reversed", self._run(self._reversed, sql)

    @staticmethod
    def _run(trials: Trials, sql: str) -> bytes | None:
        try:
            return trials.run(sql).document
        except (OverBudgetError, sqlite3.Error, ValueError):
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
