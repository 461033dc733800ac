"""Mutants that survive are listed by domain and kind: in the summary, as JSON, on the screen."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from taskkit.audit.audit import Summary, summarise, told_rate
from taskkit.audit.survivors import kill_rate
from taskkit.cli.audit import audit
from tests.audit.test_bad_tasks import GOOD
from tests.audit.ward import audited, bad, build
from tests.taskset.building import step

TASKS = [GOOD, *bad("weak")]


@pytest.fixture(scope="module")
def taskset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("survivors") / "set", TASKS)


@pytest.fixture(scope="module")
def summary(taskset: Path) -> Summary:
    found, records = audited(taskset)
    records.close()
    return found


def test_survivors_are_sorted_by_kind(summary: Summary) -> None:
    left = {(one.domain, one.name): one.survivors for one in summary.kinds if one.survivors}
    assert set(left) == {("ward", "limit"), ("ward", "predicate_dropped"), ("ward", "sort")}
    [sort] = left["ward", "sort"]
    assert (sort.id, sort.fate) == ("ward-1", "weak")
    assert sort.change == "desc of admittime -> true"


def test_the_kill_rate_of_a_kind_counts_what_was_judged(summary: Summary) -> None:
    rates = {one.name: one.kill_rate for one in summary.kinds}
    assert rates["sort"] == 0.0
    assert rates["aggregate"] == 1.0


def test_an_idle_mutant_counts_as_survived_and_an_equivalent_one_not_at_all() -> None:
    fates = Counter({"killed": 3, "idle": 1, "equivalent": 5, "costly": 2})
    assert kill_rate(fates) == 0.75
    assert kill_rate(Counter({"equivalent": 5})) is None


def test_a_mutant_of_a_program_is_told_by_any_instance_where_it_fails_or_is_wrong(
    taskset: Path,
) -> None:
    _, records = audited(taskset)
    [one, *_] = records
    records.close()
    here = [("constant", fate, fate) for fate in ("killed", "invalid", "idle", "costly")]
    here += [("operator", "idle", "seldom"), ("operator", "equivalent", "never")]
    elsewhere = [("operator", "invalid", "seldom")]
    twice = [replace(one, fates=json.dumps(fates)) for fates in (here, elsewhere)]
    [told] = summarise(twice).told.values()
    assert told == {"killed": True, "invalid": True, "idle": False, "seldom": True}
    assert told_rate(told) == 0.75


def test_the_command_lists_them(taskset: Path, summary: Summary) -> None:
    words = [str(taskset), "--sandbox", "subprocess", "--unsafe"]
    told = CliRunner().invoke(audit, words).stdout
    assert "Mutants that survived" in told
    assert "desc of admittime -> true" in told
    kinds = json.loads(CliRunner().invoke(audit, [*words, "--json"]).stdout)["survivors"]
    [sort] = [one for one in kinds if one["kind"] == "sort"]
    assert sort["domain"] == "ward"
    assert [one["id"] for one in sort["survivors"]] == ["ward-1"]


def test_mutants_of_a_later_turn_are_compared_over_what_earlier_ones_name(tmp_path: Path) -> None:
    admitted = "select count(*) from admissions where subject_id = 1"
    later = {
        "instruction": "How many of those?",
        "answer": {"kind": "integer"},
        "oracle": {"kind": "exact", "expected": 1},
        "reference": {"steps": [step(f"{admitted} and insurance = 'medicare'")]},
    }
    task = {
        "instruction": "Patient 1, medicare: how many stays on any insurance?",
        "oracle": {"kind": "exact", "expected": 1},
        "sql": admitted,
        "turns": [later],
    }
    _, records = audited(build(tmp_path / "set", [task]))
    [record] = records
    records.close()
    weak = {one["change"]: one["fate"] for one in record.loaded("survivors")}
    assert weak["insurance = 'medicare' -> TRUE"] == "weak"
