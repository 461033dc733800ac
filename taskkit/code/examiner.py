"""Mutants of a function, judged on its hidden calls, and on fresh ones where those are passed."""

from __future__ import annotations

import ast
import inspect
import json
from collections.abc import Sequence
from random import Random
from typing import ClassVar
from zlib import crc32

from taskkit.audit.examiner import (
    MUTANTS,
    Comparison,
    Examination,
    Examiner,
    Survivor,
    Traits,
)
from taskkit.audit.mutant import Mutant, sample
from taskkit.audit.python_mutants import Parted, mutants
from taskkit.code.family import Variant, named
from taskkit.oracles import calls
from taskkit.oracles.cases import Call, CasesOracle, Outcome, met
from taskkit.oracles.comparison import same
from taskkit.spec.action import CodeExecution
from taskkit.spec.task import TaskSpec

FRESH = 240  # inputs drawn to tell a mutant that passed
CALL_S = 0.25  # that one call of a mutant may take; a reference takes a hundredth of it
BATCH_S = 120.0
OUTPUT_KIB = 32768


class FunctionExaminer(Examiner):
    """Examines references that are a function with hidden calls."""

    name: ClassVar[str] = "function"

    def examines(self, task: TaskSpec) -> bool:
        """Whether the task asks for a function and its reference is one program with the source."""
        return isinstance(task.oracle, CasesOracle) and reference(task) is not None

    def examine(self, task: TaskSpec, said: Sequence[str]) -> Examination:
        """Judge mutants on all calls; compare those that pass on inputs drawn afresh."""
        made, oracle, source = Examination(), task.oracle, reference(task)
        assert isinstance(oracle, CasesOracle)  # or it would not be examined
        if source is None or oracle.function is None:
            return made
        every = [*oracle.visible, *oracle.calls]
        chosen = sample((one for one, _ in mutants(Parted("", source))), MUTANTS, task.id)
        ran = self._run(task, oracle, [one.code for one in chosen], every)
        passed = []
        for mutant, found in zip(chosen, ran, strict=True):
            if all(met(call, oracle, out) for call, out in zip(every, found, strict=True)):
                passed.append(mutant)
            else:
                made.fates.append((mutant.kind, "killed", _name(source, mutant)))
        for mutant, compared in zip(
            passed, self._compare(task, oracle, source, passed), strict=True
        ):
            fate = "weak" if compared.fate == "differs" else compared.fate
            if fate != "equivalent":
                made.survivors.append(Survivor(mutant, fate, compared.evidence))
            made.fates.append((mutant.kind, fate, _name(source, mutant)))
        return made

    def traits(self, task: TaskSpec) -> Traits | None:
        """The family, and the source but for the function's name."""
        source, oracle = reference(task), task.oracle
        if source is None or not isinstance(oracle, CasesOracle) or oracle.function is None:
            return None
        meaning = ast.dump(ast.parse(source)).replace(f"'{oracle.function}'", "_")
        return Traits(task.provenance.record.split()[0], meaning)

    def _compare(
        self, task: TaskSpec, oracle: CasesOracle, source: str, passed: Sequence[Mutant]
    ) -> list[Comparison]:
        """Compare mutants with the reference on inputs that the task does not have."""
        variant = named(task.provenance.record)
        if variant is None or not passed:
            return [Comparison("undecided", 0)] * len(passed)
        inputs = fresh(variant, task.id)
        right, *others = self._run(task, oracle, [source, *(one.code for one in passed)], inputs)
        return [told(oracle, inputs, right, wrong) for wrong in others]

    def _run(
        self, task: TaskSpec, oracle: CasesOracle, sources: Sequence[str], several: Sequence[Call]
    ) -> list[list[Outcome]]:
        """Call the function of every source on every input, in one fresh session."""
        inputs = [one.arguments for one in several]
        wanted = json.dumps([list(sources), oracle.function, inputs, CALL_S])
        code = f"{inspect.getsource(calls)}\nsources, *rest = json.loads({wanted!r})\n"
        code += "answer = [outcomes(source, *rest, apart=False) for source in sources]\n"
        run = self.ground.stage.bench(task).evidence(None).run
        ran = run(code, wall_s=BATCH_S, output_kib=OUTPUT_KIB)
        try:
            return [[(kind, text) for kind, text in one] for one in json.loads(ran.document or b"")]
        except (ValueError, TypeError):
            return [[("ended", ran.status)] * len(several)] * len(sources)


def reference(task: TaskSpec) -> str | None:
    """Give the source that a task's reference hands in; None where it is not one text."""
    [*_, step] = task.reference.steps
    if not isinstance(step, CodeExecution) or step.language != "python" or not step.submit:
        return None
    for statement in reversed(ast.parse(step.code).body):
        match statement:
            case ast.Assign(targets=[ast.Name("answer")], value=ast.Constant(str(source))):
                return source
    return None


def fresh(variant: Variant, salt: str) -> list[Call]:
    """Draw calls of a family that no task has, but by chance; their results do not matter."""
    chance = Random(f"fresh:{salt}")
    drawn = [variant.family.inputs(chance) for _ in range(FRESH)]
    return [Call(arguments=json.dumps(one), expected="null") for one in drawn]


def told(
    oracle: CasesOracle, inputs: Sequence[Call], right: Sequence[Outcome], wrong: Sequence[Outcome]
) -> Comparison:
    """Find an input on which two functions differ."""
    for number, (call, one, other) in enumerate(zip(inputs, right, wrong, strict=True)):
        if one[0] == other[0] == "value":
            equal = same(oracle.compare, json.loads(one[1]), json.loads(other[1]))
        else:
            equal = one == other
        if not equal:
            what = f"{call.arguments}: {one[1]}, the mutant {other[1]}"
            return Comparison("differs", number + 1, what)
    return Comparison("equivalent", len(inputs))


def _name(source: str, mutant: Mutant) -> str:
    """Name a mutant, the same in every task with this source."""
    kind, place, variant = mutant.key
    return f"{crc32(source.encode()):x}.{kind}.{place}.{variant}"
