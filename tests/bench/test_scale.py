"""What scale.py measures is kept by step, and done again only where it was asked otherwise."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from taskkit.taskset.folder import Taskset
from tests.bench import scale
from tests.bench.scale import Step, Wanted, printed, sample, steps_of
from tests.bench.scale_report import Measured, report
from tests.bench.tree import Run
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


def test_a_step_is_known_by_what_it_reads_and_the_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    taskset = build(tmp_path / "toy", 2)
    step = next(steps_of(taskset, "toy", 0))
    before = step.key
    assert step.key == before
    file = next(Taskset(taskset).paths())
    text = file.read_text("utf-8")
    file.write_text(f"{text}\n", "utf-8")
    assert step.key != before
    file.write_text(text, "utf-8")
    monkeypatch.setattr("sys.executable", "/another/python")
    assert step.key == before
    monkeypatch.setattr(scale, "code", lambda: "other")
    assert step.key != before


def test_a_build_is_known_by_what_it_reads() -> None:
    one = Step("build", "toy", ("build", "toy"), (), ("a",))
    assert one.key != replace(one, read=("b",)).key


def test_output_that_is_no_json_is_a_failure() -> None:
    done = Run(1.0, 1.0, 0, '{"a": 1}', "", 1.0)
    assert printed(done) == {"a": 1}
    assert printed(replace(done, output="killed")) is None
    assert printed(replace(done, exit_code=3)) is None


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


def measured(kind: str, path: Path, output: object, *, seconds: float = 2.0) -> Measured:
    return Measured(kind, path.name, [str(path)], "", 0.5, seconds, 6.0, 100.0, 0, output)


def test_an_audit_of_a_sample_says_so(tmp_path: Path) -> None:
    taskset = build(tmp_path / "toy", 4)
    said: dict[str, object] = {
        "kill_rate": None,
        "sound": 2,
        "attempts": 9,
        "exploits_passed": {},
        "instances": 2,
    }
    assert measured("audit", taskset, said).outcome().startswith("a sample of 4: 2 hold")
    assert measured("audit", taskset, said | {"instances": 4}).outcome().startswith("2 hold")


def test_growth_is_shown_by_size(tmp_path: Path) -> None:
    small, large = build(tmp_path / "toy-2", 2), build(tmp_path / "toy-4", 4)
    found = [
        measured("validate", small, {"findings": []}),
        measured("validate", large, {"findings": []}, seconds=3.0),
    ]
    text = report(found, Path("plan.yaml"))
    assert "| `toy` | 2 asked for | 4 asked for |" in text
    assert "| validate | 2: 1000.00 ms each, 100 MiB | 4: 750.00 ms each, 100 MiB |" in text
