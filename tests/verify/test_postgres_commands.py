"""What a user sees of PostgreSQL on the command line."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from taskkit.sql.engines.postgres_copy import Schemas
from tests.verify.cluster import Cluster
from tests.verify.conftest import DOMAINS

UNSAFE = ("--sandbox", "subprocess", "--unsafe", "-k", "1", "--jobs", "1")
CROSS = ("--cross-check", "postgres")


def taskkit(*words: str | Path, server: str = "") -> subprocess.CompletedProcess[str]:
    known = {name: value for name, value in os.environ.items() if name != "TASKKIT_POSTGRES"}
    named = {"TASKKIT_POSTGRES": server} if server else {}
    return subprocess.run(
        [sys.executable, "-m", "taskkit", *map(str, words)],
        env={**known, **named, "TASKKIT_DOMAINS": str(DOMAINS)},
        capture_output=True,
        text=True,
    )


@pytest.mark.slow
def test_a_set_is_asked(toy: Path, cluster: Cluster) -> None:
    done = taskkit("verify", toy, *UNSAFE, *CROSS, "--json", server=cluster.url())
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["cross_check"] == {
        "engine": "postgres",
        "codes": {"agrees": 12},
        "untranslated": {},
        "stopped": "",
        "findings": [],
    }


@pytest.mark.slow
def test_copies_are_dropped_where_there_is_no_docker(
    ward: Path, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere/docker.sock")
    Schemas(cluster.url()).copy(ward, "00" * 32)
    done = taskkit("doctor", "--clean", "--json", server=cluster.url())
    document = json.loads(done.stdout)
    assert (document["dropped"] >= 1, document["removed"]) == (True, None)
    [fact] = [one for one in document["facts"] if one["what"] == "postgres"]
    assert fact["detail"] == "0 copies of databases, 0 MiB"


@pytest.mark.slow
def test_a_server_that_is_not_there_loses_nothing(toy: Path) -> None:
    assert taskkit("verify", toy, *UNSAFE).returncode == 0
    kept = toy.with_name("toy.results") / "verify.sqlite"
    done = taskkit("verify", toy, *UNSAFE, *CROSS, "--fresh")
    assert (done.returncode, "no server is named: need --postgres" in done.stderr) == (2, True)
    done = taskkit("verify", toy, *UNSAFE, *CROSS, "--fresh", server="postgresql://127.0.0.1:1/db")
    assert (done.returncode, "PostgreSQL at 127.0.0.1:1/db: " in done.stderr) == (3, True)
    assert kept.exists()
