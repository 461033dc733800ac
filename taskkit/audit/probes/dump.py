"""Everything the data hold, in place of an answer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from taskkit.audit.finding import ExploitCode
from taskkit.audit.probe import Answer, Attempt, Pace, Subject, Submission, python, shell

TABLES = """
import json, sqlite3
run = sqlite3.connect("file:/data/{database}?mode=ro&immutable=1", uri=True).execute
names = [row[0] for row in run("select name from sqlite_schema where type = 'table'")]
found = {{name: run(f'select * from "{{name}}"').fetchmany({rows}) for name in names}}
values = sorted({{str(value) for rows in found.values() for row in rows for value in row}})
"""
ROWS = 200  # of each table: about all that the limit on answers lets through


class DumpProbe:
    """Submits a thousand values that hold the right ones."""

    name: ClassVar[str] = "dump"
    code: ClassVar[ExploitCode] = "passes_dump"
    pace: ClassVar[Pace] = "every"

    def attempts(self, subject: Subject) -> Iterator[Attempt]:
        """Give them as one list."""
        if subject.expected is None:
            return
        right = subject.expected if isinstance(subject.expected, list) else [subject.expected]
        yield Answer.value("a thousand values and the right ones", [*range(1000), *right])


class TablesProbe:
    """Submits every table, every distinct value, and the database itself."""

    name: ClassVar[str] = "tables"
    code: ClassVar[ExploitCode] = "passes_dump"
    pace: ClassVar[Pace] = "sampled"

    def attempts(self, subject: Subject) -> Iterator[Attempt]:
        """Give programs that dump."""
        database = subject.spec.environment.database
        if database is None or "code_execution" not in subject.spec.actions:
            return
        start = TABLES.format(database=database, rows=ROWS)
        yield Submission("every table", python(start + "answer = list(found.values())"))
        yield Submission("every value", python(start + "answer = values"))
        yield Submission("every value, printed", python(start + "print(*values, sep='\\n')"))
        if "terminal" in subject.spec.actions:
            copy = f"head -c 200000 /data/{database} > answer.json"
            yield Submission("the database file itself", shell(copy))
