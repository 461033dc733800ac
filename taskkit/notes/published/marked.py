"""A published note with a number behind each mention that is asked about."""

from __future__ import annotations

import re
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from taskkit.build.rejection import Rejection
from taskkit.notes.note import Note, Told
from taskkit.notes.published.annotation import Annotation
from taskkit.notes.published.claim import Claim, ClaimError, claim, long_titles
from taskkit.notes.published.tables import Letter
from taskkit.notes.record import read_record

SECTION = "note"
Placed = tuple[int, int, Claim]
"""Line, end of the mention in it, and what it states."""
NUMBERED = re.compile(r"\[(\d+)\]")


def marked_notes(
    letters: dict[int, Letter],
    annotations: Iterable[Annotation],
    connection: sqlite3.Connection,
    rejected: list[Rejection],
) -> Iterator[tuple[Note, Annotation]]:
    """Give each note whose annotations the record bears out, with one of them for its split.

    What does not become a statement is rejected by itself, with the cause.
    """
    own: defaultdict[int, list[Annotation]] = defaultdict(list)
    for one in annotations:
        own[one.row].append(one)
    titles = long_titles(connection)
    for row, members in sorted(own.items()):
        letter = letters.get(row)
        if letter is None:
            detail = f"ROW_ID {row}: not in NOTEEVENTS"
            rejected += [Rejection(one.record, "note_absent", detail) for one in members]
            continue
        record = read_record(connection, letter.hadm)
        lines = letter.text.splitlines()
        placed: list[Placed] = []
        for one in members:
            try:
                line, end = place(one, lines, {(at, stop) for at, stop, _ in placed})
                placed.append((line, end, claim(one, record, titles)))
            except ClaimError as error:
                rejected.append(Rejection(one.record, error.code, str(error)))
        if placed:
            yield (
                _note(members[0], letter, lines, sorted(placed, key=lambda one: one[:2])),
                members[0],
            )


def place(
    annotation: Annotation, lines: Sequence[str], taken: set[tuple[int, int]]
) -> tuple[int, int]:
    """Find the mention: its line, counted from 0, and where it ends.

    Raises:
        ClaimError: neither the line of that number nor the one before it has the entity.
    """
    pattern = re.compile(rf"(?<!\w){re.escape(annotation.entity)}(?!\w)", re.IGNORECASE)
    for line in (annotation.line, annotation.line - 1):
        if 0 <= line < len(lines):
            for match in pattern.finditer(lines[line]):
                if (line, match.end()) not in taken:
                    return line, match.end()
    raise ClaimError("entity_not_found", f"line {annotation.line} has no {annotation.entity!r}")


def _note(
    annotation: Annotation, letter: Letter, lines: Sequence[str], placed: Sequence[Placed]
) -> Note:
    """Number the mentions in the order of reading; brackets that look like numbers are rounded."""
    text = [list(NUMBERED.sub(r"(\1)", line)) for line in lines]
    told = []
    for number, (_, _, one) in enumerate(placed, 1):
        statement = replace(one.statement, number=number)
        told.append(Told(number, SECTION, statement, one.findings))
    for number, (line, end, _) in reversed(list(enumerate(placed, 1))):
        text[line][end:end] = f" [{number}]"
    head = [f"Admission number: {letter.hadm}"]
    head += [f"Date of note: {letter.written}"] if letter.written else []
    return Note(
        form=annotation.form,
        title=f"{annotation.form.capitalize()} note {annotation.row}",
        hadm=letter.hadm,
        subject=letter.subject,
        theme="general",
        text="\n".join([*head, "", *("".join(line) for line in text)]) + "\n",
        told=tuple(told),
    )
