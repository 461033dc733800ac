"""BioCoder's rows in the gym's form: a function, the program around it, and what is wrong there."""

from __future__ import annotations

import ast
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from taskkit.build.published_file import parse_json, read_text
from taskkit.errors import SourceError
from taskkit.oracles.cases import MARKER, spliced

KEYS = ("idx", "problem", "solution", "context", "signature")
LANGUAGE = "This is in python\n"  # how every problem of the gym's file begins
PASSED = ("pass", "return 0", "return None")
STATED = "cc-by-4.0 (stated on the publisher's hub card; functions under their repositories' own)"


@dataclass(frozen=True)
class Row:
    """One row of the file."""

    name: str
    problem: str
    solution: str
    context: str

    @property
    def function(self) -> str | None:
        """The function or class that the solution defines first; None where it is no Python."""
        try:
            body = ast.parse(dedented(self.solution)).body
        except SyntaxError:
            return None
        kinds = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
        return next((one.name for one in body if isinstance(one, kinds)), None)


@dataclass(frozen=True)
class Unreadable:
    """A row that is none, and why."""

    name: str
    detail: str
    code: str = "malformed_record"


def read_rows(source: Path) -> Iterator[Row | Unreadable]:
    """Read a file of rows, a JSON object a line, or one of the publisher's own.

    Raises:
        SourceError: the file cannot be read, or no line of it is such a row.
    """
    text = read_text(source)
    if source.suffix == ".json":
        yield from _golden(text, source)
        return
    lines = text.split("\n")  # a text may hold other line ends
    made = [_read(line, number) for number, line in enumerate(lines, 1) if line.strip()]
    if not any(isinstance(one, Row) for one in made):
        keys = ", ".join(KEYS)
        raise SourceError(f"{source}: no row of BioCoder in it: need JSON lines with {keys}")
    yield from made


def _golden(text: str, source: Path) -> Iterator[Unreadable]:
    """Read the publisher's columns: solutions alone, which nothing can judge."""
    try:
        held = parse_json(text)
    except json.JSONDecodeError as error:
        raise SourceError(f"{source}:{error.lineno}: not JSON: {error.msg}") from error
    golden = held.get("golden") if isinstance(held, dict) else None
    if not isinstance(golden, dict):
        raise SourceError(f"{source}: no object 'golden': need the publisher's solutions by number")
    for solution in golden.values():
        name = hashlib.sha256(str(solution).encode()).hexdigest()[:16]
        yield Unreadable(
            name, "a solution without its program, its inputs and its task", "no_cases"
        )


def _read(line: str, number: int) -> Row | Unreadable:
    name = f"line {number}"
    try:
        fields = parse_json(line)
    except json.JSONDecodeError as error:
        return Unreadable(name, f"no JSON: {error.msg}")
    if not isinstance(fields, dict) or not all(isinstance(fields.get(key), str) for key in KEYS):
        return Unreadable(name, f"need texts {', '.join(KEYS)}")
    if sum(line.strip() == MARKER for line in fields["context"].splitlines()) != 1:
        return Unreadable(fields["idx"], f"need one line {MARKER} in the context")
    problem = fields["problem"].removeprefix(LANGUAGE).strip()
    return Row(
        fields["idx"], problem, fields["solution"], used(fields["context"], fields["solution"])
    )


def used(context: str, solution: str) -> str:
    """Give a context without the imports that neither it nor the solution uses.

    A context that cannot be parsed is given as it is.
    """
    try:
        names = {
            node.id for node in ast.walk(ast.parse(spliced(context, solution)))
            if isinstance(node, ast.Name)
        }  # fmt: skip
        tree = ast.parse(spliced(context, "pass"))
    except SyntaxError:
        return context
    lines = context.splitlines()
    for statement in tree.body:
        if not isinstance(statement, ast.Import | ast.ImportFrom) or any(
            alias.name == "*" for alias in statement.names
        ):
            continue
        kept = [one for one in statement.names if bound(one, statement) in names]
        if len(kept) == len(statement.names) or statement.lineno != statement.end_lineno:
            continue
        statement.names = kept
        lines[statement.lineno - 1] = ast.unparse(statement) if kept else ""
    return "\n".join(lines) + "\n"


def bound(alias: ast.alias, statement: ast.Import | ast.ImportFrom) -> str:
    """Give the name that an import defines."""
    if alias.asname:
        return alias.asname
    return alias.name.partition(".")[0] if isinstance(statement, ast.Import) else alias.name


def dedented(source: str) -> str:
    """Give source whose first line stands at the left margin."""
    from textwrap import dedent

    return dedent(source).strip("\n") + "\n"


def defined_again(row: Row) -> bool:
    """Whether the context itself defines the function, beside or in place of the solution."""
    if row.function is None:
        return False
    before = _definitions(spliced(row.context, "pass"), row.function)
    after = _definitions(spliced(row.context, row.solution), row.function)
    holders = {holder for holder in before if holder in after}
    placed = after.copy()
    for holder in before:
        placed.remove(holder)
    return bool(holders & set(placed))


def _definitions(program: str, name: str) -> list[str]:
    """Give where a name is defined: the path of the classes around it, once for each definition."""
    try:
        left: list[tuple[ast.AST, str]] = [(ast.parse(program), "")]
    except SyntaxError:
        return []
    found = []
    while left:
        node, path = left.pop()
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef):
                if child.name == name:
                    found.append(path)
                left.append((child, f"{path}.{child.name}"))
            elif isinstance(child, ast.stmt):
                left.append((child, path))
    return found


def stubs(row: Row) -> Iterator[str]:
    """Give bodies that solve nothing, under the solution's own head."""
    yield ""
    tree = ast.parse(dedented(row.solution))
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            arguments = [one.arg for one in node.args.args if one.arg not in ("self", "cls")]
            for body in (*PASSED, *(f"return {one}" for one in arguments[:1])):
                node.body = ast.parse(f"def f():\n    {body}").body[0].body  # type: ignore[attr-defined]
                yield ast.unparse(tree)
            return
