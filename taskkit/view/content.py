"""What the viewer's page is told, as JSON values; the page makes nothing but text of them."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from taskkit.audit.record import Record, records_path
from taskkit.errors import SourceError, TaskkitError
from taskkit.run.failures import EXPLAINED
from taskkit.run.results import EPISODES, Row, Run
from taskkit.spec.task import TaskSpec
from taskkit.sqlite import BudgetError, bounded, connect
from taskkit.verify.results import Result
from taskkit.verify.store import read_row
from taskkit.verify.verification import results_path
from taskkit.view.index import Index, Wanted

MAX_PAGE = 200  # tasks of one answer
MAX_DOCUMENT = 200_000  # characters of a document that are shown
MAX_ROWS = 5  # of each table


class Content:
    """A taskset and runs over it, as they stand now."""

    def __init__(self, index: Index, runs: list[Run]) -> None:
        """Show a taskset with runs."""
        self.index, self.taskset = index, index.taskset
        self.runs = {run.name: run for run in runs}
        self._stamps: dict[str, float] = {}
        self._schemas: dict[str, list[dict[str, Any]]] = {}
        self.refresh()

    def refresh(self) -> None:
        """Read the runs that have gone on since they were read."""
        for name, run in self.runs.items():
            files = [run.folder / f"{EPISODES}{end}" for end in ("", "-wal")]
            stamp = max((path.stat().st_mtime for path in files if path.exists()), default=0.0)
            if self._stamps.get(name) != stamp:
                self._stamps[name] = stamp
                self.index.put_outcomes(
                    name,
                    ((r.task, r.attempt, r.reward, r.cause, r.steps, r.standing)
                     for r in run.rows()),
                )  # fmt: skip

    def overview(self) -> dict[str, Any]:
        """Give what the set is, and what can be filtered by."""
        self.refresh()
        manifest = self.taskset.manifest
        return {
            "domain": manifest.domain,
            "total": manifest.counts.total,
            "taskkit": manifest.taskkit,
            "seed": manifest.seed,
            "sources": [one.model_dump(mode="json") for one in manifest.sources],
            "counts": self.index.counts(),
            "runs": [self._run(run) for run in self.runs.values()],
            "causes": EXPLAINED,
        }

    def _run(self, run: Run) -> dict[str, Any]:
        with self.index.lock:
            rows = self.index.connection.execute(
                "select cause, count(*), sum(reward >= 1) from temp.outcome"
                " where run = ? and standing = 'done' group by cause order by 2 desc, 1",
                (run.name,),
            ).fetchall()
        return {
            "name": run.name,
            "settings": run.settings.model_dump(mode="json", exclude_none=True),
            "episodes": sum(row[1] for row in rows),
            "right": sum(row[2] for row in rows),
            "causes": {cause: count for cause, count, _ in rows if cause},
        }

    def tasks(self, wanted: Wanted, offset: int, limit: int) -> dict[str, Any]:
        """Give a part of a list."""
        total, items = self.index.tasks(wanted, max(0, offset), max(1, min(limit, MAX_PAGE)))
        return {"total": total, "offset": offset, "items": items}

    def task(self, id: str) -> dict[str, Any] | None:
        """Give all that is known of a task; None where there is none."""
        path = self.index.file(id)
        if path is None:
            return None
        state, codes = self.index.state(id)
        made: dict[str, Any] = {"id": id, "state": state, "codes": codes.split()}
        try:
            spec = self.taskset.read(path)
        except TaskkitError as error:
            return {**made, "broken": str(error), "episodes": self._episodes(id)}
        return {
            **made,
            "spec": spec.model_dump(mode="json", exclude_defaults=True),
            "documents": [self._document(one.name, one.sha256) for one in spec.context],
            "schema": self._schema(spec),
            "verified": self._verified(id),
            "audit": self._audit(id),
            "episodes": self._episodes(id),
        }

    def episode(self, run: str, id: str) -> dict[str, Any] | None:
        """Give a trajectory; None where there is none."""
        found = self.runs.get(run)
        row = None if found is None else read_row(found.folder / EPISODES, Row, id)
        if row is None:
            return None
        made: dict[str, Any] = {"run": run, "id": id, "cause": row.cause, "standing": row.standing}
        if not row.done:
            return {**made, "task": row.task, "detail": row.detail}
        document = row.trajectory().model_dump(mode="json")
        return {**made, "task": row.task, "trajectory": document}

    def _document(self, name: str, sha256: str) -> dict[str, str]:
        try:
            text = self.taskset.document(sha256)
        except TaskkitError as error:
            text = str(error)
        return {"name": name, "text": text[:MAX_DOCUMENT]}

    def _schema(self, spec: TaskSpec) -> list[dict[str, Any]]:
        """Give the tables of a task's database, read once."""
        name = spec.environment.database
        asset = next((one for one in spec.environment.assets if one.name == name), None)
        if asset is None:
            return []
        if asset.sha256 not in self._schemas:
            try:
                self._schemas[asset.sha256] = tables(self.taskset.asset(asset.sha256))
            except (SourceError, BudgetError, sqlite3.Error):
                self._schemas[asset.sha256] = []
        return self._schemas[asset.sha256]

    def _verified(self, id: str) -> dict[str, Any] | None:
        found = read_row(results_path(self.taskset.path), Result, id)
        if found is None:
            return None
        return {"code": found.code, "detail": found.detail, "repeats": found.repeats,
                "sandbox": found.sandbox}  # fmt: skip

    def _audit(self, id: str) -> dict[str, Any] | None:
        record = read_row(records_path(self.taskset.path), Record, id)
        if record is None:
            return None
        return {
            "attempts": record.attempts,
            "findings": record.loaded("findings"),
            "survivors": record.loaded("survivors"),
            "guesses": record.loaded("guesses"),
            "facts": record.loaded("facts"),
        }

    def _episodes(self, id: str) -> list[dict[str, Any]]:
        names = ("run", "attempt", "reward", "cause", "steps", "standing")
        with self.index.lock:
            rows = self.index.connection.execute(
                f"select {', '.join(names)} from temp.outcome where task = ? order by run, attempt",
                (id,),
            ).fetchall()
        return [dict(zip(names, row, strict=True)) for row in rows]


def tables(database: Path) -> list[dict[str, Any]]:
    """Give the tables of a SQLite file with their columns and first rows.

    Raises:
        SourceError: the file is no database.
        BudgetError: a view of it has no end.
    """
    made = []
    with closing(connect(database)) as connection, bounded(connection):
        names = connection.execute(
            "select name from sqlite_schema where type in ('table', 'view')"
            " and name not like 'sqlite~_%' escape '~' order by name"
        ).fetchall()
        for (name,) in names:
            quoted = '"' + name.replace('"', '""') + '"'
            columns = connection.execute(f"pragma table_info({quoted})").fetchall()
            rows = connection.execute(f"select * from {quoted} limit {MAX_ROWS}").fetchall()
            made.append(
                {
                    "name": name,
                    "columns": [{"name": one[1], "type": one[2]} for one in columns],
                    "rows": [[None if v is None else str(v)[:80] for v in row] for row in rows],
                }
            )
    return made
