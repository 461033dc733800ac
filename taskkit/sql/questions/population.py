"""The rows that fill slots together, found once for all templates and processes."""

from __future__ import annotations

import hashlib
import marshal
import os
import sqlite3
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from random import Random

from taskkit.sql.questions.rendering import Scalar, put

MAX_ROWS = 20_000  # of one population; a sample beyond, many times what one template is asked for
KEPT = 6  # populations in memory


@dataclass(frozen=True, slots=True)
class Population:
    """Rows of slot values."""

    slots: tuple[str, ...]
    rows: list[tuple[Scalar, ...]]


def seeded(*parts: object) -> Random:
    """A random generator that depends on nothing but ``parts``."""
    return Random(hashlib.sha256(repr(parts).encode()).digest())


class Populations:
    """Runs the queries that fill slots, each once where a folder is given to keep the rows in."""

    def __init__(
        self, connection: sqlite3.Connection, now: str, seed: int, *, folder: Path | None = None
    ) -> None:
        """Run nothing yet."""
        self._connection = connection
        self._now = now
        self._seed = seed
        self._folder = folder
        self._kept: OrderedDict[str, Population] = OrderedDict()

    def of(self, sql: str) -> Population:
        """The distinct rows of a query without NULL, in a fixed order; at most `MAX_ROWS`."""
        if sql in self._kept:
            self._kept.move_to_end(sql)
            return self._kept[sql]
        found = self._read(sql) or self._write(sql, self._find(sql))
        self._kept[sql] = found
        if len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return found

    def _find(self, sql: str) -> Population:
        inner = put(sql, {"now": f"'{self._now}'"}).strip().rstrip(";")
        slots = slots_of_query(self._connection, inner)
        order = ", ".join(str(number + 1) for number in range(len(slots)))
        cursor = self._connection.execute(f"select distinct * from (\n{inner}\n) order by {order}")
        rows = [row for row in cursor if None not in row]
        if len(rows) > MAX_ROWS:
            chosen = seeded(self._seed, sql).sample(range(len(rows)), MAX_ROWS)
            rows = [rows[index] for index in sorted(chosen)]
        return Population(slots, rows)

    def _path(self, sql: str) -> Path | None:
        if self._folder is None:
            return None
        digest = hashlib.sha256(repr((sql, self._now, self._seed)).encode()).hexdigest()
        return self._folder / f"{digest[:32]}.rows"

    def _read(self, sql: str) -> Population | None:
        path = self._path(sql)
        if path is None or not path.exists():
            return None
        slots, rows = marshal.loads(path.read_bytes())
        return Population(slots, rows)

    def _write(self, sql: str, found: Population) -> Population:
        path = self._path(sql)
        if path is not None:
            partial = path.with_name(f"{path.name}.{os.getpid()}")
            partial.write_bytes(marshal.dumps((found.slots, found.rows)))
            partial.replace(path)
        return found


def slots_of_query(connection: sqlite3.Connection, sql: str) -> tuple[str, ...]:
    """The column names of a query, which need not run for it.

    Raises:
        sqlite3.Error: the query is no SQL that this database can run.
    """
    cursor = connection.execute(f"select * from (\n{sql.strip().rstrip(';')}\n) limit 0")
    return tuple(column[0] for column in cursor.description)
