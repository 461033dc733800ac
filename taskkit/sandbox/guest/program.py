"""The last leg: run a program's code in a process that is already locked in."""

from __future__ import annotations

import atexit
import gc
import io
import linecache
import os
import random
import re
import signal
import sqlite3
import sys
import threading
import traceback
from types import ModuleType
from typing import NoReturn

from taskkit.sandbox.guest import document, query

ANSWER_FD = 3
"""Where a program's process leaves its answer: one byte of the kind, then the document."""

NO_ANSWER, ANSWER, TOO_MUCH, NO_MEMORY = b"N", b"A", b"O", b"M"

FILE = "<program>"
_ADDRESS = re.compile(r"\bat 0x[0-9a-fA-F]+")


def shell(code: str, environment: dict[str, str]) -> NoReturn:
    """Become ``/bin/sh -c code``."""
    for number in (signal.SIGPIPE, signal.SIGXFSZ, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)  # Python ignores some, and exec would pass that on
    os.execve("/bin/sh", ["sh", "-c", code], environment)


def sql(code: str, path: str, limit: int | None) -> NoReturn:
    """Run one query, print its rows, leave its answer, and end."""
    kind, answer, status = NO_ANSWER, b"", 0
    try:
        text, found = query.run(path, code, limit=limit)
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
    """Run ``code`` as a program of its own, leave the answer it set, and end."""
    main = _fresh_main()
    kind, answer = NO_ANSWER, b""
    status = _execute(code, main)
    if status is None:
        status = 0
        if limit is not None and "answer" in main.__dict__:
            kind, answer, status = _collect(main.__dict__["answer"], limit)
    elif status == _OUT_OF_MEMORY:
        kind, status = NO_MEMORY, 1
    _end(kind, answer, status)


_OUT_OF_MEMORY = -1


def _fresh_main() -> ModuleType:
    """Make this process look like one that has just started."""
    main = ModuleType("__main__")
    main.__dict__["__builtins__"] = __builtins__
    sys.modules["__main__"] = main
    sys.argv = [FILE]
    sys.path[:0] = [os.getcwd()]
    sys.stdin = sys.__stdin__ = io.TextIOWrapper(io.FileIO(0), "utf-8")  # type: ignore[misc]
    for name, fd in (("stdout", 1), ("stderr", 2)):
        stream = io.TextIOWrapper(
            io.BufferedWriter(io.FileIO(fd, "w", closefd=False)),
            "utf-8",
            errors="backslashreplace",
            line_buffering=fd == 2,
        )
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)
    random.seed()
    if numpy := sys.modules.get("numpy"):
        numpy.random.seed()
    gc.enable()
    return main


def _execute(code: str, main: ModuleType) -> int | None:
    """Return None where the code ran to its end, else the exit code."""
    lines = code.splitlines(keepends=True)
    linecache.cache[FILE] = (len(code), None, lines, FILE)
    try:
        exec(compile(code, FILE, "exec", dont_inherit=True), main.__dict__)  # noqa: S102
    except SystemExit as request:
        if request.code is None or isinstance(request.code, int):
            return (request.code or 0) & 0xFF
        print(request.code, file=sys.stderr)  # noqa: T201
        return 1
    except MemoryError as error:
        _report(error)
        return _OUT_OF_MEMORY
    except BaseException as error:
        _report(error)
        return 1
    return None


def _report(error: BaseException) -> None:
    """Print a traceback of the program's own lines, the same in every run."""
    report = traceback.TracebackException(type(error), error, error.__traceback__, compact=True)
    seen: list[traceback.TracebackException | None] = [report]
    while seen:
        part = seen.pop()
        if part is not None:
            part.stack[:] = [frame for frame in part.stack if frame.filename == FILE]
            seen += [part.__cause__, part.__context__, *(getattr(part, "exceptions", None) or ())]
    text = "".join(report.format())
    print(_ADDRESS.sub("at 0x...", text), end="", file=sys.stderr)  # noqa: T201


def _collect(value: object, limit: int) -> tuple[bytes, bytes, int]:
    try:
        text = document.encode(value)
    except document.UnfitError as error:
        print(f"Error: {error}", file=sys.stderr)  # noqa: T201
        return NO_ANSWER, b"", 1
    except MemoryError:
        return NO_MEMORY, b"", 1
    return (TOO_MUCH, b"", 1) if len(text) > limit else (ANSWER, text, 0)


def _end(kind: bytes, answer: bytes, status: int) -> NoReturn:
    """End as Python ends: threads joined, exit handlers run, output flushed."""
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except (OSError, ValueError):
        status = status or 120  # what Python exits with when it cannot flush
    _write(ANSWER_FD, kind + answer)
    os._exit(status)


def _write(fd: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]
