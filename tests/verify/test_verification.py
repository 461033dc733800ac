"""Every instance ends with one finding, whatever is wrong with it or with the run."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from taskkit.errors import UsageError
from taskkit.taskset.filter import Filter
from taskkit.taskset.folder import Taskset
from taskkit.verify.proof import Proving
from taskkit.verify.results import Result, Results, read_results
from taskkit.verify.verification import Summary, Verification, results_path

Prove = Callable[..., Summary]


@pytest.fixture
def prove(tmp_path: Path) -> Prove:
    """Proves a taskset without isolation, which every platform has."""

    def call(
        taskset: Path, *filters: str, repeats: int = 1, fail_fast: bool = False, jobs: int = 1
    ) -> Summary:
        results = Results(results_path(taskset))
        try:
            proving = Proving(taskset, tmp_path / "cache", "subprocess", True, repeats)
            work = Verification(proving, results, Filter.parse(filters), "subprocess")
            return work.run(jobs, fail_fast=fail_fast)
        finally:
            results.close()

    return call


def edit(taskset: Path, number: int, old: str, new: str) -> str:
    """Change a task's document; give its id."""
    path = list(Taskset(taskset).paths())[number]
    text = path.read_text()
    assert re.search(old, text), f"{old!r} is not in:\n{text}"
    path.write_text(re.sub(old, new, text))
    return path.stem


def findings(taskset: Path) -> dict[str, Result]:
    return {one.id: one for one in read_results(results_path(taskset))}


def test_every_reference_of_a_sound_set_earns_its_reward(toy: Path, prove: Prove) -> None:
    summary = prove(toy, repeats=2, jobs=2)
    assert (summary.codes, summary.verified) == ({"verified": 12}, True)
    assert {one.repeats for one in findings(toy).values()} == {2}


@pytest.mark.parametrize(
    ("old", "new", "code", "detail"),
    [
        (r"expected: \S+", "expected: -1", "reference_wrong", "wrong"),
        ("select sum", "selekt sum", "reference_failed", "syntax error"),
        ("select sum.*", "select 'abc'", "reference_wrong", "wrong_type"),
        ("select sum.*", "select sum(mg) from absent", "reference_failed", "no such table"),
        ("instruction:", "instructions:", "spec_invalid", "did you mean"),
        ("sha256: .*", 'sha256: "' + "0" * 64 + '"', "asset_invalid", "no such file"),
    ],
    ids=["wrong", "syntax", "type", "table", "unknown key", "asset"],
)
def test_what_is_wrong_with_an_instance_is_its_finding(
    toy: Path, prove: Prove, old: str, new: str, code: str, detail: str
) -> None:
    id = edit(toy, 3, old, new)
    summary = prove(toy)
    assert not summary.verified
    assert summary.codes == {"verified": 11, code: 1}
    assert findings(toy)[id].code == code
    assert detail in findings(toy)[id].detail


def test_an_answer_that_changes_between_repeats_is_unstable(toy: Path, prove: Prove) -> None:
    edit(toy, 0, r"(expected: \S+)", r"\1\n  tolerance: {absolute: 1.0e+9}")
    id = edit(toy, 0, "select sum.*", "select abs(random() % 1000000)")
    prove(toy, f"id={id}", repeats=3)
    assert findings(toy)[id].code == "unstable"


def test_only_what_changed_is_done_again(toy: Path, prove: Prove) -> None:
    prove(toy)
    id = edit(toy, 5, "How many", "Tell how many")
    again = prove(toy)
    assert (again.known, again.done, again.verified) == (11, 1, True)
    assert findings(toy)[id].code == "verified"


def test_more_repeats_are_done_fewer_are_known(toy: Path, prove: Prove) -> None:
    prove(toy, repeats=2)
    assert prove(toy, repeats=1).done == 0
    assert prove(toy, repeats=3).done == 12


def test_findings_on_instances_that_are_gone_are_dropped(toy: Path, prove: Prove) -> None:
    prove(toy)
    gone = next(Taskset(toy).paths())
    gone.unlink()
    prove(toy)
    assert gone.stem not in findings(toy)


def test_a_filter_takes_by_id_split_and_category(toy: Path, prove: Prove) -> None:
    first = next(Taskset(toy).paths()).stem
    assert prove(toy, f"id={first}").done == 1
    assert prove(toy, "split=test").done == 0
    assert prove(toy, "category=tot*", "split=train").done == 11


@pytest.mark.parametrize("text", ["category", "kind=x", "=x"])
def test_a_filter_of_another_form_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="need FIELD=PATTERN"):
        Filter.parse((text,))


def test_fail_fast_stops_at_the_first_failure(toy: Path, prove: Prove) -> None:
    for number in range(12):
        edit(toy, number, r"expected: \S+", "expected: -1")
    summary = prove(toy, fail_fast=True)
    assert summary.stopped
    assert summary.done < 12


def test_rebuilding_a_taskset_keeps_the_findings_on_what_stayed(toy: Path, prove: Prove) -> None:
    prove(toy)
    copy = toy.with_name("copy")
    shutil.copytree(toy, copy)
    shutil.rmtree(toy)
    copy.rename(toy)
    assert prove(toy).known == 12


COMMAND = (sys.executable, "-m", "taskkit", "verify", "--sandbox", "subprocess", "--unsafe")


def timeless(taskset: Path) -> list[Result]:
    return [replace(one, wall_s=0, program_s=0) for one in findings(taskset).values()]


@pytest.mark.slow
def test_killed_at_any_moment_it_goes_on_and_ends_the_same(toy: Path, prove: Prove) -> None:
    edit(toy, 4, r"expected: \S+", "expected: -1")
    prove(toy, repeats=2)
    undisturbed = timeless(toy)
    shutil.rmtree(results_path(toy).parent)
    for moment in range(8):
        run = subprocess.Popen([*COMMAND, str(toy), "--jobs", "2"], start_new_session=True)
        time.sleep(0.3 + 0.15 * moment)
        os.kill(run.pid, signal.SIGKILL)
        run.wait()
    assert subprocess.run([*COMMAND, str(toy)]).returncode == 1
    assert timeless(toy) == undisturbed
