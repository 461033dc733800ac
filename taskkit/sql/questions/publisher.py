"""Answer published questions over a database."""

from __future__ import annotations

import hashlib
import math
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import chain, islice
from pathlib import Path
from random import Random

from taskkit.build.rejection import Rejection
from taskkit.sql.questions.agreement import Agreement, agreement
from taskkit.sql.questions.asked import Asked, RejectedError
from taskkit.sql.questions.coverage import empty_table
from taskkit.sql.questions.ehr_seqsql import read_ehr_seqsql
from taskkit.sql.questions.ehrsql import read_ehrsql
from taskkit.sql.questions.ehrsql_2024 import read_ehrsql_2024
from taskkit.sql.questions.inference import ANY_ROWS
from taskkit.sql.questions.mimicsql import read_mimicsql
from taskkit.sql.questions.mimicsql_case import respelled
from taskkit.sql.questions.placeholder import fill_placeholders
from taskkit.sql.questions.published import Flavour, Published
from taskkit.sql.questions.question import Next, Question
from taskkit.sql.questions.reground import (
    Regrounded,
    UngroundableError,
    absent_value,
    blind,
    check_wording,
    reground,
    with_own_patients,
)
from taskkit.sqlite import MAX_STEPS, BudgetError, run

MAX_TRIES = 60  # of other values, before a question is given up
MAX_OTHERS = 24  # other values asked about only to compare their answers
MAX_ANSWERS = 20  # found, before the best of them is taken
FLOORS = (2, 3, 4, 6, 10)
TRIVIAL = (0, 100)  # nothing changed; nobody or everybody, in per cent
TRY_STEPS = 20_000_000  # SQLite instructions for each of them, about 0.4 s
REGROUNDED_CODES = frozenset[str](
    {
        "empty_answer",
        "degenerate_answer",
        "missing_value",
        "ambiguous_order",
        "float_noise",
        "too_many_rows",
        "sql_budget",
        "indistinct",
    }
)
Chooser = Callable[[Iterator[Question]], Question | list[str]]
"""Takes one of some questions that differ in their values, or says why none is worth asking."""


@dataclass(frozen=True, slots=True)
class PublisherOptions:
    """How published questions become ours."""

    current_time: str
    """The clock of the database, `YYYY-MM-DD HH:MM:SS`."""
    guessable: bool = False
    """Keep yes/no and unanswerable questions. Every question then allows to abstain, and asks for
    rows of any width in any order, so that no form tells which questions have an answer."""
    reground: bool = False
    """Ask questions without an answer here about patients and values that the database has."""
    seed: int = 0


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
    if flavour == "ehr-seqsql":
        return read_ehr_seqsql(path)
    if flavour == "mimicsql":
        return read_mimicsql(path)
    return read_ehrsql_2024(path)


def answer_question(
    published: Published,
    connection: sqlite3.Connection,
    options: PublisherOptions,
    choose: Chooser | None = None,
) -> Question | Rejection:
    """Answer one published question over this database, or say why it cannot be a task.

    The same record, database and options give the same result, whatever came before.

    Args:
        choose: Chooses among other values where the question may be asked about others; the first
            that will do where not given.
    """
    try:
        if published.sql is None:
            return _unanswerable(published, connection, options)
        if published.follow_ups:
            return _dialogue(published, connection, options)
        asked = _asked(published, published.sql, connection, options)
        return _answered(asked, connection, options, choose)
    except RejectedError as rejected:
        return Rejection(published.record, rejected.code, str(rejected))


def _dialogue(
    published: Published, connection: sqlite3.Connection, options: PublisherOptions
) -> Question:
    """Answer every turn of a dialogue as it stands; one without an answer ends it for all."""
    plain = replace(options, reground=False, guessable=False)
    made: list[Question] = []
    for text, sql in ((published.text, str(published.sql)), *published.follow_ups):
        one = replace(published, text=text, sql=sql)
        try:
            made.append(_answered(_asked(one, sql, connection, plain), connection, plain))
        except RejectedError as error:
            raise RejectedError(error.code, f"turn {len(made) + 1}: {error}") from error
    first, *others = made
    follow_ups = (Next(q.text, str(q.sql), q.answer, q.expected, q.tolerance) for q in others)
    return replace(first, category=others[-1].category, follow_ups=tuple(follow_ups))


def _asked(
    published: Published, sql: str, connection: sqlite3.Connection, options: PublisherOptions
) -> Asked:
    if not published.verbatim:
        sql = fill_placeholders(sql, current_time=options.current_time)
        return Asked.as_published(published, sql)
    asked = Asked.as_published(published, sql)
    return asked.about(respelled(asked.shape.tree, connection), asked.text)


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


def _random(published: Published, options: PublisherOptions) -> Random:
    return Random(hashlib.sha256(f"{options.seed}:{published.record}".encode()).digest())


def _unanswerable(
    published: Published, connection: sqlite3.Connection, options: PublisherOptions
) -> Question:
    if not options.guessable:
        raise RejectedError("unanswerable", "the publisher says that the data cannot answer it")
    random = _random(published, options)
    return Question(
        record=published.record,
        record_sha256=published.sha256,
        category="publisher-unanswerable",
        split=published.split,
        text=with_own_patients(published.text, connection, random),
        sql=None,
        answer=ANY_ROWS,
        expected=None,
        guessable=True,
        abstention=True,
    )


def other_answers(
    published: Published, connection: sqlite3.Connection, options: PublisherOptions
) -> Iterator[Question]:
    """Ask a published question about other values, whatever these answer; first the likely ones."""
    try:
        asked = _asked(published, str(published.sql), connection, options)
        for variant in islice(
            _variants(asked, connection, _random(published, options), yes=True), MAX_OTHERS
        ):
            with suppress(RejectedError):
                yield _other(asked, variant, connection, options)
    except (RejectedError, UngroundableError):
        return


def _answered(
    asked: Asked,
    connection: sqlite3.Connection,
    options: PublisherOptions,
    choose: Chooser | None = None,
) -> Question:
    tree = asked.shape.tree
    if table := empty_table(tree, connection):
        raise RejectedError("missing_table", f"the source has no rows of {table}")
    if asked.shape.yes_no and not options.guessable:
        raise RejectedError("guessable", "a yes/no question: half of all guesses are right")
    given: list[Question] = []
    try:
        given.append(asked.answer(connection, steps=MAX_STEPS, any_rows=options.guessable))
        if asked.shape.yes_no or options.reground:
            _check_values(asked, connection)
        if choose is None or not options.reground or asked.shape.yes_no:
            return given[0]
        why = RejectedError("indistinct", "a slightly wrong query answers it too")
    except RejectedError as rejected:
        if not options.reground or rejected.code not in REGROUNDED_CODES:
            raise
        given.clear()
        why = rejected
    try:
        found = _regrounded(asked, connection, options, why)
        if choose is None or asked.shape.yes_no:
            return next(found)
        made = choose(chain(given, _quiet(found)) if given else found)
    except UngroundableError as error:
        raise RejectedError("missing_value", f"{why}; {error}") from error
    if isinstance(made, list):
        raise RejectedError("indistinct", "; ".join(made))
    return made


def _check_values(asked: Asked, connection: sqlite3.Connection) -> None:
    """Refuse a question about what the database does not hold, whatever the query gives."""
    absent = absent_value(asked.shape.tree, asked.text, connection)
    if absent is not None:
        place = f"{absent.table}.{absent.column}"
        raise RejectedError("missing_value", f"{place} lacks {absent.text!r}")


def _regrounded(
    asked: Asked, connection: sqlite3.Connection, options: PublisherOptions, why: RejectedError
) -> Iterator[Question]:
    """Ask about other values, as often as there are answers worth asking for, or once.

    Where the database allows it, half of the yes/no questions are answered by yes, a count is at
    least as large as a floor that differs from question to question, and no answer is trivial.
    Left to chance, four counts in ten would be 1.
    """
    random = _random(asked.published, options)
    yes, floor = random.random() < 0.5, random.choice(FLOORS)
    answers: list[Question] = []
    codes: Counter[str] = Counter()
    wanted = False
    check_wording(asked.shape.tree, asked.text, asked.published.template, connection)
    for variant in islice(_variants(asked, connection, random, yes=yes), MAX_TRIES):
        try:
            question = _other(asked, variant, connection, options)
        except RejectedError as rejected:
            codes[rejected.code] += 1
            continue
        answers.append(question)
        number = _number(question)
        if asked.shape.yes_no:
            fits = (number == 1) == yes
        else:
            fits = number >= floor if asked.shape.counting else number not in TRIVIAL
        if fits:
            wanted = True
            yield question
        if len(answers) == MAX_ANSWERS:
            break
    if not answers:
        tried = ", ".join(f"{n} {code}" for code, n in sorted(codes.items())) or "none"
        raise _unmentioned(asked, connection) or RejectedError(
            why.code, f"{why}; with other values: {tried}"
        )
    if not wanted:
        yield max(answers, key=_number) if asked.shape.counting else answers[0]


def _quiet(found: Iterator[Question]) -> Iterator[Question]:
    """Give the other values of a question that has an answer without them."""
    with suppress(RejectedError, UngroundableError):
        yield from found


def _other(
    asked: Asked, variant: Regrounded, connection: sqlite3.Connection, options: PublisherOptions
) -> Question:
    other = asked.about(variant.tree, variant.text)
    return other.answer(connection, steps=TRY_STEPS, any_rows=options.guessable)


def _variants(
    asked: Asked, connection: sqlite3.Connection, random: Random, *, yes: bool
) -> Iterator[Regrounded]:
    tree = asked.shape.tree
    likely = reground(tree, asked.text, connection, random)
    if yes or not asked.shape.yes_no:
        return likely
    return chain(blind(tree, asked.text, connection, random), likely)


def _number(question: Question) -> float:
    """Give the answer where it is one number, else infinity."""
    match question.expected:
        case int() | float() as number:
            return number
        case [[int() | float() as number]]:
            return number
    return math.inf


def _unmentioned(asked: Asked, connection: sqlite3.Connection) -> RejectedError | None:
    """Say which value the query names, the question words otherwise, and the database lacks."""
    absent = absent_value(asked.shape.tree, asked.text, connection, mentioned=False)
    if absent is None:
        return None
    detail = f"{absent.table}.{absent.column} lacks {absent.text!r}"
    return RejectedError("missing_value", f"{detail}, which the question words otherwise")
