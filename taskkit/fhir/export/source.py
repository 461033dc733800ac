"""An export as a store, with what the user should know about it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from taskkit.build.origin import Progress, silent
from taskkit.build.rejection import Rejection
from taskkit.errors import SourceError, UsageError
from taskkit.fhir.export.files import Export, read_export
from taskkit.fhir.export.reading import STEP, Reading, examine, resources
from taskkit.fhir.index import Resource
from taskkit.fhir.moment import EPOCH, interval
from taskkit.fhir.schema import write

SHOWN = 5  # dangling references, and errors of the export, that are named


@dataclass(frozen=True)
class Loaded:
    """A store that was made of an export."""

    now: datetime
    """The frozen time of the episodes."""
    resources: int
    sha256: str
    """Of all lines, in the order of the files."""
    rejections: tuple[Rejection, ...]
    notes: tuple[str, ...]


def load(
    folder: Path, store: Path, *, now: str = "", renumber: bool, progress: Progress = silent
) -> Loaded:
    """Read an export's folder, and write its store.

    Args:
        folder: NDJSON files by type, plain or gzipped, with or without a manifest.
        store: The file to write.
        now: The time of the episodes; the export's own, or its last event, where not given.
        renumber: Give every resource another id.

    Raises:
        SourceError: the folder holds no export, or not a whole one.
        UsageError: `now` is no time.
    """
    export = read_export(folder)
    reading = examine(export, renumber=renumber, progress=progress)
    if not reading.kept["Patient"]:
        raise SourceError(f"{folder}: no Patient: need the patients' resources as well")
    moment = clock(export, reading, now)
    total = reading.kept.total()
    found = told(resources(export, reading), total, progress)
    write(store, found, updated=interval(moment.isoformat())[0])
    return Loaded(
        moment, total, reading.sha256, tuple(reading.rejections), (*notes(export, reading),)
    )


def clock(export: Export, reading: Reading, now: str) -> datetime:
    """The time of the episodes, to the second.

    Raises:
        UsageError: what the user gave is no time.
    """
    said = now or export.transaction_time
    if said is None and not reading.latest:
        raise UsageError("no resource says when anything was: need --now, such as 2024-06-18")
    if said is None:
        return EPOCH + timedelta(milliseconds=reading.latest // 1000 * 1000)
    try:
        return EPOCH + timedelta(milliseconds=interval(said)[0] // 1000 * 1000)
    except ValueError as error:
        raise UsageError(f"--now {error}" if now else f"transactionTime: {error}") from error


def told(found: Iterable[Resource], total: int, progress: Progress) -> Iterator[Resource]:
    """Resources, with a word of progress now and then."""
    for number, resource in enumerate(found):
        if number % STEP == 0:
            progress("writing the store", number, total)
        yield resource


def notes(export: Export, reading: Reading) -> Iterator[str]:
    """What the user should know, a line each."""
    kept = ", ".join(f"{count:,} {kind}" for kind, count in sorted(reading.kept.items()))
    yield f"read {reading.kept.total():,} resources: {kept}"
    if reading.strange:
        left = ", ".join(f"{count:,} {kind}" for kind, count in sorted(reading.strange.items()))
        yield f"left out, of types that the server does not keep: {left}"
    if reading.rejections:
        yield f"{len(reading.rejections):,} lines put aside: the quarantine names file and line"
    dangling = reading.links.dangling
    if dangling:
        named = [f"{one} ({reading.links.examples[one]})" for one in sorted(dangling)[:SHOWN]]
        yield (
            f"{dangling.total():,} references lead to {len(dangling):,} resources that are not in "
            f"the export, such as {', '.join(named)}"
        )
    if export.errors:
        said = "; ".join(export.errors[:SHOWN])
        yield f"the export itself reports {len(export.errors):,} errors: {said}"
