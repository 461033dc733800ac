"""What comparing mutants with their references on other data gave; once for each template."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence

from taskkit.audit.examiner import Comparison
from taskkit.audit.mutant import Key
from taskkit.spec.task import TaskSpec
from taskkit.sql.mutants.equivalence import Equivalence
from taskkit.sql.mutants.family import form
from taskkit.sql.mutants.trial import Trials

FORMS = 200  # templates whose answers on other data stay in memory

Databases = Sequence[tuple[Trials, int]]
"""Each with how many answers are compared there at the most."""


class Comparisons:
    """Compares mutants of any query on the same databases."""

    def __init__(self, own: Trials, databases: Callable[[], Databases]) -> None:
        """Open nothing yet.

        Args:
            own: The database of the tasks.
            databases: Gives those to compare on; asked once, when the first are needed.
        """
        self._own, self._open = own, databases
        self._databases: Databases | None = None
        self._equivalences: OrderedDict[str, Equivalence] = OrderedDict()
        self._known: dict[tuple[str, Key], Comparison] = {}

    def compare(self, spec: TaskSpec, sql: str, said: Sequence[str], key: Key) -> Comparison:
        """Compare a mutant with its reference; once for all instances of a template."""
        known = form(sql), key
        if known not in self._known:
            self._known[known] = self._equivalence(spec, sql, said, known[0]).compare(key)
        return self._known[known]

    def _equivalence(self, spec: TaskSpec, sql: str, said: Sequence[str], form: str) -> Equivalence:
        if self._databases is None:
            self._databases = self._open()
        if form not in self._equivalences:
            while len(self._equivalences) >= FORMS:
                self._equivalences.popitem(last=False)
            self._equivalences[form] = Equivalence(
                spec, sql, self._databases, own=self._own, said=said
            )
        return self._equivalences[form]

    def close(self) -> None:
        """Close the databases."""
        for trials, _ in self._databases or ():
            trials.close()
