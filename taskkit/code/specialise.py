"""The source of one variant: a family's function with its switches decided."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from importlib import import_module
from types import ModuleType
from typing import Any

from taskkit.code.pruning import pruned

Definition = ast.FunctionDef | ast.Assign | ast.AnnAssign | ast.Import | ast.ImportFrom

OPTION = "option"  # marks a constant that stands for a switch
BANK = "taskkit.code.bank."
"""Modules whose definitions others may use; no reference imports any of them."""


def specialised(function: Callable[..., Any], options: Mapping[str, str], name: str) -> str:
    """Write the function as a module of its own, under another name.

    Branches on the options are decided; helpers, constants and imports that are still used come
    along.

    Args:
        function: Its keyword-only parameters are its switches.
        options: The option of each switch.
        name: What the function is called in the module.
    """
    module = inspect.getmodule(function)
    assert module is not None
    known = _definitions(module)
    first = known[function.__name__]
    assert isinstance(first, ast.FunctionDef)
    made = pruned(_decided(first, options))
    made.name = name
    used = _needed(made, known)
    body = [known[one] for one in known if one in used] + [made]
    tree = ast.Module(body=[*_unique(_imports(body)), *_others(body)], type_ignores=[])
    return "\n".join(_written(one) for one in ast.fix_missing_locations(tree).body).lstrip("\n")


@lru_cache(maxsize=64)
def _definitions(module: ModuleType) -> dict[str, Definition]:
    """Give what a module defines, by name; docstrings and decorators are left out."""
    known: dict[str, Definition] = {}
    for statement in ast.parse(inspect.getsource(module)).body:
        if isinstance(statement, ast.FunctionDef):
            known[statement.name] = _bare(statement)
        elif isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
            known[statement.targets[0].id] = statement
        elif isinstance(statement, ast.ImportFrom) and str(statement.module).startswith(BANK):
            others = _definitions(import_module(str(statement.module)))
            known |= {name: one for name, one in others.items() if name not in known}
        elif isinstance(statement, ast.Import | ast.ImportFrom):
            for alias in statement.names:
                known[(alias.asname or alias.name).partition(".")[0]] = statement
    return known


def _bare(function: ast.FunctionDef) -> ast.FunctionDef:
    function.decorator_list = []
    if ast.get_docstring(function) is not None:
        function.body = function.body[1:]
    return function


def _decided(function: ast.FunctionDef, options: Mapping[str, str]) -> ast.FunctionDef:
    """Give a copy of the function without its switches."""
    [copy] = ast.parse(ast.unparse(function)).body
    assert isinstance(copy, ast.FunctionDef)
    copy.args.kwonlyargs, copy.args.kw_defaults = [], []
    made = _Decider(options).visit(copy)
    assert isinstance(made, ast.FunctionDef)
    return made


def _needed(function: ast.AST, known: Mapping[str, Definition]) -> set[str]:
    """Give the names of all definitions that a function needs."""
    found: set[str] = set()
    left = [function]
    while left:
        for node in ast.walk(left.pop()):
            if isinstance(node, ast.Name) and node.id in known and node.id not in found:
                found.add(node.id)
                left.append(known[node.id])
    return found


def _imports(body: Iterable[ast.AST]) -> list[ast.stmt]:
    return [one for one in body if isinstance(one, ast.Import | ast.ImportFrom)]


def _others(body: Iterable[ast.stmt]) -> list[ast.stmt]:
    return [one for one in body if not isinstance(one, ast.Import | ast.ImportFrom)]


def _unique(statements: Iterable[ast.stmt]) -> list[ast.stmt]:
    return list({ast.unparse(one): one for one in statements}.values())


def _written(statement: ast.stmt) -> str:
    code = ast.unparse(statement) + "\n"
    return f"\n{code}" if isinstance(statement, ast.FunctionDef) else code.rstrip("\n")


class _Decider(ast.NodeTransformer):
    """Takes the branches that the options choose."""

    def __init__(self, options: Mapping[str, str]) -> None:
        self._options = options

    def visit_Name(self, node: ast.Name) -> ast.expr:
        assert isinstance(node.ctx, ast.Load) or node.id not in self._options, node.id
        return ast.Constant(self._options[node.id], OPTION) if node.id in self._options else node

    def visit_Compare(self, node: ast.Compare) -> ast.expr:
        """Decide a comparison of an option with a text, or with several."""
        self.generic_visit(node)
        left, right = node.left, node.comparators[0]
        if not (isinstance(left, ast.Constant) and left.kind == OPTION):
            return node
        if isinstance(node.ops[0], ast.Eq | ast.NotEq) and isinstance(right, ast.Constant):
            return ast.Constant((left.value == right.value) == isinstance(node.ops[0], ast.Eq))
        if isinstance(node.ops[0], ast.In | ast.NotIn) and isinstance(right, ast.Tuple):
            among = left.value in [one.value for one in right.elts if isinstance(one, ast.Constant)]
            return ast.Constant(among == isinstance(node.ops[0], ast.In))
        return node

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.expr:
        """Decide `not`."""
        self.generic_visit(node)
        truth = _truth(node.operand)
        if isinstance(node.op, ast.Not) and truth is not None:
            return ast.Constant(not truth)
        return node

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.expr:
        """Leave out what does not change an `and` or `or`, or decide it."""
        self.generic_visit(node)
        ends = isinstance(node.op, ast.Or)
        left: list[ast.expr] = []
        for one in node.values:
            truth = _truth(one)
            if truth is None:
                left.append(one)
            elif truth == ends:
                left.append(one)
                break
        if not left:
            return ast.Constant(not ends)
        if _truth(left[0]) is not None:
            return left[0]
        return left[0] if len(left) == 1 else ast.BoolOp(node.op, left)

    def visit_IfExp(self, node: ast.IfExp) -> ast.expr:
        """Take the side that is met."""
        self.generic_visit(node)
        truth = _truth(node.test)
        return node if truth is None else node.body if truth else node.orelse

    def visit_If(self, node: ast.If) -> ast.stmt | list[ast.stmt]:
        """Take the branch that is met."""
        node.test = self.visit(node.test)
        truth = _truth(node.test)
        if truth is None:
            node.body = self._block(node.body) or [ast.Pass()]
            node.orelse = self._block(node.orelse)
            return node
        return self._block(node.body if truth else node.orelse)

    def visit_comprehension(self, node: ast.comprehension) -> ast.comprehension:
        """Leave out conditions that always hold."""
        self.generic_visit(node)
        node.ifs = [one for one in node.ifs if _truth(one) is not True]
        return node

    def visit_For(self, node: ast.For) -> ast.stmt:
        """End a loop's body where it leaves it."""
        node.iter = self.visit(node.iter)
        node.body, node.orelse = self._block(node.body) or [ast.Pass()], self._block(node.orelse)
        return node

    def visit_While(self, node: ast.While) -> ast.stmt:
        """End a loop's body where it leaves it."""
        node.test = self.visit(node.test)
        node.body, node.orelse = self._block(node.body) or [ast.Pass()], self._block(node.orelse)
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.stmt:
        """End a function where it returns."""
        node.body = self._block(node.body)
        return node

    def _block(self, statements: list[ast.stmt]) -> list[ast.stmt]:
        made: list[ast.stmt] = []
        for statement in statements:
            found = self.visit(statement)
            made += found if isinstance(found, list) else [found]
            if made and isinstance(made[-1], ast.Return | ast.Continue | ast.Break | ast.Raise):
                break
        return made


def _truth(node: ast.expr) -> bool | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, bool):
        return node.value
    return None
