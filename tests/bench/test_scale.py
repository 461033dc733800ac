"""What scale.py measures is kept by step, and done again only where it was asked otherwise."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.bench.scale import Wanted, sample
from tests.bench.scale_report import Measured, report
from tests.taskset.building import build

PLAN = """schema: taskkit/plan/1
title: Doses
builds:
  - {domain: toy, source: doses.csv, options: {least: 2}, published: {train: 3, test: 1}}
"""
DOMAINS = Path(__file__).parents[1] / "fixtures" / "domains"


@pytest.fixture
def wanted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Wanted:
    monkeypatch.setenv("TASKKIT_DOMAINS", str(DOMAINS))
    (tmp_path / "doses.csv").write_text("drug,dose\na,1\nb,2\nc,3\nc,4\n")
    (tmp_path / "plan.yaml").write_text(PLAN)
    return Wanted(tmp_path / "work", tmp_path / "plan.yaml", (), (), ("build", "validate"), 0)


@pytest.mark.slow
def test_a_step_that_was_done_is_not_done_again(
    wanted: Wanted, capsys: pytest.CaptureFixture[str]
) -> None:
    first = wanted.measure()
    assert [(one.kind, one.done, one.exit_code) for one in first] == [
        ("build", 2, 0), ("validate", 2, 0),
    ]  # fmt: skip
    assert all(one.seconds > 0 and one.cpu_s > 0 and one.peak_mib > 1 for one in first)
    capsys.readouterr()
    assert wanted.measure() == first
    assert capsys.readouterr().out == ""
    (wanted.work / "steps" / "validate-toy.json").unlink()
    again = wanted.measure()
    assert (again[0], again[1].begun >= first[1].begun) == (first[0], True)
    assert "validate" in capsys.readouterr().out


@pytest.mark.slow
def test_the_tables_show_what_was_made_beside_what_was_published(wanted: Wanted) -> None:
    text = report(replace(wanted, kinds=("build",)).measure(), wanted.plan)
    assert "| `toy` | 2 | 4 |" in text
    assert "| degenerate_answer | 1 |" in text


@pytest.mark.slow
def test_a_step_that_fails_is_told_and_not_kept(
    wanted: Wanted, capsys: pytest.CaptureFixture[str]
) -> None:
    (wanted.plan.parent / "doses.csv").write_text("drug,dose\na,much\n")
    assert wanted.measure() == []
    assert "build plan: exit code 2" in capsys.readouterr().out
    assert not (wanted.work / "steps" / "build-plan.json").exists()


def test_a_sample_is_a_share_of_the_ids(tmp_path: Path) -> None:
    taskset = build(tmp_path / "toy", 4)
    assert list(sample(taskset, 0)) == []
    assert list(sample(taskset, 4)) == []
    filters = list(sample(taskset, 1))
    assert filters[1] == "id=*00"
    assert len(filters) == 2 * 64


def test_cores_are_processor_time_by_elapsed_time() -> None:
    one = Measured("validate", "a", [], "10:00:00", 0.5, 4.0, 6.0, 100.0, 0, {"findings": []})
    assert "| 1.50 | 100 | 0.5 | 0 findings |" in report([one], Path("plan.yaml"))
