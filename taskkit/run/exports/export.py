"""Write the trajectories of a run in a form that other programs read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal, get_args

from taskkit.draft import drafted
from taskkit.errors import UsageError, blame
from taskkit.run.exports import atif
from taskkit.run.exports.database import Database
from taskkit.run.exports.inspect_log import Log
from taskkit.run.results import Row, Run

Form = Literal["jsonl", "atif", "inspect", "sqlite"]
FORMS: tuple[Form, ...] = get_args(Form)
SUFFIX: dict[Form, str] = {"jsonl": ".jsonl", "atif": "", "inspect": ".json", "sqlite": ".sqlite"}
"""Of the default target; ATIF is a folder of one file for each trajectory."""


def selected(run: Run, *, only: Literal["right", "wrong"] | None) -> Iterator[Row]:
    """Give the episodes that came to their end, or those with one outcome."""
    for row in run.rows():
        if row.done and (only is None or (row.reward >= 1.0) == (only == "right")):
            yield row


def check(run: Run, *, credentialed: bool) -> None:
    """Raise a `UsageError` where the run may not be passed on, and nobody said that it is not."""
    marked = sum(row.access == "credentialed" for row in run.rows() if row.done)
    if marked and not credentialed:
        raise UsageError(
            f"{run.folder}: {marked:,} trajectories derive from credentialed data, which may not be"
            " passed on: --include-credentialed writes them, for those who may see the data"
        )


def export(
    run: Run,
    form: Form,
    target: Path,
    *,
    only: Literal["right", "wrong"] | None = None,
    credentialed: bool = False,
) -> int:
    """Write the trajectories of a run; return how many.

    Args:
        only: Those that were rewarded, or those that were not.
        credentialed: Write those that may not be passed on as well.

    Raises:
        UsageError: there is nothing to write, the target cannot be written, or some trajectory
            may not be passed on.
    """
    check(run, credentialed=credentialed)
    if next(selected(run, only=only), None) is None:
        raise UsageError(f"{run.folder}: no episode to write: need one that came to its end")
    write: dict[Form, Callable[[Run, Iterator[Row], Path], int]] = {
        "jsonl": _jsonl,
        "atif": _atif,
        "inspect": _inspect,
        "sqlite": _sqlite,
    }
    with blame(UsageError, f"{target}: it cannot be written"):
        target.parent.mkdir(parents=True, exist_ok=True)
        if form == "atif":
            return _atif(run, selected(run, only=only), target)
        with drafted(target) as draft:
            return write[form](run, selected(run, only=only), draft)


def _jsonl(run: Run, rows: Iterator[Row], target: Path) -> int:
    count = 0
    with target.open("w", encoding="utf-8") as file:
        for count, row in enumerate(rows, 1):  # noqa: B007  # the last one counts
            file.write(row.trajectory().model_dump_json(exclude_defaults=True) + "\n")
    return count


def _atif(run: Run, rows: Iterator[Row], target: Path) -> int:
    target.mkdir(parents=True, exist_ok=True)
    for row in run.rows():  # what an earlier export left is not to be taken for one of this
        (target / f"{row.id}.json").unlink(missing_ok=True)
    count = 0
    for count, row in enumerate(rows, 1):  # noqa: B007  # the last one counts
        (target / f"{row.id}.json").write_text(atif.text(row.trajectory()), "utf-8")
    return count


def _inspect(run: Run, rows: Iterator[Row], target: Path) -> int:
    listed = list({row.task: None for row in run.rows() if row.done})
    log: Log | None = None
    with target.open("w", encoding="utf-8") as file:
        for row in rows:
            trajectory = row.trajectory()
            log = log or Log(file, trajectory, run.taskset.name, listed)
            log.add(trajectory)
        assert log is not None, "there is an episode"
        log.close()
    return log.count


def _sqlite(run: Run, rows: Iterator[Row], target: Path) -> int:
    count = 0
    with Database(target) as database:
        for count, row in enumerate(rows, 1):  # noqa: B007  # the last one counts
            database.add(row, row.trajectory())
    return count
