"""Judge what an agent changed in a service: all that was asked for, and nothing else."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from pydantic import Field, JsonValue

from taskkit.oracles.elements import (
    EitherElement,
    Element,
    Plain,
    Setting,
    bare_path,
    leaves,
    steps,
)
from taskkit.oracles.evidence import Change, Evidence
from taskkit.oracles.example import Example
from taskkit.oracles.kind import Asked, Case, Fault, Fixtures, Judge
from taskkit.oracles.verdict import Verdict
from taskkit.spec.answer import AnswerSpec, IntegerAnswer
from taskkit.spec.base import Many, Name, Spec
from taskkit.spec.oracle import ExactOracle, Oracle, ValueOracle

MOST_CHANGES = 200  # compared with what was expected
SHOWN = 5  # reasons in an explanation


class ExpectedChange(Spec):
    """A resource that has to be created, updated or deleted."""

    op: Literal["created", "updated", "deleted"]
    """What has to become of it."""
    type: str
    """The type of the resource."""
    id: str | None = None
    """Which one; not given where it is created."""
    elements: Many[Element] = ()
    """What it has to have afterwards."""
    free: Many[str] = ()
    """Paths that may have anything; what stands elsewhere, and is not among `elements`, must
    not be there, or not have changed."""


class StateOracle(Oracle):
    """Accept the changes expected in a service and no others, with the value expected beside."""

    kind: Literal["state"]
    service: Name
    """The service of the environment that is looked at."""
    changes: Many[ExpectedChange] = ()
    """Each is made once; none: nothing may change."""
    value: ValueOracle | None = Field(default=None, discriminator="kind")
    """What judges the answer; not given where the changes alone count."""


@dataclass(frozen=True, slots=True)
class ValueAsked:
    """The question of the value alone."""

    answer: AnswerSpec
    oracle: Oracle
    abstention: bool


class StateJudge(Judge[StateOracle]):
    """Compares what changed with what had to change."""

    model: ClassVar[type[StateOracle]] = StateOracle

    def judge(self, asked: Asked, evidence: Evidence) -> Verdict:
        """Judge the answer, then the changes."""
        oracle: StateOracle = asked.oracle
        inner = self.inner(asked)
        if inner is not None:
            verdict = judge_value(inner).judge(inner, evidence)
            if verdict.code != "right":
                return verdict
        found = list(evidence.changes.get(oracle.service, ()))
        why = mismatch(oracle.changes, found)
        if why is not None:
            return Verdict("wrong", why)
        return Verdict("right", f"the answer, and {len(found)} changes, as expected")

    def inner(self, asked: Asked) -> ValueAsked | None:
        """The question of the value."""
        value = asked.oracle.value
        return None if value is None else ValueAsked(asked.answer, value, asked.abstention)

    def faults(self, asked: Asked) -> Iterator[Fault]:
        """Check the value's oracle, the paths, and that what changes is named."""
        oracle: StateOracle = asked.oracle
        inner = self.inner(asked)
        if inner is not None:
            for fault in judge_value(inner).faults(inner):
                place = fault.place
                if place[:1] == ("oracle",):
                    place = ("oracle", "value", *place[1:])
                yield Fault(place, fault.message, fault.remedy)
        elif asked.answer.kind != "none":
            message = f"no oracle for the answer, a {asked.answer.kind}"
            yield Fault(("oracle", "value"), message, "need one, or an answer of kind none")
        elif not oracle.changes:
            message = "no value and no change: whoever does nothing is right"
            yield Fault(("oracle", "changes"), message, "need a change or a value")
        for number, change in enumerate(oracle.changes):
            yield from faults_of(change, ("oracle", "changes", number))

    def expected(self, asked: Asked) -> JsonValue | None:
        """The value expected."""
        inner = self.inner(asked)
        return None if inner is None else judge_value(inner).expected(inner)

    def expecting(self, asked: Asked, value: JsonValue) -> StateOracle | None:
        """Expect another value with the same changes."""
        inner = self.inner(asked)
        other = None if inner is None else judge_value(inner).expecting(inner, value)
        if other is None:
            return None
        made: StateOracle = asked.oracle.model_copy(update={"value": other})
        return made

    def key(self, asked: Asked) -> JsonValue:
        """The value, with the changes where there are any: those name whom they are made for."""
        inner = self.inner(asked)
        value = None if inner is None else judge_value(inner).key(inner)
        changes: list[JsonValue] = [one.model_dump(mode="json") for one in asked.oracle.changes]
        return [value, changes] if changes else value

    def digest(self, asked: Asked, evidence: Evidence) -> str:
        """Digest the answer and what changed, without the ids of what was created."""
        inner = self.inner(asked)
        value = "" if inner is None else judge_value(inner).digest(inner, evidence)
        found = [
            json.dumps([one.op, name_of(one), unnamed(one)], sort_keys=True)
            for one in evidence.changes.get(asked.oracle.service, ())
        ]
        return hashlib.sha256("\n".join([value, *sorted(found)]).encode()).hexdigest()

    def guesses(self, asked: Asked) -> Iterator[tuple[str, bytes]]:
        """What a guesser would say of the value."""
        inner = self.inner(asked)
        if inner is not None:
            yield from judge_value(inner).guesses(inner)

    def fixtures(self) -> Fixtures:
        """An order of one drug for one patient, with a number beside it."""
        order: dict[str, JsonValue] = {
            "resourceType": "Order", "id": "7", "status": "active",
            "for": {"reference": "Patient/1"},
        }  # fmt: skip
        elements: list[dict[str, JsonValue]] = [
            {"kind": "value", "path": "status", "values": ["active"]},
            {"kind": "reference", "path": "for", "targets": ["Patient/1"]},
        ]
        change = ExpectedChange.model_validate(
            {"op": "created", "type": "Order", "elements": elements, "free": ["id"]}
        )
        oracle = StateOracle(
            kind="state", service="ward", changes=(change,),
            value=ExactOracle(kind="exact", expected=3),
        )  # fmt: skip
        asked = Example(IntegerAnswer(kind="integer"), oracle)
        made = Change("created", "Order/7", None, order)
        other = Change("created", "Order/8", None, {**order, "id": "8"})
        wrong = Change("created", "Order/7", None, {**order, "status": "draft"})
        more = Change("created", "Order/7", None, {**order, "doNotPerform": True})

        def case(reward: float, *changes: Change, document: bytes | None = b"3") -> Case:
            return Case(asked, Evidence(document, changes={"ward": changes}), reward)

        return Fixtures(
            full=[case(1.0, made), case(1.0, other)],
            zero=[
                case(0.0), case(0.0, made, other), case(0.0, wrong), case(0.0, more),
                case(0.0, made, document=b"4"),
                case(0.0, made, Change("deleted", "Patient/1", {"id": "1"})),
            ],
            malformed=[case(0.0, made, document=b"three"), case(0.0, made, document=None)],
        )  # fmt: skip


def judge_value(inner: ValueAsked) -> Judge[Any]:
    """The judge of the value."""
    from taskkit.oracles.registry import judges  # it knows this module

    return judges()[inner.oracle.kind]


def name_of(change: Change) -> str:
    """What changed: its key, or of what was created its type."""
    return change.key.partition("/")[0] if change.op == "created" else change.key


def unnamed(change: Change) -> JsonValue:
    """What a change left, without the id of what was created."""
    if change.op == "created" and isinstance(change.after, dict):
        return {name: value for name, value in change.after.items() if name != "id"}
    return change.after


def mismatch(expected: Sequence[ExpectedChange], found: Sequence[Change]) -> str | None:
    """Why the changes are not those expected; None where each is one of them, and none is left."""
    if len(found) != len(expected) or len(found) > MOST_CHANGES:
        keys = ", ".join(f"{one.op} {one.key}" for one in found[:SHOWN]) or "nothing"
        return f"{len(found)} changes ({keys}), expected {len(expected)}"
    setting = Setting(frozenset(one.key for one in found if one.op == "created"))
    reasons = [[why_not(one, change, setting) for change in found] for one in expected]
    if paired([[why is None for why in row] for row in reasons]):
        return None
    shown = [
        f"{one.op} {one.type}: " + " | ".join(sorted(set(filter(None, row)), key=len)[:2])
        for one, row in zip(expected, reasons, strict=True)
        if None not in row
    ]
    return "; ".join(shown[:SHOWN]) or "two changes are the same one expected"


def paired(fits: list[list[bool]]) -> bool:
    """Whether every row can have a column of its own that fits (augmenting paths)."""
    taken: dict[int, int] = {}

    def settle(row: int, seen: set[int]) -> bool:
        for column, fit in enumerate(fits[row]):
            if fit and column not in seen:
                seen.add(column)
                if column not in taken or settle(taken[column], seen):
                    taken[column] = row
                    return True
        return False

    return all(settle(row, set()) for row in range(len(fits)))


def why_not(expected: ExpectedChange, change: Change, setting: Setting) -> str | None:
    """Why a change is not the expected one; None where it is."""
    kind, _, id_ = change.key.partition("/")
    if (change.op, kind) != (expected.op, expected.type) or expected.id not in (None, id_):
        return f"{change.op} {change.key}"
    if expected.op == "deleted":
        return None
    covered = list(expected.free)
    for element in expected.elements:
        group: tuple[Plain, ...] | None
        if isinstance(element, EitherElement):
            group = element.chosen(change.after, setting)
            if group is None:
                return "none of the alternatives: " + alternatives(element)
        else:
            group = (element,)
        for one in group:
            why = one.met(change.after, setting)
            if why is not None:
                return why
            covered += [bare_path(one.path)] if one.kind != "count" else []
    return uncovered(change, covered)


def alternatives(element: EitherElement) -> str:
    """The paths of alternatives."""
    return ", or ".join("+".join(one.path for one in group) for group in element.options)


def uncovered(change: Change, covered: list[str]) -> str | None:
    """What stands in a resource, or changed in it, beyond the paths that are covered."""
    before = sorted_leaves(change.before)
    after = sorted_leaves(change.after)
    for path in sorted({*before, *after}):
        if before.get(path) == after.get(path) or path in ("resourceType", "id"):
            continue
        if not any(path == one or path.startswith(f"{one}.") for one in covered):
            return f"{path}: {after.get(path)}, expected {before.get(path, 'nothing')}"
    return None


def sorted_leaves(document: JsonValue) -> dict[str, list[str]]:
    """The plain values of a document by path, in its order."""
    found: dict[str, list[str]] = {}
    for path, value in leaves(document) if document is not None else ():
        found.setdefault(path, []).append(json.dumps(value))
    return found


def faults_of(change: ExpectedChange, place: tuple[str | int, ...]) -> Iterator[Fault]:
    """What is wrong with an expected change by itself."""
    if (change.op == "created") is (change.id is not None):
        message = f"{change.op}, but id is {change.id!r}"
        yield Fault((*place, "id"), message, "need an id, but none where it is created")
    if change.op != "deleted" and not change.elements:
        yield Fault((*place, "elements"), "none", "need what it has to have")
    for number, element in enumerate(change.elements):
        groups = element.options if isinstance(element, EitherElement) else ((element,),)
        for one in (one for group in groups for one in group):
            try:
                steps(one.path)
            except ValueError as error:
                yield Fault((*place, "elements", number, "path"), str(error), "need such a path")
