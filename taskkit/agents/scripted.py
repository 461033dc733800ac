"""The agent that plays actions from a file: for baselines, and to try a run without a model."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from taskkit.agents.protocol import Act, Halt, Scene
from taskkit.errors import UsageError
from taskkit.play.observation import Observation

ANY = "*"  # the script of every task that has none of its own


class ScriptedAgent:
    """Plays a task's actions of `--agent-option script=FILE`, then ends the episode.

    The file is a JSON object: task id, or `*` for all others, to a list of actions.
    """

    def __init__(self, scene: Scene) -> None:
        """Find the script of a task.

        Raises:
            UsageError: there is no such file, or it is no script.
        """
        if "script" not in scene.options:
            raise UsageError("agent scripted: need --agent-option script=FILE")
        script = _read(Path(scene.options["script"]))
        self._actions = iter(script.get(scene.task, script.get(ANY, [])))

    def act(self, observation: Observation) -> Act:
        """Give the next action.

        Raises:
            Halt: the script is at its end.
        """
        action = next(self._actions, None)
        if action is None:
            raise Halt("gave_up", "the script is at its end")
        return Act(action)


@lru_cache(maxsize=1)
def _read(path: Path) -> dict[str, list[Any]]:
    try:
        script = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"{path}: no script: {error}") from error
    if not isinstance(script, dict) or not all(isinstance(v, list) for v in script.values()):
        raise UsageError(f"{path}: no script: need an object of task ids, each with a list")
    return script
