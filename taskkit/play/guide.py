"""What `request_info` and `debugging` know of a task's data, whatever kind of data they are."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path
from types import NoneType
from typing import ClassVar, Protocol

from taskkit.errors import MissingError, blame
from taskkit.play.observation import ObservationStatus
from taskkit.plugin import guard
from taskkit.sandbox.protocol import Outcome, Program
from taskkit.spec.action import RequestInfo
from taskkit.spec.environment import Environment
from taskkit.spec.task import TaskSpec

GROUP = "taskkit.guides"
MAX_ERROR = 8000  # characters of an error text that are looked at: its last ones
MAX_LINE = 1000  # characters of each line of it
BLANKS = re.compile(r"[ \t]{40,}")
NO_ROWS = "(0 rows)"  # how a sandbox ends the output of a query that gave none


@dataclass(frozen=True, slots=True)
class Failure:
    """What went wrong, as far as it is known."""

    error: str = ""
    """The raw error text; empty where there is none."""
    program: Program | None = None
    status: ObservationStatus = "ok"
    empty: bool = False
    """The query gave no rows."""
    printed: str = ""
    """What the program printed."""
    unfit: str = ""
    """Why what it submitted has not the form that is asked for; empty where it has."""

    @classmethod
    def of(cls, program: Program, outcome: Outcome) -> Failure:
        """Give what there is to explain about a program that has ended."""
        empty = program.language == "sql" and outcome.stdout.rstrip().endswith(NO_ROWS)
        error = outcome.stderr if outcome.status != "ok" else ""
        return cls(shortened(error), program, outcome.status, empty, outcome.stdout)

    @property
    def sql(self) -> str:
        """The query that failed; empty where it was none."""
        return self.program.code if self.program and self.program.language == "sql" else ""

    @property
    def code(self) -> str:
        """The Python program that failed; empty where it was none."""
        return self.program.code if self.program and self.program.language == "python" else ""


def shortened(error: str) -> str:
    """Cut an error text to what an explanation looks at: its end, long blanks and lines cut.

    The text is the program's own, which may be made to be slow to read.
    """
    lines = BLANKS.sub(" ", error[-MAX_ERROR:]).splitlines()
    return "\n".join(line[:MAX_LINE] for line in lines)


class Reachable(Protocol):
    """A running service, as a guide may read it."""

    def get(self, path: str) -> tuple[int, bytes]:
        """Give status and body of a request for a path below its root."""
        ...


@dataclass(frozen=True)
class Surroundings:
    """What a guide is made for."""

    spec: TaskSpec
    """The task; guides that are not made for each episode may look at its environment only."""
    files: Mapping[str, Path]
    """The files that the agent may read, by their names below /data."""
    cache: Path
    """Folder for indexes, shared by all runs."""
    services: Mapping[str, Reachable]
    """Running services by name; those of one episode."""
    document: Callable[[str], str]
    """Gives the text of a context document by its sha256."""

    @property
    def environment(self) -> Environment:
        """Where the task runs."""
        return self.spec.environment


class Guide:
    """Answers questions about one kind of data; reads nothing before it is asked."""

    topics: ClassVar[tuple[str, ...]] = ()
    """Values of `about` in `request_info` that it answers."""
    usage: ClassVar[str] = ""
    """How to ask, for the opening: a line that begins with an example."""

    def answer(self, request: RequestInfo) -> str:
        """Answer a request for information as text."""
        raise NotImplementedError(f"{type(self).__name__} has no topics")

    def explain(self, failure: Failure) -> str | None:
        """Explain the error of a failure; None where it is not of these data."""
        return None

    def hint(self, name: str, message: str, code: str) -> str | None:
        """Say what the data know of a Python exception; None where nothing.

        Args:
            name: Of the exception, without its module.
            code: The program; empty where it is not known.
        """
        return None

    def remarks(self, failure: Failure) -> list[str]:
        """Say what is odd about a program beside its error, or though it ended well."""
        return []

    def names(self, code: str) -> Sequence[str]:
        """Give names that a program's data have, such as columns: a misspelt key may be one."""
        return ()

    def close(self) -> None:
        """Close its files; safe to call twice."""
        return


class Maker(Protocol):
    """Makes guides of one kind; an entry point names one."""

    @property
    def per_episode(self) -> bool:
        """A guide is made for each episode, since it speaks to a service or of the task.

        Others are made for an environment, and serve all tasks of it.
        """
        ...

    def make(self, surroundings: Surroundings) -> Guide | None:
        """Make a guide; None where there are no such data."""
        ...


@cache
def makers() -> tuple[Maker, ...]:
    """Give what makes the guides that are installed, by name.

    Raises:
        MissingError: a plug-in cannot be imported.
    """
    found: list[Maker] = []
    for entry in sorted(entry_points(group=GROUP), key=lambda entry: entry.name):
        with blame(MissingError, f"guide {entry.name!r} ({entry.value}): cannot be loaded"):
            loaded = entry.load()
            made = loaded() if isinstance(loaded, type) else loaded
            found.append(guard("guide", made, make=(Guide, NoneType)))
    return tuple(found)


def guarded(guide: Guide) -> Guide:
    """Give a guide that is named where it fails."""
    text = str, NoneType
    return guard(
        "guide", guide, answer=str, explain=text, hint=text, remarks=list, names=(list, tuple)
    )
