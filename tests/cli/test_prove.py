"""`taskkit prove`: one meaning of proved, and sets that are proved whole."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

UNSAFE = ("--sandbox", "subprocess", "--unsafe", "-k", "1")


def run(cwd: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "taskkit", *words],
        cwd=cwd, capture_output=True, text=True, env=dict(os.environ),
    )  # fmt: skip


@pytest.fixture
def ward(tmp_path: Path) -> Path:
    """A new domain with a fault: its questions on heparin hold their answer."""
    assert run(tmp_path, "new", "domain", "ward").returncode == 0
    builder = tmp_path / "domains" / "ward" / "builder.py"
    text = builder.read_text("utf-8")
    end = 'How much {drug} is that in all?"'
    assert end in text
    told = 'How much {drug} is that in all?" + (f" Not {total} mg?" if drug == "heparin" else "")'
    builder.write_text(text.replace(end, told), "utf-8")
    done = run(tmp_path, "build", "ward", "--count", "30")
    assert done.returncode == 0, done.stderr
    return tmp_path


@pytest.mark.slow
def test_a_set_is_proved_whole_with_others_in_place_of_what_is_not(ward: Path) -> None:
    first = run(ward, "prove", "tasks/ward", *UNSAFE, "--json")
    told = json.loads(first.stdout)
    assert first.returncode == 1
    assert told["verified"] == told["tasks"]
    assert told["proved"] == told["tasks"] - told["not_proved"]["answer_in_prompt"] < told["tasks"]
    again = run(ward, "prove", "tasks/ward", *UNSAFE, "--replace", "--json")
    whole = json.loads(again.stdout)
    assert again.returncode == 0, again.stderr
    assert whole["proved"] == whole["tasks"] > told["tasks"] // 2
    assert whole["not_proved"] == {}
    lines = (ward / "tasks" / "ward" / "quarantine.jsonl").read_text("utf-8").splitlines()
    assert "not_proved" in {json.loads(line)["code"] for line in lines}


def test_a_set_without_tasks_is_no_success(ward: Path) -> None:
    done = run(ward, "verify", "tasks/ward", *UNSAFE, "--filter", "split=none")
    assert done.returncode == 2
    assert "no task matches the filter" in done.stderr
    assert run(ward, "prove", "tasks/ward", *UNSAFE, "--source", "tasks").returncode == 2
