"""What builders over a clinical database share: questions from a bank or a publisher become tasks."""

from __future__ import annotations

import hashlib
import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import ClassVar, Literal

from pydantic import Field

from taskkit import __version__
from taskkit.build.protocol import Balance, Origin, Preparation, Request, Unit
from taskkit.errors import UsageError
from taskkit.questions.bank import Bank
from taskkit.questions.execution import connect
from taskkit.questions.fill import Share, fill, plan
from taskkit.questions.publisher import Published, answer_question, read_questions
from taskkit.questions.question import Question, Rejection
from taskkit.spec.action import CodeExecution
from taskkit.spec.base import Spec
from taskkit.spec.environment import Asset, Environment
from taskkit.spec.oracle import AbstainOracle, ExactOracle
from taskkit.spec.provenance import Provenance
from taskkit.spec.task import TASK_SCHEMA, Document, Reference, TaskSpec
from taskkit.spec.wording import describe

DEFAULT_LIMIT = 6000  # tasks drawn from a bank where the user names no number
OVERPRODUCTION = 1.5  # drawn for each task wanted: balancing and duplicates take the rest
PUBLISHED_SHARD = 50  # records of one unit of work
ABSTAIN = 'If the database cannot answer the question, answer {"abstain": true} and nothing else.'


class ClinicalOptions(Spec):
    """What a user may choose of any clinical domain."""

    reground: bool = False
    """Replace patients and values of published questions by ones that this database has."""
    guessable: bool = False
    """Add the publisher's yes/no and unanswerable questions, as categories of their own."""


@dataclass(frozen=True)
class Ground:
    """What every task of a build shares."""

    domain: str
    image: str
    asset: Asset
    documents: tuple[Document, ...]
    origin: Origin
    licence: str
    citation: str | None

    def task(self, question: Question) -> TaskSpec:
        """Make the task of a question."""
        digest = hashlib.sha256(
            f"{self.domain}\0{question.record}\0{question.record_sha256}".encode()
        ).hexdigest()
        parts = [question.text, describe(question.answer)]
        if question.abstention:
            parts.append(ABSTAIN)
        return TaskSpec(
            schema_version=TASK_SCHEMA,
            id=f"{self.domain}-{digest[:16]}",
            domain=self.domain,
            category=question.category,
            split=question.split,
            guessable=question.guessable,
            instruction="\n\n".join(parts),
            context=self.documents,
            answer=question.answer,
            abstention=question.abstention,
            environment=Environment(
                image=self.image, assets=(self.asset,), database=self.asset.name
            ),
            oracle=self._oracle(question),
            reference=Reference(steps=(self._step(question),)),
            provenance=Provenance(
                source=self.origin.name,
                record=question.record,
                record_sha256=question.record_sha256,
                licence=self.licence,
                access=self.origin.access,
                citation=self.citation,
                builder=f"{self.domain} {__version__}",
            ),
        )

    @staticmethod
    def _oracle(question: Question) -> ExactOracle | AbstainOracle:
        if question.sql is None:
            return AbstainOracle(kind="abstain")
        return ExactOracle(kind="exact", expected=question.expected, tolerance=question.tolerance)

    @staticmethod
    def _step(question: Question) -> CodeExecution:
        if question.sql is None:
            code, language = 'answer = {"abstain": True}', "python"
        else:
            code, language = question.sql, "sql"
        return CodeExecution(action="code_execution", language=language, code=code, submit=True)


@cache
def _connection(path: Path) -> sqlite3.Connection:
    return connect(path)
