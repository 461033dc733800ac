"""Do the builds of a plan, one after another, each unless it stands as asked for."""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from taskkit import __version__
from taskkit.build.domain import shipped
from taskkit.build.driver import Built, Order, run
from taskkit.errors import SourceError, SpecError, TaskkitError, UsageError, blame
from taskkit.spec.manifest import TasksetManifest
from taskkit.taskset.folder import MANIFEST, Taskset, results_folder

STAMP = "build.json"
State = Literal["built", "stood", "failed"]


@dataclass(frozen=True)
class Done:
    """What came of one build of a series."""

    order: Order
    state: State
    """`stood`: it was there already, as asked for."""
    manifest: TasksetManifest | None
    """Of the taskset; None where the build failed."""
    notes: tuple[str, ...] = ()
    error: TaskkitError | None = None
    seconds: float = 0.0


def do(
    orders: Sequence[Order], *, fresh: bool = False, told: Callable[[Done], None] = lambda one: None
) -> list[Done]:
    """Do every build that does not stand; one that fails leaves the others to be done.

    A run that dies is taken up by the next: builds that were finished are not done again.

    Args:
        fresh: Do all of them, whatever stands.
        told: Told of each build once it is done.
    """
    made = []
    for one in orders:
        made.append(_do(one, fresh=fresh))
        told(made[-1])
    return made


def _do(order: Order, *, fresh: bool) -> Done:
    begun = time.perf_counter()
    try:
        wanted = fingerprint(order)
        kept = None if fresh else earlier(order, wanted)
        if kept is not None:
            return Done(order, "stood", kept[0], kept[1], seconds=time.perf_counter() - begun)
        built = run(order)
        _stamp(order, wanted, built)
        manifest = Taskset(order.out).manifest
    except TaskkitError as error:
        return Done(order, "failed", None, error=error, seconds=time.perf_counter() - begun)
    return Done(order, "built", manifest, built.notes, seconds=built.seconds)


def earlier(order: Order, wanted: str) -> tuple[TasksetManifest, tuple[str, ...]] | None:
    """Give manifest and notes of the taskset where it is what the order asks for, else None.

    It is where the last build of the series there had the same fingerprint, and the folder holds
    that build still, no task less.
    """
    try:
        stamp = json.loads(_path(order).read_bytes())
        taskset = Taskset(order.out)
        found = (stamp["asked"], stamp["manifest"])
        notes = tuple(map(str, stamp["notes"]))
    except (OSError, ValueError, KeyError, TypeError, UsageError, SpecError):
        return None  # no stamp, or no taskset: there is nothing that stands
    if found != (wanted, _digest(order.out / MANIFEST)):
        return None
    whole = sum(1 for _ in taskset.paths()) == taskset.manifest.counts.total
    return (taskset.manifest, notes) if whole else None


def fingerprint(order: Order) -> str:
    """Give a digest of all that decides what a build makes.

    The bytes of domains are read; a source, which may be hundreds of gigabytes, counts by the
    names, sizes and times of its files.
    """
    parts = {
        "taskkit": __version__,
        "domain": order.domain.manifest.name,
        "options": order.options.model_dump(mode="json"),
        "seed": order.seed,
        "limit": order.limit,
        "source": _files(order.source),
        "questions": _files(order.questions),
        "domains": [
            (str(path.relative_to(folder)), _digest(path))
            for folder in dict.fromkeys((shipped(), order.domain.folder))
            for path in _walk(folder)
        ],
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def _files(place: Path | None) -> list[tuple[str, int, int]]:
    if place is None:
        return []
    with blame(SourceError, str(place)):
        found = [(path, path.stat()) for path in ([place] if place.is_file() else _walk(place))]
        return [(str(path.absolute()), s.st_size, s.st_mtime_ns) for path, s in found]


def _walk(folder: Path) -> list[Path]:
    return sorted(
        Path(parent, name)
        for parent, _, names in os.walk(folder)
        for name in names
        if not parent.endswith("__pycache__") and Path(parent, name).is_file()
    )


def _path(order: Order) -> Path:
    return results_folder(order.out) / STAMP


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _stamp(order: Order, wanted: str, built: Built) -> None:
    path = _path(order)
    path.parent.mkdir(parents=True, exist_ok=True)
    stamp = {
        "asked": wanted,
        "manifest": _digest(order.out / MANIFEST),
        "notes": built.notes,
    }
    partial = path.with_name(f"{path.name}.{os.getpid()}")
    partial.write_text(json.dumps(stamp, indent=2), "utf-8")
    partial.replace(path)
