"""Answers that cost nothing: rules that look at the statements' numbers and at no database."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import ClassVar

from pydantic import JsonValue

from taskkit.audit.finding import ExploitCode
from taskkit.audit.probe import Attempt, Guess, Pace, Subject

NAMES = ("PRESENT", "STATED", "TRENDS")
COLUMNS = {
    "lab": ("valuenum", "charttime", "label"),
    "vital": ("valuenum", "charttime", "label"),
    "drug": ("drug", "dose_val_rx", "startdate"),
    "organism": ("org_name", "charttime", "spec_type_desc"),
    "intake": ("amount", "charttime", "label"),
    "output": ("value", "charttime", "label"),
    "diagnosis": ("long_title",) * 3,
    "procedure": ("long_title",) * 3,
}
"""The likeliest wrong columns of each kind, likeliest first."""


class StatementProbe:
    """Calls nothing, everything, or one statement of a place wrong, whatever the record says."""

    name: ClassVar[str] = "statements"
    code: ClassVar[ExploitCode] = "passes_among_others"
    pace: ClassVar[Pace] = "every"

    def attempts(self, subject: Subject) -> Iterator[Attempt]:
        """Give each guess, with what the record holds left open."""
        yield Guess("nothing disagrees", [[0, "none", None, None]])
        asked = statements(subject)
        for likely in range(3):
            rows: list[JsonValue] = [
                [number, COLUMNS[kind][likely], None, None] for number, kind in asked
            ]
            yield Guess(f"everything disagrees, column {likely + 1}", rows)
            for place, what in ((0, "first"), (len(rows) // 2, "middle"), (-1, "last")):
                yield Guess(f"only the {what} disagrees, column {likely + 1}", [rows[place]])
        absent: list[JsonValue] = [
            [number, COLUMNS[kind][0], None, None] for number, kind in asked if kind in ABSENT
        ]
        if absent:
            yield Guess("everything that can be absent is", absent)


ABSENT = ("drug", "organism", "diagnosis", "procedure")


def statements(subject: Subject) -> list[tuple[int, str]]:
    """Give number and kind of the statements that a task asks about, in their order."""
    found: list[tuple[int, str]] = []
    for step in subject.spec.reference.steps:
        for node in ast.parse(getattr(step, "code", "")).body:
            if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") in NAMES:
                found += [(row[0], row[1]) for row in ast.literal_eval(node.value)]
    return sorted(found)
