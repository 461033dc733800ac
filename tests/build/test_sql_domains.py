"""`taskkit build treqs` and `seqsql`, from a source to a proved taskset."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from taskkit.taskset.folder import Taskset
from tests.sources.upstream import upstream

pytestmark = pytest.mark.slow
UNGUARDED = ("--sandbox", "subprocess", "--unsafe")


def taskkit(*words: str | Path, cwd: Path) -> dict[str, Any]:
    """Run a command that must succeed; give its JSON."""
    done = subprocess.run(
        [sys.executable, "-m", "taskkit", *map(str, words), "--json"],
        cwd=cwd,
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
    assert summary["codes"] == {"proved": Taskset(out).manifest.counts.total}


@pytest.mark.parametrize("domain", ["treqs", "seqsql"])
def test_the_embedded_source_gives_a_proved_set(tmp_path: Path, domain: str) -> None:
    out = tmp_path / domain
    words = ("--patients", "200", "--limit", "150", "--out", out)
    assert taskkit("build", domain, *words, cwd=tmp_path)["tasks"]["total"] == 150
    turns = {len(spec.dialogue) for spec in Taskset(out).specs()}
    assert turns == {1} if domain == "treqs" else turns <= {2, 3, 4, 5}
    prove(out)


def test_mimicsql_questions_over_the_open_demo(tmp_path: Path) -> None:
    questions = upstream("treqs") / "mimicsql_natural_v2" / "dev.json"
    out = tmp_path / "treqs"
    words = ("--source", upstream("mimic-iii-demo-1.4"), "--questions", questions, "--reground")
    built = taskkit("build", "treqs", *words, "--out", out, cwd=tmp_path)
    assert built["read"] == 1000
    assert built["tasks"]["total"] >= 850
    prove(out)
