"""What a judge is given: the answer, what changed in services, and the means to look further."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

from pydantic import JsonValue

from taskkit.errors import SpecError

Origin = Literal["sql", "python", "shell"]
"""What left the document; a SQL query leaves its rows, the others the answer itself."""


@dataclass(frozen=True, slots=True)
class Change:
    """Something in a service that is not as it was when the episode began."""

    op: Literal["created", "updated", "deleted"]
    key: str
    """What changed, in the words of the service: `Observation/12`."""
    before: JsonValue = None
    """As it was; None where it was created."""
    after: JsonValue = None
    """As it is; None where it was deleted."""


class Ran(Protocol):
    """How a program ended, as `sandbox.protocol.Outcome` has it."""

    @property
    def status(self) -> str:
        """`ok`, `error`, `timeout`, `out_of_memory`, `killed` or `output_limit`."""
        ...

    @property
    def stdout(self) -> str:
        """What it printed."""
        ...

    @property
    def stderr(self) -> str:
        """What it wrote to its standard error."""
        ...

    @property
    def document(self) -> bytes | None:
        """The answer document that it left."""
        ...


class Runner(Protocol):
    """Runs a program in a fresh session of the task's image, where no file of the agent is."""

    def __call__(
        self,
        code: str,
        *,
        language: Literal["python", "shell"] = "python",
        collect: bool = True,
        assets: Sequence[str] = (),
        wall_s: float | None = None,
        output_kib: int | None = None,
    ) -> Ran:
        """Run a program of the judge.

        Args:
            code: Its text; whatever the agent wrote in it is untrusted.
            collect: Bring back the variable `answer`, or /workspace/answer.json of a shell command.
            assets: Names of assets that it finds below /data; none where not named, the agent's
                neither. Nothing with an expected value may be among them.
            wall_s: Seconds, wall clock and CPU; the task's limit where not given.
            output_kib: Size of what it may print or leave; the task's limit where not given.

        Raises:
            SandboxError: the sandbox failed; says nothing about the program.
        """
        ...


def no_asset(name: str) -> Path:
    """Refuse an asset: there is no taskset at hand."""
    raise SpecError(f"asset {name!r}: this evidence has no files: judge through a stage")


def no_run(code: str, **_: Any) -> Ran:
    """Refuse to run: there is no sandbox at hand."""
    raise SpecError("a program of the judge: this evidence has no sandbox: judge through a stage")


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that a judge may look at."""

    document: bytes | None
    """The answer document; None where none was left."""
    origin: Origin = "python"
    changes: Mapping[str, Sequence[Change]] = field(default_factory=dict)
    """By the name of the service, what is not as it was at the start; in the order of keys."""
    asset: Callable[[str], Path] = no_asset
    """Gives the file of an asset by its name below /data, whoever its reader is."""
    run: Runner = no_run
    """Runs a program of the judge."""
