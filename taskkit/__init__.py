"""Author biomedical agent tasks, build data sets of them, and prove every instance."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from taskkit.play.gym import TaskEnv
    from taskkit.sandbox.choose import Choice
    from taskkit.sandbox.protocol import Backend
    from taskkit.taskset.folder import Taskset

__all__ = ["__version__", "make"]
__version__ = "0.1.0"


def make(
    source: Path | str | Taskset,
    id: str | None = None,
    *,
    sandbox: Choice | Backend = "auto",
    unsafe: bool = False,
    cache: Path | str | None = None,
) -> TaskEnv:
    """Make a Gymnasium environment of a taskset.

    Args:
        source: A taskset, or its folder.
        id: The task to play; each reset draws one where not given.
        sandbox: Name of a backend, `auto` for the best there is, or a backend.
        unsafe: A backend without isolation will do.
        cache: Folder for search indexes; the user's cache folder where not given.

    Raises:
        MissingError: gymnasium is not installed, or the machine has no sandbox.
        UsageError: there is no such taskset or task.
    """
    from taskkit.play import gym

    options = {} if cache is None else {"cache": cache}
    return gym.make(source, id=id, sandbox=sandbox, unsafe=unsafe, **options)
