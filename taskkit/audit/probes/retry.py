"""More answers than the task allows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import ClassVar

from taskkit.audit.finding import ExploitCode
from taskkit.audit.probe import Attempt, Pace, Session, Subject, python

WRONG = python("answer = ['no', 'such', 'answer']")


class RetryProbe:
    """Uses up the answers allowed with wrong ones, then gives the right one."""

    name: ClassVar[str] = "retry"
    code: ClassVar[ExploitCode] = "passes_retry"
    pace: ClassVar[Pace] = "sampled"

    def attempts(self, subject: Subject) -> Iterator[Attempt]:
        """Give as many wrong answers as are allowed, and the right one after them."""
        spec = subject.spec
        if "code_execution" not in spec.actions or spec.max_submissions >= spec.max_steps:
            return
        right = python(f"answer = __import__('json').loads({json.dumps(subject.text)})")
        yield Session("right after the last answer", (WRONG,) * spec.max_submissions + (right,))
