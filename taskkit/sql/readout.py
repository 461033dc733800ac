"""Whether the rows that hold an answer are read out in the question."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator

from taskkit.audit.finding import Finding
from taskkit.audit.leak import PROBE, prompt
from taskkit.build.echo import distinctive, stands
from taskkit.spec.task import TaskSpec
from taskkit.sql.mutants.sql import UnparsableError
from taskkit.sql.mutants.trial import MAX_ROWS, Trials
from taskkit.sql.prepared import prepared
from taskkit.sqlite import BudgetError

READ_OUT = 3  # cells of one row, beside those that the query itself names
STEPS = 20_000_000  # SQLite instructions, about 0.4 s


def read_out(spec: TaskSpec, sql: str, said: Iterable[str], trials: Trials) -> Iterator[Finding]:
    """Find out whether the rows that hold the answer are read out in the instruction."""
    try:
        found, values = prepared(sql)
        if found.whole is None:
            return
        _, rows, _ = trials.rows(found.whole, values, max_steps=STEPS, most=MAX_ROWS)
    except (UnparsableError, BudgetError, sqlite3.Error):
        return
    named = set(map(str, values.values()))
    asked = prompt(spec, said)
    for row in rows:
        cells = {cell for cell in row if distinctive(cell) and str(cell) not in named}
        told = sorted(str(cell) for cell in cells if stands(cell, asked))
        if len(told) >= READ_OUT:
            what = "the row that holds the answer is in the instruction"
            yield Finding("answer_in_prompt", PROBE, what, [*told])
            return
