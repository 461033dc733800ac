"""A taskset of a domain, built once, and what is planted in its files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from taskkit.audit.attack import Attack
from taskkit.audit.finding import Finding
from taskkit.audit.probe import Probe
from taskkit.build.domain import domain
from taskkit.build.driver import Built, Order, run
from taskkit.play.stage import Stage
from taskkit.prediction.builder import PredictionOptions
from taskkit.prediction.probes import HiddenProbe, PredictionProbe
from taskkit.sandbox.choose import choose
from taskkit.sandbox.namespace import availability
from taskkit.spec.task import TaskSpec
from taskkit.taskset.folder import Taskset

isolated = pytest.mark.skipif(
    availability() is not None, reason=f"no namespaces here; see docs/sandbox.md: {availability()}"
)


def build(
    name: str, out: Path, *tasks: str, source: Path | None = None, patients: int | None = None
) -> Built:
    """Build the tasks of these names, in this process."""
    listed = out.parent / f"{out.name}.jsonl"
    listed.write_text("".join(f'{{"task_name": "{task}"}}\n' for task in tasks))
    chosen = domain(name)
    options = PredictionOptions(patients=patients)
    return run(Order(chosen, options, out, source, listed if tasks else None))


def the_task(taskset: Path, category: str) -> TaskSpec:
    """The one task of a category."""
    [spec] = [one for one in Taskset(taskset).specs() if one.category == category]
    return spec


def attacked(taskset: Path, spec: TaskSpec, planted: Mapping[str, bytes]) -> list[Finding]:
    """What the probes of this kit find on a task, with other bytes in some of its files."""
    held = Taskset(taskset)
    files = {asset.sha256: asset.name for asset in spec.environment.assets}

    def asset(sha256: str) -> Path:
        name = files[sha256]
        if name not in planted:
            return held.asset(sha256)
        path = taskset.parent / f"planted-{name}"
        path.write_bytes(planted[name])
        return path

    probes: list[Probe] = [PredictionProbe(), HiddenProbe()]
    with Stage(choose("namespace"), asset, held.document, taskset.parent / "cache") as stage:
        attack = Attack(stage, probes, isolated=True)
        made = attack.begin(spec, sampled=True)
        attack.finish([made])
    return made.findings


def file_of(taskset: Path, spec: TaskSpec, ending: str) -> tuple[str, list[list[str]]]:
    """The name and the cells of the file of a task whose name has these letters."""
    [asset] = [one for one in spec.environment.assets if ending in one.name]
    lines = Taskset(taskset).asset(asset.sha256).read_text().splitlines()
    return asset.name, [line.split(",") for line in lines]


def text(rows: list[list[str]]) -> bytes:
    """Cells as a file."""
    return "".join(",".join(row) + "\n" for row in rows).encode()
