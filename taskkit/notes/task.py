"""From a part of a note to a task."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from taskkit.build.draft import Desk, document
from taskkit.ehr.chance import Chance
from taskkit.notes.focus import Focus
from taskkit.notes.note import Note
from taskkit.notes.phrases import Phrases
from taskkit.notes.program import program
from taskkit.spec.answer import Column, IntegerAnswer, NumberAnswer, StringAnswer, TableAnswer
from taskkit.spec.environment import Environment
from taskkit.spec.oracle import ExactOracle
from taskkit.spec.task import Split, TaskSpec

SPLITS: tuple[Split, ...] = (*("train",) * 8, "valid", "test")
ANSWER = TableAnswer(
    kind="table",
    columns=(
        Column(name="statement", type=IntegerAnswer(kind="integer")),
        Column(name="column", type=StringAnswer(kind="string")),
        Column(name="recorded number", type=NumberAnswer(kind="number"), nullable=True),
        Column(name="recorded text", type=StringAnswer(kind="string"), nullable=True),
    ),
)
RULE = (
    "Give a row for each column in which the record disagrees: the number of the statement, the "
    "column, and what the record holds there, under `recorded number` where the column holds "
    "numbers, under `recorded text` where it holds texts or times; the other is null, and both are "
    "where the record holds nothing or several values. "
    'The document "How notes are compared" says what counts. '
    'Where everything agrees, give the one row [0, "none", null, null].'
)


@dataclass(frozen=True)
class NoteDesk:
    """What every task of a build shares."""

    desk: Desk
    environment: Environment
    documents: tuple[tuple[str, str], ...]
    """Title and text of what comes with every task."""
    phrases: Phrases
    """With the rule `ask`: how a question is put."""

    def task(
        self, note: Note, title: str, focus: Focus, chance: Chance, part: Split | None = None
    ) -> TaskSpec:
        """Give the task of a part of a note, in the publisher's split or its patient's."""
        speaker = self.phrases.speaker(chance, {})
        asked = speaker.say("ask", what=focus.words, title=title, hadm=str(note.hadm))
        statements = [one.statement for one in focus.told]
        database = str(self.environment.database)
        return self.desk.draft(
            f"{asked}\n\n{RULE}",
            ANSWER,
            ExactOracle(kind="exact", expected=focus.rows),
            program(note.hadm, database, statements),
            category=focus.category,
            record=f"{note.form} {note.hadm} {focus.category} {focus.told[0].number}",
            content={"note": note.text, "statements": [one.number for one in focus.told]},
            split=part or split(note.subject),
            environment=self.environment,
            context=[document(name, text) for name, text in (*self.documents, (title, note.text))],
        )


def split(subject: int) -> Split:
    """Give the split of a patient: all notes of one are in the same."""
    digest = hashlib.sha256(f"patient {subject}".encode()).hexdigest()
    return SPLITS[int(digest[:8], 16) % len(SPLITS)]
