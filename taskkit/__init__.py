"""Author biomedical agent tasks, build data sets of them, and prove every instance.

What stands in `__all__` is all that a domain of your own needs. The names are loaded when they are
asked for, so that `import taskkit` costs nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from taskkit.build.draft import Desk
    from taskkit.build.origin import Origin
    from taskkit.build.protocol import Balance, Preparation, Request, Unit
    from taskkit.build.rejection import Rejection
    from taskkit.errors import SourceError, TaskkitError
    from taskkit.oracles.evidence import Change, Evidence
    from taskkit.oracles.kind import Fixtures, Judge
    from taskkit.oracles.verdict import Verdict
    from taskkit.play.gym import TaskEnv
    from taskkit.sandbox.choose import Choice
    from taskkit.sandbox.protocol import Backend
    from taskkit.spec.answer import (
        BooleanAnswer,
        CodeAnswer,
        CollectionAnswer,
        Column,
        DateAnswer,
        FileAnswer,
        IntegerAnswer,
        NumberAnswer,
        ObjectAnswer,
        StringAnswer,
        TableAnswer,
    )
    from taskkit.spec.base import Spec
    from taskkit.spec.environment import Asset, Environment, Limits, Service
    from taskkit.spec.oracle import DateOracle, ExactOracle, NumericOracle, Oracle, Tolerance
    from taskkit.spec.task import Document, Split, TaskSpec
    from taskkit.taskset.folder import Taskset

__version__ = "0.1.0"
__all__ = [
    "Asset",
    "Balance",
    "BooleanAnswer",
    "Change",
    "CodeAnswer",
    "CollectionAnswer",
    "Column",
    "DateAnswer",
    "DateOracle",
    "Desk",
    "Document",
    "Environment",
    "Evidence",
    "ExactOracle",
    "FileAnswer",
    "Fixtures",
    "IntegerAnswer",
    "Judge",
    "Limits",
    "NumberAnswer",
    "NumericOracle",
    "ObjectAnswer",
    "Oracle",
    "Origin",
    "Preparation",
    "Rejection",
    "Request",
    "Service",
    "SourceError",
    "Spec",
    "StringAnswer",
    "TableAnswer",
    "TaskSpec",
    "TaskkitError",
    "Taskset",
    "Tolerance",
    "Unit",
    "Verdict",
    "__version__",
    "make",
]
HOMES = {
    "Asset": "taskkit.spec.environment",
    "Balance": "taskkit.build.protocol",
    "BooleanAnswer": "taskkit.spec.answer",
    "Change": "taskkit.oracles.evidence",
    "CodeAnswer": "taskkit.spec.answer",
    "CollectionAnswer": "taskkit.spec.answer",
    "Column": "taskkit.spec.answer",
    "DateAnswer": "taskkit.spec.answer",
    "DateOracle": "taskkit.spec.oracle",
    "Desk": "taskkit.build.draft",
    "Document": "taskkit.spec.task",
    "Environment": "taskkit.spec.environment",
    "Evidence": "taskkit.oracles.evidence",
    "ExactOracle": "taskkit.spec.oracle",
    "FileAnswer": "taskkit.spec.answer",
    "Fixtures": "taskkit.oracles.kind",
    "IntegerAnswer": "taskkit.spec.answer",
    "Judge": "taskkit.oracles.kind",
    "Limits": "taskkit.spec.environment",
    "NumberAnswer": "taskkit.spec.answer",
    "NumericOracle": "taskkit.spec.oracle",
    "ObjectAnswer": "taskkit.spec.answer",
    "Oracle": "taskkit.spec.oracle",
    "Origin": "taskkit.build.origin",
    "Preparation": "taskkit.build.protocol",
    "Rejection": "taskkit.build.rejection",
    "Request": "taskkit.build.protocol",
    "Service": "taskkit.spec.environment",
    "SourceError": "taskkit.errors",
    "Spec": "taskkit.spec.base",
    "StringAnswer": "taskkit.spec.answer",
    "TableAnswer": "taskkit.spec.answer",
    "TaskSpec": "taskkit.spec.task",
    "TaskkitError": "taskkit.errors",
    "Taskset": "taskkit.taskset.folder",
    "Tolerance": "taskkit.spec.oracle",
    "Unit": "taskkit.build.protocol",
    "Verdict": "taskkit.oracles.verdict",
}
"""The module of each name."""


def __getattr__(name: str) -> Any:
    """Load a public name from its module."""
    if name not in HOMES:
        raise AttributeError(f"module 'taskkit' has no attribute {name!r}")
    return getattr(import_module(HOMES[name]), name)


def __dir__() -> list[str]:
    """List the public names."""
    return sorted(__all__)


def make(
    source: Path | str | Taskset,
    id: str | None = None,
    *,
    split: Split | None = None,
    filter: Sequence[str] | str = (),
    ids: Sequence[str] | None = None,
    sandbox: Choice | Backend = "auto",
    unsafe: bool = False,
    cache: Path | str | None = None,
) -> TaskEnv:
    """Make a Gymnasium environment of a taskset.

    Args:
        source: A taskset, or its folder.
        id: The task to play; each reset draws one where not given.
        split: Draw of this split alone: `train`, `valid` or `test`.
        filter: Draw of these alone, such as `category=cost*`; several must all hold.
        ids: Draw of these alone.
        sandbox: Name of a backend, `auto` for the best there is, or a backend.
        unsafe: A backend without isolation will do.
        cache: Folder for search indexes; the user's cache folder where not given.

    Raises:
        MissingError: gymnasium is not installed, or the machine has no sandbox.
        UsageError: there is no such taskset or task.
    """
    from taskkit.play import gym

    options: dict[str, Any] = {} if cache is None else {"cache": cache}
    chosen = {"split": split, "filter": filter, "ids": ids}
    options |= {name: value for name, value in chosen.items() if value not in (None, ())}
    return gym.make(source, id=id, sandbox=sandbox, unsafe=unsafe, **options)
