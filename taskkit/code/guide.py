"""What `debugging` knows of a function that a task asks for: its own lines, and the calls shown."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Sequence

from taskkit.code.wording import example
from taskkit.oracles.cases import Call, CasesOracle
from taskkit.play.guide import Failure, Guide, Surroundings

FRAME = re.compile(r'File "<(?:string|submission|unknown)>", line (\d+)')
"""A frame of source that a program ran with `exec`."""


class CodeGuide(Guide):
    """Looks at the source in a program; it runs nothing, and knows no hidden call."""

    def __init__(self, function: str, shown: Sequence[Call]) -> None:
        """Explain a function by the calls that its task shows."""
        self._function, self._shown = function, shown

    def remarks(self, failure: Failure) -> list[str]:
        """Say what is wrong with the source, even if the program that holds it ended well."""
        source = handed_in(failure.code)
        if source is None:
            return []
        try:
            tree = ast.parse(source)
        except SyntaxError as error:
            line = (error.text or "").strip()
            return [f"The source is no valid Python: line {error.lineno}: {line}: {error.msg}."]
        except (ValueError, RecursionError, MemoryError):
            return ["The source is no valid Python."]
        return [*self._at_fault(failure, source), *self._of_function(tree, failure)]

    def _at_fault(self, failure: Failure, source: str) -> list[str]:
        """Show the line of the source where a traceback ends, if it was run from a text."""
        frames, lines = FRAME.findall(failure.error), source.splitlines()
        if not frames or not 1 <= int(frames[-1]) <= len(lines):
            return []
        number = int(frames[-1])
        return [f"In the source, line {number}: {lines[number - 1].strip()[:200]}"]

    def _of_function(self, tree: ast.Module, failure: Failure) -> list[str]:
        defined = {one.name: one for one in tree.body if isinstance(one, ast.FunctionDef)}
        one = defined.get(self._function)
        if one is None:
            if self._function in assigned(tree):
                return []
            names = ", ".join(defined) or "no function"
            return [f"The source defines {names}; the task asks for {self._function}."]
        said = []
        if not any(isinstance(node, ast.Return | ast.Yield) for node in ast.walk(one)):
            said.append(f"{self._function} has no `return`: its result is None.")
        for call in self._shown[:1]:
            count = len(json.loads(call.arguments))
            if not takes(one, count):
                many = f"{count} argument{'s' * (count != 1)}"
                said.append(f"{self._function} is called with {many}, by position.")
        if said or failure.error.strip():
            said += [f"The task shows: {example(self._function, call)}" for call in self._shown]
        return said


class CodeMaker:
    """Makes the guide of a task that asks for a function."""

    per_episode = True

    def make(self, surroundings: Surroundings) -> Guide | None:
        """Make a guide; None where no function is asked for."""
        oracle = surroundings.spec.oracle
        if not isinstance(oracle, CasesOracle) or oracle.function is None:
            return None
        return CodeGuide(oracle.function, oracle.visible)


CODE = CodeMaker()


def handed_in(code: str) -> str | None:
    """Give the source that a program hands in: the text in `answer`, else the program itself."""
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    for statement in reversed(tree.body):
        match statement:
            case ast.Assign(targets=[ast.Name("answer")], value=ast.Constant(str(source))):
                return source
    texts = [
        statement.value.value
        for statement in tree.body
        if isinstance(statement, ast.Assign)
        and isinstance(statement.value, ast.Constant)
        and isinstance(statement.value.value, str)
        and "def " in statement.value.value
    ]
    defines = any(isinstance(one, ast.FunctionDef) for one in tree.body)
    return texts[-1] if texts else code if defines else None


def assigned(tree: ast.Module) -> set[str]:
    """Give the names that a module gives values to, otherwise than by a function."""
    return {
        node.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    } | {alias.asname or alias.name for one in tree.body
         if isinstance(one, ast.Import | ast.ImportFrom) for alias in one.names}  # fmt: skip


def takes(function: ast.FunctionDef, count: int) -> bool:
    """Whether a function can be called with so many arguments by position."""
    known = function.args
    most = len(known.posonlyargs) + len(known.args)
    needed = most - len(known.defaults)
    return needed <= count and (count <= most or known.vararg is not None)
