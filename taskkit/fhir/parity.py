"""One truth, two data models: the same questions asked of tables, and of FHIR resources."""

from __future__ import annotations

import json
import re
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from taskkit.fhir.mimic_iv import tables
from taskkit.fhir.store import Store

STEPS, LOOKS = 100_000, 2_000  # of the SQLite machine: a query that takes more is not compared
FORMS: tuple[tuple[str, str], ...] = (
    ("yes-or-no", r"^select (distinct )?count ?\(.*?\) ?> ?0"),
    ("top-k", r"rank ?\(\)"),
    ("cost", r"\bcost\b"),
    ("duration", r"^select [^f]*strftime.*? - "),
    ("count", r"^select (distinct )?count ?\("),
    ("first-or-last", r"order by .* limit 1$"),
    ("aggregate", r"^select (distinct )?(max|min|avg|sum) ?\("),
)
"""Questions by what their query looks like, the first that fits; the others list values."""


def form(sql: str) -> str:
    """What a query asks for."""
    text = " ".join(sql.lower().split())
    return next((name for name, pattern in FORMS if re.search(pattern, text)), "list")


@dataclass
class Parity:
    """How many questions have the same answer in both."""

    compared: int = 0
    agreed: int = 0
    skipped: int = 0
    """Queries that do not run on the tables, or take too long."""
    differences: list[tuple[str, str]] = field(default_factory=list)
    """Query, and both answers."""
    forms: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Form of the question, and `agreed`, `differs` or `skipped`."""

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
            found.forms[form(sql), "skipped"] += 1
            continue
        found.compared += 1
        second = asked(two, sql)
        if second is not None and alike(first, second):
            found.agreed += 1
            found.forms[form(sql), "agreed"] += 1
        else:
            found.forms[form(sql), "differs"] += 1
            found.differences.append((sql, f"{first[:3]} / {(second or [])[:3]}"))
    return found


def asked(connection: sqlite3.Connection, sql: str) -> list[Any] | None:
    """The rows of a query; None where it does not run or takes too long."""
    looks = count()
    late: Callable[[], int] = lambda: int(next(looks) > LOOKS)  # noqa: E731
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
