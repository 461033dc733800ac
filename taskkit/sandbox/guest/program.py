"""The last leg: run a program's code in a process that is already locked in."""

from __future__ import annotations

import os
import signal
import sqlite3

from taskkit.sandbox.guest import query

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NoReturn

ANSWER_FD = 3
"""Where a program's process leaves its answer."""

run_script: Callable[[str, int | None], tuple[bytes, bytes, int]] | None = None
"""Runs Python; set where the modules it needs are loaded."""

CANNOT_RUN = 126  # the exit code that POSIX has for it

LOCKED = b"L"
"""Written there before anything of the program runs; then one byte of the kind, then the answer."""
NO_ANSWER, ANSWER, TOO_MUCH, NO_MEMORY = b"N", b"A", b"O", b"M"
ENDED_BY = {TOO_MUCH: "output_limit", NO_MEMORY: "out_of_memory"}
"""What such an answer says of the program's end."""


def shell(code: str, environment: dict[str, str]) -> NoReturn:
    """Become ``/bin/sh -c code``; say so where the system takes no such command line."""
    for number in (signal.SIGPIPE, signal.SIGXFSZ, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)  # Python ignores some, and exec would pass that on
    try:
        os.execve("/bin/sh", ["sh", "-c", code], environment)
    except ValueError:
        said = "it holds a NUL character"
    except OSError as error:
        said = str(error.strerror)  # it is too long, such as 128 KiB
    _write(2, f"sh: the command cannot be run: {said}\n".encode())
    os._exit(CANNOT_RUN)


class Left:
    """What a query left."""

    __slots__ = ("answer", "error", "exit_code", "kind", "out")

    def __init__(self) -> None:
        """Start with a query that left nothing and ended well."""
        self.out, self.error, self.answer = b"", b"", b""
        self.kind, self.exit_code = NO_ANSWER, 0


def evaluate(code: str, database: str | sqlite3.Connection, limit: int | None) -> Left:
    """Run one query.

    Args:
        database: A path, or a connection by `query.connect`.
        limit: Largest answer, bytes; None for no answer at all.
    """
    left = Left()
    text = ""
    try:
        connection = query.connect(database) if isinstance(database, str) else database
        text, found = query.result(connection, code, limit=limit)
        if found is not None:
            left.kind, left.answer = ANSWER, found
    except query.TooMuchError as error:
        text, left.kind = str(error), TOO_MUCH
    except (sqlite3.Error, sqlite3.Warning, query.RefusedError) as error:
        left.exit_code = 1
        left.error = f"{_sqlite_name(error)}: {error}\n".encode()
    except MemoryError:
        left.exit_code, left.kind = 1, NO_MEMORY
    left.out = text.encode("utf-8", "backslashreplace")
    return left


def sql(code: str, path: str, limit: int | None) -> NoReturn:
    """Run one query, print its rows, leave its answer, and end."""
    left = evaluate(code, path, limit)
    _write(2, left.error)
    _write(1, left.out)
    _write(ANSWER_FD, left.kind + left.answer)
    os._exit(left.exit_code)


def _sqlite_name(error: Exception) -> str:
    return "Error" if isinstance(error, query.RefusedError) else type(error).__name__


def python(code: str, limit: int | None) -> NoReturn:
    """Run ``code`` as a Python program of its own, leave the answer it set, and end."""
    assert run_script is not None
    kind, answer, status = run_script(code, limit)
    _write(ANSWER_FD, kind + answer)
    os._exit(status)


def _write(fd: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]
