"""A question over a database, before it becomes a task."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import JsonValue

from taskkit.spec.answer import AnswerSpec
from taskkit.spec.oracle import Tolerance
from taskkit.spec.task import Split

NO_TOLERANCE = Tolerance()


@dataclass(frozen=True, slots=True)
class Next:
    """A question that follows another in a dialogue."""

    text: str
    sql: str
    """SQLite query whose rows are the answer; it needs no earlier turn."""
    answer: AnswerSpec
    expected: JsonValue
    tolerance: Tolerance = NO_TOLERANCE


@dataclass(frozen=True, slots=True)
class Question:
    """A question with the SQL that answers it and the answer that this database gives."""

    record: str
    """Identifier of the source record: stable, unique within the source."""
    record_sha256: str
    category: str
    split: Split
    text: str
    """What is asked, in plain words, without the form of the answer."""
    sql: str | None
    """SQLite query whose rows are the answer; None where the data cannot answer (abstain)."""
    answer: AnswerSpec
    expected: JsonValue
    """The answer in canonical JSON; None where `sql` is None."""
    tolerance: Tolerance = NO_TOLERANCE
    guessable: bool = False
    abstention: bool = False
    follow_ups: tuple[Next, ...] = ()
    """What is asked after it, in order."""
