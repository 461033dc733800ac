"""An opening promises what its task has, and nothing else: each promise is kept when it is used."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from taskkit.play.episode import Episode
from taskkit.spec.task import TaskSpec

EXAMPLE = re.compile(r'\{"action": "[^{}]*\}')
FILLED = {"code_execution": "code", "terminal": "command"}


def promises(opening: str) -> Iterator[dict[str, str]]:
    """Give the actions that an opening names as examples."""
    _, _, actions = opening.partition("# Actions")
    section = actions.partition("\n# ")[0]
    for line in section.splitlines():
        for example in EXAMPLE.findall(line):
            yield json.loads(example)


def broken_promises(episode: Episode) -> list[str]:
    """Use every action that the opening names; say what is refused, and what is not named."""
    spec, found = episode.spec, []
    named: set[str] = set()
    for action in promises(episode.reset().text):
        named.add(action["action"])
        given = dict(action)
        if (field := FILLED.get(action["action"])) is not None:
            given[field] = "SELECT 1" if action.get("language") == "sql" else "1"
        if episode.step(given).status == "refused":
            found.append(f"{spec.id}: the opening promises {json.dumps(action)}, which is refused")
    return found + list(unnamed(spec, named, topics=bool(episode.topics)))


def unnamed(spec: TaskSpec, named: set[str], *, topics: bool) -> Iterator[str]:
    """Say which actions a task allows that its opening does not name."""
    for action in spec.actions:
        if action not in named and (action != "request_info" or topics):
            yield f"{spec.id}: {action} is allowed, and the opening does not name it"
