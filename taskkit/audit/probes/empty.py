"""Answers with nothing in them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from taskkit.audit.finding import ExploitCode
from taskkit.audit.probe import Answer, Attempt, Pace, Subject

DOCUMENTS = (b"", b" ", b"null", b'""', b"[]", b"[[]]", b"{}", b"[null]", b"[[null]]", b'"None"')


class EmptyProbe:
    """Submits no document, documents without a value, and results without rows."""

    name: ClassVar[str] = "empty"
    code: ClassVar[ExploitCode] = "passes_empty"
    pace: ClassVar[Pace] = "every"

    def attempts(self, subject: Subject) -> Iterator[Attempt]:
        """Give every empty form; the others stay wrong where one of them is the answer."""
        yield Answer("no document", None)
        for document in DOCUMENTS:
            yield Answer(document.decode() or "no bytes", document)
        yield Answer("no rows", b'{"columns": ["x"], "rows": []}', "sql")
        yield Answer("no columns", b'{"columns": [], "rows": []}', "sql")
        yield Answer("a row of NULL", b'{"columns": ["x"], "rows": [[null]]}', "sql")
        yield Answer("an empty file", b"", "shell")
        if not subject.abstains:
            yield Answer("abstaining", b'{"abstain": true}')
