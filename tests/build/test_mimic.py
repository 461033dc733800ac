"""`taskkit build mimic` and `mimic-iv`, from each of their sources to a proved taskset."""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from taskkit.spec.oracle import ExactOracle
from taskkit.taskset.folder import Taskset
from tests.ehr.upstream import upstream

pytestmark = pytest.mark.slow
UNGUARDED = ("--sandbox", "subprocess", "--unsafe")


def taskkit(*words: str | Path, cwd: Path, **settings: str) -> dict[str, Any]:
    """Run a command that must succeed; give its JSON."""
    done = subprocess.run(
        [sys.executable, "-m", "taskkit", *map(str, words), "--json"],
        cwd=cwd,
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr + done.stdout[-2000:]
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def prove(out: Path) -> None:
    """See that every task of a set is valid and proved."""
    assert taskkit("validate", out, cwd=out)["findings"] == []
    summary = taskkit("verify", out, "-k", "1", *UNGUARDED, cwd=out)
    assert summary["codes"] == {"verified": Taskset(out).manifest.counts.total}


def tree(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("mimic") / "small"
    built = taskkit(
        "build", "mimic", "--patients", "200", "--limit", "600", "--out", out, cwd=out.parent
    )
    assert built["tasks"]["total"] == 600
    assert built["read"] == 600 + sum(built["rejected"].values())
    return out


def test_the_embedded_source_gives_a_proved_set(small: Path) -> None:
    prove(small)


def test_no_answer_is_right_too_often(small: Path) -> None:
    answers: dict[str, Counter[str]] = {}
    for spec in Taskset(small).specs():
        assert isinstance(spec.oracle, ExactOracle)
        key = json.dumps(spec.oracle.expected)
        answers.setdefault(spec.category, Counter())[key] += 1
    for category, found in answers.items():
        assert max(found.values()) <= 0.2 * found.total(), category
    everywhere = sum(answers.values(), Counter())
    assert max(everywhere.values()) <= 0.05 * everywhere.total()


def test_processes_and_hash_seeds_do_not_change_a_byte(small: Path, tmp_path: Path) -> None:
    words = ("--patients", "200", "--limit", "600", "--out", tmp_path / "again", "--jobs", "1")
    taskkit("build", "mimic", *words, cwd=tmp_path, PYTHONHASHSEED="4711")
    assert tree(tmp_path / "again") == tree(small)


def test_a_database_of_the_schema_is_a_source(small: Path, tmp_path: Path) -> None:
    taskset = Taskset(small)
    source = taskset.asset(taskset.manifest.assets[0].sha256)
    out = tmp_path / "own"
    taskkit("build", "mimic", "--source", source, "--limit", "100", "--out", out, cwd=tmp_path)
    assert {spec.provenance.access for spec in Taskset(out).specs()} == {"credentialed"}
    prove(out)


def test_a_database_without_a_table_is_refused_by_name(small: Path, tmp_path: Path) -> None:
    taskset = Taskset(small)
    path = tmp_path / "less.sqlite"
    path.write_bytes(taskset.asset(taskset.manifest.assets[0].sha256).read_bytes())
    connection = sqlite3.connect(path)
    connection.execute("drop table microbiologyevents")
    connection.commit()
    command = [sys.executable, "-m", "taskkit", "build", "mimic", "--source", str(path)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 2
    assert "microbiologyevents" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_mimic_iii_demo_gives_a_proved_set(tmp_path: Path) -> None:
    source = upstream("mimic-iii-demo-1.4")
    out = tmp_path / "demo"
    taskkit("build", "mimic", "--source", source, "--limit", "500", "--out", out, cwd=tmp_path)
    assert {spec.provenance.access for spec in Taskset(out).specs()} == {"open"}
    prove(out)


def test_published_questions_are_regrounded_in_the_demo(tmp_path: Path) -> None:
    out = tmp_path / "ehrsql"
    words = ("--source", upstream("mimic-iii-demo-1.4"), "--out", out, "--reground")
    questions = upstream("ehrsql") / "mimic_iii"
    built = taskkit("build", "mimic", *words, "--questions", questions, cwd=tmp_path)
    assert built["read"] == 1122
    assert built["tasks"]["total"] >= 590
    prove(out)


def test_published_answers_over_mimic_iv_come_out_the_same(tmp_path: Path) -> None:
    out = tmp_path / "iv"
    words = ("--source", upstream("mimic-iv-demo-2.2"), "--questions", upstream("ehrsql-2024"))
    every = ("--guessable", "--out", out)
    built = taskkit("build", "mimic-iv", *words, *every, cwd=tmp_path)
    assert built["read"] == 6287
    assert "5,604 of 5,605 published answers come out the same (99.98%)" in built["notes"]
    assert built["tasks"]["total"] >= 6000
