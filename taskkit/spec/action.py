"""The four actions of the environment; a reference is a list of them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from taskkit.spec.base import Spec

ActionName = Literal["request_info", "terminal", "code_execution", "debugging"]


class RequestInfo(Spec):
    """Ask what the data holds."""

    action: Literal["request_info"]
    about: Literal["tables", "columns", "values", "search", "files", "metadata", "read"]
    """`tables`; `columns` of a table; distinct `values` of a column; fuzzy `search` for a text;
    `files` below /data; `metadata` of a service; `read` a path of a service."""
    table: str | None = Field(default=None, max_length=200)
    """The table asked about, or the file that holds one; needed for `columns` and `values`."""
    column: str | None = Field(default=None, max_length=200)
    """The column asked about; needed for `values`."""
    text: str | None = Field(default=None, max_length=200)
    """What to search for; needed for `search`."""
    path: str | None = Field(default=None, max_length=2000)
    """What to read from a service, such as `Patient/12` or `Observation?code=glucose`."""
    limit: int = Field(default=20, ge=1, le=200)
    """How many lines to return at most."""


class Terminal(Spec):
    """Run a command line in the sandbox."""

    action: Literal["terminal"]
    command: str = Field(max_length=100_000)
    """What `/bin/sh -c` runs, in /workspace."""
    submit: bool = False
    """Take the file /workspace/answer.json as the answer once the command has ended."""


class CodeExecution(Spec):
    """Run a program in the sandbox."""

    action: Literal["code_execution"]
    language: Literal["sql", "python"]
    code: str = Field(max_length=100_000)
    """One SQL query over the task's database, or a Python program."""
    submit: bool = False
    """Take the query's rows, or the program's variable `answer`, as the answer."""


class Debugging(Spec):
    """Ask for an explanation of the last error, or of the one given."""

    action: Literal["debugging"]
    error: str | None = Field(default=None, max_length=20_000)
    """The raw error text; the last one of the episode where not given."""


Action = Annotated[
    RequestInfo | Terminal | CodeExecution | Debugging, Field(discriminator="action")
]
"""One thing an agent does."""
