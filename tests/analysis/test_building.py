"""A build over the synthetic studies, and the probes that try to earn its rewards."""

from __future__ import annotations

from pathlib import Path

import pytest

from taskkit.analysis.probes import OtherStudyProbe, PartProbe, PassProbe
from taskkit.analysis.recipes import RECIPES
from taskkit.audit.probe import Answer, Subject, Submission
from taskkit.audit.python_mutants import part
from taskkit.build.domain import domain
from taskkit.build.driver import Order, run
from taskkit.builders import biodsbench
from taskkit.builders.biodsbench import mixed, plan
from taskkit.errors import MissingError
from taskkit.oracles.evidence import Evidence
from taskkit.oracles.judge import judge
from taskkit.oracles.values import NamedValue, ValuesOracle
from taskkit.oracles.verdict import Verdict
from taskkit.sandbox.namespace import availability
from taskkit.spec.oracle import Tolerance
from taskkit.spec.task import TaskSpec
from taskkit.taskset.folder import Taskset
from taskkit.taskset.validate import validate
from taskkit.testing.contract import check_domain
from tests.analysis.conftest import DOMAIN
from tests.analysis.test_analysis_bank import BANK
from tests.audit.test_bad_tasks import crews_here
from tests.audit.ward import audited


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("built") / "biodsbench"
    found = domain("biodsbench")
    run(Order(found, found.builder().Options(), out, limit=8))
    return out


@pytest.fixture(scope="module")
def specs(built: Path) -> list[TaskSpec]:
    return list(Taskset(built).specs())


def test_a_build_gives_as_many_as_were_asked_for(built: Path, specs: list[TaskSpec]) -> None:
    assert len(specs) == 8
    assert not validate(built, jobs=1).findings
    assert len({spec.category.split("-")[0] for spec in specs}) >= 6


def test_every_task_names_typed_values_and_may_read_every_study(specs: list[TaskSpec]) -> None:
    for spec in specs:
        assert spec.answer.kind == "object"
        assert spec.oracle.kind == "values"
        assert len(spec.environment.assets) == 5 * len(RECIPES)
        assert spec.split in ("train", "valid", "test")


def test_every_question_is_asked_once_before_any_twice() -> None:
    asked = plan(DOMAIN, None, 3)
    assert len(asked) == 3 * len(BANK)
    assert len({name for name, _, _ in asked[: len(BANK)]}) == len(BANK)
    assert len(set(asked)) == len(asked)


def test_a_question_without_parameters_is_asked_of_each_study_once() -> None:
    asked = [one for one in plan(DOMAIN, 3000, 3) if one[0] == "lost_rows"]
    assert sorted(place for _, place, _ in asked) == list(range(len(RECIPES)))


def test_groups_take_turns() -> None:
    groups = [entry.group for entry in mixed(BANK).values()]
    assert len(set(groups[:12])) == 12


def test_variants_share_the_body_of_the_program() -> None:
    codes = list(biodsbench.BiodsbenchBuilder().variants(DOMAIN, "survival-median_by_mutation"))
    assert len(codes) == 2 * len(RECIPES)
    assert len({part(code).body for code in codes}) == 1
    assert len({part(code).head for code in codes}) == len(codes)
    assert not list(biodsbench.BiodsbenchBuilder().variants(DOMAIN, "published-1"))


def test_a_missing_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(biodsbench, "NEEDED", ("pandas", "no_such_library"))
    with pytest.raises(MissingError, match="no_such_library: not installed: need `pip install"):
        biodsbench.require_libraries()


def rewarded(spec: TaskSpec) -> list[str]:
    return [
        one.what
        for one in PartProbe().attempts(Subject.of(spec))
        if isinstance(one, Answer) and judge(spec, Evidence(one.document)).reward
    ]


def test_no_part_of_an_answer_is_rewarded(specs: list[TaskSpec]) -> None:
    for spec in specs:
        tried = list(PartProbe().attempts(Subject.of(spec)))
        assert len(tried) >= 5
        assert not rewarded(spec)


def test_the_part_probe_finds_a_value_that_does_not_count(specs: list[TaskSpec]) -> None:
    spec = next(one for one in specs if one.category == "hazard-cox_age_sex")
    oracle = spec.oracle
    assert isinstance(oracle, ValuesOracle)
    numbers = [v for v in oracle.values if isinstance(v.expected, float)]
    loose = tuple(
        NamedValue(name=v.name, expected=v.expected, tolerance=Tolerance(absolute=1e9))
        if v in numbers
        else v
        for v in oracle.values
    )
    changed = oracle.model_copy(update={"values": loose})
    found = rewarded(spec.model_copy(update={"oracle": changed}))
    assert f"{numbers[0].name} is another" in found


def test_other_probes_submit_programs(specs: list[TaskSpec]) -> None:
    subject = Subject.of(specs[0])
    assert [one.what for one in PassProbe().attempts(subject) if isinstance(one, Submission)] == [
        "pass",
        "answer = {}",
        "import os; os._exit(0)",
    ]
    [other] = list(OtherStudyProbe().attempts(subject))
    assert isinstance(other, Submission)
    step = specs[0].reference.steps[0]
    assert other.action.code != step.code  # type: ignore[union-attr]
    assert compile(other.action.code, "other", "exec")  # type: ignore[union-attr]


def test_a_judge_that_asks_for_no_value_is_found(
    built: Path, specs: list[TaskSpec], monkeypatch: pytest.MonkeyPatch
) -> None:
    def idle(spec: TaskSpec, evidence: Evidence) -> Verdict:
        return Verdict("right", "whatever is left, or nothing")

    if why := availability():
        pytest.skip(why)
    crews_here(monkeypatch)
    monkeypatch.setattr("taskkit.play.episode.judge", idle)
    summary, records = audited(built, f"id={specs[0].id}", sandbox="namespace")
    records.close()
    assert {"pass", "other study"} <= set(summary.exploits)


@pytest.mark.slow
def test_the_domain_keeps_what_all_domains_keep(tmp_path: Path) -> None:
    check_domain(DOMAIN, tmp_path, count=6)
