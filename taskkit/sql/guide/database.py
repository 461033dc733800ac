"""The guide of a task with a database."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import ClassVar

from taskkit.play import guide as core
from taskkit.play.guide import Failure, Surroundings
from taskkit.spec.action import RequestInfo
from taskkit.sql.guide.errors import explain_sql
from taskkit.sql.guide.guide import Guide
from taskkit.sql.guide.literals import LONGEST, odds

ONE_ROW = "(1 row)"
NULLS = ("null", "none", "")
EMPTY = (*NULLS, "0", "0.0")
SLIPS = (
    (
        re.compile(r"\b\w+\.row_id\s*=\s*\w+\.row_id\b", re.IGNORECASE),
        "row_id numbers the rows of each table by itself: rows of two tables that share one have "
        "nothing to do with each other. Join by subject_id, hadm_id, icustay_id or itemid.",
    ),
    (
        re.compile(r"\w*(?:time|date)\s*-\s*(?:\w{1,40}\.)?\w*(?:time|date)\b", re.IGNORECASE),
        "Times are texts: subtracting one from another subtracts their years. Use julianday(a) - "
        "julianday(b), which is in days.",
    ),
    (
        re.compile(r"\(\s*'now'|\bcurrent_(?:timestamp|date|time)\b", re.IGNORECASE),
        "The clock of the machine is not that of the data: write the current time that the task "
        "states as a text.",
    ),
)
"""What runs and means something else, with what to do."""
NO_PARTNER = (
    "Each literal compared with = occurs, so the conditions exclude each other, or a "
    "join finds no partner: leave them out one by one and count the rows."
)


class DatabaseGuide(core.Guide):
    """Answers for the SQLite database of an environment."""

    topics: ClassVar[tuple[str, ...]] = ("tables", "columns", "values", "search")
    usage: ClassVar[str] = (
        '{"action": "request_info", "about": "tables"} lists the tables of the database; '
        '"about": "columns" needs a "table"; "values" needs a "table" and a "column"; '
        '"search" finds a "text" in all of them, misspelt or not.'
    )

    def __init__(self, guide: Guide, files: Sequence[str] = ()) -> None:
        """Answer by what is known of a database, which is one of the ``files`` below /data."""
        self.guide, self.files = guide, files

    def answer(self, request: RequestInfo) -> str:
        """Answer about tables, columns, values or a text."""
        return self.guide.answer(request)

    def explain(self, failure: Failure) -> str | None:
        """Explain an error of SQLite."""
        if "Traceback" in failure.error:
            return None
        return explain_sql(failure.error.strip(), failure.sql, self.guide)

    def hint(self, name: str, message: str, code: str) -> str | None:
        """Explain what `sqlite3` raised in a Python program."""
        if name == "OperationalError" and "no such table" in message:
            table = self.guide.resolve(message.rpartition(" ")[2], self.guide.schema)
            if table is not None:
                data = ", ".join(f"/data/{asset}" for asset in self.files)
                return (
                    f"The program opened another database: {table} is not in it. Data files: "
                    f"{data or 'none'}. A program starts in /workspace."
                )
        if "unable to open database" in message:
            return None
        if name in ("OperationalError", "DatabaseError", "ProgrammingError"):
            return explain_sql(message, "", self.guide)
        return None

    def remarks(self, failure: Failure) -> list[str]:
        """Say which literals the data are at odds with, and why there may be no rows."""
        parts = ["The query ran and gave no rows."] if failure.empty else []
        if failure.status == "ok" and not failure.empty and (said := says_nothing(failure)):
            parts.append(said)
        if failure.sql and failure.status in ("ok", "error"):
            hints = [*slips(failure.sql), *odds(failure.sql, self.guide)]
            parts += hints
            if failure.empty and not hints:
                parts.append(NO_PARTNER)
        return parts

    def names(self) -> Sequence[str]:
        """Give the columns of all tables."""
        return [name for table in self.guide.schema for name in self.guide.names(table)]

    def close(self) -> None:
        """Close the database and its index."""
        self.guide.close()


def says_nothing(failure: Failure) -> str | None:
    """Say that a query's only value is null or 0; None where it has another."""
    lines = [line.strip() for line in failure.printed.strip().splitlines()]
    if not failure.sql or len(lines) < 2 or lines[-1] != ONE_ROW:
        return None
    if (value := lines[-2].lower()) not in EMPTY:
        return None
    why = (
        "no row met the conditions, or every value was null" if value in NULLS else "no row counts"
    )
    return (
        f"The query ran, and its only value is {value}: {why}. Look at what each condition keeps."
    )


def slips(sql: str) -> list[str]:
    """Say what a query is likely not to mean, whatever the data."""
    if len(sql) > LONGEST:
        return []
    return [said for pattern, said in SLIPS if pattern.search(sql)]


class DatabaseMaker:
    """Makes the guide to the database of an environment."""

    per_episode = False

    def make(self, surroundings: Surroundings) -> DatabaseGuide | None:
        """Make it; None where the environment has no database."""
        environment = surroundings.environment
        asset = next((a for a in environment.visible if a.name == environment.database), None)
        if asset is None:
            return None
        path = surroundings.files[asset.name]
        guide = Guide(path, surroundings.cache, sha256=asset.sha256)
        return DatabaseGuide(guide, list(surroundings.files))


DATABASES = DatabaseMaker()
