"""Python programs: a fresh __main__, its own lines in tracebacks, its variable `answer`."""

from __future__ import annotations

import atexit
import gc
import io
import linecache
import os
import re
import sys
import threading
import traceback
from types import ModuleType

from taskkit.sandbox.guest import document, program

FILE = "<program>"
_ADDRESS = re.compile(r"\bat 0x[0-9a-fA-F]+")
_OUT_OF_MEMORY = -1


def run(code: str, limit: int | None) -> tuple[bytes, bytes, int]:
    """Run ``code`` to its end; return the kind of answer, the answer and the exit code.

    Args:
        code: The program.
        limit: Largest answer, bytes; None for no answer at all.
    """
    main = _fresh_main()
    kind, answer = program.NO_ANSWER, b""
    status = _execute(code, main)
    if status is None:
        status = 0
        if limit is not None and "answer" in main.__dict__:
            kind, answer, status = _collect(main.__dict__["answer"], limit)
    elif status == _OUT_OF_MEMORY:
        kind, status = program.NO_MEMORY, 1
    return kind, answer, _wind_up(status)


def warm(times: int) -> None:
    """Run what every program uses, so that no fork loads or adapts it again."""
    stderr = sys.stderr
    try:
        for _ in range(times):
            sys.stderr = io.StringIO()
            main = ModuleType("__main__")
            _execute("answer = {'a': [1, 2.5, None]}", main)
            document.encode(main.__dict__["answer"])
            _execute("answer = (1 + 1) / 0", main)
            _execute("raise SystemExit(0)", main)
    finally:
        sys.stderr = stderr


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
    if numpy := sys.modules.get("numpy"):
        numpy.random.seed()  # the standard library's generator does it by itself
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
        return program.NO_ANSWER, b"", 1
    except MemoryError:
        return program.NO_MEMORY, b"", 1
    return (program.TOO_MUCH, b"", 1) if len(text) > limit else (program.ANSWER, text, 0)


def _wind_up(status: int) -> int:
    """End as Python ends: threads joined, exit handlers run, output flushed."""
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except (OSError, ValueError):
        return status or 120  # what Python exits with when it cannot flush
    return status
