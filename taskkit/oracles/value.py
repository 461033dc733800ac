"""What the kinds share that compare one JSON value with an expected one."""

from __future__ import annotations

import hashlib
import json
from abc import abstractmethod
from collections.abc import Iterator
from typing import TypeVar

from pydantic import JsonValue

from taskkit.oracles.document import MalformedError, parse
from taskkit.oracles.evidence import Evidence, Origin
from taskkit.oracles.kind import Asked, Fault, Judge
from taskkit.oracles.rows import from_rows
from taskkit.oracles.verdict import Verdict
from taskkit.spec.answer import (
    AnswerSpec,
    CollectionAnswer,
    DateAnswer,
    NumberAnswer,
    ScalarAnswer,
    TableAnswer,
    counts_repeats,
)
from taskkit.spec.fit import MisfitError, fits, normal
from taskkit.spec.oracle import ValueOracle

ValueT = TypeVar("ValueT", bound=ValueOracle)


class ValueJudge(Judge[ValueT]):
    """Compares a value with `oracle.expected`."""

    @abstractmethod
    def compare(self, answer: AnswerSpec, oracle: ValueT, value: JsonValue) -> Verdict:
        """Judge a value that a program left.

        Raises:
            SpecError: the oracle is none for the answer's type.
        """

    def judge(self, asked: Asked, evidence: Evidence) -> Verdict:
        """Judge the answer document."""
        if evidence.document is None:
            return Verdict("missing", "no answer was left")
        try:
            value = parse(evidence.document)
            if abstains(value):
                return refused_abstention(asked)
            value = unwrapped(asked.answer, value, evidence.origin)
        except MalformedError as error:
            return Verdict("malformed", str(error))
        except MisfitError as error:
            return Verdict("wrong_type", str(error))
        return self.compare(asked.answer, asked.oracle, value)

    def expected(self, asked: Asked) -> JsonValue:
        """Give the expected value."""
        value: JsonValue = asked.oracle.expected
        return value

    def digest(self, asked: Asked, evidence: Evidence) -> str:
        """Digest the value in its normal form; order counts only where the answer's does.

        A document that has no such value is digested as it is.
        """
        document = evidence.document or b""
        try:
            value = unwrapped(asked.answer, parse(document), evidence.origin)
            made: object = normal(asked.answer, value)
        except (MalformedError, MisfitError):
            return super().digest(asked, evidence)
        if isinstance(made, list):
            items = [json.dumps(item) for item in made]
            made = items if ordered(asked.answer) else sorted(items)
            if not counts_repeats(asked.answer):
                made = sorted(set(items))
        return hashlib.sha256(json.dumps(made).encode()).hexdigest()

    def faults(self, asked: Asked) -> Iterator[Fault]:
        """Check that the expected value has the type, and that the type says nothing more."""
        why = fits(asked.answer, asked.oracle.expected)
        if why is not None:
            remedy = f"need a value of the answer's type, {asked.answer.kind}"
            yield Fault(("oracle", "expected"), why, remedy)
        yield from self.lenient(asked)

    def lenient(self, asked: Asked) -> Iterator[Fault]:
        """Check that no other unit or form is accepted which this kind takes no notice of."""
        for item in scalars(asked.answer):
            if isinstance(item, NumberAnswer) and item.units:
                message = "other units, which only the oracle `numeric` of a single number minds"
                yield Fault(("answer",), message, "take them out, or name that oracle")
                break
        for item in scalars(asked.answer):
            if isinstance(item, DateAnswer) and item.also:
                message = "other forms, which only the oracle `date` of a single date minds"
                yield Fault(("answer",), message, "take them out, or name that oracle")


def unwrapped(answer: AnswerSpec, value: JsonValue, origin: Origin) -> JsonValue:
    """Give the answer itself where a query or a data frame left its rows."""
    if origin == "sql":
        return from_rows(answer, value, booleans=True)
    if isinstance(value, dict) and value.keys() == {"columns", "rows"}:
        return from_rows(answer, value, booleans=False)
    return value


def abstains(value: JsonValue) -> bool:
    """Say whether a value is `{"abstain": true}`, no more and no less."""
    return isinstance(value, dict) and len(value) == 1 and value.get("abstain") is True


def refused_abstention(asked: Asked) -> Verdict:
    """Judge the answer that there is none, where there is one."""
    if asked.abstention:
        return Verdict("wrong", "abstained, but the data give an answer")
    return Verdict("wrong_type", "abstained where the task does not allow it")


def ordered(answer: AnswerSpec) -> bool:
    """Say whether the order of an answer's values counts."""
    return answer.ordered if isinstance(answer, TableAnswer) else answer.kind == "list"


def scalars(answer: AnswerSpec) -> Iterator[AnswerSpec | ScalarAnswer]:
    """Give the scalar types in an answer."""
    if isinstance(answer, CollectionAnswer):
        yield answer.item
    elif isinstance(answer, TableAnswer):
        yield from (column.type for column in answer.columns or ())
    else:
        yield answer
