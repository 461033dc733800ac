"""What `request_info` answers about a database."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable
from pathlib import Path
from threading import Timer
from typing import Any, TypeVar

from rapidfuzz import fuzz, process

from taskkit.spec.action import RequestInfo
from taskkit.sql.guide.index import Hit, Index
from taskkit.sql.guide.indexing import open_index
from taskkit.sql.guide.schema import ColumnInfo, Schema, quoted, read_schema
from taskkit.sqlite import BudgetError, connect, run

EXAMPLES = 3  # values shown of each column
EXAMPLE_ROWS = 100  # first rows that examples are taken from
MAX_SHOWN = 80  # characters of one value
MAX_INSTRUCTIONS = 50_000_000  # SQLite instructions of one count, about 1 s
FOREIGN_INSTRUCTIONS = 2_000_000  # of a part of an agent's query, about 0.04 s
FOREIGN_LIMITS = {
    sqlite3.SQLITE_LIMIT_LENGTH: 100_000,  # bytes of a value that a function makes
    sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH: 200,
}
FOREIGN_S = 0.3  # of it on the clock: one call of a function can be a thousand instructions' worth

Result = TypeVar("Result")


class Guide:
    """Knows a SQLite database; reads nothing before it is asked."""

    def __init__(self, database: Path, cache: Path, *, sha256: str) -> None:
        """Name a database.

        Args:
            cache: Folder of search indexes; one is made there on first use.
            sha256: Digest of the database.
        """
        self.database = database
        self._cache = cache
        self._sha256 = sha256
        self._connection: sqlite3.Connection | None = None
        self._foreign: sqlite3.Connection | None = None
        self._schema: Schema | None = None
        self._index: Index | None = None
        self._counts: dict[str, int | None] = {}

    @property
    def schema(self) -> Schema:
        """The tables with their columns."""
        if self._schema is None:
            self._schema = read_schema(self.connection)
        return self._schema

    @property
    def connection(self) -> sqlite3.Connection:
        """The database, read-only."""
        if self._connection is None:
            self._connection = connect(self.database, one_thread=False)
        return self._connection

    def answer(self, request: RequestInfo) -> str:
        """Answer a request for information as text."""
        if request.about == "tables":
            return self.tables(request.limit)
        if request.about == "search":
            return self.found(request.text, request.limit)
        if request.table is None:
            return f'To ask about {request.about}, give a "table".'
        table = self.resolve(request.table, self.schema)
        if table is None:
            return self.no_table(request.table)
        if request.about == "columns":
            return self.columns(table, request.limit)
        if request.column is None:
            return 'To ask about values, give a "column".'
        column = self.resolve(request.column, self.names(table))
        if column is None:
            return self.no_column(table, request.column)
        return self.values(table, column, request.limit)

    def tables(self, limit: int) -> str:
        """List the tables with their rows and columns."""
        lines = [
            f"{table} {self.rows(table)}: {', '.join(self.names(table))}" for table in self.schema
        ]
        return shortened(lines, limit, "tables")

    def columns(self, table: str, limit: int) -> str:
        """List the columns of a table with type, keys and examples."""
        examples = self.connection.execute(
            f"SELECT * FROM {quoted(table)} LIMIT {EXAMPLE_ROWS}"
        ).fetchall()
        lines = [
            f"{column_line(column)}; such as {examples_of(row[i] for row in examples)}"
            for i, column in enumerate(self.schema[table])
        ]
        return f"{table} {self.rows(table)}\n{shortened(lines, limit, 'columns')}"

    def values(self, table: str, column: str, limit: int) -> str:
        """List the distinct values of a column, most frequent first."""
        number, pairs = self.frequent(table, column, limit)
        if not number:
            return self.counted_values(table, column, limit)
        lines = [f"{shown(text)}  {counted(count)}" for text, count in pairs]
        return f"{table}.{column}\n{shortened(lines, limit, 'values', number)}"

    def counted_values(self, table: str, column: str, limit: int) -> str:
        """List the distinct values of a column that is not indexed; its range where too many."""
        name, source = quoted(column), quoted(table)
        found = self.bounded(
            f"SELECT {name}, count(*) FROM {source} GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT {limit + 1}"
        )
        if found is None:
            return f"{table}.{column}: too many rows to count its values; ask with SQL."
        lines = [f"{shown(value)}  {counted(count)}" for value, count in found[:limit]]
        more = "\n... and more values" if len(found) > limit else ""
        return f"{table}.{column}\n" + ("\n".join(lines) or "no values") + more

    def frequent(self, table: str, column: str, limit: int) -> tuple[int, list[tuple[str, int]]]:
        """Give how many texts a column has, and the most frequent with their rows.

        The number is 0 where the column holds no texts, or too many or times.
        """
        return self.ask(lambda index: index.values(table, column, limit))

    def found(self, text: str | None, limit: int) -> str:
        """List what is like a text."""
        if not text or not text.strip():
            return 'To search, give a "text".'
        hits = self.search(text, limit)
        return "\n".join(map(hit_line, hits)) or f"Nothing is like {shown(text)}."

    def search(
        self, text: str, limit: int = 20, *, within: tuple[str, str] | None = None
    ) -> list[Hit]:
        """Give names and values that are like a text, best first."""
        return self.ask(lambda index: index.search(text, limit=limit, within=within))

    def ask(self, question: Callable[[Index], Result]) -> Result:
        """Ask the index; make it anew where it turns out broken."""
        if self._index is None:
            self._index = open_index(self.database, self._cache, self._sha256)
        try:
            return question(self._index)
        except sqlite3.DatabaseError:
            self._index.close()
            self._index = open_index(self.database, self._cache, self._sha256, anew=True)
            return question(self._index)

    def names(self, table: str) -> list[str]:
        """Give the names of a table's columns."""
        return [column.name for column in self.schema[table]]

    @staticmethod
    def resolve(name: str, known: Iterable[str]) -> str | None:
        """Give the known name that SQL takes ``name`` for; None where there is none."""
        wanted = name.strip().strip('"`[]').lower()
        return next((candidate for candidate in known if candidate.lower() == wanted), None)

    def rows(self, table: str) -> str:
        """Write how many rows a table has."""
        if table not in self._counts:
            found = self.bounded(f"SELECT count(*) FROM {quoted(table)}")
            self._counts[table] = found[0][0] if found else None
        count = self._counts[table]
        return "(many rows)" if count is None else counted(count)

    def bounded(self, query: str) -> list[tuple[Any, ...]] | None:
        """Run a query of our own; None where it takes too long."""
        try:
            return run(self.connection, query, max_steps=MAX_INSTRUCTIONS).rows
        except (BudgetError, sqlite3.OperationalError):
            return None

    def tried(self, query: str) -> list[tuple[Any, ...]] | None:
        """Run a part of an agent's query; None where it fails, or takes too long or too much."""
        connection = self._foreign = self._foreign or opened_for_agents(self.database)
        clock = Timer(FOREIGN_S, connection.interrupt)
        clock.start()
        try:
            return run(connection, query, max_steps=FOREIGN_INSTRUCTIONS).rows
        except (BudgetError, sqlite3.Error, sqlite3.Warning, UnicodeError):
            return None
        finally:
            clock.cancel()

    def no_table(self, name: str) -> str:
        """Say that there is no such table, and which are near."""
        return f"There is no table {shown(name)}. {nearest(name, list(self.schema), 'Tables', 80)}"

    def no_column(self, table: str, name: str) -> str:
        """Say that a table has no such column, which are near, and which tables have it."""
        others = [t for t in self.schema if self.resolve(name, self.names(t)) is not None]
        elsewhere = f" A column of that name is in {', '.join(others)}." if others else ""
        near = nearest(name, self.names(table), "Columns")
        return f"Table {table} has no column {shown(name)}.{elsewhere} {near}"

    def close(self) -> None:
        """Close its files; safe to call twice."""
        for held in (self._connection, self._foreign, self._index):
            if held is not None:
                held.close()
        self._connection = self._foreign = self._index = None


def opened_for_agents(database: Path) -> sqlite3.Connection:
    """Open a database for parts of agents' queries: no call in them may take long."""
    connection = connect(database, one_thread=False)
    for limit, most in FOREIGN_LIMITS.items():
        connection.setlimit(limit, most)
    return connection


def nearest(name: str, known: list[str], what: str, cutoff: int = 60) -> str:
    """Name what was perhaps meant, then all there is."""
    lowered = [candidate.lower() for candidate in known]
    hits = process.extract(name.lower(), lowered, scorer=fuzz.ratio, limit=3, score_cutoff=cutoff)
    meant = [known[position] for _, _, position in hits]
    guess = f"Perhaps you mean {' or '.join(meant)}. " if meant else ""
    return f"{guess}{what}: {', '.join(known)}."


def column_line(column: ColumnInfo) -> str:
    """Write what a table declares of a column."""
    key = ", primary key" if column.key else ""
    refers = f", refers to {column.refers}" if column.refers else ""
    return f"{column.name} {column.type or 'of any type'}{key}{refers}"


def examples_of(values: Iterable[object]) -> str:
    """Write the first different values."""
    different = dict.fromkeys(value for value in values if value is not None)
    return ", ".join(shown(value) for value in list(different)[:EXAMPLES]) or "null"


def hit_line(hit: Hit) -> str:
    """Write what a search found."""
    if hit.kind == "table":
        return f"table {hit.table}"
    if hit.kind == "column":
        return f"column {hit.table}.{hit.column}"
    return f"value {shown(hit.text)} of {hit.table}.{hit.column}  {counted(hit.count or 0)}"


def shortened(lines: list[str], limit: int, what: str, number: int | None = None) -> str:
    """Write as many lines as were asked for, and how many more there are."""
    more = (len(lines) if number is None else number) - min(limit, len(lines))
    rest = [f"... and {more} more {what}"] if more > 0 else []
    return "\n".join([*lines[:limit], *rest]) or f"no {what}"


def shown(value: object) -> str:
    """Write a value as SQL does, cut where it is long."""
    if value is None:
        return "null"
    text = f"'{value}'" if isinstance(value, str) else str(value)
    return text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}..."


def counted(rows: int) -> str:
    """Write a number of rows."""
    return f"({rows} row{'s' * (rows != 1)})"
