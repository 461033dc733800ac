"""Answer published questions over a database."""

from __future__ import annotations

import hashlib
import sqlite3
from dataclasses import dataclass, replace
from itertools import chain, islice
from pathlib import Path
from random import Random

from taskkit.questions.agreement import Agreement, agreement
from taskkit.questions.ehrsql import read_ehrsql
from taskkit.questions.ehrsql_2024 import read_ehrsql_2024
from taskkit.questions.execution import MAX_STEPS, BudgetError, Rows, TooManyRowsError, run
from taskkit.questions.inference import ANY_ROWS, Answer, MixedTypesError, as_rows, infer
from taskkit.questions.placeholder import fill_placeholders
from taskkit.questions.published import Flavour, Published
from taskkit.questions.question import Question, Rejection, RejectionCode
from taskkit.questions.reground import (
    UngroundableError,
    absent_value,
    blind,
    check_wording,
    reground,
)
from taskkit.questions.shape import Shape, ShapeError, shape_of
from taskkit.questions.tie import depends_on_row_order
from taskkit.spec.oracle import Tolerance

MAX_ROWS = 100  # more is a dump, not an answer; the publisher's own comparison stops here too
MAX_TRIES = 60  # of other values, before a question is given up
TRY_STEPS = 20_000_000  # SQLite instructions for each of them, about 0.4 s
REGROUNDED_CODES = frozenset[RejectionCode](
    {"empty_answer", "degenerate_answer", "ambiguous_order", "too_many_rows", "sql_budget"}
)
NOISE = Tolerance(absolute=1e-6, relative=1e-6)  # a difference near 0 has no relative noise


@dataclass(frozen=True, slots=True)
class PublisherOptions:
    """How published questions become ours."""

    current_time: str
    """The clock of the database, `YYYY-MM-DD HH:MM:SS`."""
    guessable: bool = False
    """Keep yes/no and unanswerable questions; every question then allows to abstain, and asks
    for rows of any width, so that no form tells which questions have an answer."""
    reground: bool = False
    """Ask questions without an answer here about patients and values that the database has."""
    seed: int = 0


class _RejectedError(Exception):
    """A record that becomes no task."""

    def __init__(self, code: RejectionCode, detail: str) -> None:
        super().__init__(detail)
        self.code: RejectionCode = code


def read_questions(
    path: Path, *, flavour: Flavour, db_id: str = "mimic_iii"
) -> list[Published | Rejection]:
    """Read every record of a question set.

    Args:
        db_id: For `ehrsql`, the database that the records must be about.

    Raises:
        SourceError: what is at ``path`` is not that question set.
    """
    if flavour == "ehrsql":
        return read_ehrsql(path, db_id=db_id)
    return read_ehrsql_2024(path)


def answer_question(
    published: Published, connection: sqlite3.Connection, options: PublisherOptions
) -> Question | Rejection:
    """Answer one published question over this database, or say why it cannot be a task.

    The same record, database and options give the same result, whatever came before.
    """
    try:
        if published.sql is None:
            return _unanswerable(published, options)
        sql = fill_placeholders(published.sql, current_time=options.current_time)
        return _answered(published, sql, connection, options)
    except _RejectedError as rejected:
        return Rejection(published.record, rejected.code, str(rejected))


def compare_published(
    published: Published, connection: sqlite3.Connection, options: PublisherOptions
) -> Agreement | None:
    """Compare the published answer with the recomputed one; None where there is nothing to."""
    if published.sql is None or published.answer is None:
        return None
    sql = fill_placeholders(published.sql, current_time=options.current_time)
    try:
        rows = run(connection, sql, max_rows=100_000).rows
    except (sqlite3.Error, BudgetError) as error:
        return Agreement(published.record, published.answer, f"{error}", agrees=False)
    return agreement(published.record, published.answer, rows)


def _unanswerable(published: Published, options: PublisherOptions) -> Question:
    if not options.guessable:
        raise _RejectedError("unanswerable", "the publisher says that the data cannot answer it")
    return Question(
        record=published.record,
        record_sha256=published.sha256,
        category="publisher-unanswerable",
        split=published.split,
        text=published.text,
        sql=None,
        answer=ANY_ROWS,
        expected=None,
        guessable=True,
        abstention=True,
    )


def _answered(
    published: Published, sql: str, connection: sqlite3.Connection, options: PublisherOptions
) -> Question:
    shape = _shape(sql, published.text)
    if shape.yes_no and not options.guessable:
        raise _RejectedError("guessable", "a yes/no question: half of all guesses are right")
    asked = _Asked(published, shape, sql, published.text)
    try:
        question = asked.answer(connection, options, MAX_STEPS)
        absent = absent_value(shape.tree, asked.text, connection) if options.reground else None
        if absent is None:
            return question
        why = _RejectedError(
            "missing_value", f"{absent.table}.{absent.column} lacks {absent.text!r}"
        )
    except _RejectedError as rejected:
        if not options.reground or rejected.code not in REGROUNDED_CODES:
            raise
        why = rejected
    return _regrounded(asked, connection, options, why)


def _regrounded(
    asked: _Asked, connection: sqlite3.Connection, options: PublisherOptions, why: _RejectedError
) -> Question:
    """Ask about other values until there is an answer.

    Of yes/no questions, half are to be answered by yes, where the database allows it; of others,
    none by 0.
    """
    name = f"{options.seed}:{asked.published.record}"
    random = Random(hashlib.sha256(name.encode()).digest())
    shape = asked.shape
    wanted = random.random() < 0.5
    try:
        check_wording(shape.tree, asked.text, asked.published.template, connection)
    except UngroundableError as error:
        raise _RejectedError("missing_value", f"{why}; {error}") from error
    variants = reground(shape.tree, asked.text, connection, random)
    if shape.yes_no and not wanted:
        variants = chain(blind(shape.tree, asked.text, connection, random), variants)
    second: Question | None = None
    try:
        for variant in islice(variants, MAX_TRIES):
            sql = variant.tree.sql(dialect="sqlite")
            other = _Asked(asked.published, replace(shape, tree=variant.tree), sql, variant.text)
            try:
                question = other.answer(connection, options, TRY_STEPS)
            except _RejectedError:
                continue
            if (question.expected == [[1]]) == wanted if shape.yes_no else not _is_zero(question):
                return question
            second = second or question
    except UngroundableError as error:
        raise _RejectedError("missing_value", f"{why}; {error}") from error
    if second is None:
        raise _unmentioned(asked, connection) or why
    return second


def _is_zero(question: Question) -> bool:
    return question.expected in (0, [[0]])


def _unmentioned(asked: _Asked, connection: sqlite3.Connection) -> _RejectedError | None:
    """Say which value the query names, the question words otherwise, and the database lacks."""
    absent = absent_value(asked.shape.tree, asked.text, connection, mentioned=False)
    if absent is None:
        return None
    place = f"{absent.table}.{absent.column}"
    return _RejectedError(
        "missing_value",
        f"{place} lacks {absent.text!r}, which the question words otherwise",
    )


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question in the words, and with the query, that it is asked with here."""

    published: Published
    shape: Shape
    sql: str
    text: str

    def answer(
        self, connection: sqlite3.Connection, options: PublisherOptions, steps: int
    ) -> Question:
        found = _run(connection, self.sql, steps)
        _refuse_degenerate(found, self.shape)
        if _hangs_on_order(self.shape, connection, found, steps):
            raise _RejectedError("ambiguous_order", "ties are broken by the order of stored rows")
        answer = _answer(found, self.shape, options)
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
            abstention=options.guessable,
        )


def _shape(sql: str, text: str) -> Shape:
    try:
        return shape_of(sql, text)
    except ShapeError as error:
        raise _RejectedError("sql_error", str(error)) from error


def _run(connection: sqlite3.Connection, sql: str, steps: int) -> Rows:
    try:
        return run(connection, sql, max_rows=MAX_ROWS, max_steps=steps)
    except TooManyRowsError as error:
        raise _RejectedError("too_many_rows", str(error)) from error
    except BudgetError as error:
        raise _RejectedError("sql_budget", str(error)) from error
    except sqlite3.Error as error:
        absent = str(error).startswith("no such table")
        raise _RejectedError("missing_table" if absent else "sql_error", str(error)) from error


def _refuse_degenerate(found: Rows, shape: Shape) -> None:
    """Refuse an answer that a query which finds nothing would give as well.

    A yes/no question is as good with no as with yes, so its 0 stands.
    """
    if not found.rows:
        raise _RejectedError("empty_answer", "no rows")
    if all(value is None for row in found.rows for value in row):
        raise _RejectedError("degenerate_answer", "nothing but NULL")
    if shape.counting and not shape.yes_no and found.rows[0][0] == 0:
        raise _RejectedError("degenerate_answer", "a count or sum of 0: nothing was there")


def _hangs_on_order(shape: Shape, connection: sqlite3.Connection, found: Rows, steps: int) -> bool:
    try:
        return depends_on_row_order(shape.tree, connection, found, max_steps=steps)
    except BudgetError as error:
        raise _RejectedError("sql_budget", f"with ties broken otherwise: {error}") from error
    except sqlite3.Error as error:
        raise _RejectedError("sql_error", f"with ties broken otherwise: {error}") from error


def _answer(found: Rows, shape: Shape, options: PublisherOptions) -> Answer:
    if options.guessable:
        return as_rows(found.rows)
    try:
        return infer(found.rows, shape)
    except MixedTypesError as error:
        raise _RejectedError("degenerate_answer", str(error)) from error
