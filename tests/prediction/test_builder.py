"""Tasks are built from definitions, with hidden labels that only the judge reads."""

from __future__ import annotations

from pathlib import Path

import pytest

from taskkit.build.domain import domain
from taskkit.build.driver import Built
from taskkit.errors import MissingError
from taskkit.oracles.evidence import Evidence
from taskkit.oracles.judge import judge
from taskkit.oracles.metric import MetricOracle
from taskkit.prediction import builder, hospital
from taskkit.prediction.builder import candidates, require_packages
from taskkit.prediction.cohort import Cohort
from taskkit.prediction.definition import Definitions
from taskkit.prediction.plan import CohortPlan
from taskkit.prediction.split import hidden_subjects
from taskkit.prediction.synthetic import cohort
from taskkit.spec.document import read_document
from taskkit.spec.task import TaskSpec
from taskkit.taskset.folder import Taskset
from tests.prediction.building import build, file_of, the_task

BASE = {"ehrshot": 15, "mimic-extract": 9}


def drawn(name: str, *, patients: int, seed: int = 0) -> Cohort:
    if name == "mimic-extract":
        return hospital.draw(patients, seed)
    plan = read_document(domain(name).folder / "cohort.yaml", CohortPlan)
    return cohort(plan.model_copy(update={"patients": patients}), seed)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    out = tmp_path_factory.mktemp("prediction") / "tasks"
    names = "los_3", "ventilation", "los_3", "sepsis"
    return build("mimic-extract", out, *names, patients=2000)


@pytest.fixture(scope="module")
def spec(built: Built) -> TaskSpec:
    return the_task(built.out, "los_3")


def test_listed_tasks_are_built_once_and_unknown_ones_are_named(built: Built) -> None:
    assert built.counts.by_category == {"los_3": 1, "ventilation": 1}
    assert built.rejected == {"duplicate": 1, "malformed_record": 1}
    details = [line.detail for line in Taskset(built.out).quarantine()]
    assert "task_name 'sepsis': no such definition" in details


def test_only_the_judge_reads_the_hidden_labels(spec: TaskSpec) -> None:
    assert isinstance(spec.oracle, MetricOracle)
    assert [asset.name for asset in spec.environment.assets if asset.reader == "judge"] == [
        spec.oracle.labels
    ]


def test_no_patient_is_on_both_sides_and_no_label_is_among_the_rows(
    built: Built, spec: TaskSpec
) -> None:
    _, [head, *train] = file_of(built.out, spec, "-train")
    _, [asked_head, *asked] = file_of(built.out, spec, "-rows")
    assert head == ["stay_id", "prediction_time", "label"]
    assert asked_head == ["stay_id", "prediction_time"]
    assert not {row[0] for row in train} & {row[0] for row in asked}


def test_tasks_of_a_build_hide_the_same_patients(built: Built, spec: TaskSpec) -> None:
    other = the_task(built.out, "ventilation")
    known = {row[0] for row in file_of(built.out, other, "-train")[1][1:]}
    asked = {row[0] for row in file_of(built.out, spec, "-rows")[1][1:]}
    assert not known & asked


def test_instruction_says_what_is_asked_and_how_it_is_judged(spec: TaskSpec) -> None:
    assert isinstance(spec.oracle, MetricOracle)
    assert "24 hours after admission to intensive care" in spec.instruction
    assert f"{spec.oracle.threshold:g} or more is needed" in spec.instruction
    assert "/workspace/predictions.csv" in spec.instruction


def test_judge_takes_the_hidden_labels_for_perfect_scores(built: Built, spec: TaskSpec) -> None:
    _, [_, *hidden] = file_of(built.out, spec, "-hidden")
    lines = [f"{row[0]},{int(row[1]) + i % 10 / 100}" for i, row in enumerate(hidden)]
    digests = {asset.name: asset.sha256 for asset in spec.environment.assets}
    evidence = Evidence(
        "\n".join(["stay_id,score", *lines]).encode(),
        asset=lambda name: Taskset(built.out).asset(digests[name]),
    )
    verdict = judge(spec, evidence)
    assert verdict.reward == 1.0
    assert verdict.explanation.startswith("auroc 1.0000 on ")


@pytest.mark.parametrize("name", BASE)
def test_domain_has_its_published_definitions_first(name: str) -> None:
    listed = read_document(domain(name).folder / "labels.yaml", Definitions)
    names = [one.name for one in listed.definitions]
    assert len(names) == BASE[name]
    variants = [one.name for base in listed.definitions for one in base.variants()]
    assert len(set(variants)) == len(variants) > 2 * BASE[name]


@pytest.mark.parametrize("name", BASE)
def test_same_seed_draws_the_same_cohort_and_another_draws_another(name: str) -> None:
    first, again = drawn(name, patients=200), drawn(name, patients=200)
    assert first.sha256 == again.sha256
    assert first.sha256 != drawn(name, patients=200, seed=1).sha256


def test_publishers_parts_are_kept() -> None:
    made = drawn("ehrshot", patients=20)
    people = made.events["subject_id"].unique().sort().to_list()
    parts = {one: "test" if one % 2 else "train" for one in people}
    held = Cohort(made.events, splits=parts)
    assert hidden_subjects(held, "any") == {one for one in people if one % 2}


def test_cohort_that_is_too_small_is_told_by_definition(tmp_path: Path) -> None:
    out = tmp_path / "tasks"
    chosen = domain("ehrshot")
    from taskkit.build.driver import Order, run

    options = builder.PredictionOptions(patients=200)
    listed = tmp_path / "list.jsonl"
    listed.write_text('{"task_name": "new_lupus"}\n')
    made = run(Order(chosen, options, out, None, listed))
    assert made.counts.total == 0
    [line] = list(Taskset(out).quarantine())
    assert line.code in ("no_threshold", "too_few_rows")


def test_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(builder, "find_spec", lambda name: None if name == "polars" else name)
    with pytest.raises(MissingError, match=r"^ehrshot: polars is not installed: need `pip install"):
        require_packages("ehrshot")


def test_no_candidates_come_of_no_cohort() -> None:
    listed = read_document(domain("ehrshot").folder / "labels.yaml", Definitions)
    assert list(candidates(iter(()), listed, (), None)) == []  # type: ignore[arg-type]
