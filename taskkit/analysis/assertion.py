"""The assertions of a published task, read as named values with their tolerances."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from taskkit.spec.oracle import Tolerance

LOOSE = Tolerance(absolute=0.0, relative=1e-4)  # of a number that is only compared with a bound
FIGURE = "oncoPrintPlotter"
CURVE = "KaplanMeierFitter"
CURVE_VALUES = ("event_observed.sum()", "durations.sum()", "median_survival_time_")
"""What a survival curve is judged by: what it is drawn from, and where it crosses one half."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A value that an assertion is about."""

    expression: str
    """Python over the variables that the task asks for."""
    tolerance: Tolerance = LOOSE
    """For a number."""
    about: str = ""
    """What it is, where the expression is not of variables that the task names."""


@dataclass(frozen=True)
class Test:
    """The assertions of a task."""

    __test__ = False

    setup: str
    """What stands between the assertions."""
    conditions: tuple[str, ...]
    """The assertions themselves, as expressions."""
    claims: tuple[Claim, ...]
    """The values that they are about, each once."""


def read_test(code: str, reference: str) -> Test:
    """Read the assertions of a task.

    Args:
        reference: The publisher's program, which says what a figure draws.

    Raises:
        SyntaxError: either is no Python.
    """
    tree, drawn = ast.parse(code), drawings(ast.parse(reference))
    asserts = [node for node in tree.body if isinstance(node, ast.Assert)]
    setup = [node for node in tree.body if not isinstance(node, ast.Assert | ast.Expr)]
    claims: dict[str, Claim] = {}
    for node in asserts:
        for claim in claims_of(node.test, drawn):
            known = claims.get(claim.expression)
            if known is None or known.tolerance == LOOSE:
                claims[claim.expression] = claim
    return Test(
        "\n".join(map(ast.unparse, setup)),
        tuple(ast.unparse(node.test) for node in asserts if not figure(node.test)),
        tuple(claims.values()),
    )


def figure(test: ast.expr) -> bool:
    """Say whether an assertion is about the object of a figure, which nothing judges here."""
    return "PyComplexHeatmap" in ast.unparse(test)


def drawings(tree: ast.Module) -> dict[str, Claim]:
    """Give, by the variable of a figure, the table that it draws."""
    found: dict[str, Claim] = {}
    for node in tree.body:
        if not (isinstance(node, ast.Assign) and isinstance(node.value, ast.Call)):
            continue
        given = {word.arg: word.value for word in node.value.keywords}
        if (
            ast.unparse(node.value.func).endswith(FIGURE)
            and {"data", "y", "values"} <= given.keys()
        ):
            table, key, values = (ast.unparse(given[name]) for name in ("data", "y", "values"))
            name = ast.unparse(node.targets[0])
            about = f"what `{name}` draws: a row for each {key}, with the sums of {values} over it"
            expression = f"{table}.groupby({key})[{values}].sum()"
            found[name] = Claim(expression, about=about)
    return found


def claims_of(test: ast.expr, drawn: dict[str, Claim]) -> list[Claim]:
    """Give the values that an assertion is about; none where it says nothing of a value."""
    if isinstance(test, ast.BoolOp):
        return claims_of(test.values[0], drawn)
    if isinstance(test, ast.UnaryOp):
        return claims_of(test.operand, drawn)
    if isinstance(test, ast.Attribute) and test.attr == "empty":
        return [Claim(ast.unparse(test.value))]
    if isinstance(test, ast.Call):
        return of_call(test, drawn)
    if isinstance(test, ast.Compare) and len(test.ops) == 1:
        return of_comparison(test, drawn)
    return []


def of_call(test: ast.Call, drawn: dict[str, Claim]) -> list[Claim]:
    """Read `isinstance(x, T)` and `x.equals(y)`."""
    name = ast.unparse(test.func)
    if name == "isinstance":
        what, kind = ast.unparse(test.args[0]), ast.unparse(test.args[1])
        if what in drawn:
            return [drawn[what]]
        if CURVE in kind:
            return [Claim(f"{what}.{value}") for value in CURVE_VALUES]
        return [] if figure(test) else [Claim(what)]
    if isinstance(test.func, ast.Attribute) and test.func.attr == "equals":
        return [Claim(ast.unparse(test.func.value))]
    return []


def of_comparison(test: ast.Compare, drawn: dict[str, Claim]) -> list[Claim]:
    """Read a comparison: a distance from a number, a rounded number, a set, or a value."""
    left, operator, right = test.left, test.ops[0], test.comparators[0]
    if isinstance(operator, ast.In) and isinstance(left, ast.Constant):
        return [Claim(f"list({ast.unparse(right)})")]
    if figure(test) or any(f"{name}." in ast.unparse(test) for name in drawn):
        return []
    if isinstance(left, ast.Call) and isinstance(left.func, ast.Name):
        if left.func.id == "abs" and isinstance(left.args[0], ast.BinOp):
            bound = right.value if isinstance(right, ast.Constant) else None
            if isinstance(bound, int | float):
                near = Tolerance(absolute=float(bound))
                return [Claim(ast.unparse(left.args[0].left), near)]
        if left.func.id == "round" and len(left.args) > 1:
            digits = ast.literal_eval(left.args[1])
            near = Tolerance(absolute=0.5 * 10.0**-digits)
            return [Claim(ast.unparse(left.args[0]), near)]
        if left.func.id == "len" and isinstance(left.args[0], ast.BinOp):
            return [Claim(ast.unparse(left.args[0].left))]
    exact = isinstance(operator, ast.Eq)
    return [Claim(ast.unparse(left), Tolerance() if exact else LOOSE)]
