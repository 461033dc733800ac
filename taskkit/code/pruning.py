"""Leave out of a function what it computes and never uses."""

from __future__ import annotations

import ast
from collections.abc import Iterator

GROWING = ("append", "add", "extend", "update", "sort", "reverse")
"""Methods that change what they are called on, and nothing else."""


def pruned(function: ast.FunctionDef) -> ast.FunctionDef:
    """Drop local names that are only ever written, and what was done for them alone."""
    while idle := _idle(function):
        _Pruner(idle).visit(function)
    return function


def _idle(function: ast.FunctionDef) -> set[str]:
    """Give names that no statement reads but those that write them alone."""
    written: set[str] = set()
    read: set[str] = set()
    for statement, within in _statements(function, ()):
        target = _target(statement)
        if target is not None:
            written.add(target)
        for node in _own(statement):
            if isinstance(node, ast.Name) and node.id != target and node.id not in within:
                read.add(node.id)
    return written - read


def _target(statement: ast.stmt) -> str | None:
    """Give the one name that a statement does nothing but write; None where it does more."""
    match statement:
        case ast.FunctionDef(name=name):
            return name
        case ast.Assign(targets=[target]) | ast.AugAssign(target=target):
            return _base(target)
        case ast.AnnAssign(target=target):
            return _base(target)
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=target, attr=attr))):
            return _base(target) if attr in GROWING else None
    return None


def _base(target: ast.expr) -> str | None:
    while isinstance(target, ast.Subscript):
        target = target.value
    return target.id if isinstance(target, ast.Name) else None


def _statements(
    node: ast.AST, within: tuple[str, ...]
) -> Iterator[tuple[ast.stmt, tuple[str, ...]]]:
    """Give every statement below a node, with the names of the functions that it stands in."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.stmt):
            yield child, within
        inner = (*within, child.name) if isinstance(child, ast.FunctionDef) else within
        yield from _statements(child, inner)


def _own(statement: ast.stmt) -> Iterator[ast.AST]:
    """Give the nodes of a statement, without those of statements in it."""
    left: list[ast.AST] = [statement]
    while left:
        node = left.pop()
        for child in ast.iter_child_nodes(node):
            if not isinstance(child, ast.stmt):
                left.append(child)
                yield child


class _Pruner(ast.NodeTransformer):
    def __init__(self, idle: set[str]) -> None:
        self._idle = idle

    def visit(self, node: ast.AST) -> ast.AST | None:
        """Drop what writes idle names, and blocks that are empty then."""
        if isinstance(node, ast.stmt) and _target(node) in self._idle:
            return None
        self.generic_visit(node)
        if isinstance(node, ast.For | ast.While | ast.If | ast.FunctionDef) and not node.body:
            if isinstance(node, ast.If) and node.orelse:
                node.body = [ast.Pass()]
                return node
            return None if not isinstance(node, ast.FunctionDef) else node
        return node
