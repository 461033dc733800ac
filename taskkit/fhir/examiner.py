"""Examines references that work on a FHIR server: mutants of what they write and read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import ClassVar
from zlib import crc32

from taskkit.audit.examiner import Examination, Examiner, Fate, Survivor, Traits
from taskkit.audit.mutant import Mutant
from taskkit.audit.probe import python
from taskkit.fhir.mutants import as_mutant, read, traced, written
from taskkit.oracles.evidence import Change
from taskkit.oracles.judge import digest, judge
from taskkit.oracles.state import StateOracle
from taskkit.play.episode import Submission
from taskkit.spec.action import CodeExecution
from taskkit.spec.task import TaskSpec

WRITTEN = 16  # mutants of what is written, of an instance at most; they cost no sandbox
READ = 3  # mutants of what is read


class StateExaminer(Examiner):
    """Examines one Python program whose task is judged by state."""

    name: ClassVar[str] = "fhir"

    def examines(self, task: TaskSpec) -> bool:
        """Whether a program works on a FHIR server."""
        kinds = [one.kind for one in task.environment.services]
        return isinstance(task.oracle, StateOracle) and kinds == ["fhir"] and bool(program(task))

    def examine(self, task: TaskSpec, said: Sequence[str]) -> Examination:
        """Judge other changes than the reference's, and play programs that read carelessly."""
        made = Examination()
        code = traced(program(task))
        left, trace = self._played(task, code)
        if left is None or left.verdict.reward == 0:
            return made
        self._written(task, left, made)
        for mutant in sampled(list(read(code)), READ, task.id):
            self._read(task, left, trace, mutant, made)
        return made

    def _played(self, task: TaskSpec, code: str) -> tuple[Submission | None, str]:
        """What a program leaves in an episode of its own, and what it printed."""
        with self.ground.stage.episode(task) as episode:
            episode.step(python(code))
        last = episode.submissions[-1] if episode.submissions else None
        if episode.outcome is None or episode.outcome.status != "ok":
            return None, ""
        return last, episode.outcome.stdout

    def _written(self, task: TaskSpec, left: Submission, made: Examination) -> None:
        oracle = task.oracle
        assert isinstance(oracle, StateOracle)
        changes: Sequence[Change] = left.changes.get(oracle.service, ())
        every = [(one, as_mutant(one, n)) for n, one in enumerate(written(changes))]
        chosen = sampled([mutant for _, mutant in every], WRITTEN, task.id)
        for rewriting, mutant in every:
            if mutant not in chosen:
                continue
            shown = {**left.changes, oracle.service: rewriting.changes}
            bench = self.ground.stage.bench(task)
            verdict = judge(task, bench.evidence(left.document, left.origin, shown))
            fate: Fate = "killed" if verdict.reward == 0 else "weak"
            if fate == "weak":
                made.survivors.append(Survivor(mutant, fate, "it earns the reward"))
            made.fates.append((mutant.kind, fate, mutant.about))

    def _read(
        self, task: TaskSpec, left: Submission, trace: str, mutant: Mutant, made: Examination
    ) -> None:
        other, read_ = self._played(task, mutant.code)
        fate: Fate = "killed"
        if other is None:
            fate = "invalid"
        elif other.verdict.reward > 0:
            same = digest(task, other.evidence) == digest(task, left.evidence)
            fate = "idle" if same else "weak"
            if read_ == trace:
                fate = "equivalent"
            else:
                made.survivors.append(Survivor(mutant, fate, "it earns the reward"))
        made.fates.append((mutant.kind, fate, mutant.about))

    def traits(self, task: TaskSpec) -> Traits | None:
        """The program without its values, and with them."""
        code = program(task)
        form = re.sub(r"(?m)^[A-Za-z_]+ = .*$", "", code.split("session =", 1)[0])
        body = code.partition("session =")[2]
        return Traits(f"{form}{body}", code, {"requests": code.count("every(")})


def program(task: TaskSpec) -> str:
    """The program that is a task's whole reference; empty where there is another."""
    step, *more = task.reference.steps
    if more or not isinstance(step, CodeExecution) or step.language != "python":
        return ""
    return step.code if step.submit else ""


def sampled(mutants: list[Mutant], count: int, salt: str) -> list[Mutant]:
    """At most so many, from all that they are about in turn; which ones follows from the salt."""
    groups: dict[str, list[Mutant]] = {}
    for one in sorted(mutants, key=lambda one: crc32(f"{salt} {one.place} {one.change}".encode())):
        groups.setdefault(one.about, []).append(one)
    turns = [group[turn] for turn in range(count) for group in groups.values() if turn < len(group)]
    return turns[:count]
