"""Explain what a shell command complained of."""

from __future__ import annotations

import re

from taskkit.play.python_errors import files, installed
from taskkit.spec.environment import Environment

ABSENT = re.compile(r"(?:^|: )([\w./-]{1,80}): (?:command )?not found\s*$", re.MULTILINE)
UNSTARTED = re.compile(r"^sh: the command cannot be run: (.{1,80})$", re.MULTILINE)
WHY = {"Argument list too long": "it is longer than a command line may be, 128 KiB"}


def explain_shell(error: str, environment: Environment) -> str | None:
    """Explain the error of a command; None where it is none that we know."""
    if (match := ABSENT.search(error)) is not None:
        return (
            f"There is no command {match[1]}, and none can be installed: use Python, or the other "
            f"actions. {installed(environment)}"
        )
    if (match := UNSTARTED.search(error)) is not None:
        why = WHY.get(match[1], match[1])
        return (
            f"The command did not begin: {why}. Write long or binary content by a Python program."
        )
    if "No such file or directory" in error:
        return f"There is no such file. {files(environment)}"
    if "Read-only file system" in error or "Permission denied" in error:
        return "Files can be written below /workspace only: /data is there to be read."
    if "Could not resolve host" in error or "Network is unreachable" in error:
        return "There is no network: nothing can be fetched."
    return None
