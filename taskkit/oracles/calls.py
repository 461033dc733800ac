"""Calls a submitted function on inputs, in processes that hold no expected value.

The text of this module is the program that a judge runs in a fresh session: it knows the inputs
and the submission. The process that gathers the results never runs a line of the submission: a
fork of it does, which makes one call after another, each with fresh globals, and is replaced where
it ends or takes too long.
"""

from __future__ import annotations

import ast
import json
import os
import select
import signal
import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType
    from typing import Any, NoReturn

MAX_RESULT = 1 << 20  # bytes of one result
MAX_LATE = 3  # calls out of time, after which none is begun
MAX_DEPTH = 14  # of a result; a judge reads no document that is nested much deeper
KINDS = ("value", "raised", "unfit")


def outcomes(
    source: str, function: str, inputs: list[str], call_s: float, *, apart: bool
) -> list[list[str]]:
    """Call a function on each of several inputs.

    Args:
        source: Python that defines the function.
        inputs: The arguments of each call, a JSON list each.
        call_s: Seconds that a call may take.
        apart: Each call gets a process of its own; else they share one for as long as it lives.

    Returns:
        How each call ended, and with what: `value` and JSON, `raised` and the names of the
        exception's classes, `unfit` and why the result is no value, or `late`, `ended`, `broken`.
    """
    try:
        code = compile(source, "<submission>", "exec", dont_inherit=True)
        load(source)
    except BaseException as error:
        return [["broken", f"{type(error).__name__}: {error}"[:300]] for _ in inputs]
    made: list[list[str]] = []
    while len(made) < len(inputs):
        if sum(one[0] == "late" for one in made) >= MAX_LATE:
            made.append(["late", "not begun: too many calls before were out of time"])
            continue
        end = len(made) + 1 if apart else len(inputs)
        made += shift(code, function, inputs[len(made) : end], call_s)
    return made


def load(source: str) -> None:
    """Import, once for all calls, the installed modules that the source imports."""
    for node in ast.walk(ast.parse(source)):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names = [node.module]
        for name in names:
            try:
                __import__(name)
            except BaseException:  # noqa: S112 # the call itself will say so
                continue


def shift(code: CodeType, function: str, inputs: list[str], call_s: float) -> list[list[str]]:
    """Make calls in a fork, up to the first that gives no result; give at least one outcome."""
    reading, writing = os.pipe()
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        os.close(reading)
        serve(code, function, inputs, writing)
    os.close(writing)
    made: list[list[str]] = []
    left = b""
    until = time.monotonic() + call_s
    while len(made) < len(inputs):
        line, found, rest = left.partition(b"\n")
        if found:
            made.append(reported(line))
            left, until = rest, time.monotonic() + call_s
            continue
        ready, _, _ = select.select([reading], [], [], max(0.0, until - time.monotonic()))
        part = os.read(reading, 1 << 16) if ready else b""
        left += part
        if not part or len(left) > MAX_RESULT:
            made.append(["ended", "it ended without a result"] if ready else ["late", "too long"])
            break
    os.close(reading)
    for kill in (os.killpg, os.kill):
        try:
            kill(child, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            continue
    os.waitpid(child, 0)
    return made


def reported(line: bytes) -> list[str]:
    """Give the outcome that a line of the fork tells."""
    kind, _, said = line.decode("utf-8", "replace").partition(" ")
    return [kind, said] if kind in KINDS else ["ended", "no report"]


def serve(code: CodeType, function: str, inputs: list[str], writing: int) -> NoReturn:
    """Be the fork: make the calls, write a line for each, and end."""
    try:
        os.setsid()
        null = os.open(os.devnull, os.O_RDWR)
        for fd in (0, 1, 2):
            os.dup2(null, fd)
        for text in inputs:
            left = said(code, function, text).replace("\n", " ").encode("utf-8", "replace") + b"\n"
            while left:
                left = left[os.write(writing, left) :]
    finally:
        os._exit(0)


def said(code: CodeType, function: str, text: str) -> str:
    """Load the submission, call its function, and say how that ended."""
    arguments = json.loads(text)
    scope: dict[str, Any] = {"__name__": "submission", "__builtins__": __builtins__}
    try:
        exec(code, scope)  # noqa: S102 # that is what the process is for
        result = scope[function](*arguments)
    except BaseException as error:
        return "raised " + " ".join(one.__name__ for one in type(error).__mro__)
    finally:
        sys.settrace(None)
    try:
        return "value " + json.dumps(as_json(result, 0), allow_nan=False)
    except BaseException as error:
        return f"unfit {type(error).__name__}: {error}"[:300]


def as_json(value: Any, depth: int) -> Any:
    """A result as JSON has it: tuples as lists, values of numpy as Python's own."""
    if depth > MAX_DEPTH:
        raise TypeError("nested too deep")
    if value is None or isinstance(value, bool):
        return value
    for kind in (str, int, float):
        if isinstance(value, kind):
            return kind(value)  # of a subclass, what it holds
    if isinstance(value, list | tuple):
        return [as_json(item, depth + 1) for item in value]
    if isinstance(value, dict):
        if not all(isinstance(key, str) for key in value):
            raise TypeError("a key that is no text")
        return {str(key): as_json(item, depth + 1) for key, item in value.items()}
    if type(value).__module__ == "numpy" and hasattr(value, "tolist"):
        return as_json(value.tolist(), depth + 1)
    raise TypeError(f"a result of type {type(value).__name__}")
