"""The results of a run: a folder with its settings, its episodes and its answered calls."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from taskkit.draft import drafted
from taskkit.errors import UsageError, blame
from taskkit.run.settings import Settings
from taskkit.run.trajectory import Trajectory, key
from taskkit.spec.document import MAX_BYTES, IrregularError, read_regular
from taskkit.verify.store import Store, read_rows

SETTINGS, EPISODES, CALLS = "run.json", "episodes.sqlite", "calls.sqlite"
Status = Literal["done", "endpoint", "sandbox", "agent", "plugin", "service"]
"""`done`, or who failed: such an episode says nothing about the agent, and is played again."""


@dataclass(frozen=True, slots=True)
class Row:
    """One episode."""

    id: str
    """Task and attempt."""
    task: str
    attempt: int
    sha256: str
    """Digest of the task's file."""
    domain: str
    category: str
    split: str
    standing: Status
    detail: str
    """Why it has no trajectory."""
    reward: float
    steps: int
    ending: str
    cause: str
    """Why it was not rewarded; empty where it was."""
    input_tokens: int
    output_tokens: int
    cost: float | None
    """US dollars; None where no price is known."""
    wall_s: float
    access: str
    """`credentialed`: it may not be passed on."""
    document: bytes
    """The trajectory, as compressed JSON."""

    @property
    def done(self) -> bool:
        """It came to an end, and counts."""
        return self.standing == "done"

    def trajectory(self) -> Trajectory:
        """Give the trajectory.

        Raises:
            UsageError: it has none, or none that this version can read.
        """
        with blame(UsageError, f"episode {self.id}"):
            return Trajectory.model_validate_json(zlib.decompress(self.document))


def row_of(trajectory: Trajectory, cause: str) -> Row:
    """Give the row of an episode that came to its end."""
    task, used = trajectory.task, trajectory.tokens
    return Row(
        id=trajectory.id,
        task=task.id,
        attempt=trajectory.attempt,
        sha256=task.sha256,
        domain=task.domain,
        category=task.category,
        split=task.split,
        standing="done",
        detail="",
        reward=trajectory.reward,
        steps=len(trajectory.steps),
        ending=trajectory.ending,
        cause=cause,
        input_tokens=used.input,
        output_tokens=used.output,
        cost=used.cost,
        wall_s=trajectory.wall_s,
        access=task.access,
        document=zlib.compress(trajectory.model_dump_json(exclude_defaults=True).encode()),
    )


def void(file: Path, sha256: str, attempt: int, standing: Status, detail: str) -> Row:
    """Give the row of an episode that says nothing about the agent."""
    return Row(
        id=key(file.stem, attempt), task=file.stem, attempt=attempt, sha256=sha256, domain="",
        category=file.parent.name, split=file.parent.parent.name, standing=standing, detail=detail,
        reward=0.0, steps=0, ending="", cause=standing, input_tokens=0, output_tokens=0, cost=None,
        wall_s=0.0, access="open", document=b"",
    )  # fmt: skip


class Episodes(Store[Row]):
    """The episodes of a run that is being played."""

    def __init__(self, folder: Path) -> None:
        """Open the file to write it, or make it.

        Raises:
            UsageError: the file is no results file, or another run is writing it.
        """
        super().__init__(folder / EPISODES, Row)

    def current(self) -> dict[str, str]:
        """Give the digest of the task's file by episode, of those that need not be played again."""
        rows = self.connection.execute("select id, sha256 from result where standing = 'done'")
        return dict(rows)


def settle(folder: Path, settings: Settings, *, fresh: bool) -> None:
    """Begin a run in its folder, or go on with the one that is there.

    Raises:
        UsageError: the one that is there was made with other settings.
    """
    path = folder / SETTINGS
    with blame(UsageError, f"{folder}"):
        folder.mkdir(parents=True, exist_ok=True)
        if fresh:
            for name in (EPISODES, CALLS):
                for end in ("", "-wal", "-shm"):
                    (folder / f"{name}{end}").unlink(missing_ok=True)
        if path.exists() and not fresh:
            _same(read_settings(folder), settings, folder.name)
        with drafted(path) as draft:
            draft.write_text(settings.model_dump_json(indent=2) + "\n", "utf-8")


def _same(before: Settings, now: Settings, name: str) -> None:
    old, new = before.model_dump(mode="json"), now.model_dump(mode="json")
    for field, value in new.items():
        if old[field] != value:
            raise UsageError(
                f"run {name}: it was begun with {field} {old[field]!r}, and this is {value!r}:"
                " give this one a --name, or start over with --fresh"
            )


def read_settings(folder: Path) -> Settings:
    """Give the settings of a run.

    Raises:
        UsageError: there is no run.
    """
    path = folder / SETTINGS
    try:
        return Settings.model_validate_json(read_regular(path, MAX_BYTES))
    except (IrregularError, OSError) as error:
        raise UsageError(f"{folder}: no run: need a folder that `taskkit run` wrote") from error
    except ValidationError as error:
        raise UsageError(f"{path}: no settings of a run: {error.errors()[0]['msg']}") from error


@dataclass(frozen=True)
class Run:
    """A run that is read."""

    folder: Path
    settings: Settings

    @classmethod
    def open(cls, folder: Path) -> Run:
        """Open a run's folder.

        Raises:
            UsageError: there is no run.
        """
        return cls(folder, read_settings(folder))

    @property
    def name(self) -> str:
        """The name of its folder."""
        return self.folder.name

    @property
    def taskset(self) -> Path:
        """The taskset beside whose results it lies."""
        results = self.folder.resolve().parent.parent
        return results.with_name(results.name.removesuffix(".results"))

    def rows(self) -> Iterator[Row]:
        """Give its episodes so far, though it may be going on."""
        path = self.folder / EPISODES
        if path.exists():
            yield from read_rows(path, Row)
