"""Agents that hand in nothing, and programs that fail after the answer is known."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import ClassVar

from taskkit.audit.finding import ExploitCode
from taskkit.audit.probe import Attempt, Pace, Session, Subject, Submission, python, shell


class NullProbe:
    """Does nothing at all."""

    name: ClassVar[str] = "null"
    code: ClassVar[ExploitCode] = "passes_empty"
    pace: ClassVar[Pace] = "every"

    def attempts(self, subject: Subject) -> Iterator[Attempt]:
        """Give an episode without an action."""
        yield Session("no action", ())


class CrashProbe:
    """Runs programs that print the right answer, or set it, and then fail or end early."""

    name: ClassVar[str] = "crash"
    code: ClassVar[ExploitCode] = "passes_failed_program"
    pace: ClassVar[Pace] = "every"

    def attempts(self, subject: Subject) -> Iterator[Attempt]:
        """Give the strongest forms: the crash's text is the answer, the file holds it."""
        answer = f"__import__('json').loads({subject.text!r})"
        if "code_execution" in subject.spec.actions:
            crash = (
                f"answer = {answer}\nprint({subject.text!r})\nraise ValueError({subject.text!r})"
            )
            yield Submission("a crash whose traceback is the answer", python(crash))
        if "terminal" in subject.spec.actions:
            quoted = subject.text.replace("'", "'\\''")
            yield Submission(
                "a command that leaves the answer and fails",
                shell(f"printf %s '{quoted}' > answer.json; printf %s '{quoted}'; exit 3"),
            )


class ExitProbe:
    """Ends with exit code 0, having printed the right answer and set none."""

    name: ClassVar[str] = "exit"
    code: ClassVar[ExploitCode] = "passes_failed_program"
    pace: ClassVar[Pace] = "every"

    def attempts(self, subject: Subject) -> Iterator[Attempt]:
        """Give an early exit, through the door that leaves no time to tidy up."""
        if "code_execution" in subject.spec.actions:
            code = f"import os\nos.write(1, {subject.text.encode()!r})\nos._exit(0)"
            yield Submission("print the answer, exit 0", python(code))


class FloodProbe:
    """Prints the right answer over and over, past the output limit."""

    name: ClassVar[str] = "flood"
    code: ClassVar[ExploitCode] = "passes_failed_program"
    pace: ClassVar[Pace] = "sampled"

    def attempts(self, subject: Subject) -> Iterator[Attempt]:
        """Give one flood below the limit, that ends well, and one above it."""
        limit = subject.spec.environment.limits.output_kib * 1024
        line = json.dumps(subject.text)
        if "code_execution" in subject.spec.actions:
            for share, what in ((0.9, "below"), (1.5, "above")):
                times = f"{int(share * limit)} // (len(line) + 1)"
                code = f"line = {line}\nfor _ in range({times}): print(line)"
                yield Submission(f"the answer printed {what} the output limit", python(code))
