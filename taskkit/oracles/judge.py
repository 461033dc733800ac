"""Judge an answer document by the oracle of its task."""

from __future__ import annotations

import hashlib
import json
from typing import Literal

from pydantic import JsonValue

from taskkit.oracles import exact, moment, numeric
from taskkit.oracles.document import MalformedError, parse
from taskkit.oracles.rows import from_rows
from taskkit.oracles.verdict import Verdict
from taskkit.spec.answer import AnswerSpec, TableAnswer
from taskkit.spec.fit import MisfitError, normal
from taskkit.spec.oracle import AbstainOracle, DateOracle, NumericOracle, ValueOracle
from taskkit.spec.task import TaskSpec, Turn

Origin = Literal["sql", "python", "shell"]
"""What left the document; a SQL query leaves its rows, the others the answer itself."""


def judge(spec: TaskSpec | Turn, document: bytes | None, *, origin: Origin) -> Verdict:
    """Say whether the document is the right answer to a task, or to one turn of a dialogue.

    Args:
        document: JSON text from an untrusted program; None where it left none.

    Raises:
        SpecError: the task's own expected value does not have its answer's type.
    """
    if document is None:
        return Verdict("missing", "no answer was left")
    try:
        value = parse(document)
        if abstains(value):
            return judge_abstention(spec)
        if isinstance(spec.oracle, AbstainOracle):
            return Verdict("wrong", "an answer where the data give none")
        value = plain(spec.answer, value, origin)
    except MalformedError as error:
        return Verdict("malformed", str(error))
    except MisfitError as error:
        return Verdict("wrong_type", str(error))
    return compare(spec.answer, spec.oracle, value)


def compare(answer: AnswerSpec, oracle: ValueOracle, value: JsonValue) -> Verdict:
    """Judge a value against the expected one.

    Raises:
        SpecError: the oracle is none for the answer's type.
    """
    if isinstance(oracle, NumericOracle):
        return numeric.compare(answer, oracle, value)
    if isinstance(oracle, DateOracle):
        return moment.compare(answer, oracle, value)
    return exact.compare(answer, oracle, value)


def plain(answer: AnswerSpec, value: JsonValue, origin: Origin) -> JsonValue:
    """Give the answer itself where a query or a data frame left its rows."""
    if origin == "sql":
        return from_rows(answer, value, booleans=True)
    if isinstance(value, dict) and value.keys() == {"columns", "rows"}:
        return from_rows(answer, value, booleans=False)
    return value


def abstains(value: JsonValue) -> bool:
    """Say whether a value is `{"abstain": true}`, no more and no less."""
    return isinstance(value, dict) and len(value) == 1 and value.get("abstain") is True


def judge_abstention(spec: TaskSpec | Turn) -> Verdict:
    """Judge the answer that there is none."""
    if isinstance(spec.oracle, AbstainOracle):
        return Verdict("right", "abstained, as the data give no answer")
    if spec.abstention:
        return Verdict("wrong", "abstained, but the data give an answer")
    return Verdict("wrong_type", "abstained where the task does not allow it")


def digest(answer: AnswerSpec, document: bytes, *, origin: Origin) -> str:
    """Give a SHA-256 that two documents share when they are the same answer.

    Order counts only where the answer's does. A document that has no such value is digested
    as it is.
    """
    try:
        value = parse(document)
        made: object = normal(answer, plain(answer, value, origin))
    except (MalformedError, MisfitError):
        return hashlib.sha256(document).hexdigest()
    if isinstance(made, list):
        items = [json.dumps(item) for item in made]
        made = items if ordered(answer) else sorted(items)
        if answer.kind == "set":
            made = sorted(set(items))
    return hashlib.sha256(json.dumps(made).encode()).hexdigest()


def ordered(answer: AnswerSpec) -> bool:
    """Say whether the order of an answer's values counts."""
    return answer.ordered if isinstance(answer, TableAnswer) else answer.kind == "list"
