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

LOCKED = b"L"
"""Written there before anything of the program runs; then one byte of the kind, then the answer."""
NO_ANSWER, ANSWER, TOO_MUCH, NO_MEMORY = b"N", b"A", b"O", b"M"


def shell(code: str, environment: dict[str, str]) -> NoReturn:
    """Become ``/bin/sh -c code``."""
    for number in (signal.SIGPIPE, signal.SIGXFSZ, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)  # Python ignores some, and exec would pass that on
    os.execve("/bin/sh", ["sh", "-c", code], environment)


def sql(code: str, path: str, limit: int | None) -> NoReturn:
    """Run one query, print its rows, leave its answer, and end."""
    kind, answer, status = NO_ANSWER, b"", 0
    try:
        text, found = query.result(query.connect(path), code, limit=limit)
        if found is not None:
            kind, answer = ANSWER, found
    except query.TooMuchError as error:
        text, kind = str(error), TOO_MUCH
    except (sqlite3.Error, sqlite3.Warning, query.RefusedError) as error:
        text, status = "", 1
        _write(2, f"{_sqlite_name(error)}: {error}\n".encode())
    except MemoryError:
        text, status, kind = "", 1, NO_MEMORY
    _write(1, text.encode("utf-8", "backslashreplace"))
    _write(ANSWER_FD, kind + answer)
    os._exit(status)


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
