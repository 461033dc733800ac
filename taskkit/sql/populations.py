"""Databases of other patients, as a domain's builder draws them."""

from __future__ import annotations

import hashlib
from pathlib import Path

from taskkit import __version__, ehr
from taskkit.build.domain import domains
from taskkit.build.origin import SYNTHETIC
from taskkit.build.protocol import Populating
from taskkit.errors import SourceError, TaskkitError, blame
from taskkit.lock import alone
from taskkit.spec.task import TaskSpec
from taskkit.sql.mutants.resamples import copied

CACHE = Path("~/.cache/taskkit").expanduser()
SEEDS = (7_001, 7_002, 7_003)
PATIENTS = 100
"""Enough for most questions to have an answer; a tenth of what a set is built on."""


def populations(spec: TaskSpec, cache: Path) -> list[Path]:
    """Give small databases of a task's kind, drawn anew from other seeds; made once and kept.

    None where the task's rows are not drawn, or its domain is not on this machine: what others
    would be like nobody knows.

    Raises:
        SourceError: the domain's builder could not draw them, or the cache not be written.
    """
    return drawn(spec.domain, spec.provenance.source, cache)


def drawn(domain: str, source: str, cache: Path) -> list[Path]:
    """Give those of a domain's tasks over a source, as `populations` does.

    Raises:
        SourceError: the domain's builder could not draw them, or the cache not be written.
    """
    if not source.startswith(SYNTHETIC):
        return []
    try:
        known = domains().get(domain)
        builder = known.builder() if known else None
    except TaskkitError:
        return []
    if known is None or not isinstance(builder, Populating):
        return []
    folder = cache / "populations" / f"{domain}-{_digest(known.folder, builder)}"
    targets = [folder / f"{seed}.sqlite" for seed in SEEDS]
    with blame(SourceError, f"{known.folder}: other patients could not be drawn in {folder}"):
        for seed, target in zip(SEEDS, targets, strict=True):
            if not target.exists():
                folder.mkdir(parents=True, exist_ok=True)
                raw = target.with_suffix(".drawn")
                with alone(raw, f"{raw}: being drawn", wait=True):
                    if not target.exists():
                        raw.unlink(missing_ok=True)  # of one that was killed
                        builder.populate(known.folder, raw, patients=PATIENTS, seed=seed)
                        copied(raw, target)
                        raw.unlink()
    return targets


def _digest(folder: Path, builder: Populating) -> str:
    """Digest what a domain draws from: its files, and the hospital's with what renders it."""
    home: Path = getattr(builder, "home", Path)(folder)  # that of the database, if another
    made = hashlib.sha256(__version__.encode())
    for root in sorted({folder, home, Path(ehr.__file__).parent}):
        for path in sorted(root.rglob("*")):
            if path.is_file() and path.suffix != ".pyc":
                made.update(f"{path.relative_to(root)}".encode() + path.read_bytes())
    return made.hexdigest()[:16]
