"""From a question over a database to a task."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Literal

from taskkit import __version__
from taskkit.build.origin import Origin
from taskkit.spec.action import CodeExecution
from taskkit.spec.environment import Asset, Environment
from taskkit.spec.oracle import AbstainOracle, ExactOracle
from taskkit.spec.provenance import Provenance
from taskkit.spec.task import TASK_SCHEMA, Document, Reference, TaskSpec, Turn
from taskkit.spec.wording import describe
from taskkit.sql.questions.question import Next, Question

ABSTAIN = 'If the database cannot answer the question, answer {"abstain": true} and nothing else.'
ABSTAINING = 'answer = {"abstain": True}'


@dataclass(frozen=True)
class Ground:
    """What every task of a build shares."""

    domain: str
    image: str
    asset: Asset
    documents: tuple[Document, ...]
    origin: Origin
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
            reference=Reference(steps=(self._step(question.sql),)),
            turns=tuple(self._turn(one) for one in question.follow_ups),
            provenance=Provenance(
                source=self.origin.name,
                record=question.record,
                record_sha256=question.record_sha256,
                licence=self.origin.licence,
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

    def _turn(self, question: Next) -> Turn:
        return Turn(
            instruction=f"{question.text}\n\n{describe(question.answer)}",
            answer=question.answer,
            oracle=ExactOracle(
                kind="exact", expected=question.expected, tolerance=question.tolerance
            ),
            reference=Reference(steps=(self._step(question.sql),)),
        )

    @staticmethod
    def _step(code: str | None) -> CodeExecution:
        language: Literal["sql", "python"] = "sql"
        if code is None:
            code, language = ABSTAINING, "python"
        return CodeExecution(action="code_execution", language=language, code=code, submit=True)
