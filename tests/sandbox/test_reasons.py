"""Why a sandbox failed is told in one line, whatever its worker wrote."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from taskkit.errors import SandboxError
from taskkit.sandbox import namespace
from taskkit.sandbox.channel import Channel, reason

TRACE = """Traceback (most recent call last):
  File "<string>", line 1, in <module>
    main(config)
    ~~~~^^^^^^^^
  File "<worker>", line 54, in main
BrokenPipeError: [Errno 32] Broken pipe
"""
CHAIN = "preload zebra: none\n" + TRACE + "\nDuring handling of it:\n\n" + TRACE.replace("32", "9")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("", ""),
        ("could not lock the program in: no room\n", "could not lock the program in: no room"),
        ("one\n\ntwo\n", "one two"),
        (TRACE, "BrokenPipeError: [Errno 32] Broken pipe"),
        (CHAIN, "preload zebra: none BrokenPipeError: [Errno 9] Broken pipe"),
        (TRACE[60:], "BrokenPipeError: [Errno 32] Broken pipe"),
        (TRACE[:-40], ""),
        (TRACE[:35], ""),
        (TRACE + "Traceback (most recent call last):\n", "BrokenPipeError: [Errno 32] Broken pipe"),
        (TRACE + "of two lines\n", "BrokenPipeError: [Errno 32] Broken pipe"),
        ("Traceback (most recent call last):\nKeyError: 1", "KeyError: 1"),
        ("x" * 1000, "x" * 300),
    ],
    ids=range(12),
)
def test_a_reason_is_one_line_without_lines_of_code(words: str, told: str) -> None:
    assert reason(words) == told


@pytest.mark.parametrize("words", ["", TRACE, CHAIN, TRACE[60:], TRACE[:-40]])
def test_an_error_of_the_sandbox_holds_no_traceback(words: str) -> None:
    link: Any = SimpleNamespace(end=str, close=str, last_words=lambda: words)
    error = Channel(link).failure(words or "the worker ended")
    assert isinstance(error, SandboxError)
    (line,) = str(error).splitlines()
    assert line.startswith("sandbox: ")
    assert "Traceback" not in line
    assert "File " not in line


def test_a_machine_is_not_blamed_for_trials_that_were_killed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ends = iter(["killed", "killed", None])
    monkeypatch.setattr(namespace, "_trial", lambda: next(ends))
    assert namespace.availability.__wrapped__() is None
