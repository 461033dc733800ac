"""Published questions as tasks: their programs run in the sandbox, their assertions as values."""

from __future__ import annotations

import ast
import json
import re
from dataclasses import dataclass
from typing import Literal

from pydantic import JsonValue

from taskkit.analysis.assertion import Claim, Test, read_test
from taskkit.analysis.record import Record
from taskkit.oracles.values import NamedValue, ValuesOracle
from taskkit.sandbox.protocol import Program as SandboxProgram
from taskkit.sandbox.protocol import Session
from taskkit.spec.answer import (
    BooleanAnswer,
    CollectionAnswer,
    IntegerAnswer,
    Member,
    NumberAnswer,
    ObjectAnswer,
    StringAnswer,
    TableAnswer,
)
from taskkit.spec.environment import Limits

ValueAnswer = (
    IntegerAnswer | NumberAnswer | StringAnswer | BooleanAnswer | CollectionAnswer | TableAnswer
)
PLOTTING = ("seaborn", "PyComplexHeatmap", "plotly", "ridgeplot")
"""Packages that only draw, which the image lacks; figures are judged by what they draw."""
FOLDER = re.compile(r"(?:\./|/)?workdir/?")
MAX_ROWS = 400  # of a table that an agent can be asked for
LIMITS = Limits(wall_s=60.0, cpu_s=60.0, memory_mib=2048)
NO_EVENTS = (
    "As its publisher does, count every patient as having had the event: no column of events is"
    " given to the estimate or test."
)
ANSWER = """
def _plain(value):
    if hasattr(value, "reset_index"):
        value = value.to_frame() if hasattr(value, "to_frame") else value
        named = any(name is not None for name in value.index.names)
        kept = value.reset_index() if named or value.index.dtype == object else value
        return [[_plain(cell) for cell in row] for row in kept.to_numpy().tolist()]
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, dict):
        return [[_plain(key), _plain(item)] for key, item in value.items()]
    if isinstance(value, (set, frozenset)):
        return sorted(map(_plain, value))
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, float) and value != value:
        return None
    return value if isinstance(value, (bool, int, float, str)) or value is None else str(value)


"""
"""Brings values of pandas and numpy into JSON."""


class DisputedError(ValueError):
    """A reference that does not keep to its own assertions."""

    def __init__(self, message: str, evidence: dict[str, JsonValue]) -> None:
        """Keep what was computed."""
        super().__init__(message)
        self.evidence = evidence


@dataclass(frozen=True)
class Solved:
    """A published question with all that a task needs."""

    text: str
    answer: ObjectAnswer
    oracle: ValuesOracle
    code: str


def solve_record(record: Record, session: Session) -> Solved:
    """Run a published reference, see that its assertions hold, and name the values.

    Raises:
        SyntaxError: the reference or its assertions are no Python.
        DisputedError: an assertion does not hold.
        ValueError: the reference does not run, or no assertion is about a value.
        SandboxError: the sandbox failed.
    """
    row = record.row
    source = f"{row.code_histories or ''}\n{row.reference_answer}"
    test = read_test(row.test_cases, source)
    if not test.claims:
        raise ValueError("no assertion is about a value")
    names = {f"value_{number}": claim for number, claim in enumerate(test.claims, 1)}
    body = located(stripped(source), record)
    found = evaluated(f"{body}\n{located(stripped(test.setup), record)}", test, names, session)
    answer = ObjectAnswer(
        kind="object",
        members=tuple(Member(name=n, type=form(found[n], claim)) for n, claim in names.items()),
    )
    values = tuple(
        NamedValue(name=name, expected=found[name], tolerance=claim.tolerance)
        for name, claim in names.items()
    )
    return Solved(
        instruction(record, names, source),
        answer,
        ValuesOracle(kind="values", values=values),
        f"{body}\n{submitted(names, found)}",
    )


def evaluated(
    body: str, test: Test, names: dict[str, Claim], session: Session
) -> dict[str, JsonValue]:
    """Run a reference in the sandbox, and give the values of its claims by name."""
    holds = ", ".join(f"bool({condition})" for condition in test.conditions)
    code = f"{body}\n{ANSWER}answer = [[{holds}], {{{listed(names)}}}]\n"
    outcome = session.run(SandboxProgram("python", code, collect=True), LIMITS)
    if outcome.status != "ok" or outcome.document is None:
        last = (outcome.stderr.strip() or "no answer").splitlines()[-1]
        raise ValueError(f"the reference ends with {outcome.status}: {last[:300]}")
    held, found = json.loads(outcome.document)
    for condition, true in zip(test.conditions, held, strict=True):
        if not true:
            evidence = {names[name].expression: value for name, value in found.items()}
            raise DisputedError(f"the reference breaks `assert {condition}`", evidence)
    return dict(found)


def submitted(names: dict[str, Claim], found: dict[str, JsonValue]) -> str:
    """Write the end of a reference, which brings its values into JSON as plainly as they allow."""
    plain = {name: converted(claim.expression, found[name]) for name, claim in names.items()}
    if any(one is None for one in plain.values()):
        return f"{ANSWER}answer = {{{listed(names)}}}\n"
    items = "".join(f'    "{name}": {one},\n' for name, one in plain.items())
    return f"answer = {{\n{items}}}\n"


def converted(expression: str, value: JsonValue) -> str | None:
    """Write a value of numpy as one of Python; None where that takes more than a call."""
    for kind in (bool, int, float, str):
        if type(value) is kind:
            return f"{kind.__name__}({expression})"
    if isinstance(value, list) and all(type(item) is int for item in value):
        return f"[int(one) for one in {expression}]"
    return None


def listed(names: dict[str, Claim]) -> str:
    """Write the values of claims as the items of a mapping."""
    return ", ".join(f'"{name}": _plain({claim.expression})' for name, claim in names.items())


def stripped(code: str) -> str:
    """Take out what draws with packages that the image lacks, and what only shows.

    Raises:
        SyntaxError: it is no Python.
    """
    tree = ast.parse(code)
    absent: set[str] = set()
    kept: list[ast.stmt] = []
    for node in tree.body:
        imported = imports(node)
        if imported and imported[0].partition(".")[0] in PLOTTING:
            absent |= set(imported[1:])
            continue
        if isinstance(node, ast.Expr | ast.Assign) and called(node) & absent:
            continue
        kept.append(node)
    return ast.unparse(ast.Module(body=kept, type_ignores=[]))


def imports(node: ast.stmt) -> list[str]:
    """Give the package of an import, then the names that it binds; nothing where it is none."""
    if isinstance(node, ast.Import) and len(node.names) == 1:
        name = node.names[0]
        return [name.name, name.asname or name.name.partition(".")[0]]
    if isinstance(node, ast.ImportFrom) and node.module:
        return [node.module, *(name.asname or name.name for name in node.names)]
    return []


def called(node: ast.stmt) -> set[str]:
    """Give the names that the calls of a statement begin with."""
    calls = [part.func for part in ast.walk(node) if isinstance(part, ast.Call)]
    return {name.id for call in calls for name in ast.walk(call) if isinstance(name, ast.Name)}


def located(code: str, record: Record) -> str:
    """Let a program read the tables where the agent finds them."""
    changed = FOLDER.sub("/data/", code)
    for name in record.tables:
        changed = re.sub(rf"(?<!\w){re.escape(name)}", record.asset(name), changed)
    return changed


def form(value: JsonValue, claim: Claim) -> ValueAnswer:
    """Give the type of a value as it was computed.

    Raises:
        ValueError: it is missing, or has more rows than can be asked for.
    """
    if isinstance(value, bool):
        return BooleanAnswer(kind="boolean")
    if isinstance(value, int) and claim.tolerance.absolute == 0:
        return IntegerAnswer(kind="integer")
    if isinstance(value, int | float):
        return NumberAnswer(kind="number")
    if isinstance(value, str):
        return StringAnswer(kind="string")
    if not isinstance(value, list) or not value:
        raise ValueError(f"{claim.expression} has no value")
    if len(value) > MAX_ROWS:
        raise ValueError(f"{claim.expression} has {len(value)} rows: {MAX_ROWS} can be asked for")
    if all(isinstance(item, list) for item in value):
        return TableAnswer(kind="table")
    kind: Literal["set", "list"] = "set" if claim.expression.startswith("set(") else "list"
    if all(isinstance(item, int) and not isinstance(item, bool) for item in value):
        return CollectionAnswer(kind=kind, item=IntegerAnswer(kind="integer"))
    if all(isinstance(item, int | float) for item in value):
        return CollectionAnswer(kind=kind, item=NumberAnswer(kind="number"))
    if all(isinstance(item, str) for item in value):
        return CollectionAnswer(kind=kind, item=StringAnswer(kind="string"))
    raise ValueError(f"{claim.expression} has values of several types")


def instruction(record: Record, names: dict[str, Claim], source: str) -> str:
    """Write what is asked: the publisher's question, its tables, and the values to give."""
    files = ", ".join(f"{name} is /data/{record.asset(name)}" for name in record.tables)
    values = "\n".join(
        f"- {name}: {claim.about or f'`{claim.expression}`'}" for name, claim in names.items()
    )
    parts = [
        record.row.queries.strip(),
        f"The tables of the study: {files}.",
        *([NO_EVENTS] if eventless(source) else []),
        "Give these values of the variables that are asked for; a table or mapping as rows, with"
        f" a named index first:\n{values}",
    ]
    return "\n\n".join(parts)


def eventless(source: str) -> bool:
    """Say whether survival is estimated or compared without events, which no question says."""
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    curves = "KaplanMeierFitter" in source
    for call in calls:
        words = {word.arg or "" for word in call.keywords}
        name = ast.unparse(call.func)
        fitted = name.endswith(".fit") and curves and len(call.args) < 2
        tested = name.endswith("logrank_test") and len(call.args) < 3
        if (fitted or tested) and not any(word.startswith("event") for word in words):
            return True
    return False
