"""A run with many hostile programs among its instances leaves nothing behind."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from taskkit.sandbox.choose import Choice
from taskkit.sandbox.namespace import availability
from tests.bench.soak import Soak, prepare
from tests.sandbox.test_docker import REASON

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
HERE = availability()


@pytest.fixture(scope="module")
def taskset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("soak") / "mimic"
    words = ["build", "mimic", "--patients", "100", "--limit", "60", "--out", str(out)]
    subprocess.run([sys.executable, "-m", "taskkit", *words], check=True, capture_output=True)
    return out


@pytest.mark.parametrize(
    "sandbox",
    [
        pytest.param(
            "namespace",
            marks=pytest.mark.skipif(HERE is not None, reason=f"no namespaces here: {HERE}"),
        ),
        pytest.param(
            "docker",
            marks=[
                pytest.mark.docker,
                pytest.mark.skipif(REASON is not None, reason=str(REASON)),
            ],
        ),
    ],
)
def test_a_run_full_of_attacks_leaves_nothing(
    sandbox: Choice, taskset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    soak = Soak(prepare(tmp_path, taskset, sandbox))
    soak.run(1200, hostile=0.25, jobs=2)
    assert soak.leaks() == []
    assert soak.ends["held"] > 225
    assert sum(soak.ends.values()) == 1200
