"""Make the search index of a database, once for its content, and keep it on disk."""

from __future__ import annotations

import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

from taskkit.errors import MissingError, SourceError, TaskkitError, UsageError
from taskkit.sql.guide.index import Index, plain
from taskkit.sql.guide.schema import Schema, quoted, read_schema
from taskkit.sqlite import connect

VERSION = 1  # of the layout below; an index of another one is made anew
MAX_DISTINCT = 200_000  # values of one column; more are no vocabulary
MAX_LENGTH = 200  # characters of a value; the rest of a note is not searched
SAMPLE = 200  # values that tell whether a column holds times
TIME = "[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*"

LAYOUT = """
CREATE TABLE entry (
    id INTEGER PRIMARY KEY, kind TEXT NOT NULL, tab TEXT NOT NULL, col TEXT, text TEXT NOT NULL,
    count INTEGER
);
CREATE TABLE span (
    tab TEXT NOT NULL, col TEXT NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,
    PRIMARY KEY (tab, col)
) WITHOUT ROWID;
CREATE VIRTUAL TABLE gram USING fts5(text, content='', detail='none', tokenize='trigram');
CREATE TABLE frequency (term TEXT PRIMARY KEY, entries INTEGER NOT NULL) WITHOUT ROWID;
"""
FINISH = f"""
CREATE INDEX entry_text ON entry (text);
INSERT INTO gram(gram) VALUES ('optimize');
CREATE VIRTUAL TABLE vocabulary USING fts5vocab(gram, 'row');
INSERT INTO frequency SELECT term, doc FROM vocabulary;
DROP TABLE vocabulary;
PRAGMA user_version = {VERSION};
"""

Row = tuple[str, str, str | None, str, int | None]


def open_index(database: Path, folder: Path, sha256: str, *, anew: bool = False) -> Index:
    """Open the index of a database; make it where there is none, or none that can be read.

    Safe with any number of processes: each writes a file of its own, and renames it.

    Args:
        folder: Where indexes are kept.
        sha256: Digest of the database; the index is named by it.
        anew: Make it even if it is there, since it turned out broken.

    Raises:
        MissingError: SQLite lacks what the index needs.
        SourceError: the database cannot be read.
        UsageError: the folder cannot be written.
    """
    path = folder / f"{sha256}.{VERSION}.index"
    if not anew:
        with suppress(TaskkitError, sqlite3.DatabaseError):
            return read_index(path)
    write_index(database, path)
    return read_index(path)


def read_index(path: Path) -> Index:
    """Open an index that is there, or raise SourceError."""
    connection = connect(path, one_thread=False)
    if connection.execute("PRAGMA user_version").fetchone() != (VERSION,):
        connection.close()
        raise SourceError(f"{path}: no search index of version {VERSION}")
    return Index(connection)


def write_index(database: Path, path: Path) -> None:
    """Make an index and put it in place at once."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        os.close(handle)
    except OSError as error:
        raise UsageError(f"{path.parent}: {error.strerror}: need a folder for caches") from error
    draft = Path(name)
    try:
        with closing(connect(database)) as source, closing(sqlite3.connect(draft)) as target:
            fill(source, target)
        draft.replace(path)
    except sqlite3.Error as error:
        raise blamed(error, database) from error
    finally:
        draft.unlink(missing_ok=True)


def blamed(error: sqlite3.Error, database: Path) -> TaskkitError:
    """Name the party at fault for a failed index."""
    if "fts5" in str(error) or "tokenizer" in str(error):
        return MissingError(
            f"SQLite {sqlite3.sqlite_version} of this Python: {error}: need 3.34 or later with FTS5"
        )
    return SourceError(f"{database}: cannot be indexed: {error}")


def fill(source: sqlite3.Connection, target: sqlite3.Connection) -> None:
    """Write the entries of a database into an empty index."""
    target.execute("PRAGMA journal_mode = OFF")  # the draft is thrown away if anything fails
    target.execute("PRAGMA synchronous = OFF")
    target.executescript(LAYOUT)
    schema = read_schema(source)
    last = add(target, 0, names(schema))
    for table, columns in schema.items():
        for column in columns:
            if column.textual and not holds_times(source, table, column.name):
                first = last + 1
                last = add(target, last, values(source, table, column.name))
                if last >= first:
                    span = (table, column.name, first, last)
                    target.execute("INSERT INTO span VALUES (?, ?, ?, ?)", span)
    target.commit()
    target.executescript(FINISH)
    target.commit()


def add(target: sqlite3.Connection, last: int, rows: Iterator[Row]) -> int:
    """Write entries after number ``last``, and give the number of the last one."""
    for last, row in enumerate(rows, last + 1):  # noqa: B020
        target.execute("INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?)", (last, *row))
        target.execute("INSERT INTO gram (rowid, text) VALUES (?, ?)", (last, f" {plain(row[3])} "))
    return last


def names(schema: Schema) -> Iterator[Row]:
    """Give the tables and columns as entries."""
    for table, columns in schema.items():
        yield "table", table, None, table, None
        for column in columns:
            yield "column", table, column.name, column.name, None


def values(source: sqlite3.Connection, table: str, column: str) -> Iterator[Row]:
    """Give the distinct texts of a column as entries; none where there are too many."""
    name = quoted(column)
    found = source.execute(
        f"SELECT substr({name}, 1, {MAX_LENGTH}), count(*) FROM {quoted(table)} "
        f"WHERE typeof({name}) = 'text' GROUP BY 1 LIMIT {MAX_DISTINCT + 1}"
    ).fetchall()
    if len(found) <= MAX_DISTINCT:
        for text, count in found:
            yield "value", table, column, text, count


def holds_times(source: sqlite3.Connection, table: str, column: str) -> bool:
    """Say whether nearly all texts of a column are dates or times, which nobody searches for."""
    name = quoted(column)
    found = source.execute(
        f"SELECT count(*), sum({name} GLOB ?) FROM (SELECT {name} FROM {quoted(table)} "
        f"WHERE {name} IS NOT NULL LIMIT {SAMPLE})",
        (TIME,),
    ).fetchone()
    return bool(found[0]) and found[1] >= 0.9 * found[0]
