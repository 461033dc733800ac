"""Whether SQLite can run a query over a database, asked without running it."""

from __future__ import annotations

import re
import sqlite3
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from taskkit.errors import SourceError
from taskkit.spec.validation import nearest
from taskkit.sqlite import connect
from taskkit.taskset.finding import FindingCode

_ALLOWED = frozenset(
    (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE)
)
_TOKENS = re.compile(r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|/\*.*?\*/|[^'"/-]+|.""", re.DOTALL)
_MISSING = re.compile(r"no such (table|column): (.+)")


@dataclass(frozen=True, slots=True)
class Flaw:
    """Why a query cannot be run, or does not mean what it seems to."""

    code: FindingCode
    message: str
    remedy: str


class Database:
    """A SQLite file that nobody writes, to prepare queries against."""

    def __init__(self, path: Path) -> None:
        """Open it.

        Raises:
            SourceError: the file is no database.
        """
        self._connection = connect(path)
        self._connection.set_authorizer(_authorize)

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def flaw(self, sql: str) -> Flaw | None:
        """Return what is wrong with a query, or None."""
        error = self._error(sql)
        if error is not None:
            return self._explained(error, sql)
        if '"' in sql:
            error = self._error(_bracketed(sql))
            if error is not None:
                return _quoted_text(error)
        return None

    def _error(self, sql: str) -> str | None:
        """Prepare a query; return SQLite's complaint."""
        try:
            self._connection.execute(f"explain {sql}").close()
        except (sqlite3.Error, sqlite3.Warning, ValueError, UnicodeError) as error:
            return str(error)
        return None

    def _explained(self, error: str, sql: str) -> Flaw:
        found = _MISSING.match(error)
        if found and found[1] == "table":
            near = nearest(found[2], self._columns).removeprefix(": ")
            known = f"need one of {', '.join(self._columns)}"
            return Flaw("sql_unknown_table", f"no table {found[2]!r}", near or known)
        if found:
            name = found[2].rpartition(".")[2]
            near = nearest(name, self._columns_of(sql)).removeprefix(": ")
            return Flaw(
                "sql_unknown_column", f"no column {found[2]!r}", near or self._tables_of(sql)
            )
        if "not authorized" in error or "prohibited" in error:
            return Flaw("sql_not_query", "no query that reads", "need one, such as SELECT")
        if "one statement" in error:
            return Flaw("sql_not_query", "several statements", "need one query")
        if "syntax error" in error or "incomplete input" in error or "unrecognized" in error:
            return Flaw("sql_syntax", error, "need a query of SQLite's dialect")
        return Flaw("sql_error", error, "need a query that SQLite can prepare over this database")

    @cached_property
    def _columns(self) -> dict[str, list[str]]:
        """Columns by table."""
        self._connection.set_authorizer(None)
        rows = self._connection.execute(
            "select lower(t.name), lower(c.name) from sqlite_schema t, pragma_table_info(t.name) c"
            " where t.type in ('table', 'view') and t.name not like 'sqlite~_%' escape '~'"
            " order by 1, c.cid"
        ).fetchall()
        self._connection.set_authorizer(_authorize)
        columns: dict[str, list[str]] = {}
        for table, column in rows:
            columns.setdefault(table, []).append(column)
        return columns

    def _named(self, sql: str) -> list[str]:
        words = set(re.findall(r"\w+", sql.lower()))
        return [table for table in self._columns if table in words]

    def _columns_of(self, sql: str) -> list[str]:
        return [column for table in self._named(sql) for column in self._columns[table]]

    def _tables_of(self, sql: str) -> str:
        named = self._named(sql)
        return "; ".join(f"{table} has {', '.join(self._columns[table])}" for table in named)


def is_database(path: Path) -> bool:
    """Say whether a file is a SQLite database that can be opened."""
    try:
        Database(path).close()
    except SourceError:
        return False
    return True


def _authorize(action: int, *_: object) -> int:
    return sqlite3.SQLITE_OK if action in _ALLOWED else sqlite3.SQLITE_DENY


def _bracketed(sql: str) -> str:
    """Return a query whose names in double quotes stand in brackets.

    SQLite takes "x" for a text where there is no column x; [x] is always a name.
    """
    return _TOKENS.sub(_bracket, sql)


def _bracket(token: re.Match[str]) -> str:
    text = token.group()
    if len(text) < 2 or text[0] != '"' or "]" in text:
        return text
    return f"[{text[1:-1].replace(chr(34) * 2, chr(34))}]"


def _quoted_text(error: str) -> Flaw:
    found = _MISSING.match(error)
    name = found[2] if found else error
    return Flaw(
        "sql_quoted_text",
        f'"{name}" in double quotes is no column here, so SQLite reads it as a text',
        f"write '{name}' for a text, or name a column",
    )
