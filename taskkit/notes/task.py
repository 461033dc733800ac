"""From a part of a note to a task."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from taskkit import __version__
from taskkit.build.origin import Origin
from taskkit.ehr.chance import Chance
from taskkit.notes.focus import Focus
from taskkit.notes.note import Note
from taskkit.notes.program import program
from taskkit.spec.action import CodeExecution
from taskkit.spec.answer import Column, IntegerAnswer, NumberAnswer, StringAnswer, TableAnswer
from taskkit.spec.environment import Asset, Environment
from taskkit.spec.oracle import ExactOracle
from taskkit.spec.provenance import Provenance
from taskkit.spec.task import TASK_SCHEMA, Document, Reference, Split, TaskSpec
from taskkit.spec.wording import describe

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
    "Give a row for each column in which the record disagrees: the number of the statement, the column, and what "
    "the record holds there, under `recorded number` where the column holds numbers, under `recorded text` where it "
    "holds texts or times; the other is null, and both are where the record holds nothing or several values. "
    'The document "How notes are compared" says what counts. Where everything agrees, the list is empty.'
)
ASKS = (
    'Check {what} in the document "{title}" against the database: which of them does the record of admission {hadm} contradict?',
    'Does the record bear out the note "{title}"? Go through {what} and find those that the database contradicts (admission {hadm}).',
    'Before "{title}" is signed, {what} are to be verified against the tables for admission {hadm}. Which are wrong?',
    'An audit of admission {hadm} compares {what} in "{title}" with the database. List what does not match.',
    'Review {what} in "{title}" (hadm_id {hadm}) and report every discrepancy with the recorded data.',
    'Please chart-check "{title}", admission {hadm}: {what} only. Where do note and database differ?',
    'For admission {hadm}, reconcile {what} of the document "{title}" with the structured record and list the disagreements.',
    'Find the errors among {what} in the note "{title}" by looking up what the tables hold for admission {hadm}.',
)


@dataclass(frozen=True)
class Desk:
    """What every task of a build shares."""

    domain: str
    image: str
    asset: Asset
    documents: tuple[tuple[str, str], ...]
    """Title and text of what comes with every task."""
    origin: Origin
    citation: str | None = None

    def task(self, note: Note, title: str, focus: Focus, chance: Chance) -> TaskSpec:
        """Give the task of a part of a note."""
        record = f"{note.form} {note.hadm} {focus.category} {focus.told[0].number}"
        source = hashlib.sha256(f"{note.text}\0{focus.words}".encode()).hexdigest()
        key = hashlib.sha256(f"{self.domain}\0{source}".encode()).hexdigest()
        asked = chance.one(ASKS).format(what=focus.words, title=title, hadm=note.hadm)
        statements = [one.statement for one in focus.told]
        step = CodeExecution(
            action="code_execution",
            language="python",
            code=program(note.hadm, self.asset.name, statements),
            submit=True,
        )
        return TaskSpec(
            schema_version=TASK_SCHEMA,
            id=f"{self.domain}-{key[:16]}",
            domain=self.domain,
            category=focus.category,
            split=split(note.subject),
            instruction=f"{asked}\n\n{RULE}\n\n{describe(ANSWER)}",
            context=tuple(
                Document(name=name, sha256=hashlib.sha256(text.encode()).hexdigest())
                for name, text in (*self.documents, (title, note.text))
            ),
            answer=ANSWER,
            environment=Environment(
                image=self.image, assets=(self.asset,), database=self.asset.name
            ),
            oracle=ExactOracle(kind="exact", expected=focus.rows),  # type: ignore[arg-type]
            reference=Reference(steps=(step,)),
            provenance=Provenance(
                source=self.origin.name,
                record=record,
                record_sha256=source,
                licence=self.origin.licence,
                access=self.origin.access,
                citation=self.citation,
                builder=f"{self.domain} {__version__}",
            ),
        )


def split(subject: int) -> Split:
    """Give the split of a patient: all notes of one are in the same."""
    digest = hashlib.sha256(f"patient {subject}".encode()).hexdigest()
    return SPLITS[int(digest[:8], 16) % len(SPLITS)]


def shares(counts: Mapping[str, int]) -> dict[str, float]:
    """Give counts as shares of their sum."""
    total = sum(counts.values()) or 1
    return {name: count / total for name, count in counts.items()}
