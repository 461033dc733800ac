"""Whether an answer, or the row that holds it, can be read in what the agent is told."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator

from taskkit.audit.finding import Finding
from taskkit.spec.oracle import ValueOracle
from taskkit.spec.task import TaskSpec
from taskkit.spec.wording import describe
from taskkit.sql.mutants.sql import UnparsableError
from taskkit.sql.mutants.trial import MAX_ROWS, OverBudgetError, Trials
from taskkit.sql.prepared import prepared
from taskkit.sql.questions.echo import Cell, distinctive, flat, stands

PROBE = "prompt"
TELLING_LENGTH = 6  # of a number or date in a document that many tasks share
READ_OUT = 3  # cells of one row, beside those that the query itself names
STEPS = 20_000_000  # SQLite instructions, about 0.4 s


def readable(spec: TaskSpec, said: Iterable[str], documents: Iterable[str]) -> Iterator[Finding]:
    """Find out whether the whole answer can be read.

    Args:
        spec: The task, or one turn.
        said: What the agent has been told before this turn.
        documents: Texts that it can look up. Words stand there by right, as the values of a
            column do; numbers and dates do not.
    """
    oracle = spec.oracle
    if not isinstance(oracle, ValueOracle):
        return
    cells = list(flat(oracle.expected))
    if not any(map(distinctive, cells)):
        return
    asked = prompt(spec, said)
    if all(stands(cell, asked) for cell in cells):
        yield Finding("answer_in_prompt", PROBE, f"{oracle.expected!r} is in the instruction")
    elif all(map(telling, cells)):
        for document in documents:
            if all(stands(cell, document.lower()) for cell in cells):
                what = f"{oracle.expected!r} is in a document"
                yield Finding("answer_in_prompt", PROBE, what)
                return


def read_out(spec: TaskSpec, sql: str, said: Iterable[str], trials: Trials) -> Iterator[Finding]:
    """Find out whether the rows that hold the answer are read out in the instruction."""
    try:
        found, values = prepared(sql)
        if found.whole is None:
            return
        _, rows, _ = trials.rows(found.whole, values, max_steps=STEPS, most=MAX_ROWS)
    except (UnparsableError, OverBudgetError, sqlite3.Error):
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


def prompt(spec: TaskSpec, said: Iterable[str]) -> str:
    """Give all that the agent is told, in lower case, but for the form of the answer."""
    asked = spec.instruction.replace(describe(spec.answer), "")
    return " ".join(" ".join((*said, asked)).lower().split())


def telling(cell: Cell) -> bool:
    """Whether a cell is unlikely to stand in a document that was not made of the answer."""
    text = str(cell)
    return text[:1].isdigit() and len(text) >= TELLING_LENGTH
