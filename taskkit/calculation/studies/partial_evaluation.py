"""Partial evaluation: what a program does for one design, without what others would need."""

from __future__ import annotations

import ast
from collections.abc import Collection, Mapping
from typing import Any

ARITHMETIC = {ast.Add: int.__add__, ast.Sub: int.__sub__, ast.Mult: int.__mul__}
NEUTRAL: Mapping[type[ast.operator], tuple[int | None, int | None]] = {
    ast.Add: (0, 0),
    ast.Sub: (None, 0),
    ast.Mult: (1, 1),
    ast.Div: (None, 1),
    ast.Pow: (None, 1),
}
"""By operator: what leaves the other side as it is, on its left and on its right."""


def folded(code: str, known: Mapping[str, Any], whole: Collection[str] = ()) -> str:
    """Give the program that is left when some of its names have known values.

    Branches on what is known are decided, arithmetic of known whole numbers is done, and imports
    that nothing uses any more go. It gives what ``code`` gives.

    Args:
        code: Defines and uses names; assigns none of ``known``.
        known: Numbers and texts stand in place of their names; of lists, the lengths are known.
        whole: Names of whole numbers, which need no rounding.
    """
    tree = _Folder(known, whole).visit(ast.parse(code))
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    tree.body = [
        one
        for one in tree.body
        if not isinstance(one, ast.Import | ast.ImportFrom)
        or any((alias.asname or alias.name) in used for alias in one.names)
    ]
    return "".join(map(_written, ast.fix_missing_locations(tree).body))


def _written(statement: ast.stmt) -> str:
    """Write a statement of a module, a function with two lines before and after it."""
    code = f"{ast.unparse(statement)}\n"
    return f"\n\n{code}\n\n" if isinstance(statement, ast.FunctionDef) else code


class _Folder(ast.NodeTransformer):
    def __init__(self, known: Mapping[str, Any], whole: Collection[str]) -> None:
        self._known, self._whole = known, whole

    def visit_Name(self, node: ast.Name) -> ast.expr:
        value = self._known.get(node.id)
        return ast.Constant(value) if isinstance(value, int | float | str) else node

    def visit_Call(self, node: ast.Call) -> ast.expr:
        """Count what is known; a whole number needs no rounding."""
        self.generic_visit(node)
        called = ast.unparse(node.func)
        if called == "len" and (value := self._value(node.args[0])) is not None:
            return ast.Constant(len(value))
        if called in ("math.ceil", "math.floor") and self._is_whole(node.args[0]):
            return node.args[0]
        return node

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        """Do arithmetic of whole numbers; leave out what changes nothing."""
        self.generic_visit(node)
        left, right = (one.value if isinstance(one, ast.Constant) else None for one in _sides(node))
        kind = type(node.op)
        if isinstance(left, int) and isinstance(right, int) and kind in ARITHMETIC:
            return ast.Constant(ARITHMETIC[kind](left, right))
        on_left, on_right = NEUTRAL.get(kind, (None, None))
        if left is not None and left == on_left:
            return node.right
        if right is not None and right == on_right:
            return node.left
        return node

    def visit_Compare(self, node: ast.Compare) -> ast.expr:
        """Decide whether two known values are equal."""
        self.generic_visit(node)
        match node:
            case ast.Compare(
                left=ast.Constant(value=one), ops=[op], comparators=[ast.Constant(value=other)]
            ) if isinstance(op, ast.Eq | ast.NotEq):
                return ast.Constant((one == other) == isinstance(op, ast.Eq))
        return node

    def visit_IfExp(self, node: ast.IfExp) -> ast.expr:
        """Take the side that is met."""
        self.generic_visit(node)
        if isinstance(node.test, ast.Constant):
            return node.body if node.test.value else node.orelse
        return node

    def visit_If(self, node: ast.If) -> ast.stmt | list[ast.stmt]:
        """Take the branch that is met."""
        self.generic_visit(node)
        if isinstance(node.test, ast.Constant):
            return node.body if node.test.value else node.orelse
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.stmt:
        """End a function where it returns."""
        self.generic_visit(node)
        ends = [at for at, one in enumerate(node.body, 1) if isinstance(one, ast.Return)]
        node.body = node.body[: ends[0]] if ends else node.body
        return node

    def _value(self, node: ast.expr) -> Any:
        """Give the list that a name, or a row of it, stands for; None where it is not known."""
        if isinstance(node, ast.Name):
            return self._known.get(node.id)
        if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
            of = self._value(node.value)
            return None if of is None else of[node.slice.value]
        return None

    def _is_whole(self, node: ast.expr) -> bool:
        if isinstance(node, ast.BinOp):
            return type(node.op) in ARITHMETIC and all(map(self._is_whole, _sides(node)))
        if isinstance(node, ast.Constant):
            return isinstance(node.value, int)
        return isinstance(node, ast.Name) and node.id in self._whole


def _sides(node: ast.BinOp) -> tuple[ast.expr, ast.expr]:
    return node.left, node.right
