"""A sample of verified instances played again on another backend; a difference is a finding."""

from __future__ import annotations

import hashlib
import math
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from taskkit.pool.pool import Bug, Lost, Pool
from taskkit.sandbox.choose import Choice
from taskkit.verify.proof import Job, Proving
from taskkit.verify.results import Result
from taskkit.verify.verification import Watcher

SHARE = 0.01  # of each category and image, and at least one
_IMAGE = re.compile(rb"^ *image: *([^ \r\n]+)", re.MULTILINE)


@dataclass(frozen=True)
class Difference:
    """An instance that two backends find something else of."""

    id: str
    file: str
    here: str
    """The code that the main backend found, or that the answers differ."""
    there: str
    """What the other backend found, and why."""


@dataclass
class Crosscheck:
    """What playing a sample on another backend found."""

    backend: Choice
    played: int = 0
    images: set[str] = field(default_factory=set)
    """The images among them."""
    differences: list[Difference] = field(default_factory=list)


def sample(taskset: Path, results: Iterable[Result]) -> dict[str, list[Result]]:
    """Choose `SHARE` of each category and image, at least one of each, always the same ones.

    Returns:
        The chosen by image.
    """
    strata: defaultdict[tuple[str, str], list[Result]] = defaultdict(list)
    for one in results:
        if one.code != "sandbox_failed":
            strata[image(taskset / one.file), one.category].append(one)
    chosen: defaultdict[str, list[Result]] = defaultdict(list)
    for (name, _), members in sorted(strata.items()):
        members.sort(key=lambda one: hashlib.sha256(one.id.encode()).digest())
        chosen[name] += members[: math.ceil(len(members) * SHARE)]
    return dict(chosen)


def image(path: Path) -> str:
    """Give the image that a task's document names; empty where it names none."""
    found = _IMAGE.search(path.read_bytes())
    return found[1].decode("utf-8", "replace").strip("\"'") if found else ""


def crosscheck(
    proving: Proving,
    results: Iterable[Result],
    backend: Choice,
    jobs: int,
    *,
    watch: Watcher = lambda result: None,
) -> Crosscheck:
    """Play a sample of what was found on ``backend`` too, and compare code and answer.

    Raises:
        MissingError: the machine cannot run the backend, or an image of it is not built.
    """
    chosen = sample(proving.taskset, results)
    before = {one.file: one for members in chosen.values() for one in members}
    report = Crosscheck(backend, images=set(chosen))
    again = replace(proving, sandbox=backend, isolation="worker")
    pool: Pool[Job, Result] = Pool(max(1, min(jobs, len(before))), again)
    try:
        for one in pool.run(Job(file) for file in before):
            report.played += 1
            if isinstance(one, Lost):
                found = before[one.job.file]
                there = f"the verifying process died twice (exit code {one.exit_code})"
                report.differences.append(Difference(found.id, found.file, found.code, there))
                continue
            job, result = one
            if isinstance(result, Bug):
                raise result.error()
            report.differences += _compare(before[job.file], result)
            watch(result)
    finally:
        pool.close()
    report.differences.sort(key=lambda difference: difference.file)
    return report


def _compare(here: Result, there: Result) -> list[Difference]:
    if here.code != there.code:
        said = f"{there.code}: {there.detail}" if there.detail else there.code
        return [Difference(here.id, here.file, here.code, said)]
    if here.answer != there.answer:
        return [Difference(here.id, here.file, f"answer {here.answer}", f"answer {there.answer}")]
    return []
