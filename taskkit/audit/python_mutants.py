"""What can be changed in one place of a Python program."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from taskkit.audit.mutant import Mutant, MutationKind

Slot = tuple[ast.AST, str, int | None]
"""Where a node hangs: its parent, the field, and the number where the field is a list."""
Change = tuple[MutationKind, ast.AST]

OPERATORS: dict[type[ast.AST], type[ast.AST]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.FloorDiv,
    ast.Pow: ast.Mult,
    ast.And: ast.Or,
    ast.Or: ast.And,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}
BOUNDS: dict[type[ast.AST], type[ast.AST]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
}
CALLS = {
    **{"min": "max", "max": "min", "any": "all", "all": "any", "ceil": "floor", "floor": "ceil"},
    **{"sf": "cdf", "cdf": "sf", "isf": "ppf", "ppf": "isf", "exp": "log", "log": "exp"},
}
SHIFT = 0.1  # of a number, in a changed constant; a whole one moves by 1 at least
DIGITS = 12  # of a changed constant
FORMS = 400  # bodies whose mutants stay in memory
KNOWN = {"date", "round", "set"}  # that the values of a task are written with
WIDTH = 1000  # more than the nodes of one value


@dataclass(frozen=True)
class Parted:
    """A program in two parts that run one after the other."""

    head: str
    """Assigns the task's own values: other inputs, another head."""
    body: str
    """What is done with them; all tasks of a kind share it."""

    @property
    def code(self) -> str:
        """The whole program."""
        return self.head + self.body


def part(code: str) -> Parted:
    """Part a program after the assignments of constants at its beginning.

    Raises:
        SyntaxError: it is no Python.
    """
    lines = code.splitlines(keepends=True)
    for statement in ast.parse(code).body:
        if not isinstance(statement, ast.Import | ast.ImportFrom) and not _is_value(statement):
            at = statement.lineno - 1
            return Parted("".join(lines[:at]), "".join(lines[at:]))
    return Parted(code, "")


def mutants(parted: Parted) -> Iterator[tuple[Mutant, Parted]]:
    """Give every mutant of a program, with its parts.

    A number or text that a task gives is no part of the program: where the head converts a value,
    the conversion is changed, never the value.
    """
    for one in _of_body(parted.body):
        made = Parted(parted.head, one.code)
        yield one, made
    for one in _of_head(parted.head):
        yield one, Parted(one.code, parted.body)


def trees(code: str) -> Iterator[ast.Module]:
    """Give every mutant of a program as a tree, which is changed when the next one is taken."""
    tree = ast.parse(code)
    for slot, node in list(_slots(tree)):
        for _, new in changes(node, slot):
            _put(slot, ast.fix_missing_locations(ast.copy_location(new, node)))
            yield tree
            _put(slot, node)


@lru_cache(FORMS)
def _of_body(body: str) -> tuple[Mutant, ...]:
    return tuple(_mutated(ast.parse(body), "program"))


def _of_head(head: str) -> Iterator[Mutant]:
    tree = ast.parse(head)
    values = [one for one in tree.body if isinstance(one, ast.Assign)]
    for number, statement in enumerate(values):
        if any(isinstance(node, ast.BinOp) for node in ast.walk(statement)):
            value = _leftmost(statement)
            form = ast.dump(statement).replace(ast.dump(value), "_", 1)
            place = -WIDTH * (number + 1)
            yield from _mutated(tree, form, under=statement, kept=value, first=place)


def _mutated(
    tree: ast.Module,
    about: str,
    *,
    under: ast.AST | None = None,
    kept: ast.AST | None = None,
    first: int = 0,
) -> Iterator[Mutant]:
    """Change one place after the other, write the program, and change it back."""
    seen: Counter[tuple[str, int]] = Counter()
    for place, (slot, node) in enumerate(list(_slots(under or tree)), first):
        for kind, new in [] if node is kept else changes(node, slot):
            change = f"line {_line(node, slot)}: {_shown(node)} -> {_shown(new)}"
            _put(slot, new)
            code = ast.unparse(ast.fix_missing_locations(tree)) + "\n"
            _put(slot, node)
            yield Mutant(kind, place, seen[kind, place], about, change, code)
            seen[kind, place] += 1


def changes(node: ast.AST, slot: Slot) -> Iterator[Change]:
    """Give what may stand in place of a node."""
    parent, field, number = slot
    if type(node) in OPERATORS:
        yield "operator", OPERATORS[type(node)]()
    elif type(node) in BOUNDS:
        yield "bound", BOUNDS[type(node)]()
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.Not):
        yield "operator", node.operand
    elif isinstance(node, ast.Name) and field == "func" and node.id in CALLS:
        yield "operator", ast.Name(CALLS[node.id], ast.Load())
    elif isinstance(node, ast.Attribute) and field == "func" and node.attr in CALLS:
        yield "operator", ast.Attribute(node.value, CALLS[node.attr], ast.Load())
    elif isinstance(node, ast.Constant) and not _is_digits(parent, number):
        yield from _other_constant(node, parent)
    if (field == "test" and isinstance(parent, ast.If | ast.IfExp)) or field == "ifs":
        assert isinstance(node, ast.expr)
        yield "branch", ast.UnaryOp(ast.Not(), node)


def _other_constant(node: ast.Constant, parent: ast.AST) -> Iterator[Change]:
    """Give another number or truth, or a text that equals no other where it is compared."""
    value = node.value
    if isinstance(value, bool):
        yield "constant", ast.Constant(not value)
    elif isinstance(value, int):
        yield "constant", ast.Constant(value + max(1, round(abs(value) * SHIFT)))
    elif isinstance(value, float):
        yield "constant", ast.Constant(float(f"{value * (1 + SHIFT) or 1.0:.{DIGITS}g}"))
    elif isinstance(value, str) and isinstance(parent, ast.Compare | ast.Set | ast.Dict):
        yield "constant", ast.Constant(f"{value}?")


def _is_digits(parent: ast.AST, number: int | None) -> bool:
    """Whether a constant says how many decimals are kept: no part of what is computed."""
    return (
        isinstance(parent, ast.Call)
        and isinstance(parent.func, ast.Name)
        and parent.func.id == "round"
        and number == 1
    )


def _slots(tree: ast.AST) -> Iterator[tuple[Slot, ast.AST]]:
    for parent in ast.walk(tree):
        for field, value in ast.iter_fields(parent):
            if isinstance(value, ast.AST):
                yield (parent, field, None), value
            elif isinstance(value, list):
                for number, item in enumerate(value):
                    if isinstance(item, ast.AST):
                        yield (parent, field, number), item


def _put(slot: Slot, node: ast.AST) -> None:
    parent, field, number = slot
    if number is None:
        setattr(parent, field, node)
    else:
        getattr(parent, field)[number] = node


def _is_value(statement: ast.stmt) -> bool:
    """Whether a statement gives names to values that depend on no others; a table of weights, which
    is a mapping, is the program's own.
    """
    return isinstance(statement, ast.Assign) and not any(
        isinstance(node, ast.Dict) or (isinstance(node, ast.Name) and node.id not in KNOWN)
        for node in ast.walk(statement.value)
    )


def _leftmost(statement: ast.Assign) -> ast.Constant:
    """Give the constant that is written first: the value as the task has it."""
    found = [node for node in ast.walk(statement.value) if isinstance(node, ast.Constant)]
    return min(found, key=lambda node: (node.lineno, node.col_offset))


def _line(node: ast.AST, slot: Slot) -> int:
    lines = [getattr(one, "lineno", None) for one in (node, slot[0])]
    return next((line for line in lines if line is not None), 0)


def _shown(node: ast.AST) -> str:
    """Write a node; of an operator, its name."""
    if isinstance(node, ast.expr):
        return ast.unparse(ast.fix_missing_locations(node))
    return type(node).__name__
