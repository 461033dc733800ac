"""Rows of BioCoder become programs that are judged where they run, or say why not."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from taskkit.build.draft import Desk
from taskkit.build.origin import Origin
from taskkit.build.rejection import Rejection
from taskkit.code.proving import Rooms, judged
from taskkit.code.published import Row, Unreadable, defined_again, read_rows, stubs, used
from taskkit.errors import SourceError
from taskkit.oracles.cases import CasesOracle, spliced
from taskkit.spec.task import TaskSpec
from tests.ehr.upstream import upstream

CONTEXT = (
    "import os\nimport numpy as np\nfrom math import pi, sqrt\n"
    "class Circle:\n    <<insert solution here>>\n"
    "def main():\n    print(round(Circle().area(2), 3), sqrt(4))\n"
    "if __name__ == '__main__':\n    main()\n"
)
SOLUTION = "def area(self, r):\n    return pi * r ** 2\n"
DESK = Desk("biocoder", "bio", Origin("test", "CC0-1.0", "open", "0" * 64))


@dataclass
class Done:
    status: str
    stdout: str
    stderr: str = ""
    document: bytes | None = None


def rooms(prints: Callable[[str, int], Done]) -> Rooms:
    def runner(seed: int) -> Any:
        return lambda code, **_: prints(code, seed)

    return Rooms([runner(seed) for seed in range(5)])


def row(context: str = CONTEXT, solution: str = SOLUTION) -> Row:
    return Row("r1", "Compute an area.", solution, used(context, solution))


def printing(code: str, seed: int) -> Done:
    """Run it here: these programs are ours."""
    import contextlib
    import io

    out = io.StringIO()
    try:
        with contextlib.redirect_stdout(out):
            exec(compile(code, "program", "exec"), {"__name__": "__main__"})  # noqa: S102
    except Exception as error:
        return Done("error", out.getvalue(), f"Traceback\n{type(error).__name__}: {error}")
    return Done("ok", out.getvalue())


def code_of(made: TaskSpec | Rejection) -> str:
    return made.code if isinstance(made, Rejection) else "task"


def test_imports_that_nothing_uses_are_dropped() -> None:
    assert used(CONTEXT, SOLUTION).startswith("\n\nfrom math import pi, sqrt\n")
    assert "from math import sqrt\n" in used(CONTEXT, "def area(self, r):\n    return r\n")


def test_a_solution_is_put_at_the_column_of_its_marker() -> None:
    assert "class Circle:\n    def area(self, r):\n        return" in spliced(CONTEXT, SOLUTION)


def test_a_row_that_holds_becomes_a_task_that_expects_what_it_prints() -> None:
    made = judged(row(), rooms(printing), DESK)
    assert isinstance(made, TaskSpec)
    assert isinstance(made.oracle, CasesOracle)
    assert made.oracle.contexts[0].stdout == "12.566 2.0\n"
    assert made.environment.image == "bio"
    assert "12.566" not in made.instruction


def test_a_context_that_defines_the_function_again_is_told() -> None:
    again = CONTEXT.replace("def main", "    def area(self, r):\n        return 3 * r\ndef main")
    assert defined_again(row(again))
    assert not defined_again(row())
    assert not defined_again(row(CONTEXT + "def area(x):\n    return x\n"))
    assert code_of(judged(row(again), rooms(printing), DESK)) == "defined_in_context"


def test_what_does_not_run_prints_nothing_or_passes_trivially_is_put_aside() -> None:
    fails = row(solution="def area(self, r):\n    return missing\n")
    silent = row(CONTEXT.replace("print(round(Circle().area(2), 3), sqrt(4))", "Circle().area(2)"))
    easy = row(CONTEXT.replace("Circle().area(2), 3", "2.5, 1"))
    broken = row(solution="def area(self:\n")
    found = [code_of(judged(one, rooms(printing), DESK)) for one in (fails, silent, easy, broken)]
    assert found == ["program_fails", "prints_nothing", "passes_trivially", "malformed_record"]


def test_what_prints_otherwise_with_the_last_hash_seed_is_unstable() -> None:
    made = judged(row(), rooms(lambda code, seed: Done("ok", f"{seed == 4}\n")), DESK)
    assert code_of(made) == "unstable"


def test_stubs_keep_the_head_and_do_nothing() -> None:
    made = list(stubs(row()))
    assert made[0] == ""
    assert "def area(self, r):\n    return r" in made


def test_a_line_that_is_no_row_is_put_aside_alone(tmp_path: Path) -> None:
    good = {"idx": "a", "problem": "p", "solution": SOLUTION, "context": CONTEXT, "signature": "s"}
    path = tmp_path / "rows.jsonl"
    path.write_text(f"{json.dumps(good)}\nnonsense\n{json.dumps(good | {'context': 'x'})}\n")
    assert [type(one) for one in read_rows(path)] == [Row, Unreadable, Unreadable]
    path.write_text("nonsense\n")
    with pytest.raises(SourceError, match="no row of BioCoder in it"):
        list(read_rows(path))


def test_the_publishers_own_files_have_nothing_to_judge_by(tmp_path: Path) -> None:
    path = tmp_path / "rosalind.json"
    path.write_text(json.dumps({"golden": {"0": "def main(file): pass", "1": "x = 1"}}))
    found = [judged(one, rooms(printing), DESK) for one in read_rows(path)]
    assert list(map(code_of, found)) == ["no_cases", "no_cases"]


def test_published_rows_are_read() -> None:
    rows = list(read_rows(upstream("biocoder") / "test_rows_0-78.jsonl"))
    assert [type(one) for one in rows] == [Row] * 79
    assert not [one.name for one in rows if isinstance(one, Row) and "pysam" in one.context]
    assert sum(defined_again(one) for one in rows if isinstance(one, Row)) == 5
