"""Ctrl-C in the midst of a long command: one line, exit code 130, nothing done lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_build_that_is_interrupted_leaves_the_earlier_set(tmp_path: Path, jobs: str) -> None:
    def run(*words: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "taskkit", *words],
            cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            start_new_session=True, env=dict(os.environ),
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # as in a terminal
        )  # fmt: skip

    assert run("new", "domain", "ward").wait() == 0
    assert run("build", "ward", "--count", "3", "--jobs", "1").wait() == 0
    before = {p: p.read_bytes() for p in (tmp_path / "tasks").rglob("*") if p.is_file()}
    builder = tmp_path / "domains" / "ward" / "builder.py"
    text = builder.read_text("utf-8").replace("chance = Random", "(SLEEP)\n        chance = Random")
    wait = f"__import__('pathlib').Path({str(tmp_path / 'begun')!r}).touch()"
    wait += " or __import__('time').sleep(600)"
    builder.write_text(text.replace("(SLEEP)", wait), "utf-8")
    process = run("build", "ward", "--count", "3", "--jobs", jobs)
    while not (tmp_path / "begun").exists():
        assert process.poll() is None, process.communicate()
        time.sleep(0.1)
    os.killpg(process.pid, signal.SIGINT)  # a terminal tells every process of the group
    _, error = process.communicate(timeout=100)
    assert process.returncode == 130
    assert error.strip() == "interrupted: what was found so far is kept; run it again to go on"
    after = {p: p.read_bytes() for p in (tmp_path / "tasks").rglob("*") if p.is_file()}
    assert {k: v for k, v in after.items() if ".lock" not in k.name} == {
        k: v for k, v in before.items() if ".lock" not in k.name
    }
