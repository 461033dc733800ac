"""From a definition with its threshold to a task."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from pydantic import JsonValue

from taskkit.build.draft import Desk, solution
from taskkit.oracles.metric import MetricOracle
from taskkit.prediction.candidate import Evaluated
from taskkit.prediction.definition import Definition
from taskkit.prediction.evaluation import constants
from taskkit.prediction.reference import program, read_program
from taskkit.prediction.wording import instruction
from taskkit.spec.answer import (
    AnswerSpec,
    Column,
    FileAnswer,
    IntegerAnswer,
    NumberAnswer,
    ScalarAnswer,
    StringAnswer,
    TableAnswer,
)
from taskkit.spec.environment import Asset, Environment, Limits
from taskkit.spec.task import TaskSpec
from taskkit.taskset.digest import file_sha256

LIMITS = Limits(wall_s=120.0, cpu_s=120.0, memory_mib=2048, output_kib=2048)
FILE = "predictions.csv"


def task(
    desk: Desk,
    one: Evaluated,
    folder: Path,
    assets: Mapping[str, Path],
    shared: Sequence[str],
) -> TaskSpec:
    """The task of an evaluated definition.

    Args:
        desk: What the tasks of a build share.
        one: The definition, its files and its threshold.
        folder: Of the domain.
        assets: The finished files by name.
        shared: Names of the files that the agent may read.
    """
    definition, files, key = one.candidate.definition, one.candidate.files, one.candidate.key
    digests: dict[str, JsonValue] = {name: file_sha256(assets[name]) for name in files.names}
    body = read_program(folder, definition.program)
    file = FILE if definition.answer == "file" else None
    environment = Environment(
        image=desk.image,
        assets=(
            *(Asset(name=name, sha256=file_sha256(assets[name])) for name in shared),
            Asset(name=files.hidden, sha256=str(digests[files.hidden]), reader="judge"),
        ),
        limits=LIMITS,
    )
    return desk.draft(
        instruction(definition, one.candidate.what, files, key, one.rows, one.threshold.value),
        answer(definition, key, file),
        oracle(one),
        (solution(program(body, constants(one.candidate), file)),),
        category=one.candidate.category,
        record=one.candidate.record,
        content={"definition": definition.model_dump(mode="json"), "files": dict(digests)},
        environment=environment,
    )


def answer(definition: Definition, key: str, file: str | None) -> AnswerSpec:
    """A table of the key and the outputs, or a file."""
    if file is not None:
        return FileAnswer(kind="file", path=file)
    cell: ScalarAnswer = NumberAnswer(kind="number")
    if definition.decides:
        classes = definition.target == "classes"
        cell = StringAnswer(kind="string") if classes else IntegerAnswer(kind="integer")
    return TableAnswer(
        kind="table",
        columns=(
            Column(name=key, type=IntegerAnswer(kind="integer")),
            *(Column(name=name, type=cell) for name in definition.outputs),
        ),
    )


def oracle(one: Evaluated) -> MetricOracle:
    """The oracle with its figures."""
    definition, found = one.candidate.definition, one.threshold
    return MetricOracle(
        kind="metric",
        metric=definition.metric,
        target=definition.target,
        labels=one.candidate.files.hidden,
        key=one.candidate.key,
        outputs=definition.outputs,
        classes=definition.labels if definition.decides else (),
        threshold=found.value,
        reference=found.reference,
        trivial=found.trivial,
        bootstraps=found.bootstraps,
    )
