"""Compare named values, each with its own type and tolerance."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import ClassVar, Literal, Self

from pydantic import Field, JsonValue, model_validator

from taskkit.errors import SpecError
from taskkit.oracles.document import MalformedError, parse
from taskkit.oracles.evidence import Evidence
from taskkit.oracles.exact import same, shown
from taskkit.oracles.example import Example
from taskkit.oracles.kind import Asked, Case, Fault, Fixtures, Judge
from taskkit.oracles.numeric import amount, other_units
from taskkit.oracles.value import abstains, ordered, refused_abstention, unwrapped
from taskkit.oracles.verdict import Verdict
from taskkit.spec.answer import (
    AnswerSpec,
    CollectionAnswer,
    IntegerAnswer,
    Member,
    NumberAnswer,
    ObjectAnswer,
    StringAnswer,
    TableAnswer,
)
from taskkit.spec.base import Many, Spec
from taskkit.spec.fit import MisfitError, fits, normal
from taskkit.spec.oracle import Oracle, Tolerance

NEUTRAL: Mapping[str, JsonValue] = {
    "integer": 0, "number": 0.0, "string": "", "boolean": False, "date": "2000-01-01 00:00:00",
}  # fmt: skip
"""What stands for a value that a guesser knows nothing of; of the other kinds, an empty list."""


class NamedValue(Spec):
    """What one member of the answer must be."""

    name: str = Field(min_length=1, max_length=80)
    """The member's name."""
    expected: JsonValue
    """Its value as canonical JSON; of a number, in the unit asked for."""
    tolerance: Tolerance = Tolerance()
    """For its numbers, wherever they stand in it; whole numbers must be equal."""


class ValuesOracle(Oracle):
    """Accept an object whose named values are all as expected, each to its own tolerance."""

    kind: Literal["values"]
    values: Many[NamedValue] = Field(min_length=1)
    """The values, in the order of the answer's members."""

    @model_validator(mode="after")
    def _names_differ(self) -> Self:
        names = [value.name for value in self.values]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise ValueError(f"values: {twice!r} stands twice: need each name once")
        return self


class ValuesJudge(Judge[ValuesOracle]):
    """Compares each value by its type; all must be right, and the share of right ones is told."""

    model: ClassVar[type[ValuesOracle]] = ValuesOracle

    def judge(self, asked: Asked, evidence: Evidence) -> Verdict:
        """Judge the answer document."""
        if evidence.document is None:
            return Verdict("missing", "no answer was left")
        types = members(asked.answer)
        try:
            value = parse(evidence.document)
            if abstains(value):
                return refused_abstention(asked)
            given = normal_values(asked.answer, value)
        except MalformedError as error:
            return Verdict("malformed", str(error))
        except MisfitError as error:
            return Verdict("wrong_type", str(error))
        wrong = [
            f"{value.name}: {shown(given[value.name])}, expected {shown(value.expected)}"
            for value in asked.oracle.values
            if not equal(types[value.name], value, given[value.name])
        ]
        if not wrong:
            return Verdict("right", "every value is as expected")
        right = 1 - len(wrong) / len(asked.oracle.values)
        return Verdict("wrong", "; ".join(wrong), partial=right)

    def expected(self, asked: Asked) -> JsonValue:
        """Give the object of the expected values."""
        return {value.name: value.expected for value in asked.oracle.values}

    def expecting(self, asked: Asked, value: JsonValue) -> ValuesOracle | None:
        """Expect other values, numbers to float noise."""
        if not isinstance(value, dict) or fits(asked.answer, value) is not None:
            return None
        names = [named.name for named in asked.oracle.values]
        values = tuple(NamedValue(name=name, expected=value[name]) for name in names)
        return ValuesOracle(kind="values", values=values)

    def digest(self, asked: Asked, evidence: Evidence) -> str:
        """Digest the values in their normal form; order counts where a type says so."""
        try:
            given = normal_values(asked.answer, parse(evidence.document or b""))
        except (MalformedError, MisfitError):
            return super().digest(asked, evidence)
        types = members(asked.answer)
        told = {name: arranged(types[name].type, value) for name, value in given.items()}
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()

    def faults(self, asked: Asked) -> Iterator[Fault]:
        """Check that answer and oracle have the same names, and each value its type."""
        answer = asked.answer
        if not isinstance(answer, ObjectAnswer):
            message = f"values, but the answer is a {answer.kind}"
            yield Fault(("oracle", "kind"), message, "need an object, or `exact`")
            return
        types = members(answer)
        named = [value.name for value in asked.oracle.values]
        for name in sorted(types.keys() ^ set(named)):
            side = "not in the answer" if name in named else "without an expected value"
            yield Fault(("oracle", "values"), f"{name!r} is {side}", "need the same names in both")
        for place, value in enumerate(asked.oracle.values):
            why = misfit(types[value.name], value.expected) if value.name in types else None
            if why is not None:
                at = ("oracle", "values", place, "expected")
                yield Fault(at, why, f"need a value of the type {types[value.name].type.kind}")
        for place, member in enumerate(answer.members):
            if isinstance(member.type, NumberAnswer):
                for fault in other_units(member.type):
                    place_in = ("answer", "members", place, "type", *fault.place[1:])
                    yield Fault(place_in, fault.message, fault.remedy)

    def guesses(self, asked: Asked) -> Iterator[tuple[str, bytes]]:
        """Give an object with no values, one of neutral values, and one of ones."""
        yield "no values", b"{}"
        if isinstance(asked.answer, ObjectAnswer):
            zero = {m.name: NEUTRAL.get(m.type.kind, []) for m in asked.answer.members}
            yield "neutral values", json.dumps(zero).encode()
            one = {
                name: 1 if value == 0 and not isinstance(value, bool) else value
                for name, value in zero.items()
            }
            yield "ones", json.dumps(one).encode()

    def fixtures(self) -> Fixtures:
        """Give a mean with a unit, a count and a set of genes."""
        asked = example()
        full = b'{"mean": 63.04, "count": 12, "genes": ["KRAS", "TP53"]}'
        months = full.replace(b"63.04", b'{"value": 756.48, "unit": "mo"}')
        return Fixtures(
            full=[
                Case(asked, Evidence(full), 1.0),
                Case(asked, Evidence(full.replace(b'"KRAS", "TP53"', b'"TP53", "KRAS"')), 1.0),
                Case(asked, Evidence(full.replace(b"63.04", b"63.0")), 1.0),
                Case(asked, Evidence(months), 1.0),
            ],
            zero=[
                Case(asked, Evidence(full.replace(b"63.04", b"63.2")), 0.0),
                Case(asked, Evidence(full.replace(b"12,", b"13,")), 0.0),
                Case(asked, Evidence(full.replace(b'"KRAS", ', b"")), 0.0),
            ],
            malformed=[
                Case(asked, Evidence(b"{}"), 0.0),
                Case(asked, Evidence(b"[63.04, 12, []]"), 0.0),
                Case(asked, Evidence(full.replace(b"63.04", b"NaN")), 0.0),
                Case(asked, Evidence(full.replace(b'"count"', b'"counts"')), 0.0),
                Case(asked, Evidence(None), 0.0),
            ],
        )  # fmt: skip


def members(answer: AnswerSpec) -> dict[str, Member]:
    """Give the members of an object by name.

    Raises:
        SpecError: the answer is no object.
    """
    if not isinstance(answer, ObjectAnswer):
        raise SpecError(f"oracle: values, but the answer is a {answer.kind}")
    return {member.name: member for member in answer.members}


def normal_values(answer: AnswerSpec, value: JsonValue) -> dict[str, object]:
    """Give the normal form of each value; quantities and data frames are converted before.

    Raises:
        MalformedError: a data frame is none.
        MisfitError: a value is missing, not asked for, or does not have its type.
    """
    types = members(answer)
    if not isinstance(value, dict):
        normal(answer, value)  # which says what it is
    assert isinstance(value, dict)
    given: dict[str, JsonValue] = {}
    for name, one in value.items():
        try:
            given[name] = converted(types[name].type, one) if name in types else one
        except MisfitError as error:
            raise MisfitError(f"{name!r}: {error}") from None
    made = normal(answer, given)
    assert isinstance(made, dict)
    return made


def converted(kind: AnswerSpec, given: JsonValue) -> JsonValue:
    """Give a number in the unit asked for, and a data frame as its rows; others as they are."""
    if isinstance(kind, NumberAnswer) and isinstance(given, dict):
        return amount(kind, given)
    return unwrapped(kind, given, "python") if isinstance(kind, TableAnswer) else given


def equal(member: Member, value: NamedValue, given: object) -> bool:
    """Say whether a normal value is the expected one.

    Raises:
        SpecError: the expected value does not have the member's type.
    """
    if value.expected is None or given is None:
        return value.expected is given
    try:
        wanted = normal(member.type, value.expected)
    except MisfitError as error:
        raise SpecError(f"oracle.values: {value.name!r}: {error}") from None
    return same(member.type, wanted, given, value.tolerance)


def misfit(member: Member, expected: JsonValue) -> str | None:
    """Say why an expected value does not have its member's type; None where it does."""
    return None if expected is None and member.nullable else fits(member.type, expected)


def arranged(kind: AnswerSpec, value: object) -> object:
    """Give a normal value whose items stand in one order where theirs does not count."""
    if not isinstance(value, list) or ordered(kind):
        return value
    items = [json.dumps(item) for item in value]
    return sorted(set(items)) if kind.kind == "set" else sorted(items)


def example() -> Example:
    """Give the question of the fixtures."""
    age = NumberAnswer(kind="number", unit="a", decimals=1, units=("mo",))
    genes = CollectionAnswer(kind="set", item=StringAnswer(kind="string"))
    answer = ObjectAnswer(
        kind="object",
        members=(
            Member(name="mean", type=age),
            Member(name="count", type=IntegerAnswer(kind="integer")),
            Member(name="genes", type=genes),
        ),
    )
    near = Tolerance(absolute=0.05, relative=0.0)
    values = (
        NamedValue(name="mean", expected=63.04, tolerance=near),
        NamedValue(name="count", expected=12),
        NamedValue(name="genes", expected=["KRAS", "TP53"]),
    )
    return Example(answer, ValuesOracle(kind="values", values=values))
