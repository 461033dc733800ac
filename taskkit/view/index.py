"""An index of a taskset, so that a page can search 70,000 tasks without reading them."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import RLock
from typing import Any

from taskkit.audit.proof_status import ProofStatus
from taskkit.errors import SpecError, TaskkitError
from taskkit.taskset.folder import Taskset, results_folder

VERSION = 1  # of the file's form; another one is made anew
QUESTION = 240  # characters of the instruction in a list
LOT = 500  # tasks that are written at once
Progress = Callable[[int, int], None]

TABLES = """
create table task (
  id text primary key, file text, stamp text, split text, category text, question text,
  state text default 'new', codes text default ''
);
create index task_order on task (split, category, id);
create virtual table words using fts5 (text, content='', contentless_delete=1);
create table remembered (name text primary key, value text);
"""
PLAIN = TABLES.replace(", content='', contentless_delete=1", "")  # SQLite before 3.43


@dataclass(frozen=True)
class Wanted:
    """What a list is to hold; an empty field bounds nothing."""

    words: str = ""
    split: str = ""
    category: str = ""
    state: str = ""
    run: str = ""
    outcome: str = ""
    """`right`, `wrong`, or a cause."""

    def where(self) -> tuple[str, list[str]]:
        """Give the condition as SQL with its values."""
        parts, values = ["1"], []
        for name in ("split", "category", "state"):
            if value := getattr(self, name):
                parts.append(f"task.{name} = ?")
                values.append(value)
        if terms := query(self.words):
            parts.append(
                "(task.id like ? or task.rowid in (select rowid from words where words match ?))"
            )
            values += [f"%{self.words.strip()}%", terms]
        if self.run or self.outcome:
            inner, more = self._outcome()
            parts.append(f"task.id in (select task from temp.outcome where {inner})")
            values += more
        return " and ".join(parts), values

    def _outcome(self) -> tuple[str, list[str]]:
        parts, values = ["1"], []
        if self.run:
            parts.append("run = ?")
            values.append(self.run)
        if self.outcome in ("right", "wrong"):
            parts.append("reward >= 1" if self.outcome == "right" else "reward < 1")
        elif self.outcome:
            parts.append("cause = ?")
            values.append(self.outcome)
        return " and ".join(parts), values


def query(words: str) -> str:
    """Give words as a query of SQLite's full-text search: all of them, the last as a beginning."""
    terms = ['"' + word.replace('"', '""') + '"' for word in words.split()]
    return " ".join(terms) + "*" if terms else ""


@dataclass
class Index:
    """What is known of each task; threads may share it."""

    taskset: Taskset
    connection: sqlite3.Connection
    broken: dict[str, str] = field(default_factory=dict)
    """Tasks that cannot be read, with the reason."""
    lock: RLock = field(default_factory=RLock)

    @classmethod
    def open(cls, taskset: Taskset, progress: Progress = lambda done, total: None) -> Index:
        """Open the index beside a taskset, and bring it up to date.

        Where nothing can be written there, it is kept in memory.

        Raises:
            UsageError: the results of verify or audit cannot be read.
        """
        made = cls(taskset, _connection(results_folder(taskset.path) / "view.sqlite"))
        made._outcomes()
        made._update(progress)
        made._states()
        return made

    def _outcomes(self) -> None:
        self.connection.execute(
            "create temp table outcome (run text, task text, attempt integer, reward real,"
            " cause text, steps integer, standing text, primary key (run, task, attempt))"
        )

    def _update(self, progress: Progress) -> None:
        """Read the tasks that are new or changed, and forget those that are gone."""
        known = dict(self.connection.execute("select file, stamp from task"))
        files = {str(p.relative_to(self.taskset.path)): p for p in self.taskset.paths()}
        gone = known.keys() - files.keys()
        fresh = [
            (name, path, stamp)
            for name, path in files.items()
            if (stamp := _stamp(path)) != known.get(name)
        ]
        with self.lock, self.connection:
            for name in sorted(gone):
                self._forget(name)
            for number, (name, path, stamp) in enumerate(fresh, 1):
                if name in known:
                    self._forget(name)
                self._add(name, path, stamp)
                if number % LOT == 0 or number == len(fresh):
                    progress(number, len(fresh))
            if fresh or gone:
                self.connection.execute("delete from remembered")

    def _forget(self, file: str) -> None:
        row = self.connection.execute("select rowid from task where file = ?", (file,)).fetchone()
        self.connection.execute("delete from words where rowid = ?", row)
        self.connection.execute("delete from task where rowid = ?", row)

    def _add(self, file: str, path: Path, stamp: str) -> None:
        try:
            spec = self.taskset.read(path)
        except SpecError as error:
            asked, text = f"(cannot be read: {error})", path.stem
            self.broken[path.stem] = str(error)
        else:
            asked = " ".join(turn.instruction for turn in spec.dialogue)
            text = f"{spec.id} {spec.category} {asked} {spec.provenance.record}"
        row = self.connection.execute(
            "insert into task (id, file, stamp, split, category, question)"
            " values (?, ?, ?, ?, ?, ?)",
            (path.stem, file, stamp, path.parent.parent.name, path.parent.name, asked[:QUESTION]),
        )
        self.connection.execute(
            "insert into words (rowid, text) values (?, ?)", (row.lastrowid, text)
        )

    def _states(self) -> None:
        """Say of each task whether it is proved, unless that was said of these very results."""
        folder = results_folder(self.taskset.path)
        mark = " ".join(
            _stamp(path) for path in sorted(folder.glob("*.sqlite*")) if "view" not in path.name
        )
        with self.lock, self.connection:
            seen = self.connection.execute(
                "select value from remembered where name = 'results'"
            ).fetchone()
            if seen and seen[0] == mark:
                return
            standing = ProofStatus.of(self.taskset.path)
            rows = [(*_state(standing, id), id) for (id,) in self._ids()]
            self.connection.executemany("update task set state = ?, codes = ? where id = ?", rows)
            self.connection.execute(
                "insert or replace into remembered values ('results', ?)", (mark,)
            )

    def _ids(self) -> list[tuple[str]]:
        return self.connection.execute("select id from task").fetchall()

    def put_outcomes(self, run: str, rows: Iterator[tuple[Any, ...]]) -> None:
        """Keep what a run came to, in place of what was kept of it before.

        Args:
            rows: Task, attempt, reward, cause, steps and standing of each episode.
        """
        with self.lock, self.connection:
            self.connection.execute("delete from temp.outcome where run = ?", (run,))
            self.connection.executemany(
                "insert or replace into temp.outcome values (?, ?, ?, ?, ?, ?, ?)",
                ((run, *row) for row in rows),
            )

    def tasks(self, wanted: Wanted, offset: int, limit: int) -> tuple[int, list[dict[str, Any]]]:
        """Give how many tasks are wanted, and some of them in order."""
        where, values = wanted.where()
        with self.lock:
            (total,) = self.connection.execute(
                f"select count(*) from task where {where}",
                values,
            ).fetchone()
            rows = self.connection.execute(
                "select id, split, category, question, state, codes from task"
                f" where {where} order by split, category, id limit ? offset ?",
                (*values, limit, offset),
            ).fetchall()
            outcomes = self._outcomes_of([row[0] for row in rows])
        names = ("id", "split", "category", "question", "state", "codes")
        items = [dict(zip(names, row, strict=True)) for row in rows]
        return total, [{**item, "outcomes": outcomes.get(item["id"], {})} for item in items]

    def _outcomes_of(self, ids: list[str]) -> dict[str, dict[str, str]]:
        """Give what each run came to, of some tasks: `right`, or the cause, of all attempts."""
        places = ", ".join("?" * len(ids))
        rows = self.connection.execute(
            "select task, run, sum(reward >= 1), count(*), min(cause) from temp.outcome"
            f" where task in ({places}) and standing = 'done' group by task, run order by run",
            ids,
        )
        made: dict[str, dict[str, str]] = {}
        for task, run, right, attempts, cause in rows:
            told = "right" if right == attempts else cause
            if attempts > 1:
                told = f"{right}/{attempts}"
            made.setdefault(task, {})[run] = told
        return made

    def counts(self) -> dict[str, Mapping[str, int]]:
        """Give how many tasks there are by split, category and state."""
        with self.lock:
            return {
                name: dict(
                    self.connection.execute(
                        f"select {name}, count(*) from task group by {name} order by {name}"
                    ).fetchall()
                )
                for name in ("split", "category", "state")
            }

    def file(self, id: str) -> Path | None:
        """Give the file of a task; None where there is none."""
        with self.lock:
            row = self.connection.execute("select file from task where id = ?", (id,)).fetchone()
        return self.taskset.path / row[0] if row else None

    def state(self, id: str) -> tuple[str, str]:
        """Give the state of a task, and the codes of what was found."""
        with self.lock:
            row = self.connection.execute(
                "select state, codes from task where id = ?", (id,)
            ).fetchone()
        return row or ("new", "")

    def close(self) -> None:
        """Close the file; safe to call twice."""
        self.connection.close()


def _state(standing: ProofStatus, id: str) -> tuple[str, str]:
    codes = set(standing.codes.get(id, ()))
    result = standing.verified.get(id)
    if result is not None and result.code != "verified":
        return "failed", " ".join(sorted(codes | {result.code}))
    if codes:
        return "findings", " ".join(sorted(codes))
    if result is None:
        return "new", ""
    return ("proved" if id in standing.audited else "verified"), ""


def _stamp(path: Path) -> str:
    status = path.stat()
    return f"{status.st_size}.{status.st_mtime_ns}"


def _connection(path: Path) -> sqlite3.Connection:
    """Open the file, or make it; in memory where neither can be."""
    with suppress(OSError, sqlite3.Error, TaskkitError):
        path.parent.mkdir(parents=True, exist_ok=True)
        if os.access(path.parent, os.W_OK):
            made = sqlite3.connect(path, check_same_thread=False, timeout=5.0)
            (version,) = made.execute("pragma user_version").fetchone()
            if version != VERSION:
                made.close()
                for end in ("", "-wal", "-shm"):
                    path.with_name(path.name + end).unlink(missing_ok=True)
                made = sqlite3.connect(path, check_same_thread=False, timeout=5.0)
                _create(made)
            return made
    made = sqlite3.connect(":memory:", check_same_thread=False)
    _create(made)
    return made


def _create(connection: sqlite3.Connection) -> None:
    connection.execute("pragma journal_mode = wal")
    tables = TABLES if sqlite3.sqlite_version_info >= (3, 43) else PLAIN
    connection.executescript(tables)
    connection.execute(f"pragma user_version = {VERSION}")
