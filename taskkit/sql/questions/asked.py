"""A published question, as it is asked of one database, and the answer to it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from sqlglot import exp

from taskkit.spec.oracle import Tolerance
from taskkit.sql.questions.inference import Answer, MixedTypesError, as_rows, infer
from taskkit.sql.questions.noise import depends_on_noise
from taskkit.sql.questions.published import Published
from taskkit.sql.questions.question import Question
from taskkit.sql.questions.shape import Shape, ShapeError, shape_of
from taskkit.sql.questions.tie import depends_on_row_order
from taskkit.sqlite import BudgetError, Rows, TooManyRowsError, run

MAX_ROWS = 100  # more is a dump, not an answer; the publisher's own comparison stops here too
NOISE = Tolerance(absolute=1e-6, relative=1e-6)  # a difference near 0 has no relative noise


class RejectedError(Exception):
    """A record that becomes no task."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code: str = code


@dataclass(frozen=True, slots=True)
class Asked:
    """A question in the words, and with the query, that it is asked with here."""

    published: Published
    shape: Shape
    text: str
    sql: str

    @classmethod
    def as_published(cls, published: Published, sql: str) -> Asked:
        """Ask a question as its publisher does.

        Raises:
            RejectedError: no query.
        """
        try:
            shape = shape_of(sql, published.text)
        except ShapeError as error:
            raise RejectedError("sql_error", str(error)) from error
        return cls(published, shape, published.text, sql)

    def about(self, tree: exp.Query, text: str) -> Asked:
        """Ask the same of other values."""
        shape = replace(self.shape, tree=tree)
        return Asked(self.published, shape, text, tree.sql(dialect="sqlite"))

    def answer(self, connection: sqlite3.Connection, *, steps: int, any_rows: bool) -> Question:
        """Answer the question.

        Args:
            steps: SQLite instructions for the query.
            any_rows: Ask for rows of any width, and allow to abstain.

        Raises:
            RejectedError: the answer is none, or none that one could be asked for.
        """
        found = _run(connection, self.sql, steps)
        _refuse_degenerate(found, self.shape)
        if _hangs_on_order(self.shape, connection, found, steps):
            raise RejectedError("ambiguous_order", "ties are broken by the order of stored rows")
        if _hangs_on_noise(self.sql, connection, steps):
            raise RejectedError("float_noise", "a comparison hangs on how a number is rounded")
        answer = _answer(found, self.shape, any_rows=any_rows)
        return Question(
            record=self.published.record,
            record_sha256=self.published.sha256,
            category=self.shape.category,
            split=self.published.split,
            text=self.text,
            sql=self.sql,
            answer=answer.form,
            expected=answer.expected,
            tolerance=NOISE,
            guessable=self.shape.yes_no,
            abstention=any_rows,
        )


def _run(connection: sqlite3.Connection, sql: str, steps: int) -> Rows:
    try:
        return run(connection, sql, max_rows=MAX_ROWS, max_steps=steps)
    except TooManyRowsError as error:
        raise RejectedError("too_many_rows", str(error)) from error
    except BudgetError as error:
        raise RejectedError("sql_budget", str(error)) from error
    except sqlite3.Error as error:
        absent = str(error).startswith("no such table")
        raise RejectedError("missing_table" if absent else "sql_error", str(error)) from error


def _refuse_degenerate(found: Rows, shape: Shape) -> None:
    """Refuse an answer that a query which finds nothing would give as well.

    A yes/no question is as good with no as with yes, so its 0 stands.
    """
    if not found.rows:
        raise RejectedError("empty_answer", "no rows")
    if all(value is None for row in found.rows for value in row):
        raise RejectedError("degenerate_answer", "nothing but NULL")
    if shape.counting and not shape.yes_no and found.rows[0][0] == 0:
        raise RejectedError("degenerate_answer", "a count or sum of 0: nothing was there")


def _hangs_on_order(shape: Shape, connection: sqlite3.Connection, found: Rows, steps: int) -> bool:
    with _refused("with ties broken otherwise"):
        return depends_on_row_order(shape.tree, connection, found, max_steps=steps)


def _hangs_on_noise(sql: str, connection: sqlite3.Connection, steps: int) -> bool:
    with _refused("with numbers a trifle off"):
        return depends_on_noise(sql, connection, max_steps=steps)


@contextmanager
def _refused(how: str) -> Iterator[None]:
    try:
        yield
    except BudgetError as error:
        raise RejectedError("sql_budget", f"{how}: {error}") from error
    except sqlite3.Error as error:
        raise RejectedError("sql_error", f"{how}: {error}") from error


def _answer(found: Rows, shape: Shape, *, any_rows: bool) -> Answer:
    if any_rows:
        return as_rows(found.rows)
    try:
        return infer(found.rows, shape)
    except MixedTypesError as error:
        raise RejectedError("degenerate_answer", str(error)) from error
