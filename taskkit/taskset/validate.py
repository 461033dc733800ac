"""Static checks of a whole taskset: nothing is run, and a broken file never stops the rest."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from taskkit.errors import UsageError
from taskkit.pool.ordered import in_chunks
from taskkit.taskset.atomic_folder import AtomicFolder
from taskkit.taskset.finding import Finding, Report
from taskkit.taskset.folder import MANIFEST
from taskkit.taskset.inspection import Inspected, Inspector
from taskkit.taskset.sums import Sums, stored_faults
from taskkit.taskset.tree import Tree

Progress = Callable[[str, int, int | None], None]


def silent(what: str, done: int, total: int | None) -> None:
    """Tell nobody."""


def validate(path: Path, jobs: int = 1, progress: Progress = silent) -> Report:
    """Check a taskset, or the file of one task.

    Args:
        path: Folder of the taskset, or a YAML file in one or by itself.
        jobs: Processes to use.
        progress: Told how many tasks have been looked at.

    Raises:
        UsageError: there is no taskset and no file at ``path``.
    """
    if path.is_file():
        return _one(path)
    AtomicFolder(path).recover()
    if not (path / MANIFEST).is_file():
        what = "it has no taskset.yaml" if path.is_dir() else "no such file or folder"
        raise UsageError(f"{path}: {what}: name a taskset, or the file of one task")
    return _all(path, jobs, progress)


def _one(path: Path) -> Report:
    root = next((up for up in path.resolve().parents if (up / MANIFEST).is_file()), None)
    inspector = Inspector(root)
    inspected = inspector.inspect(path)
    inspector.close()
    report = Report(str(path), 1, list(inspected.findings))
    if root is None:
        report.notes.append("in no taskset: data, documents, image and SQL were not checked")
    else:
        report.findings += stored_faults(root, dict.fromkeys(inspected.needs, inspected.file))
    return report


def _all(path: Path, jobs: int, progress: Progress) -> Report:
    report, tree, sums = Report(str(path)), Tree(path), Sums(path)
    total = sums.expected
    progress("validate", 0, total)
    for inspected in in_chunks(partial(_inspection, path), tree.tasks(), jobs):
        report.tasks += 1
        report.findings += inspected.findings
        report.findings += sums.add(inspected)
        progress("validate", report.tasks, total)
    report.findings += _last(tree, sums, path)
    return report


def _inspection(root: Path) -> Callable[[Path], Inspected]:
    return Inspector(root).inspect


def _last(tree: Tree, sums: Sums, path: Path) -> Iterator[Finding]:
    """Give what only the whole set shows."""
    yield from tree.strays
    yield from stored_faults(path, sums.needs)
    yield from sums.faults()
