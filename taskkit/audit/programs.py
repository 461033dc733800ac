"""Play mutants of an instance's Python reference, in its own sandbox, against its own oracle."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import ClassVar, Literal
from zlib import crc32

from taskkit.audit.examiner import (
    MUTANTS,
    Comparison,
    Examination,
    Examiner,
    Fate,
    Ground,
    Survivor,
)
from taskkit.audit.mutant import Mutant, sample
from taskkit.audit.probe import python
from taskkit.audit.python_mutants import Parted, mutants, part
from taskkit.oracles.judge import abstaining, expected, expecting, judge
from taskkit.play.stage import Stage
from taskkit.spec.action import CodeExecution
from taskkit.spec.task import TaskSpec

Fresh = Callable[[TaskSpec], Iterator[str]]
"""Gives programs that answer the same task for other inputs."""
INPUTS = 120  # other inputs that a mutant is compared on, at most
FEW = 12  # of them that are tried first: most mutants differ on one
LEAST = 5  # compared, before two programs count as one
LONGEST = 100_000  # characters of a program
ANSWER_KIB = 8192  # of all answers of a batch together

RUNNER = """
import io, json, signal, sys, time
heads, bodies, jobs = json.loads({parts!r})
BATCH, FIRST, LEAST, MARGIN = 8.0, 8.0, 0.2, 5


class Late(BaseException):
    pass


def late(*_):
    raise Late


def plain(value):
    if hasattr(value, 'item'):
        return value.item()
    return sorted(value, key=repr) if isinstance(value, (set, frozenset)) else str(value)


def run(head, body, limit):
    scope = {{'__name__': '__main__'}}
    signal.setitimer(signal.ITIMER_REAL, limit)
    try:
        exec(head, scope)
        exec(body, scope)
        return 'ok', json.dumps(scope['answer'], default=plain, allow_nan=False)
    except Late:
        return 'costly', ''
    except BaseException:
        return 'invalid', ''
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


signal.signal(signal.SIGALRM, late)
sys.stdout = io.StringIO()
heads = [compile(one, 'head', 'exec') for one in heads]
bodies = [compile(one, 'body', 'exec') for one in bodies]
begun = time.monotonic()
run(heads[jobs[0][0]], bodies[jobs[0][1]], FIRST)  # what it imports is loaded then
started = time.monotonic()
answer, limit = [], FIRST
for head, body in jobs:
    if time.monotonic() - begun > BATCH:
        answer.append(('costly', ''))
        continue
    answer.append(run(heads[head], bodies[body], limit))
    if len(answer) == 1:
        limit = max(LEAST, MARGIN * (time.monotonic() - started))
"""
"""Runs programs one after the other in one process, each by itself and for a limited time."""


@dataclass(frozen=True, slots=True)
class Ran:
    """How a program of a batch ended."""

    status: Literal["ok", "costly", "invalid"]
    document: str
    """Its answer, as JSON."""


UNKNOWN = Ran("invalid", "")
"""Of a program that its batch did not come to."""


class ProgramExaminer(Examiner):
    """Examines references that are one Python program without a service."""

    name: ClassVar[str] = "program"

    def __init__(self, ground: Ground) -> None:
        """Try nothing yet."""
        super().__init__(ground)
        self._programs = Programs(ground.stage, ground.fresh)

    def examines(self, task: TaskSpec) -> bool:
        """Whether the reference is one program that leaves a value."""
        place, left = task.environment, task.answer.kind
        valued = left not in ("code", "file", "none") and not abstaining(task)
        # where no one value is expected, other programs may rightly earn the reward
        valued = valued and expected(task) is not None
        return valued and not place.services and last_python(task) is not None

    def examine(self, task: TaskSpec, said: Sequence[str]) -> Examination:
        """Try mutants of the program."""
        code = last_python(task)
        if code is None or "code_execution" not in task.actions:
            return Examination()
        return self._programs.kill(task, code)


class Programs:
    """Where mutants of Python programs are tried, and what is known of those that tasks share."""

    def __init__(self, stage: Stage, fresh: Fresh) -> None:
        """Try them on a stage like any agent's programs.

        Args:
            fresh: Where other inputs come from.
        """
        self._stage, self._fresh = stage, fresh
        self._inputs: dict[tuple[str, str], list[str]] = {}
        self._answers: dict[Parted, Ran] = {}
        self._known: dict[tuple[str, str, object], Comparison] = {}

    def kill(self, spec: TaskSpec, code: str) -> Examination:
        """Try mutants of a program on the task's own inputs; tell survivors from equivalents."""
        made = Examination()
        try:
            parted = part(code)
        except (SyntaxError, ValueError, RecursionError):
            return made
        every = {one.key: (one, parts) for one, parts in mutants(parted)}
        chosen = sample((one for one, _ in every.values()), MUTANTS, spec.id)
        ran = self._run(spec, [parted, *(every[one.key][1] for one in chosen)])
        if not ran or not self._earns(spec, ran[0]):
            return made  # it needs more than the batch gives it: nothing can be said
        for mutant, one in zip(chosen, ran[1:], strict=True):
            fate: Fate = one.status if one.status != "ok" else "killed"
            if self._earns(spec, one):
                found = self._compare(spec, parted, mutant)
                fate = found.fate if found.fate != "differs" else "weak"
                if fate == "weak" and json.loads(one.document) == json.loads(ran[0].document):
                    fate = "idle"  # 20.0 is 20
                if fate in ("weak", "idle", "undecided"):
                    made.survivors.append(Survivor(mutant, fate, found.evidence))
            made.fates.append((mutant.kind, fate, _name(parted, mutant)))
        return made

    def _compare(self, spec: TaskSpec, parted: Parted, mutant: Mutant) -> Comparison:
        """Compare a mutant with its reference on other inputs; once for all tasks that share it."""
        key = parted.body, mutant.about, mutant.key
        if key not in self._known:
            pairs = list(self._pairs(spec, parted, mutant))
            found = self._compared(spec, pairs[:FEW])
            if found.fate != "differs" and found.compared == FEW < len(pairs):
                found = self._compared(spec, pairs)
            self._known[key] = found
        return self._known[key]

    def _pairs(
        self, spec: TaskSpec, parted: Parted, mutant: Mutant
    ) -> Iterator[tuple[Parted, Parted]]:
        """Give the reference over other inputs, each with the same change made."""
        for code in self._others(spec):
            other = Parted(part(code).head, parted.body)
            if mutant.place >= 0:  # the change is in the body, which all share
                yield other, Parted(other.head, mutant.code)
                continue
            for one, parts in mutants(other):
                if one.key == mutant.key and one.about == mutant.about:
                    yield other, parts

    def _others(self, spec: TaskSpec) -> list[str]:
        key = spec.domain, spec.category
        if key not in self._inputs:
            self._inputs[key] = list(islice(self._fresh(spec), INPUTS))
        return self._inputs[key]

    def _compared(self, spec: TaskSpec, pairs: Sequence[tuple[Parted, Parted]]) -> Comparison:
        rights = self._rights(spec, [right for right, _ in pairs])
        ran = self._run(spec, [*(right for right, _ in pairs[:1]), *(wrong for _, wrong in pairs)])
        compared = 0
        for (other, _), right, wrong in zip(pairs, rights, ran[1:], strict=False):
            asked = _expecting(spec, right)
            if asked is None or wrong.status == "costly":
                continue
            if not self._earns(asked, wrong):
                told = f"{other.head}: {right.document}, the mutant {wrong.document}"
                return Comparison("differs", compared + 1, told)
            compared += 1
        return Comparison("equivalent" if compared >= LEAST else "undecided", compared)

    def _rights(self, spec: TaskSpec, programs: Sequence[Parted]) -> list[Ran]:
        """Give the answers of the reference over other inputs; each is run once."""
        new = [one for one in programs if one not in self._answers]
        self._answers |= zip(new, self._run(spec, new), strict=False)
        return [self._answers.get(one, UNKNOWN) for one in programs]

    def _earns(self, spec: TaskSpec, ran: Ran) -> bool:
        if ran.status != "ok":
            return False
        return judge(spec, self._stage.bench(spec).evidence(ran.document.encode())).reward > 0

    def _run(self, spec: TaskSpec, programs: Sequence[Parted]) -> list[Ran]:
        """Run programs in one session; nothing where the batch as a whole failed."""
        if not programs:
            return []
        heads, bodies = _numbered(p.head for p in programs), _numbered(p.body for p in programs)
        jobs = [(heads[one.head], bodies[one.body]) for one in programs]
        text = RUNNER.format(parts=json.dumps((list(heads), list(bodies), jobs)))
        if len(text) > LONGEST:  # more than a program may have
            if len(programs) == 1:
                return [UNKNOWN]
            half = len(programs) // 2
            parts = programs[:half], programs[half:]
            return [
                ran for part_ in parts for ran in (self._run(spec, part_) or [UNKNOWN] * len(part_))
            ]
        action = python(text)
        limits = spec.environment.limits.model_copy(update={"output_kib": ANSWER_KIB})
        place = spec.environment.model_copy(update={"limits": limits})
        with self._stage.episode(spec.model_copy(update={"environment": place})) as episode:
            episode.step(action)
            document = episode.submissions[-1].document if episode.submissions else None
        try:
            return [Ran(*one) for one in json.loads(document or b"[]")]
        except (ValueError, TypeError):  # a program that reached for its runner
            return []


def last_python(spec: TaskSpec) -> str | None:
    """Give the program that is a task's whole reference; None where there is more, or another."""
    step, *more = spec.reference.steps
    if more or not isinstance(step, CodeExecution):
        return None
    return step.code if step.language == "python" and step.submit else None


def _expecting(spec: TaskSpec, right: Ran) -> TaskSpec | None:
    """Give the task for another answer, judged without leniency; None where it has no such type."""
    if right.status != "ok":
        return None
    oracle = expecting(spec, json.loads(right.document))
    return None if oracle is None else spec.model_copy(update={"oracle": oracle})


def _numbered(texts: Iterable[str]) -> dict[str, int]:
    """Number distinct texts in their order."""
    return {text: number for number, text in enumerate(dict.fromkeys(texts))}


def _name(parted: Parted, mutant: Mutant) -> str:
    """Name a mutant alike in every task that shares the program."""
    kind, place, variant = mutant.key
    shared = f"{parted.body} {mutant.about}"
    return f"{crc32(shared.encode()):x}.{kind}.{place}.{variant}"
