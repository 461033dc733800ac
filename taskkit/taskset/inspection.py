"""Static checks of one task, with the taskset it lies in."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from taskkit.errors import PluginError, SourceError, SpecError
from taskkit.oracles.judge import faults
from taskkit.spec.action import CodeExecution, Terminal
from taskkit.spec.document import check, read_bytes
from taskkit.spec.page import Location, Page
from taskkit.spec.task import TaskSpec, Turn
from taskkit.taskset.finding import Finding, FindingCode
from taskkit.taskset.query import Database


class Need(NamedTuple):
    """A file of the taskset that a task needs."""

    path: str
    """Below the taskset."""
    sha256: str
    """Empty where any content will do."""
    database: bool = False
    """SQL runs against it."""


@dataclass(frozen=True, slots=True)
class Inspected:
    """What the whole set has to know of one task."""

    file: str
    findings: tuple[Finding, ...]
    id: str | None = None
    """None where the document could not be read."""
    domain: str = ""
    split: str = ""
    category: str = ""
    needs: tuple[Need, ...] = ()


@dataclass(frozen=True, slots=True)
class _Fault:
    """A finding before its line is looked up."""

    code: FindingCode
    location: Location
    message: str
    remedy: str


class Inspector:
    """Checks tasks one by one, keeping the databases open that they ask."""

    def __init__(self, root: Path | None) -> None:
        self._root = root
        self._databases: dict[str, Database | None] = {}

    def inspect(self, path: Path) -> Inspected:
        """Check one task; whatever is wrong with it is a finding."""
        file = str(path)
        try:
            data = read_bytes(path)
        except SpecError as error:
            message = str(error).removeprefix(f"{path}: ")
            broken = Finding("unreadable", file, 1, "", message, "replace the file")
            return Inspected(file, (broken,))
        spec = check(data, TaskSpec)
        if not isinstance(spec, TaskSpec):
            findings = tuple(
                Finding(one.code, file, one.line, one.field, one.message, one.need, one.column)
                for one in spec
            )
            return Inspected(file, findings)
        faults = list(self._faults(spec, path))
        findings = _located(file, data, faults) if faults else ()
        return Inspected(
            file, findings, spec.id, spec.domain, spec.split, spec.category, needs(spec)
        )

    def _faults(self, spec: TaskSpec, path: Path) -> Iterator[_Fault]:
        yield from _misplaced(spec, path, inside=self._root is not None)
        yield from _unplayable(spec)
        yield from _unjudgeable(spec)
        yield from self._bad_code(spec)

    def _bad_code(self, spec: TaskSpec) -> Iterator[_Fault]:
        for turn, place in _turns(spec):
            for number, step in enumerate(turn.reference.steps):
                if not isinstance(step, CodeExecution):
                    continue
                location = (*place, "reference", "steps", number, "code")
                if step.language == "python":
                    yield from _bad_python(step.code, location)
                else:
                    yield from self._bad_query(spec, step.code, location)

    def _bad_query(self, spec: TaskSpec, sql: str, location: Location) -> Iterator[_Fault]:
        environment = spec.environment
        if environment.database is None:
            remedy = "name the asset that SQL runs against in environment.database"
            yield _Fault("no_database", location, "SQL, but the task has no database", remedy)
            return
        for asset in environment.assets:
            if asset.name == environment.database:
                database = self._database(asset.sha256)
                flaw = database.flaw(sql) if database else None
                if flaw:
                    yield _Fault(flaw.code, location, flaw.message, flaw.remedy)

    def _database(self, sha256: str) -> Database | None:
        """Open an asset; None where it cannot be, which the check of the assets reports."""
        if self._root is None:
            return None
        if sha256 not in self._databases:
            try:
                self._databases[sha256] = Database(self._root / "assets" / sha256)
            except SourceError:
                self._databases[sha256] = None
        return self._databases[sha256]

    def close(self) -> None:
        """Close the databases."""
        for database in self._databases.values():
            if database is not None:
                database.close()
        self._databases.clear()


def needs(spec: TaskSpec) -> tuple[Need, ...]:
    """Return the files of the taskset that a task needs."""
    database = spec.environment.database
    return (
        Need(f"images/{spec.environment.image}/Dockerfile", ""),
        *(
            Need(f"assets/{asset.sha256}", asset.sha256, asset.name == database)
            for asset in spec.environment.assets
        ),
        *(Need(f"context/{one.sha256}.md", one.sha256) for one in spec.context),
    )


def _misplaced(spec: TaskSpec, path: Path, *, inside: bool) -> Iterator[_Fault]:
    if path.stem != spec.id:
        yield _Fault("file_name", ("id",), repr(spec.id), f"need the file's name, {path.stem!r}")
    if inside:
        for name, value, folder in (
            ("split", spec.split, path.parent.parent.name),
            ("category", spec.category, path.parent.name),
        ):
            if value != folder:
                yield _Fault("folder", (name,), repr(value), f"need the folder's, {folder!r}")


def _turns(spec: TaskSpec) -> Iterator[tuple[TaskSpec | Turn, Location]]:
    """Give every turn and where it stands in the document."""
    yield spec, ()
    for number, turn in enumerate(spec.turns):
        yield turn, ("turns", number)


def _unplayable(spec: TaskSpec) -> Iterator[_Fault]:
    count = 0
    for turn, place in _turns(spec):
        yield from _unplayable_turn(spec, turn, place)
        count += len(turn.reference.steps)
    if count > spec.max_steps:
        at = ("reference", "steps")
        yield _Fault("too_many_steps", at, f"{count} steps", f"max_steps is {spec.max_steps}")
    database = spec.environment.database
    if database is not None and all(database != asset.name for asset in spec.environment.assets):
        location = ("environment", "database")
        yield _Fault("no_database", location, repr(database), "need the name of one of its assets")


def _unplayable_turn(spec: TaskSpec, turn: TaskSpec | Turn, place: Location) -> Iterator[_Fault]:
    steps = turn.reference.steps
    at = (*place, "reference", "steps")
    submissions = sum(isinstance(s, CodeExecution | Terminal) and s.submit for s in steps)
    last = steps[-1]
    if not (isinstance(last, CodeExecution | Terminal) and last.submit):
        yield _Fault("no_submission", (*at, len(steps) - 1), "submits nothing", "need submit: true")
    if submissions > (1 if spec.turns else spec.max_submissions):
        remedy = "a turn is over once answered"
        if not spec.turns:
            remedy = f"max_submissions is {spec.max_submissions}"
        yield _Fault("too_many_steps", at, f"{submissions} submissions", remedy)
    for number, step in enumerate(steps):
        if step.action not in spec.actions:
            remedy = f"need one of {', '.join(spec.actions)}"
            yield _Fault("action_not_allowed", (*at, number, "action"), repr(step.action), remedy)


def _unjudgeable(spec: TaskSpec) -> Iterator[_Fault]:
    for turn, place in _turns(spec):
        try:
            for one in faults(turn):
                yield _Fault("wrong_type", (*place, *one.place), one.message, one.remedy)
        except PluginError as error:
            yield _Fault("wrong_type", (*place, "oracle", "kind"), str(error), "mend the judge")


def _bad_python(code: str, location: Location) -> Iterator[_Fault]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(code, "reference", "exec", dont_inherit=True)
    except SyntaxError as error:
        message = f"line {error.lineno}: {error.msg}"
        yield _Fault("python_syntax", location, message, "need Python that compiles")
    except (ValueError, RecursionError, MemoryError) as error:
        message = str(error) or "nested too deep"
        yield _Fault("python_syntax", location, message, "need Python that compiles")


def _located(file: str, data: bytes, faults: list[_Fault]) -> tuple[Finding, ...]:
    page = Page(data.decode())
    found = []
    for fault in faults:
        line, column, field = page.place(fault.location)
        found.append(Finding(fault.code, file, line, field, fault.message, fault.remedy, column))
    return tuple(sorted(found, key=lambda one: (one.line, one.field)))
