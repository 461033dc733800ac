"""What is planted in the files of a task, the audit finds."""

from __future__ import annotations

from pathlib import Path

import pytest

from taskkit.spec.task import TaskSpec
from tests.prediction.building import attacked, build, file_of, isolated, text, the_task

pytestmark = [pytest.mark.slow, isolated]


@pytest.fixture(scope="module")
def taskset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("prediction") / "tasks"
    assert build("ehrshot", out, "guo_icu").counts.total == 1
    return out


@pytest.fixture(scope="module")
def spec(taskset: Path) -> TaskSpec:
    return the_task(taskset, "guo_icu")


def truth(taskset: Path, spec: TaskSpec) -> dict[str, str]:
    known = file_of(taskset, spec, "-train")[1][1:]
    hidden = file_of(taskset, spec, "-hidden")[1][1:]
    return {row[0]: row[-1] for row in (*known, *hidden)}


def test_honest_files_give_nothing_away(taskset: Path, spec: TaskSpec) -> None:
    assert attacked(taskset, spec, {}) == []


def test_feature_that_is_the_label_is_found(taskset: Path, spec: TaskSpec) -> None:
    labels = truth(taskset, spec)
    name, [head, *rows] = file_of(taskset, spec, "features")
    noisy = [
        [*row, f"{int(labels.get(row[0], '0')) * 5 - i % 7 / 10}"] for i, row in enumerate(rows)
    ]
    findings = attacked(taskset, spec, {name: text([[*head, "transfer_code"], *noisy])})
    assert [(one.code, one.detail) for one in findings] == [
        ("passes_trivial", "one feature: rewarded")
    ]


def test_feature_that_is_missing_where_the_label_is_true_is_found(
    taskset: Path, spec: TaskSpec
) -> None:
    labels = truth(taskset, spec)
    name, [head, *rows] = file_of(taskset, spec, "features")
    holes = [[*row, "" if labels.get(row[0]) == "1" else f"{i % 11}"] for i, row in enumerate(rows)]
    findings = attacked(taskset, spec, {name: text([[*head, "bed"], *holes])})
    assert ("passes_trivial", "one feature: rewarded") in [(f.code, f.detail) for f in findings]


def test_training_labels_of_hidden_patients_are_found(taskset: Path, spec: TaskSpec) -> None:
    name, [head, *rows] = file_of(taskset, spec, "-train")
    _, [_, *hidden] = file_of(taskset, spec, "-hidden")
    more = [[row[0], "2016-01-01 23:59", row[1]] for row in hidden[:5]]
    findings = attacked(taskset, spec, {name: text([head, *rows, *more])})
    found = [one for one in findings if one.code == "oracle_visible"]
    assert [one.probe for one in found] == ["hidden"]
    assert "5 of these patients have a training label" in str(found[0].evidence)


def test_time_after_the_prediction_is_found(taskset: Path, spec: TaskSpec) -> None:
    name, [head, *rows] = file_of(taskset, spec, "features")
    late = [[*row, "2199-01-01 00:00"] for row in rows]
    findings = attacked(taskset, spec, {name: text([[*head, "last_seen"], *late])})
    found = [one for one in findings if one.code == "oracle_visible"]
    assert "last_seen 2199-01-01 00:00 is later than the prediction of" in str(found[0].evidence)


def test_hidden_labels_that_the_agent_may_read_are_found(taskset: Path, spec: TaskSpec) -> None:
    open_assets = tuple(
        asset.model_copy(update={"reader": "agent"}) for asset in spec.environment.assets
    )
    place = spec.environment.model_copy(update={"assets": open_assets})
    findings = attacked(taskset, spec.model_copy(update={"environment": place}), {})
    [found] = [one for one in findings if one.code == "oracle_visible"]
    assert "guo_icu-hidden.csv holds" in str(found.evidence)


def test_order_of_identifiers_that_is_the_label_is_found(taskset: Path, spec: TaskSpec) -> None:
    name, [head, *rows] = file_of(taskset, spec, "-hidden")
    ordered = sorted(rows, key=lambda row: int(row[0]))
    cut = int(len(ordered) * 0.7)
    planted = [[row[0], str(int(i >= cut))] for i, row in enumerate(ordered)]
    findings = attacked(taskset, spec, {name: text([head, *planted])})
    assert ("passes_trivial", "order of the identifiers: rewarded") in [
        (one.code, one.detail) for one in findings
    ]


def test_threshold_that_chance_reaches_is_found(taskset: Path, spec: TaskSpec) -> None:
    low = spec.oracle.model_copy(update={"threshold": 0.4})
    findings = attacked(taskset, spec.model_copy(update={"oracle": low}), {})
    rewarded = {one.detail.removesuffix(": rewarded") for one in findings}
    assert rewarded >= {"prevalence", "training labels copied", "rows permuted", "one feature"}
    assert "majority" not in rewarded  # a constant is malformed, whatever the threshold
