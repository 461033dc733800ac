"""The tables and columns of a SQLite database."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ColumnInfo:
    """A column as its table declares it."""

    name: str
    type: str
    """The declared type; empty where there is none."""
    key: bool
    """Part of the primary key."""
    refers: str | None
    """`table.column` that a foreign key refers to."""

    @property
    def textual(self) -> bool:
        """SQLite keeps texts of this column as texts, by its rules of affinity."""
        kind = self.type.upper()
        return "INT" not in kind and (not kind or any(t in kind for t in ("CHAR", "CLOB", "TEXT")))


Schema = Mapping[str, tuple[ColumnInfo, ...]]
"""Tables by name, sorted, with their columns in order."""


def read_schema(connection: sqlite3.Connection) -> Schema:
    """Give the tables and views of a database, SQLite's own left out."""
    names = connection.execute(
        "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') "
        "AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name"
    )
    return {name: read_columns(connection, name) for (name,) in names.fetchall()}


def read_columns(connection: sqlite3.Connection, table: str) -> tuple[ColumnInfo, ...]:
    """Give the columns of a table in order."""
    refers = {
        row[3]: f"{row[2]}.{row[4] or row[3]}"
        for row in connection.execute(f"PRAGMA foreign_key_list({quoted(table)})")
    }
    return tuple(
        ColumnInfo(name, kind, bool(key), refers.get(name))
        for _, name, kind, _, _, key in connection.execute(f"PRAGMA table_info({quoted(table)})")
    )


def quoted(name: str) -> str:
    """Quote a name for SQL."""
    return '"' + name.replace('"', '""') + '"'
