"""Run published programs where they will be judged, and tell why one can be no task."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from taskkit.build.draft import Desk
from taskkit.build.rejection import Rejection
from taskkit.code.published import Row, Unreadable, dedented, defined_again, stubs
from taskkit.errors import SourceError
from taskkit.oracles.cases import CasesOracle, Context, spliced
from taskkit.oracles.comparison import numbers
from taskkit.oracles.evidence import Ran, Runner
from taskkit.play.bench import Bench
from taskkit.play.stage import Stage
from taskkit.sandbox.choose import choose
from taskkit.sandbox.conditions import Conditions
from taskkit.sandbox.namespace import Namespace
from taskkit.spec.answer import CodeAnswer
from taskkit.spec.environment import Environment, Limits
from taskkit.spec.task import TaskSpec

IMAGE = "bio"
SEEDS = (0, 1, 2, 3, 4)  # of hashes; what is printed must not depend on them
PROGRAM_S = 60.0  # the slowest program of the file takes 4 s on two cores
FORM = "answer = {source!r}\n"
ASKED = (
    "It is put, as it is, in its place in a module that is not shown, and the module is run; what "
    "it prints must be right. The module has: {names}."
)
PROBE = Environment(image=IMAGE, limits=Limits(wall_s=PROGRAM_S, cpu_s=PROGRAM_S))


@dataclass(frozen=True)
class Rooms:
    """Sandboxes of the image, each with another hash seed."""

    runners: Sequence[Runner]

    def run(self, code: str, seed: int = 0) -> Ran:
        """Run a program; its output is all that is looked at."""
        return self.runners[seed](code, collect=False, wall_s=PROGRAM_S, output_kib=1024)


def proved(rows: Sequence[Row | Unreadable], desk: Desk) -> Iterator[TaskSpec | Rejection]:
    """Give the task of each row, or why there is none.

    Raises:
        MissingError: this machine has no sandbox, or not the image's packages.
        SandboxError: the sandbox failed.
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        usual = choose("auto")
        several = [Namespace(Conditions(hash_seed=seed)) for seed in SEEDS]
        backends = several if usual.name == Namespace.name else [usual] * len(SEEDS)
        stages = [
            stack.enter_context(Stage(one, _no_asset, lambda _: "", folder, max_workers=1))
            for one in backends
        ]
        rooms = Rooms([Bench(PROBE, _no_asset, one).evidence(None).run for one in stages])
        for row in rows:
            yield judged(row, rooms, desk)


def judged(row: Row | Unreadable, rooms: Rooms, desk: Desk) -> TaskSpec | Rejection:
    """Run a row's program as it should be and with trivial bodies."""
    if isinstance(row, Unreadable):
        return Rejection(row.name, row.code, row.detail)
    if row.function is None:
        return Rejection(row.name, "malformed_record", "the solution is no Python")
    if defined_again(row):
        detail = f"the context defines {row.function} itself"
        return Rejection(row.name, "defined_in_context", detail)
    source = dedented(row.solution)
    program = spliced(row.context, source)
    first = rooms.run(program)
    if first.status != "ok":
        last = first.stderr.strip().splitlines()[-1:] or [first.status]
        return Rejection(row.name, "program_fails", last[0][:200])
    if not first.stdout.strip():
        return Rejection(row.name, "prints_nothing", "the program prints nothing")
    for seed in SEEDS[1:]:
        other = rooms.run(program, seed)
        if other.status != "ok" or not numbers(first.stdout, other.stdout):
            return Rejection(
                row.name, "unstable", f"it prints something else with hash seed {seed}"
            )
    for stub in stubs(row):
        ran = rooms.run(spliced(row.context, stub))
        if ran.status == "ok" and numbers(first.stdout, ran.stdout):
            body = stub.strip().splitlines()[-1:] or ["nothing"]
            detail = f"it prints the same with {body[0].strip()!r} as the body"
            return Rejection(row.name, "passes_trivially", detail)
    return task(row, row.function, source, first.stdout, desk)


def task(row: Row, function: str, source: str, stdout: str, desk: Desk) -> TaskSpec:
    """Make the task of a row that holds."""
    context = Context(program=row.context, stdout=stdout)
    oracle = CasesOracle(kind="cases", contexts=(context,), compare="numbers", call_s=PROGRAM_S)
    names = ", ".join(offered(row)) or "nothing that it needs"
    return desk.draft(
        f"{row.problem} {ASKED.format(names=names)}",
        CodeAnswer(kind="code", function=function),
        oracle,
        FORM.format(source=source),
        category="program",
        record=row.name,
        content={"problem": row.problem, "solution": row.solution, "context": row.context},
        environment=PROBE,
    )


def offered(row: Row) -> list[str]:
    """Give what the module imports and defines, but for its main part, as lines of code."""
    import ast

    made = []
    for statement in ast.parse(spliced(row.context, "pass")).body:
        if isinstance(statement, ast.Import | ast.ImportFrom):
            made.append(f"`{ast.unparse(statement)}`")
        elif isinstance(statement, ast.FunctionDef) and statement.name != "main":
            made.append(f"`def {statement.name}({ast.unparse(statement.args)})`")
        elif isinstance(statement, ast.ClassDef):
            methods = [one.name for one in statement.body if isinstance(one, ast.FunctionDef)]
            made.append(f"`class {statement.name}` with {', '.join(methods) or 'no methods'}")
    return made


def _no_asset(sha256: str) -> Path:
    raise SourceError(f"asset {sha256}: these programs read none")
