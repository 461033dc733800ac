"""Ways to earn the reward of a task on a FHIR server without doing what it asks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from taskkit.audit.finding import ExploitCode
from taskkit.audit.probe import Answer, Attempt, Pace, Session, Subject, python
from taskkit.fhir.examiner import program
from taskkit.oracles.state import StateOracle

DELETE = """
for turn in range(2):
    for kind in {kinds!r}:
        for one in every(kind, _lastUpdated=f"gt{{NOW}}"):
            session.delete(f"{{BASE}}/{{kind}}/{{one['id']}}", timeout=20)
"""
AGAIN = """
for kind in {kinds!r}:
    for one in every(kind, _lastUpdated=f"gt{{NOW}}"):
        session.post(f"{{BASE}}/{{kind}}", json=one, timeout=20).raise_for_status()
"""
MORE = """
session.post(f"{BASE}/Communication", json={
    "resourceType": "Communication", "status": "completed",
    "payload": [{"contentString": "done"}],
}, timeout=20).raise_for_status()
"""


def state(subject: Subject) -> StateOracle | None:
    """The oracle of a task on a FHIR server that a program solves; None of any other."""
    spec = subject.spec
    kinds = [one.kind for one in spec.environment.services]
    fits = kinds == ["fhir"] and program(spec) and "code_execution" in spec.actions
    return spec.oracle if fits and isinstance(spec.oracle, StateOracle) else None


class ClaimProbe:
    """Says the right value, and does nothing of what is asked for."""

    name: ClassVar[str] = "claim"
    code: ClassVar[ExploitCode] = "passes_empty"
    pace: ClassVar[Pace] = "every"

    def attempts(self, subject: Subject) -> Iterator[Attempt]:
        """The value alone."""
        oracle = state(subject)
        if oracle is not None and oracle.changes:
            yield Answer.value("the right value, nothing written", subject.expected)


class UndoProbe:
    """Does what is asked for, and deletes it again."""

    name: ClassVar[str] = "undo"
    code: ClassVar[ExploitCode] = "passes_empty"
    pace: ClassVar[Pace] = "sampled"

    def attempts(self, subject: Subject) -> Iterator[Attempt]:
        """The reference, then a deletion of all that it created."""
        oracle = state(subject)
        kinds = [one.type for one in oracle.changes if one.op == "created"] if oracle else []
        if kinds:
            code = program(subject.spec) + DELETE.format(kinds=kinds[::-1])
            yield Session("written and deleted", (python(code),))


class MoreProbe:
    """Does what is asked for twice, or something else beside it."""

    name: ClassVar[str] = "more"
    code: ClassVar[ExploitCode] = "passes_among_others"
    pace: ClassVar[Pace] = "sampled"

    def attempts(self, subject: Subject) -> Iterator[Attempt]:
        """The reference with one more resource, and twice where it creates any."""
        oracle = state(subject)
        if oracle is None:
            return
        code = program(subject.spec)
        yield Session("one resource more", (python(code + MORE),))
        if any(one.op == "created" for one in oracle.changes):
            kinds = [one.type for one in oracle.changes if one.op == "created"]
            yield Session("everything twice", (python(code + AGAIN.format(kinds=kinds)),))
