"""Why a record became no task."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import JsonValue

REASONS: Mapping[str, str] = {
    "empty_answer": "the data give no rows, or nothing but null",
    "degenerate_answer": "the answer is one that needs no work, such as 0 or a whole table",
    "indistinct": "a slightly wrong solution gives the same answer",
    "ambiguous_wording": "the question's words ask for something else than its query",
    "ambiguous_order": "the answer hangs on an order that the question does not fix",
    "float_noise": "the answer hangs on how a computed number is rounded",
    "mixed_units": "it compares values of one item in several units",
    "text_numbers": "it compares numbers that stand as texts",
    "too_many_rows": "the answer has more rows than an agent can be asked for",
    "too_large": "the task is larger than its document may be",
    "sql_error": "the published query does not run",
    "sql_budget": "the published query takes too long",
    "missing_table": "the source lacks a table that the record needs",
    "missing_value": "the source lacks a value that the record needs",
    "malformed_record": "the record cannot be read",
    "duplicate": "asks what another task asks",
    "guessable": "a guess is right too often",
    "unbalanced": "its answer is too common",
    "surplus": "there are enough without it",
    "split_apart": "its parts belong to different splits",
    "unanswerable": "the publisher says that the data cannot answer it",
    "unreadable_note": "the note does not say what the question needs",
    "answer_in_question": "the question holds its answer",
    "label_disagrees": "the published answer is not what is computed",
    "not_proved": "the task that was made of it was not proved, and another took its place",
    "not_computable": "the answer cannot be computed from the record",
}
"""The codes that every builder may use; a domain's manifest declares more under `rejections`."""


@dataclass(frozen=True, slots=True)
class Rejection:
    """A record that became no task."""

    record: str
    code: str
    """One of `REASONS`, or one that the domain's manifest declares."""
    detail: str
    evidence: Mapping[str, JsonValue] | None = None
    """What was measured, such as two values that disagree."""
