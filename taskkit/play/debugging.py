"""Explain an error in plain words, grounded in the task's own schema and data."""

from __future__ import annotations

from dataclasses import dataclass

from taskkit.play.observation import ObservationStatus
from taskkit.play.python_errors import explain_python
from taskkit.sandbox.protocol import Outcome, Program
from taskkit.spec.environment import Environment, Limits
from taskkit.sql.guide.errors import explain_sql
from taskkit.sql.guide.guide import Guide
from taskkit.sql.guide.literals import odds

NO_ROWS = "(0 rows)"  # how a sandbox ends the output of a query that gave none
NOTHING = "There is no error to explain."
MAX_QUOTED = 1000  # characters of an error that nobody can explain


@dataclass(frozen=True, slots=True)
class Failure:
    """What went wrong, as far as it is known."""

    error: str = ""
    """The raw error text; empty where there is none."""
    program: Program | None = None
    status: ObservationStatus = "ok"
    empty: bool = False
    """The query gave no rows."""

    @classmethod
    def of(cls, program: Program, outcome: Outcome) -> Failure:
        """Give what there is to explain about a program that has ended."""
        empty = program.language == "sql" and outcome.stdout.rstrip().endswith(NO_ROWS)
        error = outcome.stderr if outcome.status != "ok" else ""
        return cls(error, program, outcome.status, empty)

    @property
    def sql(self) -> str:
        """The query that failed; empty where it was none."""
        return self.program.code if self.program and self.program.language == "sql" else ""

    @property
    def code(self) -> str:
        """The Python program that failed; empty where it was none."""
        return self.program.code if self.program and self.program.language == "python" else ""


def explain(failure: Failure, guide: Guide | None, environment: Environment) -> str | None:
    """Explain a failure; None where there is nothing to explain.

    The text is a function of the failure, the database and the image, and of nothing else.
    """
    if failure.status == "refused":
        return f"Nothing was run, since the action was not accepted: {failure.error}"
    parts = [stopped(failure, environment.limits)]
    if failure.error.strip():
        parts.append(explain_error(failure, guide, environment))
    elif failure.empty:
        parts.append("The query ran and gave no rows.")
    if failure.sql and guide is not None and failure.status in ("ok", "error"):
        hints = odds(failure.sql, guide)
        parts += hints
        if failure.empty and not hints:
            parts.append(
                "Each literal compared with = occurs, so the conditions exclude each other, or a "
                "join finds no partner: leave them out one by one and count the rows."
            )
    return "\n".join(part for part in parts if part) or None


def explain_error(failure: Failure, guide: Guide | None, environment: Environment) -> str:
    """Explain an error text."""
    if "Traceback" not in failure.error:
        made = explain_sql(failure.error.strip(), failure.sql, guide)
        if made is not None:
            return made
    made = explain_python(failure.error, failure.code, guide, environment)
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
