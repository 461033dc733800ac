"""A question over a database, before it becomes a task."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from pydantic import JsonValue

from taskkit.spec.answer import AnswerSpec
from taskkit.spec.oracle import Tolerance
from taskkit.spec.task import Split

NO_TOLERANCE = Tolerance()
RejectionCode = Literal[
    "empty_answer",
    "degenerate_answer",
    "indistinct",
    "ambiguous_order",
    "float_noise",
    "too_many_rows",
    "sql_error",
    "sql_budget",
    "missing_table",
    "missing_value",
    "malformed_record",
    "duplicate",
    "guessable",
    "unbalanced",
    "surplus",
    "split_apart",
    "unanswerable",
    "unreadable_note",
    "answer_in_question",
    "label_disagrees",
    "not_computable",
]
"""Why a record became no task; `docs/quarantine.md` explains each."""


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


@dataclass(frozen=True, slots=True)
class Rejection:
    """A record that became no task, and why."""

    record: str
    code: RejectionCode
    detail: str
    evidence: Mapping[str, JsonValue] | None = None
    """What was measured, such as two values that disagree."""
