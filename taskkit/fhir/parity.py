"""One truth, two data models: the same questions asked of tables, and of FHIR resources."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from taskkit.fhir.mimic_iv import tables
from taskkit.fhir.store import Store

LONGEST_S = 5.0  # of one query; longer ones are not compared
STEPS = 100_000  # of the SQLite machine between two looks at the clock


@dataclass
class Parity:
    """How many questions have the same answer in both."""

    compared: int = 0
    agreed: int = 0
    skipped: int = 0
    """Queries that do not run on the tables, or take too long."""
    differences: list[tuple[str, str]] = field(default_factory=list)
    """Query, and both answers."""

    @property
    def share(self) -> float:
        """Of those compared, how many agree."""
        return self.agreed / self.compared if self.compared else 0.0


def scope(folder: Path) -> dict[str, Any]:
    """The functions of the reference that reads resources back into rows."""
    text = (folder / "mimic_iv/rebuild.py").read_text(encoding="utf-8")
    found: dict[str, Any] = {"TABLES": tables()}
    exec(compile(text.split("\nanswer =")[0], "rebuild", "exec"), found)  # noqa: S102 # our own
    return found


def rebuilt(store: Store, folder: Path) -> sqlite3.Connection:
    """A database of the rows that the resources of a store give back."""
    known = scope(folder)

    def every(kind: str, **criteria: str) -> list[dict[str, Any]]:
        rows = store.connection.execute(
            "SELECT body FROM base.resource WHERE type = ? ORDER BY rid", (kind,)
        )
        wanted = {name: value for name, value in criteria.items() if name != "patient"}
        return [one for one in (json.loads(body) for (body,) in rows) if holds(one, wanted)]

    known["every"] = every
    connection = sqlite3.connect(":memory:")
    for table, (_, _, columns) in tables().items():
        connection.execute(f"CREATE TABLE {table} ({', '.join(columns)})")
        marks = ", ".join("?" * len(columns))
        connection.executemany(f"INSERT INTO {table} VALUES ({marks})", known["rows"](table, None))
        for name in ("subject_id", "hadm_id", "itemid", "icd_code"):
            if name in columns:
                connection.execute(f"CREATE INDEX {table}_{name} ON {table} ({name})")
    return connection


def holds(resource: dict[str, Any], wanted: dict[str, str]) -> bool:
    """Whether a resource has the values that a search asks for."""
    for name, value in wanted.items():
        found = resource.get(name)
        if isinstance(found, list):
            found = found[0].get("text")
        if found != value:
            return False
    return True


def compare(
    one: sqlite3.Connection, two: sqlite3.Connection, queries: Iterable[str], *, most: int
) -> Parity:
    """Ask queries of two databases.

    Args:
        one: The tables.
        two: What was read back.
        most: Queries to compare.
    """
    found = Parity()
    for sql in queries:
        if found.compared == most:
            break
        first = asked(one, sql)
        if first is None:
            found.skipped += 1
            continue
        found.compared += 1
        second = asked(two, sql)
        if second is not None and alike(first, second):
            found.agreed += 1
        else:
            found.differences.append((sql, f"{first[:3]} / {(second or [])[:3]}"))
    return found


def asked(connection: sqlite3.Connection, sql: str) -> list[Any] | None:
    """The rows of a query; None where it does not run or takes too long."""
    deadline = time.monotonic() + LONGEST_S
    late: Callable[[], int] = lambda: int(time.monotonic() > deadline)  # noqa: E731
    connection.set_progress_handler(late, STEPS)
    try:
        return connection.execute(sql).fetchall()
    except sqlite3.Error:
        return None


def alike(one: list[Any], two: list[Any]) -> bool:
    """Whether two answers have the same rows, in any order, numbers to float noise."""
    return sorted(map(plain, one)) == sorted(map(plain, two))


def plain(row: tuple[Any, ...]) -> str:
    """A row as text, numbers to nine digits."""
    return json.dumps([f"{one:.9g}" if isinstance(one, int | float) else one for one in row])
