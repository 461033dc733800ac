"""A run as a SQLite file of two tables, episodes and steps, to be asked with SQL."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from types import TracebackType

from taskkit.run.results import Row
from taskkit.run.trajectory import Trajectory

TABLES = """
create table episode (
  id text primary key, run text, task text, attempt integer, domain text, category text,
  split text, access text, licence text, task_sha256 text, model text, agent text, ending text,
  verdict text, reward real, cause text, steps integer, input_tokens integer,
  output_tokens integer, cost real, began text, wall_s real, document text
) without rowid;
create table step (
  episode text references episode(id), number integer, kind text, status text, action text,
  observation text, verdict text, reward real, primary key (episode, number)
) without rowid;
"""


class Database:
    """Written in one transaction; the file is there once it is whole."""

    def __init__(self, path: Path) -> None:
        """Begin a file."""
        path.unlink(missing_ok=True)
        self._connection = sqlite3.connect(path)
        self._connection.executescript(TABLES)

    def add(self, row: Row, one: Trajectory) -> None:
        """Write an episode and its steps."""
        values = (
            one.id, one.run, one.task.id, one.attempt, one.task.domain, one.task.category,
            one.task.split, one.task.access, one.task.licence, one.task.sha256, one.player.model,
            one.player.name, one.ending, one.judgement.code, one.reward, row.cause, len(one.steps),
            one.tokens.input, one.tokens.output, one.tokens.cost, one.began, one.wall_s,
            one.model_dump_json(exclude_defaults=True),
        )  # fmt: skip
        self._connection.execute(f"insert into episode values ({'?, ' * 22}?)", values)
        steps = [
            (
                one.id, number, step.kind, step.status,
                json.dumps(step.action, ensure_ascii=False), step.observation,
                step.judgement.code if step.judgement else None,
                step.judgement.reward if step.judgement else None,
            )
            for number, step in enumerate(one.steps, 1)
        ]  # fmt: skip
        self._connection.executemany("insert into step values (?, ?, ?, ?, ?, ?, ?, ?)", steps)

    def __enter__(self) -> Database:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None
    ) -> None:
        if kind is None:
            self._connection.commit()
        self._connection.close()
