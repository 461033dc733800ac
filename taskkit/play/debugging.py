"""Explain an error in plain words, grounded in the task's own data."""

from __future__ import annotations

from collections.abc import Sequence

from taskkit.play.guide import Failure, Guide
from taskkit.play.python_errors import explain_python
from taskkit.play.shell_errors import explain_shell
from taskkit.spec.environment import Environment, Limits

NOTHING = "There is no error to explain."
WELL = "The last program ended well, and nothing about it is at odds with the data."
UNFIT = {
    "missing": "The program left no answer: Python gives one to the variable "
    "`answer`, SQL gives rows, a shell command writes /workspace/answer.json.",
    "malformed": "The answer that was submitted is no JSON value: NaN, infinity, sets and objects "
    "of a library are none.",
    "wrong_type": "The answer that was submitted has another form than is asked for.",
}
"""What debugging says of an answer without the form asked for; it tells nothing of the value."""
MAX_QUOTED = 1000  # characters of an error that nobody can explain


def explain(failure: Failure, guides: Sequence[Guide], environment: Environment) -> str | None:
    """Explain a failure; None where there is nothing to explain.

    The text is a function of the failure, the data and the image, and of nothing else.
    """
    if failure.status == "refused":
        return f"Nothing was run, since the action was not accepted: {failure.error}"
    parts = [stopped(failure, environment.limits)]
    if failure.error.strip():
        parts.append(explain_error(failure, guides, environment))
    if failure.unfit:
        parts.append(failure.unfit)
    for guide in guides:
        parts += guide.remarks(failure)
    return "\n".join(part for part in parts if part) or None


def explain_error(failure: Failure, guides: Sequence[Guide], environment: Environment) -> str:
    """Explain an error text."""
    for guide in guides:
        if (made := guide.explain(failure)) is not None:
            return made
    made = explain_python(failure.error, failure.code, guides, environment)
    if made is None and failure.program is not None and failure.program.language == "shell":
        made = explain_shell(failure.error, environment)
    if made is not None:
        return made
    return f"No rule explains this error; it reads: {failure.error.strip()[:MAX_QUOTED]}"


def stopped(failure: Failure, limits: Limits) -> str:
    """Say why a program was stopped, and what helps; empty where it was not."""
    sql = bool(failure.sql)
    if failure.status == "timeout":
        advice = (
            "A join without a condition that ties its tables multiplies their rows: look at each "
            "JOIN, and filter before joining."
            if sql
            else "Do the work in one query or with whole columns, rather than row by row."
        )
        seconds = f"{limits.wall_s:g} s, or {limits.cpu_s:g} s of CPU"
        return f"The program ran longer than {seconds}. {advice}"
    if failure.status == "out_of_memory":
        return (
            f"The program needed more than {limits.memory_mib} MiB of memory. Read only the rows "
            "and columns that count; let SQL filter and sum."
        )
    if failure.status == "output_limit":
        return f"The program wrote more than {limits.output_kib} KiB. Print only what you need."
    if failure.status == "killed":
        return "The program was ended by a signal, of its own or of the system."
    return ""
