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
from taskkit.sql.guide.programs import explained, known, queries
from taskkit.sql.guide.slips import divisions, slips

ONE_ROW = "(1 row)"
EMPTY = ("null", "none", "", "0", "0.0")
TOGETHER = (
    "Together the conditions keep no row, or a join finds no partner: leave them out one by one, "
    "and count the rows."
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
        if name in ("UnicodeDecodeError", "ParserError") and (read := self._as_text(code)):
            return read
        if name in ("OperationalError", "DatabaseError", "ProgrammingError"):
            word = re.findall(r"\w+", message)[-1:]
            sql = next((one for one in queries(code) if word and word[0] in one), "")
            if (made := explain_sql(message, sql, self.guide)) is not None:
                return made
        return explained(name, message, code, self.guide)

    def _as_text(self, code: str) -> str | None:
        """Say that the database was read as a file of text."""
        for file in self.files:
            if file in code and "connect(" not in code:
                return f"/data/{file} is a SQLite database: sqlite3.connect('/data/{file}')."
        return None

    def remarks(self, failure: Failure) -> list[str]:
        """Say which literals the data are at odds with, and why there may be no rows."""
        if not failure.sql or failure.status not in ("ok", "error") or len(failure.sql) > LONGEST:
            return ["The query ran and gave no rows."] if failure.empty else []
        parts = ["The query ran and gave no rows."] if failure.empty else []
        value = None if failure.status != "ok" or failure.empty else only_value(failure)
        if value is not None:
            parts.append(f"The query ran, and its only value is {value}.")
        vain = failure.empty or value is not None
        hints = [*odds(failure.sql, self.guide, vain=vain), *slips(failure.sql, self.guide)]
        if value is not None and (divided := divisions(failure.sql, value)):
            hints.append(divided)
        if vain and not hints:
            hints.append(TOGETHER if failure.empty else behind(failure.sql, value))
        return [*parts, *hints]

    def names(self, code: str) -> Sequence[str]:
        """Give the columns of the tables that a program names; of all where it names none."""
        return known(code, self.guide)

    def close(self) -> None:
        """Close the database and its index."""
        self.guide.close()


def only_value(failure: Failure) -> str | None:
    """Give a query's only value where it is null or 0; None where it is another."""
    lines = [line.strip() for line in failure.printed.strip().splitlines()]
    if len(lines) < 2 or lines[-1] != ONE_ROW:
        return None
    value = lines[-2].lower()
    return value if value in EMPTY else None


def behind(sql: str, value: str | None) -> str:
    """Say what a lone 0 or null may come of."""
    if value in ("0", "0.0"):
        counts = re.match(r"\s*select\s+count\b", sql, re.IGNORECASE)
        return f"No row was counted. {TOGETHER}" if counts else "Look at the rows behind it."
    return "No row met the conditions, or the value is null in those that did: count them."


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
