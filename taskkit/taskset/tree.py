"""The files of a taskset's tasks/ folder, and those that do not belong there."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

from taskkit.spec.task import Split
from taskkit.taskset.finding import Finding

_SPLITS = frozenset(get_args(Split))


class Tree:
    """Walks tasks/<split>/<category>/<id>.yaml, one folder at a time."""

    def __init__(self, root: Path) -> None:
        self._tasks = root / "tasks"
        self.strays: list[Finding] = []
        """What lies elsewhere; whole once `tasks` has been walked."""

    def tasks(self) -> Iterator[Path]:
        """Give the file of every task, in order."""
        for split in self._entries(self._tasks):
            if split.name not in _SPLITS or not split.is_dir():
                self._stray(split, f"need a folder, one of {', '.join(get_args(Split))}")
                continue
            for category in self._entries(split):
                if not category.is_dir():
                    self._stray(category, "need the folder of a category")
                    continue
                yield from self._files(category)

    def _files(self, category: Path) -> Iterator[Path]:
        for path in self._entries(category):
            if path.name.endswith(".yaml"):
                yield path
            else:
                self._stray(path, "need <id>.yaml")

    def _entries(self, folder: Path) -> list[Path]:
        try:
            with os.scandir(folder) as entries:
                return [folder / name for name in sorted(entry.name for entry in entries)]
        except FileNotFoundError:
            return []
        except OSError as error:
            self._stray(folder, f"cannot be read: {error.strerror}")
            return []

    def _stray(self, path: Path, need: str) -> None:
        self.strays.append(Finding("stray_file", str(path), 1, "", "does not belong here", need))
