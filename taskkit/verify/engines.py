"""The references of proved instances run in DuckDB too; another answer is a finding."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from sqlglot import exp

from taskkit import __version__
from taskkit.oracles.judge import judge
from taskkit.spec.action import CodeExecution
from taskkit.spec.document import parse_task
from taskkit.spec.oracle import AbstainOracle
from taskkit.spec.task import TaskSpec, Turn
from taskkit.verify.crew import Crew, Lost
from taskkit.verify.duck import Duck, EngineError
from taskkit.verify.engine_results import (
    FINDINGS,
    GRAVITY,
    EngineCode,
    EngineResult,
    Engines,
    engines_path,
)
from taskkit.verify.proof import Job
from taskkit.verify.store import Store
from taskkit.verify.translation import (
    Dependence,
    UntranslatedError,
    emulated,
    translated,
    written,
)

SHOWN = 300  # characters of a result that a finding keeps
REFUSALS: tuple[tuple[str, EngineCode], ...] = (
    ("must appear in the GROUP BY clause", "bare_column"),
    ("Cannot compare values of type", "text_affinity"),
    ("Could not convert string", "text_affinity"),
    ("No function matches", "text_affinity"),
    ("No operator matches", "text_affinity"),
    ('Referenced column "', "quoted_text"),
    ("INTERRUPT", "engine_failed"),
    ("Out of Memory", "engine_failed"),
    ("more than ", "engine_failed"),
)
"""How DuckDB says that a query rests on something that only SQLite does."""


@dataclass(frozen=True)
class Asking:
    """Makes what asks DuckDB in a worker process."""

    taskset: Path
    copies: Mapping[str, Path]
    """DuckDB files by the digest of the asset that they copy."""

    def __call__(self) -> Asker:
        return Asker(self)


class Asker:
    """Asks DuckDB the references of instances, one after another."""

    def __init__(self, asking: Asking) -> None:
        self._asking = asking
        self._ducks: dict[str, Duck] = {}

    def do(self, job: Job) -> EngineResult:
        """Ask every turn of one instance; whatever is wrong with it becomes its result."""
        path = self._asking.taskset / job.file
        data = path.read_bytes()
        code, detail = self._ask(parse_task(data, path))
        return EngineResult(
            path.stem, job.file, hashlib.sha256(data).hexdigest(), path.parent.parent.name,
            path.parent.name, code, detail, __version__,
        )  # fmt: skip

    def _ask(self, spec: TaskSpec) -> tuple[EngineCode, str]:
        duck = self._duck(spec)
        if duck is None:
            return "no_sql", "no SQLite database"
        found = []
        for number, turn in enumerate(spec.dialogue, 1):
            code, detail = check(turn, duck)
            where = f"turn {number}: " if spec.turns and code in FINDINGS else ""
            found.append((code, where + detail))
        return min(found, key=lambda one: GRAVITY[one[0]])

    def _duck(self, spec: TaskSpec) -> Duck | None:
        name = spec.environment.database
        digests = {one.name: one.sha256 for one in spec.environment.assets}
        digest = digests.get(name) if name else None
        if digest is None or digest not in self._asking.copies:
            return None
        if digest not in self._ducks:
            self._ducks[digest] = Duck(self._asking.copies[digest])
        return self._ducks[digest]

    def close(self) -> None:
        """Close the copies."""
        for duck in self._ducks.values():
            duck.close()


def check(turn: TaskSpec | Turn, duck: Duck) -> tuple[EngineCode, str]:
    """Ask DuckDB the query of one turn, and hold what it gives to the turn's oracle."""
    step = turn.reference.steps[-1] if turn.reference.steps else None
    if not isinstance(step, CodeExecution) or step.language != "sql":
        return "no_sql", ""
    try:
        tree = translated(step.code)
        there, right = _answer(turn, tree, duck)
    except UntranslatedError as error:
        return "untranslated", str(error)
    except EngineError as error:
        return _refused(str(error))
    if right:
        return "agrees", ""
    here = None if isinstance(turn.oracle, AbstainOracle) else turn.oracle.expected
    detail = f"SQLite {json.dumps(here)[:SHOWN]}, DuckDB {json.dumps(there)[:SHOWN]}"
    return _cause(turn, tree, duck), detail


def _answer(turn: TaskSpec | Turn, tree: exp.Expr, duck: Duck) -> tuple[object, bool]:
    width, rows = duck.rows(written(tree))
    document = {"columns": [f"c{n}" for n in range(width)], "rows": rows}
    verdict = judge(turn, json.dumps(document).encode(), origin="sql")
    return rows, verdict.reward == 1.0


def _cause(turn: TaskSpec | Turn, tree: exp.Expr, duck: Duck) -> EngineCode:
    """Name the way of SQLite's that makes the answers equal once it is spelled out."""
    for dependence in get_args(Dependence):
        other = emulated(tree, dependence)
        try:
            if other is not None and _answer(turn, other, duck)[1]:
                code: EngineCode = dependence
                return code
        except EngineError:
            continue
    return "differs"


def _refused(message: str) -> tuple[EngineCode, str]:
    head = message.splitlines()[0]
    for words, code in REFUSALS:
        if words in message:
            return code, f"DuckDB: {head[:SHOWN]}"
    return "untranslated", head.split(" with name ", 1)[-1].split(" does not exist")[0][:80]


def ask(
    taskset: Path,
    wanted: Mapping[str, str],
    copies: Mapping[str, Path],
    jobs: int,
    *,
    watch: Callable[[EngineResult], None] = lambda one: None,
) -> Engines:
    """Ask DuckDB every wanted instance that it was not asked before, keeping what it says.

    Args:
        wanted: Digest of the file by its path below the taskset.
        copies: DuckDB files by the digest of the asset.
    """
    store = Store(engines_path(taskset), EngineResult)
    report = Engines()
    try:
        left = dict(wanted)
        for one in store:
            if one.version == __version__ and left.get(one.file) == one.sha256:
                del left[one.file]
                report.add(one)
        crew: Crew[Job, EngineResult] = Crew(max(1, min(jobs, len(left))), Asking(taskset, copies))
        try:
            for found in _results(crew, left):
                if found.code != "engine_failed":  # says nothing about the instance: asked again
                    store.put(found)
                report.add(found)
                watch(found)
        finally:
            crew.close()
    finally:
        store.close()
    report.findings.sort(key=lambda one: one.file)
    return report


def _results(crew: Crew[Job, EngineResult], left: Mapping[str, str]) -> Iterator[EngineResult]:
    for one in crew.run(Job(file) for file in left):
        if not isinstance(one, Lost):
            yield one[1]
            continue
        path = Path(one.job.file)
        detail = f"the process died over it twice (exit code {one.exit_code})"
        yield EngineResult(
            path.stem, one.job.file, left[one.job.file], path.parent.parent.name,
            path.parent.name, "engine_failed", detail, __version__,
        )  # fmt: skip
