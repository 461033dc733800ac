"""Compare a recomputed answer with the published one, by the publisher's own rule."""

from __future__ import annotations

import ast
import json
from collections.abc import Sequence
from dataclasses import dataclass

from taskkit.sql.questions.inference import Scalar

COMPARED_ROWS = 100  # EHRSQL-2024 publishes and compares no more
DECIMALS = 3  # of the numbers in its answers


@dataclass(frozen=True, slots=True)
class Agreement:
    """Whether an answer that somebody published was reproduced."""

    record: str
    published: str
    recomputed: str
    agrees: bool
    read: bool = True
    """Both answers could be read; where not, they neither agree nor disagree."""


def agreement(record: str, published: str, rows: Sequence[tuple[Scalar, ...]]) -> Agreement:
    """Compare an answer as published, a list of rows of texts in Python, with the rows found here.

    The order of the rows does not count, and numbers agree if they do to three decimals.
    """
    ours = sorted([_text(value) for value in row] for row in rows)[:COMPARED_ROWS]
    try:
        document = ast.literal_eval(published)  # written by Python's own repr
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        document = None
    theirs = (
        sorted([_text(value) for value in row] for row in document)
        if isinstance(document, list) and all(isinstance(row, list) for row in document)
        else None
    )
    return Agreement(record, published, json.dumps(ours), ours == theirs, theirs is not None)


def _text(value: object) -> str:
    """Give a value in the form to compare: a number to three decimals, anything else as text."""
    try:
        return str(round(float(str(value)), DECIMALS) + 0.0)
    except ValueError:
        return str(value)
