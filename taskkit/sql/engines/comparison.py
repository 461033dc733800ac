"""The references of proved instances run in a second engine too; another answer is a finding."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from sqlglot import exp

from taskkit import __version__
from taskkit.errors import MissingError
from taskkit.oracles.evidence import Evidence
from taskkit.oracles.judge import abstaining, expected, judge
from taskkit.pool.pool import Bug, Lost, Pool
from taskkit.spec.action import CodeExecution
from taskkit.spec.document import parse_task
from taskkit.spec.task import TaskSpec, Turn
from taskkit.sql.engines.engine import SHOWN, Copy, Engine, EngineError
from taskkit.sql.engines.translation import (
    Dependence,
    UntranslatedError,
    emulated,
    translated,
    written,
)
from taskkit.verify.engine_results import (
    FINDINGS,
    GRAVITY,
    EngineCode,
    EngineName,
    EngineResult,
    Engines,
    engines_path,
)
from taskkit.verify.proof import Job
from taskkit.verify.store import Store


@dataclass(frozen=True)
class Asking:
    """Makes what asks an engine in a worker process."""

    taskset: Path
    copies: Mapping[str, Copy]
    """By the digest of the asset that they copy."""

    def __call__(self) -> Asker:
        return Asker(self)


class Asker:
    """Asks an engine the references of instances, one after another."""

    def __init__(self, asking: Asking) -> None:
        self._asking = asking
        self._engines: dict[str, Engine] = {}

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
        engine = self._engine(spec)
        if engine is None:
            return "no_sql", "no SQLite database"
        found = []
        for number, turn in enumerate(spec.dialogue, 1):
            code, detail = check(turn, engine)
            where = f"turn {number}: " if spec.turns and code in FINDINGS else ""
            found.append((code, where + detail))
        return min(found, key=lambda one: GRAVITY[one[0]])

    def _engine(self, spec: TaskSpec) -> Engine | None:
        name = spec.environment.database
        digests = {one.name: one.sha256 for one in spec.environment.assets}
        digest = digests.get(name) if name else None
        if digest is None or digest not in self._asking.copies:
            return None
        if digest not in self._engines:
            self._engines[digest] = self._asking.copies[digest].open()
        return self._engines[digest]

    def close(self) -> None:
        """Close the copies."""
        for engine in self._engines.values():
            engine.close()


def check(turn: TaskSpec | Turn, engine: Engine) -> tuple[EngineCode, str]:
    """Ask an engine the query of one turn, and hold what it gives to the turn's oracle."""
    step = turn.reference.steps[-1] if turn.reference.steps else None
    if not isinstance(step, CodeExecution) or step.language != "sql":
        return "no_sql", ""
    try:
        tree = translated(step.code, engine.dialect)
        there, right = _answer(turn, tree, engine)
    except UntranslatedError as error:
        return "untranslated", str(error)
    except EngineError as error:
        return error.code, error.detail
    if right:
        return "agrees", ""
    here = None if abstaining(turn) else expected(turn)
    title = engine.dialect.title
    detail = f"SQLite {json.dumps(here)[:SHOWN]}, {title} {json.dumps(there)[:SHOWN]}"
    return _cause(turn, tree, engine), detail


def _answer(turn: TaskSpec | Turn, tree: exp.Expr, engine: Engine) -> tuple[object, bool]:
    width, rows = engine.rows(written(tree, engine.dialect))
    document = {"columns": [f"c{n}" for n in range(width)], "rows": rows}
    verdict = judge(turn, Evidence(json.dumps(document).encode(), "sql"))
    return rows, verdict.reward == 1.0


def _cause(turn: TaskSpec | Turn, tree: exp.Expr, engine: Engine) -> EngineCode:
    """Name the way of SQLite's that makes the answers equal once it is spelled out."""
    for dependence in get_args(Dependence):
        other = emulated(tree, dependence, engine.dialect)
        try:
            if other is not None and _answer(turn, other, engine)[1]:
                code: EngineCode = dependence
                return code
        except EngineError:
            continue
    return "differs"


def ask(
    taskset: Path,
    wanted: Mapping[str, str],
    engine: EngineName,
    copies: Mapping[str, Copy],
    jobs: int,
    *,
    fresh: bool = False,
    watch: Callable[[EngineResult], None] = lambda one: None,
) -> Engines:
    """Ask an engine every wanted instance that it was not asked before, keeping what it says.

    Where the engine goes, the run ends, and the report says so.

    Args:
        wanted: Digest of the file by its path below the taskset.
        engine: Which one it is.
        copies: By the digest of the asset that they copy.
        fresh: Ask every one, whatever was said before.
    """
    store = Store(engines_path(taskset, engine), EngineResult, fresh=fresh)
    report = Engines(engine)
    try:
        left = dict(wanted)
        for one in store:
            if one.version == __version__ and left.get(one.file) == one.sha256:
                del left[one.file]
                report.add(one)
        untold = len(left)
        pool: Pool[Job, EngineResult] = Pool(max(1, min(jobs, len(left))), Asking(taskset, copies))
        try:
            for found in _results(pool, left):
                if found.code != "engine_failed":  # says nothing about the instance: asked again
                    store.put(found)
                report.add(found)
                untold -= 1
                watch(found)
        except MissingError as error:
            report.stopped = str(error)
            report.codes["engine_failed"] += untold
        finally:
            pool.close()
    finally:
        store.close()
    report.findings.sort(key=lambda one: one.file)
    return report


def _results(pool: Pool[Job, EngineResult], left: Mapping[str, str]) -> Iterator[EngineResult]:
    for one in pool.run(Job(file) for file in left):
        if not isinstance(one, Lost):
            if isinstance(one[1], Bug):
                raise one[1].error()
            yield one[1]
            continue
        path = Path(one.job.file)
        detail = f"the process died over it twice (exit code {one.exit_code})"
        yield EngineResult(
            path.stem, one.job.file, left[one.job.file], path.parent.parent.name,
            path.parent.name, "engine_failed", detail, __version__,
        )  # fmt: skip
