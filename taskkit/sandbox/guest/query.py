"""SQL programs: one statement that reads one SQLite file."""

from __future__ import annotations

import math
import os
import sqlite3

try:
    from _json import encode_basestring as quote  # without all that `json` brings along
except ImportError:
    from json.encoder import encode_basestring as quote

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

SHOWN = 50  # rows printed; an agent reads no more
WIDTH = 60  # characters printed of one value
MAPPED = 1 << 34  # bytes of a file that are read in place, where SQLite allows as many

_READ_ONLY_PRAGMAS = frozenset(
    [
        "table_info",
        "table_xinfo",
        "table_list",
        "index_list",
        "index_info",
        "index_xinfo",
        "foreign_key_list",
        "database_list",
        "collation_list",
        "function_list",
        "compile_options",
    ]
)
_ALLOWED = frozenset(
    (
        sqlite3.SQLITE_SELECT,
        sqlite3.SQLITE_READ,
        sqlite3.SQLITE_RECURSIVE,
    )
)


class RefusedError(Exception):
    """A statement or a result that a SQL program may not have."""


class TooMuchError(Exception):
    """A result larger than the output limit."""


def quoted(path: str) -> str:
    """Write a path as a URI has it; `urllib` would be much to load for this."""
    for sign in "%?#":
        path = path.replace(sign, f"%{ord(sign):02x}")
    return path


def connect(path: str) -> sqlite3.Connection:
    """Open a database such that nothing of it, and nothing else, can be written."""
    connection = sqlite3.connect(
        path if path == ":memory:" else f"file:{quoted(path)}?mode=ro&immutable=1", uri=True
    )
    connection.execute(f"pragma mmap_size = {MAPPED}")
    connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    connection.set_authorizer(_authorize)
    return connection


class Opened:
    """A database that is open, its schema read, before the process forks.

    SQLite forbids to carry a connection over a fork because of its locks; one to an immutable file
    has none.
    """

    __slots__ = ("connection", "fd")

    def __init__(self, path: str) -> None:
        """Open the file at ``path``.

        Raises:
            sqlite3.Error: it is no database.
        """
        before = _descriptors(path)
        self.connection = connect(path)
        self.connection.execute("select count(*) from sqlite_master").fetchall()
        (self.fd,) = _descriptors(path) - before
        """The descriptor that it reads by."""


def _descriptors(path: str) -> set[int]:
    """Return the numbers under which the file at ``path`` is open."""
    found = set()
    for name in os.listdir("/proc/self/fd"):
        try:
            if os.path.samestat(os.fstat(int(name)), os.stat(path)):
                found.add(int(name))
        except OSError:
            continue  # that of the listing itself
    return found


def result(
    connection: sqlite3.Connection, sql: str, *, limit: int | None
) -> tuple[str, bytes | None]:
    """Run one query; return what to print, and the answer document.

    Args:
        connection: Where to run it.
        sql: Exactly one statement.
        limit: Largest document, bytes; None for no document.

    Raises:
        sqlite3.Error, sqlite3.Warning: SQLite refuses the statement.
        RefusedError: it is no query, or its result has values that an answer cannot hold.
        TooMuchError: the document would pass ``limit``; `args[0]` is what to print.
    """
    cursor = connection.execute(sql)
    if cursor.description is None:
        raise RefusedError("no query: need one SELECT statement")
    columns = [column[0] for column in cursor.description]
    head: list[tuple[Any, ...]] = []
    if limit is None:
        count = _skim(cursor, head)
        return table(columns, head, count), None
    names = ", ".join(map(quote, columns))
    parts = [f'{{"columns": [{names}], "rows": ['.encode()]
    size = count = 0
    for row in cursor:
        if count < SHOWN:
            head.append(row)
        text = f"[{', '.join(map(_json, row))}]".encode()
        parts.append(b", " + text if count else text)
        count += 1
        size += len(text) + 2
        if size > limit:
            raise TooMuchError(table(columns, head, None))
    parts.append(b"]}")
    return table(columns, head, count), b"".join(parts)


def _authorize(action: int, first: str | None, second: str | None, *_: str | None) -> int:
    if action in _ALLOWED:
        return sqlite3.SQLITE_OK
    if action == sqlite3.SQLITE_FUNCTION:
        refused = second == "load_extension"
        return sqlite3.SQLITE_DENY if refused else sqlite3.SQLITE_OK
    if action == sqlite3.SQLITE_PRAGMA and first in _READ_ONLY_PRAGMAS:
        return sqlite3.SQLITE_OK
    return sqlite3.SQLITE_DENY


def _skim(cursor: sqlite3.Cursor, head: list[tuple[Any, ...]]) -> int:
    count = 0
    for row in cursor:
        count += 1
        if count <= SHOWN:
            head.append(row)
    return count


def _json(value: Any) -> str:
    """Return one value as JSON text; a `json` encoder would touch three times the memory."""
    kind = type(value)
    if kind is str:
        return quote(value)
    if value is None:
        return "null"
    if kind is bytes:
        raise RefusedError("the result holds a blob, which no answer may be")
    if kind is float and not math.isfinite(value):
        raise RefusedError(f"the result holds {value}, which is no number an answer may be")
    return repr(value)


def table(columns: list[str], rows: list[tuple[Any, ...]], count: int | None) -> str:
    """Return the first rows as aligned text, and how many there are (None: more than fit)."""
    cells = [[_cell(value) for value in line] for line in (columns, *rows)]
    widths = [max(len(line[at]) for line in cells) for at in range(len(columns))]
    cells.insert(1, ["-" * width for width in widths])
    lines = ["  ".join(map(str.ljust, line, widths)).rstrip() for line in cells]
    if count is None:
        lines.append("(more rows than the output limit allows)")
    else:
        more = f", first {SHOWN} shown" if count > SHOWN else ""
        lines.append(f"({count} row{'' if count == 1 else 's'}{more})")
    return "\n".join(lines) + "\n"


def _cell(value: Any) -> str:
    text = "NULL" if value is None else str(value)
    text = text.replace("\n", "\\n")
    return text if len(text) <= WIDTH else text[: WIDTH - 1] + "…"
