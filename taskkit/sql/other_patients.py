"""Questions asked about other patients, while they are being made, as the audit will ask them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from taskkit.audit.mutant import Key
from taskkit.audit.probe import turns
from taskkit.spec.task import TaskSpec
from taskkit.sql.ground import Ground
from taskkit.sql.mutants.comparisons import Comparisons
from taskkit.sql.mutants.trial import Trials
from taskkit.sql.questions.question import Question
from taskkit.sql.range import last_sql

ANSWERS = 8  # compared on each database; the audit compares three times as many


class OtherPatients:
    """Other patients than those of a build, on whom its mutants are compared too."""

    def __init__(self, ground: Ground, own: Trials, paths: Sequence[Path]) -> None:
        """Open nothing yet.

        Args:
            ground: What makes a task of a question.
            own: The database of the build.
            paths: Those of other patients; none where nobody knows any.
        """
        self._ground, self._paths = ground, paths
        self._latest: tuple[Question, list[TaskSpec]] | None = None
        self._comparisons = Comparisons(own, lambda: [(Trials(path), ANSWERS) for path in paths])

    def differs(self, question: Question, turn: int, key: Key) -> bool:
        """Whether a mutant of a question's turn answers otherwise than its query about them."""
        if not self._paths:
            return False
        asked = self._turns(question)
        said = [one.instruction for one in asked[:turn]]
        sql = last_sql(asked[turn])
        return sql is not None and (
            self._comparisons.compare(asked[turn], sql, said, key).fate == "differs"
        )

    def _turns(self, question: Question) -> list[TaskSpec]:
        """The turns of a question as tasks; a pilot asks of few questions, of each many times."""
        if self._latest is None or self._latest[0] is not question:
            self._latest = question, list(turns(self._ground.task(question)))
        return self._latest[1]
