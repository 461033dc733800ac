"""Make questions of templates: fill the slots, run the SQL, keep what is worth asking."""

from __future__ import annotations

import json
import math
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice, pairwise
from pathlib import Path

from pydantic import JsonValue

from taskkit.build.rejection import Rejection
from taskkit.spec.answer import TableAnswer
from taskkit.spec.task import Split
from taskkit.sql.questions.bank import Bank, Entry
from taskkit.sql.questions.dialogue import FollowUp
from taskkit.sql.questions.draw import Instance, instances
from taskkit.sql.questions.expected import UnfitError, expected, tolerance
from taskkit.sql.questions.noise import NOISE, depends_on_noise
from taskkit.sql.questions.population import Populations
from taskkit.sql.questions.question import Next, Question
from taskkit.sql.questions.template import Template
from taskkit.sqlite import BudgetError, Rows, run

SHARE_OF_ANSWER = 0.1  # of what a call makes; the balance over the set is the driver's
KEPT = 2  # templates whose instances stay in memory; work comes template by template
KEPT_ANSWERS = 500  # of questions without their span of time, which many instances share
FREE_REPEATS = 2  # an answer this often is no pattern, however few questions there are
FAILURES = (UnfitError, BudgetError, sqlite3.Error)
Check = Callable[[Question], str | None]
"""Says why a question is not worth asking; None where it is."""
SPLITS: tuple[Split, ...] = (*("train",) * 8, "valid", "test")


@dataclass(frozen=True, slots=True)
class _Span:
    """A question's span of time, which must matter to its answer."""

    timeless: str | None
    """The query without it; None where it has none."""
    answer: Callable[[str], JsonValue]
    """Answers that."""
    value: JsonValue
    """The answer within the span."""
    where: str = ""


class Filler:
    """Fills the templates of one bank from one database; keeps what templates share.

    The same bank, database and seed give the same questions whatever was asked for before.
    """

    def __init__(
        self, bank: Bank, connection: sqlite3.Connection, seed: int, *, folder: Path | None = None
    ) -> None:
        """Read nothing yet.

        Args:
            bank: The templates.
            connection: The database to fill them from.
            seed: Any whole number.
            folder: Where several processes share what they found; scratch, of one database only.
        """
        self.bank = bank
        self.connection = connection
        self.seed = seed
        self._populations = Populations(connection, bank.now, seed, folder=folder)
        self._always: dict[str, JsonValue] = {}
        self._drawn: dict[str, tuple[list[Instance], Iterator[Instance]]] = {}

    def instance(self, template: str, number: int) -> Instance | None:
        """The instance of a number, from 0, of a template; None past the last."""
        if template not in self._drawn:
            while len(self._drawn) >= KEPT:
                del self._drawn[next(iter(self._drawn))]
            entry = self.bank.entries[template]
            found = self._populations.of(entry.population)
            self._drawn[template] = ([], instances(entry, self.bank, found, self.seed))
        known, more = self._drawn[template]
        known.extend(islice(more, max(0, number + 1 - len(known))))
        return known[number] if number < len(known) else None

    def known(self, template: str, ceiling: int) -> int:
        """How many instances a template has, counted up to ``ceiling``."""
        self.instance(template, max(0, ceiling - 1))
        return min(ceiling, len(self._drawn[template][0]))

    def fill(
        self,
        template: str,
        count: int,
        *,
        part: int = 0,
        parts: int = 1,
        known: Sequence[Question | Rejection] = (),
        check: Check | None = None,
    ) -> Iterator[Question | Rejection]:
        """Make up to ``count`` questions of the instances number ``part``, ``part + parts``, ...

        Rejections come in between; there are fewer questions where the instances run out.

        Args:
            known: What the first instances came to.
            check: What a question must pass besides; for those who know more than a bank does.
        """
        answers: Counter[str] = Counter()
        ceiling = max(FREE_REPEATS, int(SHARE_OF_ANSWER * count))
        made = 0
        later: list[_Span] | None = [] if check else None  # a check costs less than the spans
        for result in self.results(template, part=part, parts=parts, known=known, later=later):
            if made == count:
                return
            if isinstance(result, Question):
                found = [result.expected, *(one.expected for one in result.follow_ups)]
                key = "\n".join(map(json.dumps, found))
                if answers[key] >= ceiling:
                    result = Rejection(result.record, "unbalanced", f"answer {key[:80]}")
                elif check and (why := check(result)):
                    result = Rejection(result.record, "indistinct", why)
                elif late := self._late(result, later or ()):
                    result = late
                else:
                    answers[key] += 1
                    made += 1
            yield result

    def results(
        self,
        template: str,
        *,
        part: int = 0,
        parts: int = 1,
        known: Sequence[Question | Rejection] = (),
        later: list[_Span] | None = None,
    ) -> Iterator[Question | Rejection]:
        """Give what the instances number ``part``, ``part + parts``, ... come to.

        Args:
            known: What the first instances came to.
            later: Filled with the spans of time of each question, for the caller to look at,
                in place of looking at them here.
        """
        entry, number = self.bank.entries[template], part
        while (instance := self.instance(template, number)) is not None:
            if later is not None:
                later.clear()
            yield known[number] if number < len(known) else self.question(entry, instance, later)
            number += parts

    def question(
        self, entry: Entry, instance: Instance, later: list[_Span] | None = None
    ) -> Question | Rejection:
        """Run the SQL of one instance; spans of time are looked at here, or left for later."""
        template = entry.template
        try:
            value = self._answer(template, instance, instance.probe)
            without = partial(self._answer, template, instance)
            self._look(_Span(instance.timeless, without, value), later)
            follow_ups = self._follow(entry, instance, value, later)
        except FAILURES as error:
            return _rejection(instance.record, error)
        return Question(
            record=instance.record,
            record_sha256=instance.record_sha256,
            category=entry.category,
            split=SPLITS[int(instance.record_sha256[:8], 16) % len(SPLITS)],
            text=instance.text,
            sql=instance.sql,
            answer=template.answer,
            expected=value,
            tolerance=tolerance(template.answer),
            follow_ups=follow_ups,
        )

    def _follow(
        self, entry: Entry, instance: Instance, value: JsonValue, later: list[_Span] | None
    ) -> tuple[Next, ...]:
        """Answer the turns that follow; each must change the answer before it."""
        made: list[Next] = []
        for turn, asked in zip(entry.follow_ups, instance.follow_ups, strict=True):
            where = f"turn {len(made) + 2}"

            def answer(sql: str, turn: FollowUp = turn) -> JsonValue:
                rows = run(self.connection, sql)
                return expected(rows, turn.answer, max_rows=turn.max_rows, zero=turn.zero)

            found = answer(asked.sql)
            if found == value:
                raise UnfitError("degenerate_answer", f"{where} changes nothing")
            self._look(_Span(asked.timeless, answer, found, f"{where}: "), later)
            made.append(Next(asked.text, asked.sql, turn.answer, found, tolerance(turn.answer)))
            value = found
        return tuple(made)

    def _answer(self, template: Template, instance: Instance, sql: str) -> JsonValue:
        rows = run(self.connection, sql)
        if instance.limit is not None:
            rows = _cut(rows, template, instance.limit)
        return expected(rows, template.answer, max_rows=template.max_rows, zero=template.zero)

    def _look(self, span: _Span, later: list[_Span] | None) -> None:
        """Hold that a span of time matters, now or later."""
        if later is not None:
            later.append(span)
        elif said := self._said(span):
            raise UnfitError("degenerate_answer", said)

    def _late(self, question: Question, spans: Sequence[_Span]) -> Rejection | None:
        """Look at spans that were left for later, and whether a number must be exact."""
        try:
            for span in spans:
                self._look(span, None)
            for turn, sql in enumerate((question.sql, *(one.sql for one in question.follow_ups))):
                if sql and depends_on_noise(sql, self.connection):
                    where = f"turn {turn + 1}: " if turn else ""
                    said = f"{where}a comparison hangs on how a number is rounded"
                    raise UnfitError("float_noise", said)
        except FAILURES as error:
            return _rejection(question.record, error)
        return None

    def _said(self, span: _Span) -> str | None:
        """Say so where an answer is the same without its span of time."""
        sql = span.timeless
        if sql is None:
            return None
        if sql not in self._always:
            if len(self._always) >= KEPT_ANSWERS:
                self._always.clear()
            try:
                self._always[sql] = span.answer(sql)
            except (UnfitError, BudgetError):
                self._always[sql] = None
        same = self._always[sql] == span.value
        return f"{span.where}the same without the span of time" if same else None


def _rejection(record: str, error: UnfitError | BudgetError | sqlite3.Error) -> Rejection:
    if isinstance(error, UnfitError):
        return Rejection(record, error.code, str(error))
    code: str = "sql_budget" if isinstance(error, BudgetError) else "sql_error"
    return Rejection(record, code, str(error))


def _cut(rows: Rows, template: Template, limit: int) -> Rows:
    """Drop the row past the limit, once it is sure that it differs from the last one kept.

    Raises:
        UnfitError: the limit cuts through a tie, the order asked for has one, or rows are missing.
    """
    kept = rows.rows[:limit]
    if template.top is not None and template.top.by is not None:
        by = rows.columns.index(template.top.by)
        pairs = list(pairwise(row[by] for row in rows.rows))
        ordered = isinstance(template.answer, TableAnswer) and template.answer.ordered
        if any(_tie(one, two) for one, two in (pairs if ordered else pairs[limit - 1 :])):
            raise UnfitError("ambiguous_order", f"a tie at the limit of {limit}")
    if len(kept) < limit:
        raise UnfitError("degenerate_answer", f"{len(kept)} rows, the question asks for {limit}")
    return Rows(rows.columns, kept)


def _tie(one: str | float | None, two: str | float | None) -> bool:
    """Whether two are equal, but for how a computed number is rounded."""
    if isinstance(one, float) and isinstance(two, float):
        return math.isclose(one, two, rel_tol=NOISE, abs_tol=NOISE)
    return one == two
